//! What the simulated citizens met.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::histogram::HistogramSummary;

/// What became of all journeys through the portal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CitizensResult {
    /// How long they went on.
    pub seconds: f64,
    /// Journeys begun.
    pub begun: u64,
    /// What became of them, by what people came for.
    pub journeys: Vec<JourneyResult>,
    /// Response times of pages, whole and with all redirects, by step.
    pub steps: Vec<StepResult>,
    /// Response times of all pages together.
    pub pages: HistogramSummary,
    /// Logins that came to nothing because of what people did, by the carrier's word for it;
    /// no failure of any service.
    pub not_logged_in: BTreeMap<String, u64>,
    /// Looks at somebody's data of which they asked the reason.
    #[serde(default)]
    pub questions: Questions,
    /// The first failures and untruths, in words.
    pub examples: Vec<String>,
}

/// Looks at people's data of which they asked the reason, by the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Questions {
    /// There was one.
    pub justified: u64,
    /// There was none: the official who looked may look at nobody any more.
    pub unjustified: u64,
}

/// What became of the journeys of one sort.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JourneyResult {
    /// What people came for.
    pub journey: String,
    /// They got it, and all that they were shown was true.
    pub completed: u64,
    /// They refused, mistyped or had the phone off.
    pub not_logged_in: u64,
    /// A page did not come, or had not what it must have.
    pub failed: u64,
    /// A page said what is not true.
    pub wrong: u64,
}

/// Response times of one step of the journeys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepResult {
    /// The step, such as `my-data`.
    pub step: String,
    /// From the click to the last byte of the page.
    pub response_time: HistogramSummary,
}

impl CitizensResult {
    /// Journeys that came to their end.
    #[must_use]
    pub fn completed(&self) -> u64 {
        self.journeys.iter().map(|journey| journey.completed).sum()
    }

    /// Journeys that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.journeys.iter().map(|journey| journey.failed).sum()
    }

    /// Journeys on which something untrue was shown.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.journeys.iter().map(|journey| journey.wrong).sum()
    }
}
