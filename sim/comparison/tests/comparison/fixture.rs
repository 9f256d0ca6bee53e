//! Made-up runs that look like real ones.

use std::path::PathBuf;

use sim_comparison::{Comparison, Options, Run, RunSet, compare};
use sim_metrics::{
    AuditResult, ExchangeFacts, ExchangeSetting, HistogramSummary, LoadResult, Machine,
    OutcomeCounts, ProcessUse, RunRecord, SCHEMA_VERSION, ScenarioFacts, Verdict, VerdictOutcome,
};

use crate::recorded::Figures;

/// Exchanges of a run.
pub(crate) const EXCHANGES: u64 = 20_000;
/// How far seven quiet runs lie from their median.
pub(crate) const QUIET: [f64; 7] = [1.0, 0.98, 1.01, 1.03, 0.99, 1.02, 0.97];

/// A set of runs of a build that is `slower` times as slow, each scattered as `scatter` says.
pub(crate) fn set(name: &str, slower: f64, scatter: &[f64]) -> RunSet {
    let run = |(index, &factor): (usize, &f64)| Run {
        path: PathBuf::from(format!("run-{index}/run.json")),
        record: record(name, index, slower * factor),
    };
    RunSet {
        name: name.to_owned(),
        runs: scatter.iter().enumerate().map(run).collect(),
        unfinished: Vec::new(),
    }
}

/// The comparison of two sets that may be compared.
#[track_caller]
pub(crate) fn compared(baseline: &RunSet, candidate: &RunSet) -> Comparison {
    compare(baseline, candidate, Options::default()).expect("the runs are alike")
}

/// A run of which `figures` were recorded.
pub(crate) fn recorded_run(name: &str, index: usize, figures: &Figures) -> Run {
    let mut record = record(name, index, 1.0);
    let load = record.load.as_mut().expect("there is a load");
    load.throughput_per_s = figures.throughput_per_s;
    load.response_time.p50_us = figures.p50_us;
    load.response_time.p90_us = figures.p90_us;
    load.response_time.p99_us = figures.p99_us;
    load.outcomes.failed = figures.errors;
    load.outcomes.ok = EXCHANGES - figures.errors;
    record.processes[0].cpu_seconds = figures.cpu_us / 1e6 * EXCHANGES as f64;
    Run {
        path: PathBuf::from(format!("run-{index}/run.json")),
        record,
    }
}

fn record(name: &str, index: usize, slowness: f64) -> RunRecord {
    let us = |base: f64| (base * slowness) as u64;
    let load = LoadResult {
        offered: EXCHANGES,
        started: EXCHANGES,
        completed: EXCHANGES,
        outcomes: OutcomeCounts {
            ok: EXCHANGES,
            ..OutcomeCounts::default()
        },
        throughput_per_s: 2_900.0 / slowness,
        response_time: HistogramSummary {
            count: EXCHANGES,
            p50_us: us(20_900.0),
            p90_us: us(31_000.0),
            p99_us: us(45_100.0),
            ..HistogramSummary::default()
        },
        ..LoadResult::default()
    };
    let audit = AuditResult {
        exchanges: EXCHANGES,
        verified: EXCHANGES,
        ..AuditResult::default()
    };
    let setting = ExchangeSetting {
        name: "signatures".to_owned(),
        value: "batched".to_owned(),
        differs_from_profile: false,
    };
    RunRecord {
        schema_version: SCHEMA_VERSION,
        run_id: format!("{name}-{index}"),
        roadtest_version: "0.1.0".to_owned(),
        // Both sides' runs in turns.
        started_at: format!("2026-11-26T10:{index:02}:{:02}.000Z", name.len() % 60),
        scenario: ScenarioFacts {
            name: "pension-liveness".to_owned(),
            question: "Which of 20,000 pensioners have died?".to_owned(),
            seed: 2025,
            text: "name: pension-liveness\nseed: 2025\n".to_owned(),
            ..ScenarioFacts::default()
        },
        exchange: Some(ExchangeFacts {
            profile: "modern".to_owned(),
            settings: vec![setting],
            departures: Vec::new(),
        }),
        machine: Machine {
            cores: 2,
            cpu_model: "Example Processor 4".to_owned(),
            memory_bytes: 8_000_000_000,
            kernel: "6.1.0".to_owned(),
            os: "Debian".to_owned(),
        },
        load: Some(load),
        processes: vec![ProcessUse {
            cpu_seconds: 10.0 * slowness,
            ..ProcessUse::default()
        }],
        audit: Some(audit),
        verdict: Verdict {
            outcome: VerdictOutcome::Passed,
            ..Verdict::default()
        },
        ..RunRecord::default()
    }
}
