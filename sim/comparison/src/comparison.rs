//! The comparison: everything that is told of two sets of runs, in one versioned JSON document.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_metrics::{Machine, VerdictOutcome};

use crate::bootstrap::Interval;
use crate::gate::{Direction, Scale};
use crate::judge::MetricVerdict;
use crate::words::{counted, listed};

/// Version of the comparison's form. It changes whenever a reader of the old form would
/// misunderstand the new one.
pub const COMPARISON_SCHEMA_VERSION: u32 = 1;

/// Metrics that the headline names; the others are counted.
const MAX_NAMED: usize = 3;

/// Two sets of runs, side by side, and what they come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// [`COMPARISON_SCHEMA_VERSION`] of the program that made it.
    pub schema_version: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// The question it answers, one sentence.
    pub question: String,
    /// What it all comes to.
    pub verdict: ComparisonVerdict,
    /// Why, a sentence each; empty where nothing changed.
    pub reasons: Vec<String>,
    /// What the candidate's answers and evidence lack and the baseline's do not, a clause each; it
    /// makes the verdict [`ComparisonVerdict::Regressed`] without statistics.
    pub untrue: Vec<String>,
    /// The metrics that decide, in the order in which they are told.
    pub metrics: Vec<MetricComparison>,
    /// What the candidate is compared with.
    pub baseline: Side,
    /// What is judged.
    pub candidate: Side,
    /// Runs that each side needs before any change can be told from chance.
    pub runs_needed: usize,
    /// What to bear in mind, that which touches the verdict most first.
    pub caveats: Vec<Caveat>,
}

/// A verdict in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonVerdict {
    /// Nothing changed that is both sure and large enough to count.
    Pass,
    /// At least one metric is worse, or answers are wrong or unproven that were not.
    Regressed,
    /// At least one metric is better, and none is worse.
    Improved,
    /// It cannot be told: too few runs, or runs that did not come to their end.
    Inconclusive,
}

/// One metric on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricComparison {
    /// Its name among the metrics of runs.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What its number counts: `per-second`, `seconds` or `share`.
    pub unit: String,
    /// Which way is better.
    pub direction: Direction,
    /// How its changes are told.
    pub scale: Scale,
    /// The baseline's figures.
    pub baseline: Figures,
    /// The candidate's figures.
    pub candidate: Figures,
    /// The candidate's median per the baseline's; absent where that is zero.
    pub ratio: Option<f64>,
    /// The change of the median, in [`MetricComparison::scale`].
    pub change: Option<f64>,
    /// The 95 % interval of the change.
    pub interval: Option<Interval>,
    /// How likely a difference like this is by chance alone: Mann and Whitney, two-sided.
    pub p: Option<f64>,
    /// The same, adjusted for the number of metrics that decide (Holm); an advisory metric has
    /// its own.
    pub adjusted_p: Option<f64>,
    /// The least change that counts, in the metric's scale.
    pub floor: f64,
    /// How much the baseline's runs differ among themselves: their robust standard deviation, in
    /// the metric's scale.
    pub noise: Option<f64>,
    /// What a change has to exceed: the floor, or one and a half times what runs of one
    /// build differ by, the mean of both sides.
    pub threshold: f64,
    /// The least worsening that these runs would have shown; absent where none would have been.
    pub least_visible: Option<f64>,
    /// True where it is shown but does not decide, as the baseline is too noisy in it.
    pub advisory: bool,
    /// What it comes to.
    pub verdict: MetricVerdict,
}

/// One side's figures of a metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// The median of the usable runs; absent where none has the figure.
    pub median: Option<f64>,
    /// Each run's figure, in the order of [`Side::runs`]; absent where it was not measured.
    pub runs: Vec<Option<f64>>,
}

/// One set of runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// What people call it.
    pub name: String,
    /// Every run, in the order of their beginning.
    pub runs: Vec<RunUsed>,
    /// The machine of its first usable run.
    pub machine: Machine,
}

/// A run that was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunUsed {
    /// Names the run.
    pub run_id: String,
    /// Its `run.json`, as seen from the set's folder.
    pub path: PathBuf,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// Version of Roadtest that made it.
    pub roadtest_version: String,
    /// Its own verdict.
    pub outcome: VerdictOutcome,
    /// True where it came to its end and its figures are compared.
    pub usable: bool,
}

/// A reason for care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Caveat {
    /// In a few words.
    pub head: String,
    /// One or two sentences.
    pub text: String,
}

/// JSON Schema of [`Comparison`].
#[must_use]
pub fn comparison_schema() -> serde_json::Value {
    schemars::schema_for!(Comparison).to_value()
}

// === impl Comparison ===

impl Comparison {
    /// The verdict in one sentence.
    #[must_use]
    pub fn headline(&self) -> String {
        let titles = |verdict: MetricVerdict| {
            let metrics = self.metrics.iter();
            let of_verdict = metrics.filter(|m| !m.advisory && m.verdict == verdict);
            let mut briefs: Vec<String> = of_verdict.map(MetricComparison::brief).collect();
            let further = briefs.len().saturating_sub(MAX_NAMED);
            if further > 0 {
                briefs.truncate(MAX_NAMED);
                briefs.push(counted(further as u64, "more metric", "more metrics"));
            }
            listed(&briefs)
        };
        match self.verdict {
            ComparisonVerdict::Pass => {
                "No metric changed by more than runs of one build differ.".to_owned()
            }
            ComparisonVerdict::Improved => {
                format!(
                    "The candidate is better: {}.",
                    titles(MetricVerdict::Improved)
                )
            }
            ComparisonVerdict::Inconclusive => {
                "These runs do not tell whether anything changed.".to_owned()
            }
            ComparisonVerdict::Regressed if !self.untrue.is_empty() => {
                "The candidate's answers cannot be relied on as the baseline's can.".to_owned()
            }
            ComparisonVerdict::Regressed => {
                format!(
                    "The candidate is worse: {}.",
                    titles(MetricVerdict::Regressed)
                )
            }
        }
    }
}

// === impl ComparisonVerdict ===

impl ComparisonVerdict {
    /// The verdict, in capitals.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Regressed => "REGRESSED",
            Self::Improved => "IMPROVED",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }
}

// === impl MetricComparison ===

impl MetricComparison {
    /// `throughput −17 %`.
    fn brief(&self) -> String {
        match self.change {
            Some(change) => format!("{} {}", self.title, self.scale.signed(change)),
            None => self.title.clone(),
        }
    }
}

// === impl Side ===

impl Side {
    /// How many of its runs are compared.
    #[must_use]
    pub fn usable(&self) -> usize {
        self.runs.iter().filter(|run| run.usable).count()
    }
}
