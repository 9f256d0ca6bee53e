//! What the load generator saw: counts, outcomes, times, and each second of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::histogram::HistogramSummary;
use crate::over_time::TimesOverTime;

/// How one exchange ended, as the one who asked saw it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A valid answer that is the truth.
    Ok,
    /// An answer whose fault code says why there is none.
    Refused,
    /// An answer that is neither valid nor a refusal.
    Failed,
    /// No answer: what happened can only be learnt from the logs.
    Unknown,
    /// A valid answer that is not the truth.
    Wrong,
}

/// Counts of exchanges by how they ended, as the one who asked saw it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutcomeCounts {
    /// A valid answer that is the truth.
    pub ok: u64,
    /// An answer whose fault code says why there is none.
    pub refused: u64,
    /// An answer that is neither valid nor a refusal.
    pub failed: u64,
    /// No answer: what happened can only be learnt from the logs.
    pub unknown: u64,
    /// A valid answer that is not the truth.
    pub wrong: u64,
}

/// Result of a whole load.
///
/// `offered = started + dropped` and `started` is the sum of [`LoadResult::outcomes`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadResult {
    /// Exchanges that came due.
    pub offered: u64,
    /// Exchanges that were begun.
    pub started: u64,
    /// Exchanges that got a whole answer of any kind, hence none of the unknown.
    pub completed: u64,
    /// Exchanges that came due and were not begun, as the limit on those in flight was reached.
    pub dropped: u64,
    /// How those that were begun ended.
    pub outcomes: OutcomeCounts,
    /// Answers by their `X-Road-Error`.
    pub fault_codes: BTreeMap<String, u64>,
    /// National IDs that were asked about, over all exchanges begun.
    pub ids_asked: u64,
    /// National IDs that valid answers named as deceased.
    pub deceased_named: u64,
    /// From the load's beginning to its last answer.
    pub duration_s: f64,
    /// What came due in so many seconds at the beginning counts in no time and no rate below.
    #[serde(default)]
    pub warm_up_s: f64,
    /// Exchanges that completed after that.
    #[serde(default)]
    pub measured: u64,
    /// Those a second, from the warm-up's end to the last answer.
    pub throughput_per_s: f64,
    /// From the intended start to the answer. An exchange that was sent and got none counts with
    /// the time for which it was waited for: leaving it out would make a server look the faster
    /// the more it loses.
    pub response_time: HistogramSummary,
    /// From the actual start to the answer, of completed exchanges.
    pub service_time: HistogramSummary,
    /// From the intended to the actual start, of every exchange begun.
    pub start_delay: HistogramSummary,
    /// How late the pacer itself was; empty where the load is not paced.
    pub pacer_lag: HistogramSummary,
    /// How well the generator itself could work; absent where the system does not tell, and in
    /// records of versions that did not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generator: Option<GeneratorHealth>,
    /// Second by second.
    pub series: Vec<SecondSlice>,
    /// Response times by when they ended, the warm-up included; empty in records of versions that
    /// did not keep them.
    #[serde(default, skip_serializing_if = "TimesOverTime::is_empty")]
    pub response_times: TimesOverTime,
    /// What each service was asked by each client, in the order of the workload; empty in records
    /// of versions that did not tell them apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceLoad>,
    /// Parts of the load that thresholds are about, in the order of their beginnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<WindowLoad>,
    /// Why the load ended before everything planned was offered; absent where it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_early: Option<String>,
}

/// What came due in a part of the load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WindowLoad {
    /// Since the load began, the warm-up included.
    pub from_s: f64,
    /// Likewise; absent where the part goes on to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_s: Option<f64>,
    /// Exchanges that came due in it and were begun.
    pub started: u64,
    /// How they ended, whenever that was.
    pub outcomes: OutcomeCounts,
    /// Answers a second that came in it, to whichever exchanges.
    pub throughput_per_s: f64,
    /// As [`LoadResult::response_time`], of those that came due in it.
    pub response_time: HistogramSummary,
    /// As [`LoadResult::start_delay`], likewise.
    pub start_delay: HistogramSummary,
}

/// What one service was asked by one client.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceLoad {
    /// The client's X-Road identifier: `EE/GOV/00000001/pensions`.
    pub client: String,
    /// The service's: `EE/GOV/00000002/people/liveness`.
    pub service: String,
    /// Exchanges that were begun.
    pub started: u64,
    /// Exchanges that got a whole answer of any kind.
    pub completed: u64,
    /// How those that were begun ended.
    pub outcomes: OutcomeCounts,
    /// National IDs that were asked about.
    pub ids_asked: u64,
    /// Bytes of the bodies of all requests that were begun.
    pub request_bytes: u64,
    /// Bytes of the bodies of all answers.
    pub answer_bytes: u64,
    /// From the intended start to the answer, as [`LoadResult::response_time`]; the warm-up is
    /// left out.
    pub response_time: HistogramSummary,
}

/// How well the load generator itself could work: shares of its workers' time, from the load's
/// beginning to its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GeneratorHealth {
    /// On a processor, 0 to 1.
    pub busy: f64,
    /// Ready to work, without a processor.
    pub waiting: f64,
    /// With nothing to do.
    pub idle: f64,
    /// How long a worker waited for a processor each time it got one: for every interval of a
    /// tenth of a second the mean, as often as it got one.
    pub scheduling_delay: HistogramSummary,
    /// How often the exchanges in flight were counted.
    pub looks: u64,
    /// The mean of these counts.
    pub mean_in_flight: f64,
}

/// One second of a load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondSlice {
    /// Whole seconds since the load began.
    pub at_s: u64,
    /// Exchanges that came due in it.
    pub offered: u64,
    /// Answers that arrived in it.
    pub completed: u64,
    /// Exchanges that ended in it with any outcome other than ok.
    pub errors: u64,
    /// Median response time of those that ended in it.
    pub p50_us: u64,
    /// 99th percentile of response time of those that ended in it.
    pub p99_us: u64,
    /// Longest response time of those that ended in it; zero in records of versions that did not
    /// keep it.
    #[serde(default)]
    pub max_us: u64,
}

// === impl Outcome ===

impl Outcome {
    /// Its number in the ledger (`docs/log-format.md`).
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Refused => 1,
            Self::Failed => 2,
            Self::Unknown => 3,
            Self::Wrong => 4,
        }
    }

    /// The outcome of that number in the ledger.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Ok),
            1 => Some(Self::Refused),
            2 => Some(Self::Failed),
            3 => Some(Self::Unknown),
            4 => Some(Self::Wrong),
            _ => None,
        }
    }
}

// === impl OutcomeCounts ===

impl OutcomeCounts {
    /// Counts one more.
    pub fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Ok => self.ok += 1,
            Outcome::Refused => self.refused += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Unknown => self.unknown += 1,
            Outcome::Wrong => self.wrong += 1,
        }
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.ok += other.ok;
        self.refused += other.refused;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.wrong += other.wrong;
    }

    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.ok + self.refused + self.failed + self.unknown + self.wrong
    }

    /// All but the ok.
    #[must_use]
    pub const fn errors(&self) -> u64 {
        self.refused + self.failed + self.unknown + self.wrong
    }
}
