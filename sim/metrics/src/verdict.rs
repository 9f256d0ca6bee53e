//! The verdict: which thresholds held, and what follows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::doubt::Doubt;

/// A threshold with what was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdResult {
    /// The threshold, as people read it.
    pub text: String,
    /// Name of the metric.
    pub metric: String,
    /// What was measured; absent where the run has no such figure, and then it did not hold.
    pub actual: Option<f64>,
    /// What it was compared with, in the metric's unit.
    pub limit: f64,
    /// True where the condition holds.
    pub held: bool,
    /// Why the figure cannot be believed: the threshold then decides nothing. Absent where nothing
    /// speaks against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
}

/// What a run comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// In one word.
    pub outcome: VerdictOutcome,
    /// The program's exit code.
    pub exit_code: i32,
    /// Why it is not `passed`; empty where it is.
    pub reasons: Vec<String>,
}

/// A verdict in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictOutcome {
    /// Every threshold held.
    Passed,
    /// At least one threshold did not hold.
    Failed,
    /// A figure that a threshold is about may be right or not; the others held.
    Inconclusive,
    /// A figure that a threshold is about is that of the load generator itself.
    Invalid,
    /// Stopped by a person before its end.
    Interrupted,
    /// Could not be carried out; also what a record says until it is concluded.
    #[default]
    Error,
}
