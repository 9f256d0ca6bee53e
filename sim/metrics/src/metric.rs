//! Every figure of a run by name, so that thresholds and comparisons speak of the same ones.
//!
//! Names are those that scenarios use; values are in the metric's [`Unit`].

use crate::citizens::CitizensResult;
use crate::findings::AuditResult;
use crate::histogram::HistogramSummary;
use crate::load::LoadResult;
use crate::record::RunRecord;

/// A named figure of a run.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Name, as scenarios write it.
    pub name: &'static str,
    /// What its number counts.
    pub unit: Unit,
    /// What it says, for people.
    pub meaning: &'static str,
    value: fn(&RunRecord) -> Option<f64>,
}

/// What a metric's number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Whole things.
    Count,
    /// A part of the whole, 0 to 1.
    Share,
    /// Things a second.
    PerSecond,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

/// The figure called `name`; absent where there is no such metric or the run did not measure it.
#[must_use]
pub fn metric(record: &RunRecord, name: &str) -> Option<f64> {
    METRICS
        .iter()
        .find(|metric| metric.name == name)?
        .of(record)
}

/// Every metric, in the order in which they are listed for people.
#[must_use]
pub const fn metrics() -> &'static [Metric] {
    METRICS
}

macro_rules! metric_table {
    ($($name:literal, $unit:ident, $meaning:literal, $value:expr;)*) => {
        &[$(Metric { name: $name, unit: Unit::$unit, meaning: $meaning, value: $value }),*]
    };
}

const METRICS: &[Metric] = metric_table! {
    "offered", Count, "exchanges that came due", |r| load(r, |l| l.offered as f64);
    "started", Count, "exchanges begun", |r| load(r, |l| l.started as f64);
    "completed", Count, "exchanges that got an answer", |r| load(r, |l| l.completed as f64);
    "dropped", Count, "exchanges due but not begun", |r| load(r, |l| l.dropped as f64);
    "ok", Count, "answers that are valid and true", |r| load(r, |l| l.outcomes.ok as f64);
    "refused", Count, "answers with a fault code", |r| load(r, |l| l.outcomes.refused as f64);
    "failed", Count, "answers that are not valid", |r| load(r, |l| l.outcomes.failed as f64);
    "unknown", Count, "exchanges that nothing tells the end of", unknown;
    "wrong", Count, "answers that are not the truth", wrong;
    "errors", Count, "exchanges begun, not ok", |r| load(r, |l| l.outcomes.errors() as f64);
    "error-share", Share, "errors per exchange begun", error_share;
    "ids-asked", Count, "national IDs asked about", |r| load(r, |l| l.ids_asked as f64);
    "deceased-named", Count, "persons named as deceased", deceased_named;
    "throughput", PerSecond, "answers a second", |r| load(r, |l| l.throughput_per_s);
    "load-duration", Seconds, "length of the load", |r| load(r, |l| l.duration_s);
    "response-time-mean", Seconds, "mean", |r| time(r, response, |h| h.mean_us);
    "response-time-p50", Seconds, "median", |r| time(r, response, |h| h.p50_us as f64);
    "response-time-p90", Seconds, "90th percentile", |r| time(r, response, |h| h.p90_us as f64);
    "response-time-p99", Seconds, "99th percentile", |r| time(r, response, |h| h.p99_us as f64);
    "response-time-p999", Seconds, "99.9th percentile", |r| time(r, response, |h| h.p999_us as f64);
    "response-time-max", Seconds, "longest", |r| time(r, response, |h| h.max_us as f64);
    "service-time-p50", Seconds, "median", |r| time(r, service, |h| h.p50_us as f64);
    "service-time-p99", Seconds, "99th percentile", |r| time(r, service, |h| h.p99_us as f64);
    "start-delay-p50", Seconds, "median", |r| time(r, delay, |h| h.p50_us as f64);
    "start-delay-p99", Seconds, "99th percentile", |r| time(r, delay, |h| h.p99_us as f64);
    "pacer-lag-p50", Seconds, "median", |r| time(r, lag, |h| h.p50_us as f64);
    "pacer-lag-p99", Seconds, "99th percentile", |r| time(r, lag, |h| h.p99_us as f64);
    "cpu-per-exchange", Seconds, "processor time of all parts per answer", cpu_per_exchange;
    "peak-memory", Bytes, "sum of each part's greatest resident set", peak_memory;
    "peak-pss", Bytes, "sum of each process's greatest proportional set, the audit's too", peak_pss;
    "evidence-per-exchange", Bytes, "size of all message logs per answer", evidence_per_exchange;
    "verified", Share, "exchanges true and proven in full, of all", verified;
    "missing", Count, "records that a log lacks", |r| audit(r, |a| a.missing as f64);
    "extra", Count, "records nobody asked for", |r| audit(r, |a| a.extra as f64);
    "unproven", Count, "exchanges whose evidence fails", |r| audit(r, |a| a.unproven as f64);
    "unstamped", Count, "messages without time-stamp", |r| audit(r, |a| a.unstamped as f64);
    "findings", Count, "all findings", |r| audit(r, |a| a.findings.values().sum::<u64>() as f64);
    "audit-duration", Seconds, "length of the audit", |r| audit(r, |a| a.seconds);
    "journeys", Count, "citizens' journeys that came to their end", |r| citizens(r, CitizensResult::completed);
    "journeys-failed", Count, "citizens' journeys that failed", |r| citizens(r, CitizensResult::failed);
    "journeys-wrong", Count, "citizens' journeys on which something untrue was shown", |r| citizens(r, CitizensResult::wrong);
    "page-time-p50", Seconds, "median of the portal's pages", |r| page(r, |h| h.p50_us as f64);
    "page-time-p90", Seconds, "90th percentile of the portal's pages", |r| page(r, |h| h.p90_us as f64);
    "page-time-p99", Seconds, "99th percentile of the portal's pages", |r| page(r, |h| h.p99_us as f64);
};

