//! What is said of many response times, by whoever measured them.

use std::time::Duration;

use serde::Serialize;
use sim_metrics::{Histogram, HistogramSummary};

/// Count and percentiles, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Times {
    pub(crate) count: u64,
    pub(crate) p50_us: f64,
    pub(crate) p90_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) max_us: f64,
}

// === impl Times ===

impl Times {
    /// Those of `durations`.
    pub(crate) fn of(durations: impl IntoIterator<Item = Duration>) -> Self {
        let mut histogram = Histogram::new();
        for duration in durations {
            histogram.record(duration);
        }
        Self::from(&histogram.summary())
    }
}

impl From<&HistogramSummary> for Times {
    fn from(summary: &HistogramSummary) -> Self {
        Self {
            count: summary.count,
            p50_us: summary.p50_us as f64,
            p90_us: summary.p90_us as f64,
            p99_us: summary.p99_us as f64,
            max_us: summary.max_us as f64,
        }
    }
}
