//! Answers that are wrong or unproven: what no speed makes up for.

use sim_metrics::metric;

use crate::runs::RunSet;
use crate::words::counted;

/// Metrics of which a single one is too many, and what people call one and several.
const NEVER: [(&str, &str, &str); 3] = [
    ("wrong", "wrong answer", "wrong answers"),
    ("unproven", "exchange not proven", "exchanges not proven"),
    ("missing", "record missing", "records missing"),
];

/// What a set's usable runs have of one kind of trouble.
pub(crate) struct Trouble {
    one: &'static str,
    many: &'static str,
    /// In all runs together.
    pub(crate) count: u64,
    /// Runs that have any.
    pub(crate) runs: usize,
}

/// The kinds of trouble of both sides, each the baseline's and the candidate's.
pub(crate) fn both(baseline: &RunSet, candidate: &RunSet) -> Vec<(Trouble, Trouble)> {
    let of = |set: &RunSet, (name, one, many): (&str, &'static str, &'static str)| {
        let figures = set.usable().filter_map(|run| metric(&run.record, name));
        let counts: Vec<u64> = figures
            .map(|figure| figure as u64)
            .filter(|&count| count > 0)
            .collect();
        Trouble {
            one,
            many,
            count: counts.iter().sum(),
            runs: counts.len(),
        }
    };
    NEVER
        .into_iter()
        .map(|kind| (of(baseline, kind), of(candidate, kind)))
        .collect()
}

// === impl Trouble ===

impl Trouble {
    /// `3 wrong answers in 2 runs`.
    pub(crate) fn told(&self) -> String {
        format!(
            "{} in {}",
            counted(self.count, self.one, self.many),
            counted(self.runs as u64, "run", "runs")
        )
    }
}
