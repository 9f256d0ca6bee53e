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
use thiserror::Error;

/// Poisson arrivals are drawn in blocks of this many, each of which has exactly this many.
pub const POISSON_BLOCK: usize = 1_000;

/// Highest rate accepted: a deadline a nanosecond.
pub const MAX_RATE_PER_S: f64 = 1e9;

/// Lowest rate accepted: an arrival in about eleven days.
pub const MIN_RATE_PER_S: f64 = 1e-6;

/// How arrivals are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalProcess {
    /// At equal distances.
    Uniform,
    /// Independent of each other, as from many people. The count of every
    /// [`POISSON_BLOCK`] arrivals is exact, so that two runs offer the same load; within a block
    /// they are spread as those of a Poisson process with that count.
    Poisson,
}

/// How the rate of arrivals goes over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RateProfile {
    /// The same at all times.
    Constant {
        /// Arrivals a second.
        per_second: f64,
    },
}

/// A rate that nobody can offer.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("a rate of {0} a second is not between {MIN_RATE_PER_S} and {MAX_RATE_PER_S}")]
pub struct RateError(pub f64);

/// Offsets from the beginning of the load at which exchanges come due, never decreasing, without
/// end.
#[derive(Clone, Debug)]
pub struct Schedule {
    profile: RateProfile,
    positions: Positions,
}

/// Arrivals on the count axis.
#[derive(Clone, Debug)]
enum Positions {
    Uniform {
        next: u64,
    },
    Poisson {
        rng: Box<ChaCha8Rng>,
        block: u64,
        /// What is left of the block, the nearest last.
        left: Vec<f64>,
    },
}

// === impl RateProfile ===

impl RateProfile {
    /// A constant rate.
    ///
    /// # Errors
    ///
    /// Refuses rates outside [`MIN_RATE_PER_S`] to [`MAX_RATE_PER_S`], and NaN.
    pub fn constant(per_second: f64) -> Result<Self, RateError> {
        if (MIN_RATE_PER_S..=MAX_RATE_PER_S).contains(&per_second) {
            Ok(Self::Constant { per_second })
        } else {
            Err(RateError(per_second))
        }
    }

    /// When the expected count of arrivals reaches `position`.
    #[must_use]
    pub fn time_of(&self, position: f64) -> Duration {
        match self {
            Self::Constant { per_second } => {
                Duration::from_nanos((position / per_second * 1e9) as u64)
            }
        }
    }
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
                block: 0,
                left: Vec::with_capacity(POISSON_BLOCK),
            },
        };
        Self { profile, positions }
    }
}

impl Iterator for Schedule {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let position = self.positions.next();
        Some(self.profile.time_of(position))
    }
}

// === impl Positions ===

impl Positions {
    fn next(&mut self) -> f64 {
        match self {
            Self::Uniform { next } => {
                let position = *next as f64;
                *next += 1;
                position
            }
            Self::Poisson { rng, block, left } => {
                if left.is_empty() {
                    draw_block(rng, *block, left);
                    *block += 1;
                }
                left.pop().expect("a block has at least one arrival")
            }
        }
    }
}

/// Given their number, the arrivals of a Poisson process are independent and uniform.
fn draw_block(rng: &mut ChaCha8Rng, block: u64, left: &mut Vec<f64>) {
    let start = block as f64 * POISSON_BLOCK as f64;
    left.extend((0..POISSON_BLOCK).map(|_| start + rng.random::<f64>() * POISSON_BLOCK as f64));
    left.sort_unstable_by(|a, b| b.total_cmp(a));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn schedule(per_second: f64, process: ArrivalProcess, seed: u64) -> Schedule {
        let profile = RateProfile::constant(per_second).expect("the rate is sane");
        Schedule::new(profile, process, sim_clock::rng(seed, "arrivals"))
    }

    #[test]
    fn uniform_deadlines_do_not_drift() {
        let mut uniform = schedule(3.0, ArrivalProcess::Uniform, 1);
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
        let offsets: Vec<f64> = schedule(1.0, ArrivalProcess::Poisson, 7)
            .take(100 * POISSON_BLOCK)
            .map(|offset| offset.as_secs_f64())
            .collect();
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
        let draw = |seed| -> Vec<_> {
            schedule(500.0, ArrivalProcess::Poisson, seed)
                .take(50)
                .collect()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn rates_that_nobody_can_offer() {
        for rate in [0.0, -1.0, 1e10, f64::INFINITY, f64::NAN] {
            assert!(RateProfile::constant(rate).is_err(), "{rate}");
        }
    }

    proptest! {
        #[test]
        fn deadlines_never_decrease_and_blocks_are_exact(rate in 0.01_f64..1e6, seed: u64, blocks in 1_usize..4) {
            let block_end = Duration::from_secs_f64(POISSON_BLOCK as f64 * blocks as f64 / rate);
            let due: Vec<_> = schedule(rate, ArrivalProcess::Poisson, seed)
                .take(blocks * POISSON_BLOCK + 1)
                .collect();
            prop_assert!(due.windows(2).all(|pair| pair[0] <= pair[1]));
            let slack = Duration::from_micros(1);
            prop_assert!(due[blocks * POISSON_BLOCK - 1] <= block_end + slack);
            prop_assert!(due[blocks * POISSON_BLOCK] + slack >= block_end);
        }
    }
}
