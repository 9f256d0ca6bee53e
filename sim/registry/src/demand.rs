//! A service demand that a scenario sets: a time that a registry takes before it answers.
//!
//! It is simulated. The registry waits and does no work meanwhile, so that others may be answered;
//! how long follows from the seed and from how many were asked before.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sim_workload::Taking;
use tokio::time::sleep;

use crate::error::Error;
use crate::office::lot_of;

/// Draws times and waits for them.
#[derive(Debug)]
pub(crate) struct Demand {
    taking: Taking,
    seed: u64,
    /// Times that were drawn.
    drawn: AtomicU64,
    /// Their sum, in milliseconds.
    sum_ms: AtomicU64,
}

// === impl Demand ===

impl Demand {
    pub(crate) fn new(taking: Taking, seed: u64) -> Result<Self, Error> {
        if taking.median_ms == 0 || taking.p99_ms <= taking.median_ms {
            return Err(Error::Demand);
        }
        Ok(Self {
            taking,
            seed,
            drawn: AtomicU64::new(0),
            sum_ms: AtomicU64::new(0),
        })
    }

    /// Takes the next time.
    pub(crate) async fn take(&self) {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        let time = self.time(number);
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.sum_ms.fetch_add(ms, Ordering::Relaxed);
        sleep(time).await;
    }

    fn time(&self, number: u64) -> Duration {
        let lot = lot_of(self.seed, number, "service demand") >> 32;
        // In the middle of one of 2^32 parts: neither 0 nor 1, which no quantile has.
        let part = f64::from(u32::try_from(lot).unwrap_or(u32::MAX)) + 0.5;
        self.taking.quantile(part / (f64::from(u32::MAX) + 1.0))
    }

    /// How many times were drawn, and their sum in milliseconds.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.drawn), read(&self.sum_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAKING: Taking = Taking {
        median_ms: 5,
        p99_ms: 40,
    };

    #[test]
    fn times_are_spread_as_was_said_and_follow_from_the_seed() {
        let demand = Demand::new(TAKING, 3).unwrap();
        let mut times: Vec<Duration> = (0..10_000).map(|number| demand.time(number)).collect();
        let again = Demand::new(TAKING, 3).unwrap();
        assert_eq!(again.time(17), times[17]);
        let other = Demand::new(TAKING, 4).unwrap();
        assert_ne!(other.time(17), times[17]);
        times.sort_unstable();
        let at = |part: usize| times[times.len() * part / 100].as_secs_f64() * 1_000.0;
        assert!((4.7..5.3).contains(&at(50)), "{}", at(50));
        assert!((35.0..46.0).contains(&at(99)), "{}", at(99));
    }

    #[test]
    fn demands_that_cannot_be_are_refused() {
        for (median_ms, p99_ms) in [(0, 40), (5, 5), (5, 4)] {
            let taking = Taking { median_ms, p99_ms };
            assert!(Demand::new(taking, 3).is_err());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_waited_is_counted() {
        let demand = Demand::new(TAKING, 3).unwrap();
        let clock = tokio::time::Instant::now();
        for _ in 0..100 {
            demand.take().await;
        }
        let (drawn, sum_ms) = demand.counts();
        assert_eq!(drawn, 100);
        assert!(clock.elapsed() >= Duration::from_millis(sum_ms));
        assert!(sum_ms >= 250, "{sum_ms}");
    }
}