/// The record as far as a part of its load goes: that which came due from `from_s` until `until_s`,
/// and of the generator itself what holds of the whole load. Absent where the record has no such part, or
/// nothing came due in it: of nothing nothing is true.
#[must_use]
pub fn within(record: &RunRecord, from_s: f64, until_s: Option<f64>) -> Option<RunRecord> {
    let load = record.load.as_ref()?;
    // The very numbers that the load generator was told: they are equal or others.
    #[expect(clippy::float_cmp, reason = "copied, not computed")]
    let window = load
        .windows
        .iter()
        .find(|window| window.from_s == from_s && window.until_s == until_s)?;
    if window.started == 0 {
        return None;
    }
    let part = LoadResult {
        started: window.started,
        outcomes: window.outcomes,
        throughput_per_s: window.throughput_per_s,
        response_time: window.response_time.clone(),
        start_delay: window.start_delay.clone(),
        pacer_lag: load.pacer_lag.clone(),
        generator: load.generator.clone(),
        service_time: load.service_time.clone(),
        ..LoadResult::default()
    };
    Some(RunRecord {
        load: Some(part),
        processes: record.processes.clone(),
        stages: record.stages.clone(),
        ..RunRecord::default()
    })
}

// === impl Metric ===

impl Metric {
    /// Its figure in `record`; absent where the run did not measure it.
    #[must_use]
    pub fn of(&self, record: &RunRecord) -> Option<f64> {
        (self.value)(record)
    }
}

fn load(record: &RunRecord, value: impl Fn(&LoadResult) -> f64) -> Option<f64> {
    record.load.as_ref().map(value)
}

fn audit(record: &RunRecord, value: impl Fn(&AuditResult) -> f64) -> Option<f64> {
    record.audit.as_ref().map(value)
}

fn citizens(record: &RunRecord, value: impl Fn(&CitizensResult) -> u64) -> Option<f64> {
    record
        .citizens
        .as_ref()
        .map(|citizens| value(citizens) as f64)
}

/// A page's time in seconds; absent where no page came.
fn page(record: &RunRecord, value_us: fn(&HistogramSummary) -> f64) -> Option<f64> {
    let pages = &record.citizens.as_ref()?.pages;
    (pages.count > 0).then(|| value_us(pages) / 1e6)
}

/// A time in seconds; absent where nothing was recorded, for "no request was slow" must not
/// hold because none was made.
fn time(
    record: &RunRecord,
    histogram: fn(&LoadResult) -> &HistogramSummary,
    value_us: fn(&HistogramSummary) -> f64,
) -> Option<f64> {
    let summary = histogram(record.load.as_ref()?);
    (summary.count > 0).then(|| value_us(summary) / 1e6)
}

fn response(load: &LoadResult) -> &HistogramSummary {
    &load.response_time
}

fn service(load: &LoadResult) -> &HistogramSummary {
    &load.service_time
}

fn delay(load: &LoadResult) -> &HistogramSummary {
    &load.start_delay
}

fn lag(load: &LoadResult) -> &HistogramSummary {
    &load.pacer_lag
}

/// The logs may settle what the one who asked could not know, so the audit has the last word.
fn unknown(record: &RunRecord) -> Option<f64> {
    audit(record, |a| a.unknown as f64).or_else(|| load(record, |l| l.outcomes.unknown as f64))
}

