//! When exchanges come due.
//!
//! Two independent parts make a [`Schedule`]. An [`ArrivalProcess`] places arrivals on the *count
//! axis*, where on average one falls into each unit. A [`RateProfile`] says at what time the
//! expected count reaches a given value, in closed form. Deadlines are therefore absolute: no
//! step is added to the step before, so neither rounding nor delay adds up.

use std::time::Duration;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::rate::RateProfile;

/// Poisson arrivals are drawn in blocks of this many, each of which has exactly this many.
pub const POISSON_BLOCK: u64 = 1_000;

/// How arrivals are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalProcess {
    /// At equal distances, or as equal as the rate is.
    Uniform,
    /// Independent of each other, as from many people. The count of every
    /// [`POISSON_BLOCK`] arrivals is exact, and so is that of the whole load, so that two runs
    /// offer the same; within a block they are spread as those of a Poisson process with that
    /// count.
    Poisson,
}

/// Offsets from the beginning of the load at which exchanges come due, never decreasing.
#[derive(Clone, Debug)]
pub struct Schedule {
    profile: RateProfile,
    positions: Positions,
    /// Those still to come.
    left: u64,
}

/// Arrivals on the count axis.
#[derive(Clone, Debug)]
enum Positions {
    Uniform {
        next: u64,
    },
    Poisson {
        rng: Box<ChaCha8Rng>,
        /// Where the next block begins.
        begins: u64,
        /// What is left of the block, the nearest last.
        block: Vec<f64>,
    },
}

// === impl Schedule ===

impl Schedule {
    /// Arrivals of `process` along `profile`; `rng` decides what is random about them.
    #[must_use]
    pub fn new(profile: RateProfile, process: ArrivalProcess, rng: ChaCha8Rng) -> Self {
        let positions = match process {
            ArrivalProcess::Uniform => Positions::Uniform { next: 0 },
            ArrivalProcess::Poisson => Positions::Poisson {
                rng: Box::new(rng),
                begins: 0,
                block: Vec::new(),
            },
        };
        let left = profile.arrivals().unwrap_or(u64::MAX);
        Self {
            profile,
            positions,
            left,
        }
    }

    /// No more than the next `exchanges` of them.
    #[must_use]
    pub fn limited(mut self, exchanges: u64) -> Self {
        self.left = self.left.min(exchanges);
        self
    }

    /// How many arrive before `until`, or before the profile ends; absent where neither says.
    #[must_use]
    pub fn arrivals(&self, until: Option<Duration>) -> Option<u64> {
        let until = until.or_else(|| self.profile.end())?;
        Some(self.profile.count_until(until).round() as u64)
    }

    /// Arrivals still to come.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }
}

impl Iterator for Schedule {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        if self.left == 0 {
            return None;
        }
        let position = self.positions.next(self.left);
        self.left -= 1;
        Some(self.profile.time_of(position))
    }
}

// === impl Positions ===

impl Positions {
    /// The next of `left` that are still to come.
    fn next(&mut self, left: u64) -> f64 {
        match self {
            Self::Uniform { next } => {
                let position = *next as f64;
                *next += 1;
                position
            }
            Self::Poisson { rng, begins, block } => {
                if block.is_empty() {
                    let size = left.min(POISSON_BLOCK);
                    draw_block(rng, *begins, size, block);
                    *begins += size;
                }
                block.pop().expect("a block has at least one arrival")
            }
        }
    }
}

