//! What a run measured and how it is judged: histograms, the versioned run record, thresholds.
//!
//! It is not a collector: it opens no socket, starts no thread and reads no clock. Others fill a
//! [`RunRecord`]; the report, the verdict and every later comparison are made from it alone.
//!
//! | module | what |
//! |---|---|
//! | [`record`] | [`RunRecord`]: the whole of one run, `run.json` |
//! | [`schema`] | its JSON Schema |
//! | [`load`] | what the load generator saw |
//! | [`citizens`] | what the simulated citizens met |
//! | [`mod@exchange`] | how messages were signed, carried and kept |
//! | [`doubt`](mod@doubt) | whether a figure can be believed |
//! | [`laws`](mod@laws) | what holds of every run, or the measurement is at fault |
//! | [`findings`] | processes, evidence and audit |
//! | [`verdict`] | thresholds that held or not, and the outcome |
//! | [`histogram`] | recording durations, percentiles, summaries |
//! | [`over_time`] | durations by when they ended |
//! | [`mod@metric`] | every metric by name, as thresholds call them |
//! | [`saturation`] | how full each resource was |
//! | [`stages`] | where the time of an exchange goes |
//! | [`threshold`] | a condition on a metric |
//! | [`store`] | writing `run.json` whole or not at all, and reading it back |

pub mod citizens;
pub mod doubt;
pub mod exchange;
pub mod findings;
pub mod histogram;
pub mod laws;
pub mod load;
pub mod metric;
pub mod over_time;
pub mod record;
pub mod saturation;
pub mod schema;
pub mod stages;
pub mod store;
pub mod threshold;
pub mod verdict;

pub use citizens::{CitizensResult, JourneyResult, Questions, StepResult};
pub use doubt::{Doubt, DoubtKind, doubt};
pub use exchange::{ExchangeCounts, ExchangeFacts, ExchangeSetting};
pub use findings::{
    AuditResult, Evidence, Finding, KeptLogs, MAX_EXAMPLES, ProcessSample, ProcessUse,
    ServerEvidence,
};
pub use histogram::{DistributionBar, Histogram, HistogramSummary, SpectrumPoint};
pub use laws::{LawCheck, laws};
pub use load::{
    GeneratorHealth, LoadResult, Outcome, OutcomeCounts, SecondSlice, ServiceLoad, WindowLoad,
};
pub use metric::{Metric, Unit, metric, metrics, within};
pub use over_time::{TimesOverTime, TimesSlice, bin_end_us};
pub use record::{Machine, MemberFacts, Phase, RunRecord, SCHEMA_VERSION, ScenarioFacts};
pub use schema::run_schema;
pub use stages::{Part, PartUse, Role, RoleStages, ServerStages, Stage, StageUse};
pub use store::{RecordError, load_record, save_record};
pub use threshold::{Relation, Threshold};
pub use verdict::{ThresholdResult, Verdict, VerdictOutcome};
