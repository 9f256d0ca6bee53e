//! What a client must see that sends on schedule, out of the server's own books.
//!
//! Outside of a stall an answer takes what the server needed; in a stall it takes until the stall
//! is over. Nothing of what a generator says goes into it.

use std::time::Duration;

use crate::server::{Behaviour, Books, Served};
use crate::times::Times;

/// The schedule: one request every `1 / rate_per_s` seconds, from the first request on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) rate_per_s: u32,
    pub(crate) duration: Duration,
}

/// The times that a client on `schedule` must see; zero where the server was not asked.
pub(crate) fn on_schedule(books: &Books, behaviour: Behaviour, schedule: Schedule) -> Times {
    let delay = behaviour.delay;
    let stall = behaviour.stall.map(|stall| {
        let end = stall.begin + stall.length;
        // The end as it was: when the first answer after it had been written.
        let resumed = books.served.iter().map(|served| served.answered);
        let resumed = resumed.filter(|answered| *answered >= end).min();
        // What arrives so long before it begins is due in it.
        (stall.begin.saturating_sub(delay), resumed.unwrap_or(end))
    });
    let is_stalled = |at: &Duration| stall.is_some_and(|(begin, end)| (begin..end).contains(at));
    let mut ordinary: Vec<Duration> = books
        .served
        .iter()
        .filter(|served| !is_stalled(&served.arrived))
        .map(Served::took)
        .collect();
    if ordinary.is_empty() {
        return Times::default();
    }
    ordinary.sort_unstable();
    let scheduled: Vec<Duration> = schedule.moments().collect();
    let (stalled, others): (Vec<Duration>, Vec<Duration>) =
        scheduled.into_iter().partition(is_stalled);
    let until_resumed = stalled
        .into_iter()
        .filter_map(|at| Some(stall?.1.saturating_sub(at).max(ordinary[0])));
    // The others take what the server took, in the same proportions.
    let count = others.len();
    let as_ordinary = (0..count).map(|place| ordinary[place * ordinary.len() / count]);
    Times::of(until_resumed.chain(as_ordinary))
}

/// What the server itself took for the requests that it got.
pub(crate) fn in_server(books: &Books) -> Times {
    Times::of(books.served.iter().map(Served::took))
}

// === impl Schedule ===

impl Schedule {
    /// Requests that come due.
    pub(crate) fn count(self) -> u64 {
        (f64::from(self.rate_per_s) * self.duration.as_secs_f64()).round() as u64
    }

    fn moments(self) -> impl Iterator<Item = Duration> {
        (0..self.count())
            .map(move |place| Duration::from_secs_f64(place as f64 / f64::from(self.rate_per_s)))
    }
}

// === impl Served ===

impl Served {
    fn took(&self) -> Duration {
        self.answered.saturating_sub(self.arrived)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Stall;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn behaviour(stall: Option<Stall>) -> Behaviour {
        Behaviour {
            delay: MS(2),
            stall,
            keeps_times: true,
        }
    }

    fn served(arrived: u64, answered: u64) -> Served {
        Served {
            arrived: MS(arrived),
            answered: MS(answered),
        }
    }

    fn schedule() -> Schedule {
        Schedule {
            rate_per_s: 100,
            duration: Duration::from_secs(1),
        }
    }

    #[test]
    fn without_a_stall_it_is_what_the_server_took() {
        let books = Books {
            answered: 3,
            served: vec![served(0, 2), served(10, 12), served(20, 25)],
        };
        let truth = on_schedule(&books, behaviour(None), schedule());
        assert_eq!(
            (truth.count, truth.p50_us, truth.max_us),
            (100, 2_000.0, 5_000.0)
        );
        assert_eq!(in_server(&books).count, 3);
    }

    #[test]
    fn in_a_stall_all_that_would_have_come_wait_for_its_end_whether_they_came_or_not() {
        // One connection, which sends nothing while it waits: the server saw one slow answer.
        let books = Books {
            answered: 3,
            served: vec![served(0, 2), served(300, 700), served(702, 704)],
        };
        let stall = Stall {
            begin: MS(300),
            length: MS(400),
        };
        let truth = on_schedule(&books, behaviour(Some(stall)), schedule());
        // Due at 300, 310 .. 690 ms.
        assert_eq!((truth.count, truth.max_us), (100, 400_000.0));
        assert_eq!(truth.p50_us, 2_000.0);
        assert!((truth.p90_us - 300_000.0).abs() <= 11_000.0, "{truth:?}");
        assert_eq!(in_server(&books).max_us, 400_000.0);
    }

    #[test]
    fn a_server_that_was_not_asked_says_nothing() {
        let truth = on_schedule(&Books::default(), behaviour(None), schedule());
        assert_eq!(truth, Times::default());
    }
}
