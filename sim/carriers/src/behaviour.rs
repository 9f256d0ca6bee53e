//! What simulated people do when their phone asks.

use std::time::Duration;

use rand::RngExt as _;
use sim_workload::Taking;

use crate::config::{PhoneBehaviour, Troubles};
use crate::error::Error;
use crate::outcome::Outcome;

/// The people behind the phones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behaviour {
    seed: u64,
    taking: Taking,
    /// Of 1,000 sessions, and what becomes of them; of the others nothing in particular.
    shares: [(u32, Outcome); 5],
}

/// How long the network takes to find that a phone is off, or that its message was lost.
const NETWORK_TAKES: Duration = Duration::from_secs(2);

impl Behaviour {
    pub(crate) fn of(
        seed: u64,
        phones: PhoneBehaviour,
        troubles: &Troubles,
    ) -> Result<Self, Error> {
        if phones.median_ms == 0 || phones.p99_ms <= phones.median_ms {
            return Err(Error::Behaviour(
                "the p99 must be above the median, and both above 0",
            ));
        }
        let shares = [
            (phones.absent_per_mille, Outcome::Absent),
            (phones.refuse_per_mille, Outcome::Refused),
            (phones.mistype_per_mille, Outcome::Mistyped),
            (troubles.undelivered_per_mille, Outcome::Undelivered),
            (troubles.sim_error_per_mille, Outcome::SimError),
        ];
        if shares
            .iter()
            .map(|(share, _)| u64::from(*share))
            .sum::<u64>()
            > 1_000
        {
            return Err(Error::Behaviour(
                "more than all refuse, mistype, are absent or are not reached",
            ));
        }
        Ok(Self {
            seed,
            taking: Taking {
                median_ms: phones.median_ms,
                p99_ms: phones.p99_ms,
            },
            shares,
        })
    }

    /// What becomes of somebody's `turn`th session, and after how long. It follows from the seed,
    /// the person and the turn alone: who else is asked at the same time does not matter.
    pub(crate) fn draw(&self, person: u64, turn: u64) -> (Outcome, Duration) {
        let mut rng = sim_clock::rng(mixed(self.seed, person, turn), "phones");
        let lot = rng.random_range(0..1_000_u32);
        let after = self.taking.quantile(rng.random());
        let mut end = 0;
        let drawn = self.shares.iter().find(|(share, _)| {
            end += share;
            lot < end
        });
        match drawn.map_or(Outcome::Confirmed, |(_, outcome)| *outcome) {
            outcome @ (Outcome::Absent | Outcome::Undelivered) => (outcome, NETWORK_TAKES),
            outcome => (outcome, after),
        }
    }
}

/// Whether this person is among the `per_mille` that `trait_name` holds for.
pub(crate) fn is_among(seed: u64, person: u64, trait_name: &str, per_mille: u32) -> bool {
    per_mille > 0 && {
        let mut rng = sim_clock::rng(mixed(seed, person, 0), trait_name);
        rng.random_range(0..1_000_u32) < per_mille
    }
}

/// One seed of three numbers: two odd multipliers keep neighbours apart.
const fn mixed(seed: u64, person: u64, turn: u64) -> u64 {
    seed.wrapping_add(person.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add(turn.wrapping_mul(0xd1b5_4a32_d192_ed03))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phones(refuse: u32, mistype: u32, absent: u32) -> PhoneBehaviour {
        PhoneBehaviour {
            median_ms: 4_000,
            p99_ms: 30_000,
            refuse_per_mille: refuse,
            mistype_per_mille: mistype,
            absent_per_mille: absent,
        }
    }

    fn troubles(undelivered: u32, sim_error: u32) -> Troubles {
        Troubles {
            undelivered_per_mille: undelivered,
            sim_error_per_mille: sim_error,
            ..Troubles::default()
        }
    }

    #[test]
    fn people_do_what_the_shares_say() {
        let behaviour = Behaviour::of(1, phones(100, 50, 20), &troubles(30, 40)).unwrap();
        let drawn: Vec<_> = (0..20_000)
            .map(|session| behaviour.draw(session / 4, session % 4))
            .collect();
        for (wanted, per_mille) in [
            (Outcome::Refused, 100),
            (Outcome::Mistyped, 50),
            (Outcome::Absent, 20),
            (Outcome::Undelivered, 30),
            (Outcome::SimError, 40),
            (Outcome::Confirmed, 760),
        ] {
            let found = drawn.iter().filter(|(outcome, _)| *outcome == wanted);
            let found = found.count() as f64 / 20.0;
            let spread = 5.0 * (f64::from(per_mille) / 20.0).sqrt();
            let off = (found - f64::from(per_mille)).abs();
            assert!(off < spread, "{wanted:?}: {found} of 1,000");
        }
    }

    #[test]
    fn they_take_as_long_as_the_median_and_the_p99_say() {
        let behaviour = Behaviour::of(2, phones(0, 0, 0), &Troubles::default()).unwrap();
        let mut times: Vec<Duration> = (0..20_000)
            .map(|person| behaviour.draw(person, 1).1)
            .collect();
        times.sort();
        let (median, p99) = (times[10_000].as_secs_f64(), times[19_800].as_secs_f64());
        assert!((3.8..4.2).contains(&median), "{median}");
        assert!((26.0..34.0).contains(&p99), "{p99}");
    }

    #[test]
    fn what_they_do_follows_from_seed_person_and_turn() {
        let of = |seed| Behaviour::of(seed, phones(0, 0, 0), &Troubles::default()).unwrap();
        let behaviour = of(1);
        assert_eq!(behaviour.draw(5, 1), of(1).draw(5, 1));
        assert_ne!(behaviour.draw(5, 1), of(2).draw(5, 1));
        assert_ne!(behaviour.draw(5, 1), behaviour.draw(6, 1));
        assert_ne!(behaviour.draw(5, 1), behaviour.draw(5, 2));
    }

    #[test]
    fn traits_hold_for_the_same_people() {
        let has = |person| is_among(7, person, "old app", 100);
        let count = (0..10_000).filter(|person| has(*person)).count();
        assert!((850..1_150).contains(&count), "{count}");
        assert!((0..1_000).all(|person| has(person) == has(person)));
        assert!((0..1_000).any(|person| has(person) != is_among(7, person, "locked", 100)));
        assert!((0..1_000).all(|person| !is_among(7, person, "old app", 0)));
        assert!((0..1_000).all(|person| is_among(7, person, "old app", 1_000)));
    }

    #[test]
    fn impossible_people_are_refused() {
        let none = Troubles::default();
        assert!(Behaviour::of(1, phones(500, 400, 100), &none).is_ok());
        assert!(Behaviour::of(1, phones(500, 400, 200), &none).is_err());
        assert!(Behaviour::of(1, phones(500, 400, 100), &troubles(1, 0)).is_err());
        let flat = PhoneBehaviour {
            p99_ms: 4_000,
            ..phones(0, 0, 0)
        };
        assert!(Behaviour::of(1, flat, &none).is_err());
    }
}
