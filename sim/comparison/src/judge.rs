//! The figures of both sides, metric by metric: how sure a difference is, whether it is large
//! enough, and how large one could have been without being seen.
//!
//! A metric has changed only where both hold: the difference is more than chance (Mann and
//! Whitney, adjusted over the metrics that decide by Holm), and the medians differ by more than
//! the metric's floor and more than the baseline's own runs do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{Gate, Shift};
use crate::mann_whitney::{least_p, two_sided_p};
use crate::noise::median;
use crate::{bootstrap, bootstrap::Interval, holm};

/// The chance of a false alarm that is accepted, over all metrics together.
pub const ALPHA: f64 = 0.05;
/// A change has to be larger than so many robust standard deviations of one build's runs, the mean
/// of both sides: with less, chance alone is called a change in more than one comparison of a
/// hundred; with more, a build that is a fifth slower is missed more often (docs/comparison.md,
/// "Shown to work").
pub const NOISE_REACH: f64 = 1.5;
/// Runs that a side needs, whatever the other has: fewer say nothing of their own noise.
pub const MIN_RUNS: usize = 4;
/// Runs beyond which none more are needed, for however many metrics.
const MOST_NEEDED: usize = 64;
/// The greatest worsening that is tried when asking which could have been seen: tenfold.
const LARGEST_WORSENING: f64 = 9.0;
/// Halvings of the search for the least worsening that could have been seen.
const HALVINGS: usize = 16;

/// What a metric comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MetricVerdict {
    /// No change that is both sure and large enough.
    Unchanged,
    /// Worse.
    Regressed,
    /// Better.
    Improved,
    /// There are figures, but not enough to tell.
    Undecided,
    /// No run has a figure.
    NotMeasured,
}

/// The usable runs' figures of one metric.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) gate: &'static Gate,
    pub(crate) baseline: Vec<f64>,
    pub(crate) candidate: Vec<f64>,
    /// True where every usable run of both sides has a figure.
    pub(crate) complete: bool,
}

/// What the figures of one metric come to.
#[derive(Clone, Debug)]
pub(crate) struct Judgement {
    pub(crate) p: Option<f64>,
    pub(crate) adjusted_p: Option<f64>,
    pub(crate) noise: Option<f64>,
    /// What a change has to exceed.
    pub(crate) threshold: f64,
    /// Shown, but does not decide.
    pub(crate) advisory: bool,
    pub(crate) verdict: MetricVerdict,
}

/// Runs that each side needs before `metrics` metrics can be told apart from chance.
#[must_use]
pub fn runs_needed(metrics: usize) -> usize {
    (MIN_RUNS..MOST_NEEDED)
        .find(|&runs| can_tell(runs, runs, metrics))
        .unwrap_or(MOST_NEEDED)
}

/// Whether so many runs can tell any change of one of `metrics` metrics from chance.
pub(crate) fn can_tell(baseline: usize, candidate: usize, metrics: usize) -> bool {
    baseline.min(candidate) >= MIN_RUNS
        && least_p(baseline, candidate) * metrics.max(1) as f64 <= ALPHA
}

/// Judges every metric. Where `decisive` is false none is, whatever its figures say.
pub(crate) fn judge(samples: &[Sample], decisive: bool) -> Vec<Judgement> {
    let mut judged: Vec<Judgement> = samples.iter().map(Judgement::alone).collect();
    // An advisory metric is judged by itself, so that it takes no certainty from the others.
    let deciding: Vec<usize> = (0..judged.len())
        .filter(|&index| !judged[index].advisory && judged[index].p.is_some())
        .collect();
    let p_values: Vec<f64> = deciding.iter().filter_map(|&i| judged[i].p).collect();
    for (&index, adjusted) in deciding.iter().zip(holm::adjusted(&p_values)) {
        judged[index].adjusted_p = Some(adjusted);
    }
    for (sample, judgement) in samples.iter().zip(&mut judged) {
        judgement.verdict = match judgement.adjusted_p {
            None if sample.baseline.is_empty() && sample.candidate.is_empty() => {
                MetricVerdict::NotMeasured
            }
            Some(adjusted) if decisive => sample.verdict(adjusted, judgement.threshold),
            _ => MetricVerdict::Undecided,
        };
    }
    judged
}

// === impl Sample ===

impl Sample {
    /// The medians of both sides.
    pub(crate) fn medians(&self) -> Option<(f64, f64)> {
        Some((median(&self.baseline)?, median(&self.candidate)?))
    }

    /// What changed, in the metric's scale.
    pub(crate) fn change(&self) -> Option<f64> {
        let (before, after) = self.medians()?;
        self.gate.change(before, after)
    }

    /// The 95 % interval of the change.
    pub(crate) fn interval(&self) -> Option<Interval> {
        let change = |before, after| self.gate.change(before, after);
        bootstrap::interval(self.gate.metric, &self.baseline, &self.candidate, change)
    }

    /// The least worsening that these runs would have shown: the candidate's runs are moved as a
    /// whole, with their spread, until the verdict would be that they are worse. Absent where not
    /// even a tenfold one would have been seen. `metrics` decide together.
    pub(crate) fn least_visible(&self, judgement: &Judgement, metrics: usize) -> Option<f64> {
        let (before, _) = self.medians()?;
        let seen = |worsening: f64| {
            let moved = self.gate.worsened(before, &self.candidate, worsening)?;
            let after = median(&moved)?;
            // The other metrics are taken to be as they were: Holm's first and hardest step.
            let adjusted = two_sided_p(&self.baseline, &moved) * metrics as f64;
            let shift = self.gate.shift(before, after, judgement.threshold);
            Some(adjusted <= ALPHA && shift == Some(Shift::Worse))
        };
        let (mut unseen, mut visible) = (0.0, LARGEST_WORSENING);
        if !seen(visible)? {
            return None;
        }
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(unseen, visible);
            if seen(middle)? {
                visible = middle;
            } else {
                unseen = middle;
            }
        }
        Some(visible)
    }

    fn verdict(&self, adjusted: f64, threshold: f64) -> MetricVerdict {
        let Some((before, after)) = self.medians().filter(|_| adjusted <= ALPHA) else {
            return MetricVerdict::Unchanged;
        };
        match self.gate.shift(before, after, threshold) {
            Some(Shift::Worse) => MetricVerdict::Regressed,
            Some(Shift::Better) => MetricVerdict::Improved,
            None => MetricVerdict::Unchanged,
        }
    }
}

// === impl Judgement ===

impl Judgement {
    /// What one metric's figures say by themselves.
    fn alone(sample: &Sample) -> Self {
        let gate = sample.gate;
        let noise = gate.noise(&sample.baseline);
        // Seven figures tell their own spread badly; those of both sides tell it better.
        let spread = match (noise, gate.noise(&sample.candidate)) {
            (Some(one), Some(other)) => f64::midpoint(one, other),
            (one, other) => one.or(other).unwrap_or_default(),
        };
        let reach = spread * NOISE_REACH;
        let advisory = gate.advisory_when_noisy && noise.is_some_and(|noise| noise > gate.floor);
        let figures = sample.complete && sample.medians().is_some();
        let p = figures.then(|| two_sided_p(&sample.baseline, &sample.candidate));
        Self {
            p,
            adjusted_p: p,
            noise,
            threshold: gate.floor.max(reach),
            advisory,
            verdict: MetricVerdict::Undecided,
        }
    }
}

#[cfg(test)]
mod tests;
