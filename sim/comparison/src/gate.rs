//! The metrics that decide, each with what of a change is worth telling.
//!
//! A change below a metric's floor is not worth a person's time, however certain it is. The floors
//! are those of other tools' practice and of our own measurements of one build against itself
//! (`docs/comparison.md`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::noise;
use crate::words::percent;

/// A metric that decides.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Its name among [`sim_metrics::metrics`].
    pub metric: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Which way is better.
    pub direction: Direction,
    /// How a change of it is told.
    pub scale: Scale,
    /// The least change that counts, in its [`Scale`].
    pub floor: f64,
    /// Whether it is only shown where the baseline's own noise is above its floor.
    pub advisory_when_noisy: bool,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    HigherIsBetter,
    /// Less is better.
    LowerIsBetter,
}

/// How a change is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// As the ratio of medians less one: 0.05 is five percent more.
    Ratio,
    /// As the difference of medians, for figures that are mostly zero.
    Difference,
}

/// Which way a change goes that is large enough to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shift {
    Worse,
    Better,
}

/// The metrics that decide, in the order in which they are told.
///
/// In a load that waits for its answers (`64 in flight`) throughput and response time say the same;
/// in one with a rate of its own, throughput only says that the rate was reached.
pub const GATES: &[Gate] = &[
    Gate {
        metric: "throughput",
        title: "throughput",
        direction: Direction::HigherIsBetter,
        scale: Scale::Ratio,
        floor: 0.05,
        advisory_when_noisy: false,
    },
    Gate {
        metric: "response-time-p50",
        title: "response time (median)",
        direction: Direction::LowerIsBetter,
        scale: Scale::Ratio,
        floor: 0.05,
        advisory_when_noisy: false,
    },
    Gate {
        metric: "response-time-p90",
        title: "response time (90 % within)",
        direction: Direction::LowerIsBetter,
        scale: Scale::Ratio,
        floor: 0.1,
        advisory_when_noisy: false,
    },
    Gate {
        metric: "response-time-p99",
        title: "response time (99 % within)",
        direction: Direction::LowerIsBetter,
        scale: Scale::Ratio,
        floor: 0.1,
        advisory_when_noisy: true,
    },
    Gate {
        metric: "error-share",
        title: "errors",
        direction: Direction::LowerIsBetter,
        // A baseline without errors has no ratio; one exchange in a thousand is worth telling.
        scale: Scale::Difference,
        floor: 0.001,
        advisory_when_noisy: false,
    },
    Gate {
        metric: "cpu-per-exchange",
        title: "processor time an exchange",
        direction: Direction::LowerIsBetter,
        scale: Scale::Ratio,
        floor: 0.05,
        advisory_when_noisy: false,
    },
];

// === impl Scale ===

impl Scale {
    /// A change without its direction, for people: `12 %`, or `0.35 points` of a hundred.
    #[must_use]
    pub fn size(self, change: f64) -> String {
        match self {
            Self::Ratio => percent(change),
            Self::Difference if !change.is_finite() => "–".to_owned(),
            Self::Difference => {
                let text = format!("{:.2}", change * 100.0);
                let text = text.trim_end_matches('0').trim_end_matches('.');
                format!("{text} points")
            }
        }
    }

    /// A change with its direction, for people: `+12 %`, `−3.2 %`, `±0 %`.
    #[must_use]
    pub fn signed(self, change: f64) -> String {
        let sign = match change {
            change if change < 0.0 => "−",
            change if change > 0.0 => "+",
            _ => "±",
        };
        format!("{sign}{}", self.size(change.abs()))
    }
}

// === impl Gate ===

impl Gate {
    /// What changed from one median to the other; absent where the ratio is of zero.
    pub(crate) fn change(&self, baseline: f64, candidate: f64) -> Option<f64> {
        match self.scale {
            Scale::Ratio => (baseline > 0.0).then(|| candidate / baseline - 1.0),
            Scale::Difference => Some(candidate - baseline),
        }
    }

    /// How much runs of one build differ, in the metric's scale.
    pub(crate) fn noise(&self, figures: &[f64]) -> Option<f64> {
        match self.scale {
            Scale::Ratio => noise::relative_spread(figures),
            Scale::Difference => noise::spread(figures),
        }
    }

    /// Which way the medians differ by more than `threshold`, if they do. Seen from the other side,
    /// the same medians differ the other way.
    pub(crate) fn shift(&self, baseline: f64, candidate: f64, threshold: f64) -> Option<Shift> {
        let (better, worse) = match self.direction {
            Direction::LowerIsBetter => (baseline, candidate),
            Direction::HigherIsBetter => (candidate, baseline),
        };
        let exceeds = |low: f64, high: f64| match self.scale {
            Scale::Ratio => high > low * (1.0 + threshold),
            Scale::Difference => high - low > threshold,
        };
        if exceeds(better, worse) {
            Some(Shift::Worse)
        } else if exceeds(worse, better) {
            Some(Shift::Better)
        } else {
            None
        }
    }

    /// `candidate` moved as a whole until its median is worse than that of the baseline by
    /// `worsening`.
    pub(crate) fn worsened(
        &self,
        baseline: f64,
        candidate: &[f64],
        worsening: f64,
    ) -> Option<Vec<f64>> {
        let middle = noise::median(candidate)?;
        match self.scale {
            Scale::Ratio => {
                let target = match self.direction {
                    Direction::LowerIsBetter => baseline * (1.0 + worsening),
                    Direction::HigherIsBetter => baseline / (1.0 + worsening),
                };
                let factor = (middle > 0.0).then(|| target / middle)?;
                Some(candidate.iter().map(|figure| figure * factor).collect())
            }
            Scale::Difference => {
                let step = match self.direction {
                    Direction::LowerIsBetter => baseline + worsening - middle,
                    Direction::HigherIsBetter => baseline - worsening - middle,
                };
                Some(candidate.iter().map(|figure| figure + step).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gate_is_a_metric_of_runs() {
        for gate in GATES {
            let known = sim_metrics::metrics().iter();
            assert_eq!(
                known.filter(|metric| metric.name == gate.metric).count(),
                1,
                "{}",
                gate.metric
            );
        }
    }

    #[test]
    fn better_and_worse_are_seen_from_both_sides() {
        for gate in GATES {
            for (baseline, candidate) in [(1.0, 1.3), (1.3, 1.0), (0.0, 1.0), (1.0, 1.0)] {
                let here = gate.shift(baseline, candidate, gate.floor);
                let there = gate.shift(candidate, baseline, gate.floor);
                let flipped = match there {
                    Some(Shift::Worse) => Some(Shift::Better),
                    Some(Shift::Better) => Some(Shift::Worse),
                    None => None,
                };
                assert_eq!(here, flipped, "{}: {baseline}, {candidate}", gate.metric);
            }
        }
    }

    #[test]
    fn a_worsening_is_in_the_direction_that_is_worse() {
        for gate in GATES {
            let runs = [0.9, 1.0, 1.1];
            let worse = gate.worsened(1.0, &runs, 0.3).unwrap();
            let middle = noise::median(&worse).unwrap();
            assert_eq!(gate.shift(1.0, middle, 0.29), Some(Shift::Worse));
            assert_eq!(gate.shift(1.0, middle, 0.31), None);
        }
    }
}