/// Two judges look at every answer; what either of them calls wrong counts.
fn wrong(record: &RunRecord) -> Option<f64> {
    let seen = load(record, |l| l.outcomes.wrong as f64);
    let audited = audit(record, |a| a.wrong as f64);
    seen.into_iter().chain(audited).reduce(f64::max)
}

/// From the ledger's answers where they were audited, else as the load generator counted.
fn deceased_named(record: &RunRecord) -> Option<f64> {
    audit(record, |a| a.deceased_named as f64).or_else(|| load(record, |l| l.deceased_named as f64))
}

fn verified(record: &RunRecord) -> Option<f64> {
    let audit = record.audit.as_ref()?;
    per(audit.verified as f64, audit.exchanges)
}

fn error_share(record: &RunRecord) -> Option<f64> {
    let load = record.load.as_ref()?;
    per(load.outcomes.errors() as f64, load.started)
}

fn cpu_per_exchange(record: &RunRecord) -> Option<f64> {
    if record.processes.is_empty() {
        return None;
    }
    let seconds: f64 = record
        .processes
        .iter()
        .map(|process| process.cpu_seconds)
        .sum();
    per(seconds, record.load.as_ref()?.completed)
}

fn peak_memory(record: &RunRecord) -> Option<f64> {
    let sum: u64 = record
        .processes
        .iter()
        .map(|process| process.peak_rss_bytes)
        .sum();
    (!record.processes.is_empty()).then_some(sum as f64)
}

/// Absent where the system does not tell it of every process.
fn peak_pss(record: &RunRecord) -> Option<f64> {
    let all = record.processes.iter().chain([record.conductor.as_ref()?]);
    all.map(|process| process.peak_pss_bytes.map(|bytes| bytes as f64))
        .sum()
}

fn evidence_per_exchange(record: &RunRecord) -> Option<f64> {
    let bytes: u64 = record
        .evidence
        .servers
        .iter()
        .map(|server| server.bytes_on_disk)
        .sum();
    per(bytes as f64, record.load.as_ref()?.completed)
}

fn per(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::findings::ProcessUse;
    use crate::load::OutcomeCounts;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = metrics().iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), metrics().len());
    }

    #[test]
    fn an_empty_run_has_no_figures() {
        let empty = RunRecord::default();
        for metric in metrics() {
            assert_eq!(metric.of(&empty), None, "{}", metric.name);
        }
        let unasked = RunRecord {
            load: Some(LoadResult::default()),
            ..RunRecord::default()
        };
        assert_eq!(metric(&unasked, "response-time-p99"), None);
        assert_eq!(metric(&unasked, "error-share"), None);
        assert_eq!(metric(&unasked, "wrong"), Some(0.0));
    }

    #[test]
    fn proportional_memory_is_of_all_processes_or_of_none() {
        let process = |peak_pss_bytes| ProcessUse {
            peak_pss_bytes,
            ..ProcessUse::default()
        };
        let mut record = RunRecord {
            processes: vec![process(Some(1_000)), process(Some(200))],
            ..RunRecord::default()
        };
        assert_eq!(metric(&record, "peak-pss"), None, "the audit counts too");
        record.conductor = Some(process(Some(30)));
        assert_eq!(metric(&record, "peak-pss"), Some(1_230.0));
        record.processes[0].peak_pss_bytes = None;
        assert_eq!(metric(&record, "peak-pss"), None);
    }

    #[test]
    fn figures_come_from_the_record() {
        let outcomes = OutcomeCounts {
            ok: 6,
            wrong: 1,
            unknown: 1,
            ..OutcomeCounts::default()
        };
        let response_time = HistogramSummary {
            count: 7,
            p99_us: 12_500,
            ..HistogramSummary::default()
        };
        let load = LoadResult {
            started: 8,
            outcomes,
            response_time,
            ..LoadResult::default()
        };
        let record = RunRecord {
            load: Some(load),
            ..RunRecord::default()
        };
        assert_eq!(metric(&record, "error-share"), Some(0.25));
        assert_eq!(metric(&record, "response-time-p99"), Some(0.012_5));
        assert_eq!(metric(&record, "wrong"), Some(1.0));
        let audit = AuditResult {
            exchanges: 8,
            verified: 2,
            wrong: 2,
            ..AuditResult::default()
        };
        let record = RunRecord {
            audit: Some(audit),
            ..record
        };
        assert_eq!(metric(&record, "wrong"), Some(2.0));
        assert_eq!(metric(&record, "verified"), Some(0.25));
        assert_eq!(metric(&record, "unknown"), Some(0.0));
        assert_eq!(metric(&record, "no_such_metric"), None);
    }
}