/// Given their number, the arrivals of a Poisson process are independent and uniform.
fn draw_block(rng: &mut ChaCha8Rng, begins: u64, size: u64, block: &mut Vec<f64>) {
    let (begins, width) = (begins as f64, size as f64);
    block.extend((0..size).map(|_| begins + rng.random::<f64>() * width));
    block.sort_unstable_by(|a, b| b.total_cmp(a));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rate::RatePoint;

    fn schedule(per_second: f64, process: ArrivalProcess, seed: u64, exchanges: u64) -> Schedule {
        let profile = RateProfile::constant(per_second).expect("the rate is sane");
        Schedule::new(profile, process, sim_clock::rng(seed, "arrivals")).limited(exchanges)
    }

    #[test]
    fn uniform_deadlines_do_not_drift() {
        let mut uniform = schedule(3.0, ArrivalProcess::Uniform, 1, u64::MAX);
        assert_eq!(uniform.next(), Some(Duration::ZERO));
        assert_eq!(uniform.next(), Some(Duration::from_nanos(333_333_333)));
        // A third of a second cannot be written in nanoseconds; a million of them still can.
        assert_eq!(
            uniform.nth(3_000_000 - 2),
            Some(Duration::from_secs(1_000_000))
        );
    }

    #[test]
    fn poisson_arrivals_vary_like_poisson_arrivals() {
        let exchanges = 100 * POISSON_BLOCK;
        let offsets: Vec<f64> = schedule(1.0, ArrivalProcess::Poisson, 7, exchanges)
            .map(|offset| offset.as_secs_f64())
            .collect();
        assert_eq!(offsets.len() as u64, exchanges);
        let gaps: Vec<f64> = offsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        // Gaps of mean 1 are exponential: their variance is 1 and 1/e of them exceed 1.
        assert!((mean - 1.0).abs() < 0.01, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.05, "variance {variance}");
        let long = gaps.iter().filter(|gap| **gap > 1.0).count() as f64 / gaps.len() as f64;
        assert!((long - (-1.0_f64).exp()).abs() < 0.01, "long gaps {long}");
    }

    #[test]
    fn the_seed_decides_poisson_arrivals() {
        let draw =
            |seed| -> Vec<_> { schedule(500.0, ArrivalProcess::Poisson, seed, 50).collect() };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn a_profile_that_ends_has_exactly_its_arrivals_and_each_piece_its_share() {
        let point = |at_s, per_second| RatePoint {
            at: Duration::from_secs(at_s),
            per_second,
        };
        // 100 in the first ten seconds, 2,000 in the next.
        let steps = [
            point(0, 10.0),
            point(10, 10.0),
            point(10, 200.0),
            point(20, 200.0),
        ];
        for process in [ArrivalProcess::Uniform, ArrivalProcess::Poisson] {
            let profile = RateProfile::through(&steps).unwrap();
            let rng = sim_clock::rng(3, "arrivals");
            let schedule = Schedule::new(profile, process, rng);
            assert_eq!(schedule.left(), 2_100);
            let due: Vec<_> = schedule.collect();
            assert_eq!(due.len(), 2_100);
            assert!(due.iter().all(|due| *due <= Duration::from_secs(20)));
            let early = due.iter().filter(|due| due.as_secs() < 10).count();
            // The first block holds the first hundred and nine hundred of the others.
            assert!((70..=130).contains(&early), "{process:?}: {early}");
        }
    }

    proptest! {
        #[test]
        fn deadlines_never_decrease_and_blocks_are_exact(
            rate in 0.01_f64..1e6,
            seed: u64,
            blocks in 1_u64..4,
            rest in 1_u64..POISSON_BLOCK,
        ) {
            let exchanges = blocks * POISSON_BLOCK + rest;
            let due: Vec<_> = schedule(rate, ArrivalProcess::Poisson, seed, exchanges).collect();
            prop_assert_eq!(due.len() as u64, exchanges);
            prop_assert!(due.windows(2).all(|pair| pair[0] <= pair[1]));
            let slack = Duration::from_micros(1);
            let block_end = Duration::from_secs_f64((blocks * POISSON_BLOCK) as f64 / rate);
            let edge = usize::try_from(blocks * POISSON_BLOCK).unwrap();
            prop_assert!(due[edge - 1] <= block_end + slack);
            prop_assert!(due[edge] + slack >= block_end);
            let end = Duration::from_secs_f64(exchanges as f64 / rate);
            prop_assert!(due[due.len() - 1] <= end + slack);
        }
    }
}
