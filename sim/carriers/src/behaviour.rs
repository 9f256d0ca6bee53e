//! What simulated people do when their phone asks.

use std::time::Duration;

use rand::RngExt as _;
use sim_workload::Taking;

use crate::config::PhoneBehaviour;
use crate::error::Error;

/// What became of a prompt on a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Decision {
    /// The right PIN.
    Confirmed,
    /// Refused on the phone.
    Refused,
    /// A wrong PIN or a wrong code.
    Mistyped,
    /// The phone is off.
    Absent,
    /// Nobody did anything.
    TimedOut,
}

/// The people behind the phones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behaviour {
    taking: Taking,
    refuse: u32,
    mistype: u32,
    absent: u32,
}

/// How long the network takes to find that a phone is off.
const ABSENT_AFTER: Duration = Duration::from_secs(2);

impl Behaviour {
    pub(crate) const fn of(config: PhoneBehaviour) -> Result<Self, Error> {
        if config.median_ms == 0 || config.p99_ms <= config.median_ms {
            return Err(Error::Behaviour(
                "the p99 must be above the median, and both above 0",
            ));
        }
        let PhoneBehaviour {
            refuse_per_mille: refuse,
            mistype_per_mille: mistype,
            absent_per_mille: absent,
            ..
        } = config;
        if refuse.saturating_add(mistype).saturating_add(absent) > 1_000 {
            return Err(Error::Behaviour(
                "more than all refuse, mistype or are absent",
            ));
        }
        Ok(Self {
            taking: Taking {
                median_ms: config.median_ms,
                p99_ms: config.p99_ms,
            },
            refuse,
            mistype,
            absent,
        })
    }

    /// What somebody does, and after how long; the same for the same `seed` and session number.
    pub(crate) fn draw(&self, seed: u64, session: u64) -> (Decision, Duration) {
        let mut rng = sim_clock::rng(seed ^ session.rotate_left(32), "phones");
        let lot = rng.random_range(0..1_000_u32);
        let after = self.taking.quantile(rng.random());
        let (absent, refuse) = (self.absent, self.absent + self.refuse);
        if lot < absent {
            (Decision::Absent, ABSENT_AFTER)
        } else if lot < refuse {
            (Decision::Refused, after)
        } else if lot < refuse + self.mistype {
            (Decision::Mistyped, after)
        } else {
            (Decision::Confirmed, after)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(refuse: u32, mistype: u32, absent: u32) -> PhoneBehaviour {
        PhoneBehaviour {
            median_ms: 4_000,
            p99_ms: 30_000,
            refuse_per_mille: refuse,
            mistype_per_mille: mistype,
            absent_per_mille: absent,
        }
    }

    #[test]
    fn people_do_what_the_shares_say() {
        let behaviour = Behaviour::of(config(100, 50, 20)).unwrap();
        let drawn: Vec<_> = (0..10_000)
            .map(|session| behaviour.draw(1, session))
            .collect();
        let share = |wanted| {
            drawn
                .iter()
                .filter(|(decision, _)| *decision == wanted)
                .count()
        };
        assert!((850..1_150).contains(&share(Decision::Refused)));
        assert!((400..600).contains(&share(Decision::Mistyped)));
        assert!((130..270).contains(&share(Decision::Absent)));
        let mut times: Vec<Duration> = drawn.iter().map(|(_, after)| *after).collect();
        times.sort();
        let median = times[5_000].as_secs_f64();
        assert!((3.6..4.4).contains(&median), "{median}");
        assert_eq!(behaviour.draw(1, 5), behaviour.draw(1, 5));
    }

    #[test]
    fn impossible_people_are_refused() {
        assert!(Behaviour::of(config(500, 400, 200)).is_err());
        let flat = PhoneBehaviour {
            p99_ms: 4_000,
            ..config(0, 0, 0)
        };
        assert!(Behaviour::of(flat).is_err());
    }
}
