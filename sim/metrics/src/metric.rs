//! Every figure of a run by name, so that thresholds and comparisons speak of the same ones.
//!
//! Names end in their unit; a name without one is a count.

use crate::findings::AuditResult;
use crate::histogram::HistogramSummary;
use crate::load::LoadResult;
use crate::record::RunRecord;

/// A named figure of a run.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Name, as scenarios write it.
    pub name: &'static str,
    /// What it says, for people.
    pub meaning: &'static str,
    value: fn(&RunRecord) -> Option<f64>,
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
    ($($name:literal, $meaning:literal, $value:expr;)*) => {
        &[$(Metric { name: $name, meaning: $meaning, value: $value }),*]
    };
}

const METRICS: &[Metric] = metric_table! {
    "offered", "exchanges that came due", |r| load(r, |l| l.offered as f64);
    "started", "exchanges begun", |r| load(r, |l| l.started as f64);
    "completed", "exchanges that got an answer", |r| load(r, |l| l.completed as f64);
    "dropped", "exchanges that came due and were not begun", |r| load(r, |l| l.dropped as f64);
    "ok", "answers that are valid and true", |r| load(r, |l| l.outcomes.ok as f64);
    "refused", "answers with a fault code", |r| load(r, |l| l.outcomes.refused as f64);
    "failed", "answers that are not valid", |r| load(r, |l| l.outcomes.failed as f64);
    "unknown", "exchanges without an answer", |r| load(r, |l| l.outcomes.unknown as f64);
    "wrong", "answers that are not the truth", |r| load(r, |l| l.outcomes.wrong as f64);
    "errors", "exchanges begun that are not ok", |r| load(r, |l| l.outcomes.errors() as f64);
    "error_share", "errors per exchange begun, 0 to 1", |r| r.load.as_ref().and_then(error_share);
    "ids_asked", "national IDs asked about", |r| load(r, |l| l.ids_asked as f64);
    "deceased_named", "persons named as deceased", |r| load(r, |l| l.deceased_named as f64);
    "duration_s", "length of the load", |r| load(r, |l| l.duration_s);
    "throughput_per_s", "answers a second", |r| load(r, |l| l.throughput_per_s);
    "response_time_mean_ms", "mean response time", |r| time(r, response, |h| h.mean_us);
    "response_time_p50_ms", "median response time", |r| time(r, response, |h| h.p50_us as f64);
    "response_time_p90_ms", "90th percentile", |r| time(r, response, |h| h.p90_us as f64);
    "response_time_p99_ms", "99th percentile", |r| time(r, response, |h| h.p99_us as f64);
    "response_time_p999_ms", "99.9th percentile", |r| time(r, response, |h| h.p999_us as f64);
    "response_time_max_ms", "longest response time", |r| time(r, response, |h| h.max_us as f64);
    "service_time_p50_ms", "median from actual start", |r| time(r, service, |h| h.p50_us as f64);
    "service_time_p99_ms", "99th percentile", |r| time(r, service, |h| h.p99_us as f64);
    "start_delay_p50_ms", "median delay of starts", |r| time(r, delay, |h| h.p50_us as f64);
    "start_delay_p99_ms", "99th percentile", |r| time(r, delay, |h| h.p99_us as f64);
    "pacer_lag_p50_ms", "median lateness of the pacer", |r| time(r, lag, |h| h.p50_us as f64);
    "pacer_lag_p99_ms", "99th percentile", |r| time(r, lag, |h| h.p99_us as f64);
    "cpu_us_per_exchange", "processor time of all parts per answer", cpu_us_per_exchange;
    "peak_rss_bytes", "sum of each part's greatest resident set", peak_rss_bytes;
    "evidence_bytes_per_exchange", "size of all logs per answer", evidence_bytes_per_exchange;
    "audit_verified", "exchanges true and proven in full", |r| audit(r, |a| a.verified as f64);
    "audit_wrong", "exchanges whose answer is not the truth", |r| audit(r, |a| a.wrong as f64);
    "audit_missing", "records that a log lacks", |r| audit(r, |a| a.missing as f64);
    "audit_extra", "records nobody asked for", |r| audit(r, |a| a.extra as f64);
    "audit_unproven", "exchanges whose evidence fails", |r| audit(r, |a| a.unproven as f64);
    "audit_unknown", "exchanges the logs could not settle", |r| audit(r, |a| a.unknown as f64);
    "audit_unstamped", "messages without time-stamp", |r| audit(r, |a| a.unstamped as f64);
    "audit_deceased_named", "persons named as deceased", |r| audit(r, |a| a.deceased_named as f64);
    "audit_findings", "all findings", |r| audit(r, |a| a.findings.values().sum::<u64>() as f64);
    "audit_s", "length of the audit", |r| audit(r, |a| a.seconds);
};

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

/// A time in milliseconds; absent where nothing was recorded, for "no request was slow" must not
/// hold because none was made.
fn time(
    record: &RunRecord,
    histogram: fn(&LoadResult) -> &HistogramSummary,
    value_us: fn(&HistogramSummary) -> f64,
) -> Option<f64> {
    let summary = histogram(record.load.as_ref()?);
    (summary.count > 0).then(|| value_us(summary) / 1_000.0)
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

fn error_share(load: &LoadResult) -> Option<f64> {
    per(load.outcomes.errors() as f64, load.started)
}

fn cpu_us_per_exchange(record: &RunRecord) -> Option<f64> {
    if record.processes.is_empty() {
        return None;
    }
    let seconds: f64 = record
        .processes
        .iter()
        .map(|process| process.cpu_seconds)
        .sum();
    per(seconds * 1e6, record.load.as_ref()?.completed)
}

fn peak_rss_bytes(record: &RunRecord) -> Option<f64> {
    let sum: u64 = record
        .processes
        .iter()
        .map(|process| process.peak_rss_bytes)
        .sum();
    (!record.processes.is_empty()).then_some(sum as f64)
}

fn evidence_bytes_per_exchange(record: &RunRecord) -> Option<f64> {
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
        assert_eq!(metric(&unasked, "response_time_p99_ms"), None);
        assert_eq!(metric(&unasked, "error_share"), None);
        assert_eq!(metric(&unasked, "wrong"), Some(0.0));
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
        assert_eq!(metric(&record, "error_share"), Some(0.25));
        assert_eq!(metric(&record, "response_time_p99_ms"), Some(12.5));
        assert_eq!(metric(&record, "no_such_metric"), None);
    }
}
