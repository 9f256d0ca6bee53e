//! Made-up figures of runs, for tests: scattered about a median, the same every time.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

/// A source of figures.
pub(crate) struct Simulated(ChaCha8Rng);

// === impl Simulated ===

impl Simulated {
    pub(crate) fn new(name: &str) -> Self {
        Self(sim_clock::rng(47, name))
    }

    /// Figures of `count` runs: log-normal about `median`, with the coefficient of variation `cv`.
    pub(crate) fn runs(&mut self, count: usize, median: f64, cv: f64) -> Vec<f64> {
        (0..count)
            .map(|_| median * (cv * self.normal()).exp())
            .collect()
    }

    /// A standard normal figure, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.0.random_range(0.0..1.0_f64)).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.0.random_range(0.0..1.0_f64)).cos()
    }
}
