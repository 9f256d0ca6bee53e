//! How far a change of medians can be trusted: an interval, by drawing the runs again.
//!
//! Each side's runs are drawn with replacement, as many as there are, and the change is computed
//! anew; the middle 95 % of what comes out is the interval. The run is what is drawn, for
//! moments within one run are not independent.
//!
//! Source: B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13: the
//! percentile interval.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::noise::median;

/// Times that the runs are drawn; one less than a round figure, so that the ends of the interval
/// are drawn values.
const DRAWS: usize = 1_999;
/// Of the sorted values, the place of the interval's lower end: 2.5 % lie below.
const LOWER: usize = (DRAWS + 1) / 40 - 1;
/// Of the sorted values, the place of the interval's upper end: 2.5 % lie above.
const UPPER: usize = DRAWS - 1 - LOWER;
/// The seed of every comparison, so that the same runs always give the same interval.
const SEED: u64 = 1_993;

/// The middle 95 % of what a change may be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// 2.5 % lie below.
    pub low: f64,
    /// 2.5 % lie above.
    pub high: f64,
}

/// The interval of `change`, which is given the medians of both sides. `stream` names the random
/// stream, so that one metric's interval does not depend on another's. Absent where a side is
/// empty, or where a draw has no change that is a number.
pub(crate) fn interval(
    stream: &str,
    baseline: &[f64],
    candidate: &[f64],
    change: impl Fn(f64, f64) -> Option<f64>,
) -> Option<Interval> {
    let mut random = sim_clock::rng(SEED, stream);
    let mut drawn = Vec::new();
    let mut middle_of = |figures: &[f64]| {
        draw(&mut random, figures, &mut drawn);
        median(&drawn)
    };
    let mut changes = Vec::with_capacity(DRAWS);
    for _ in 0..DRAWS {
        let (before, after) = (middle_of(baseline)?, middle_of(candidate)?);
        changes.push(change(before, after).filter(|change| change.is_finite())?);
    }
    changes.sort_unstable_by(f64::total_cmp);
    Some(Interval {
        low: changes[LOWER],
        high: changes[UPPER],
    })
}

fn draw(random: &mut ChaCha8Rng, figures: &[f64], drawn: &mut Vec<f64>) {
    drawn.clear();
    if !figures.is_empty() {
        let any = |_| figures[random.random_range(0..figures.len())];
        drawn.extend((0..figures.len()).map(any));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulated::Simulated;

    fn ratio(before: f64, after: f64) -> Option<f64> {
        Some(after / before)
    }

    #[test]
    fn the_same_runs_give_the_same_interval() {
        let (a, b) = ([1.0, 1.1, 1.2, 0.9, 1.0], [1.2, 1.3, 1.25, 1.1, 1.4]);
        let first = interval("p50", &a, &b, ratio);
        assert_eq!(first, interval("p50", &a, &b, ratio));
        let first = first.unwrap();
        assert!(first.low <= 1.25 && 1.25 <= first.high, "{first:?}");
        assert_eq!(interval("p50", &[], &b, ratio), None);
        assert_eq!(interval("p50", &[0.0], &b, ratio), None);
    }

    #[test]
    fn the_interval_contains_the_true_ratio_about_as_often_as_it_says() {
        const SETS: usize = 400;
        for (runs, cv) in [(7, 0.03), (7, 0.1), (12, 0.05)] {
            let mut simulated = Simulated::new(&format!("coverage-{runs}-{cv}"));
            let hits = (0..SETS)
                .filter(|_| {
                    let before = simulated.runs(runs, 100.0, cv);
                    let after = simulated.runs(runs, 120.0, cv);
                    let found = interval("coverage", &before, &after, ratio).unwrap();
                    (found.low..=found.high).contains(&1.2)
                })
                .count();
            let covered = hits as f64 / SETS as f64;
            // Percentile intervals of few medians are somewhat wide or narrow; never far off.
            assert!(
                (0.91..=0.99).contains(&covered),
                "{runs} runs at {cv}: {covered}"
            );
        }
    }
}
