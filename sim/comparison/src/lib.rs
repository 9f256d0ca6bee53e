//! Two sets of runs in, a verdict out: regressed, improved, neither, or not to be told.
//!
//! Runs of one build differ by some percent, so one run of each says little. [`compare()`] takes the
//! run as its unit and calls a metric worse only where the difference is more than chance *and*
//! larger than what the baseline's own runs differ by. Where the runs cannot tell, it says so.
//!
//! It makes no runs and judges none: whether a run met its thresholds is the run's own verdict. What
//! is compared, and why so, is in `docs/comparison.md`.
//!
//! | module | what |
//! |---|---|
//! | [`runs`] | reading a set of runs: every `run.json` below a folder |
//! | [`mod@compare`] | from two sets to the verdict |
//! | [`comparison`] | what it came to, as one JSON document |
//! | [`gate`] | the metrics that decide, with floor and direction |
//! | [`judge`] | one metric: more than chance, and large enough? |
//! | [`alike`] | what two runs must have in common |
//! | `trouble` | answers that are wrong or unproven |
//! | `caveats` | what to bear in mind |
//! | [`mann_whitney`], [`holm`], [`bootstrap`], [`noise`] | the statistics |
//! | `words` | figures as sentences have them |

pub mod alike;
pub mod bootstrap;
mod caveats;
pub mod compare;
pub mod comparison;
pub mod gate;
pub mod holm;
pub mod judge;
pub mod mann_whitney;
pub mod noise;
pub mod runs;
#[cfg(test)]
mod simulated;
mod trouble;
mod words;

pub use alike::Difference;
pub use bootstrap::Interval;
pub use compare::{CompareError, Options, compare};
pub use comparison::{
    COMPARISON_SCHEMA_VERSION, Caveat, Comparison, ComparisonVerdict, Figures, MetricComparison,
    RunUsed, Side, comparison_schema,
};
pub use gate::{Direction, GATES, Gate, Scale};
pub use judge::{MetricVerdict, runs_needed};
pub use runs::{ReadError, Run, RunSet};
