//! Made-up comparisons, from made-up runs.

use std::path::PathBuf;

use sim_comparison::{Comparison, Options, Run, RunSet, compare};
use sim_metrics::{HistogramSummary, RunRecord, VerdictOutcome};

use crate::fixture::passed;

/// How seven quiet runs lie about their median.
const QUIET: [f64; 7] = [1.0, 0.98, 1.01, 1.03, 0.99, 1.02, 0.97];
/// The same of seven others.
const OTHERS: [f64; 7] = [1.01, 0.99, 0.96, 1.02, 1.0, 1.04, 0.98];
/// Runs on a machine that does something else besides.
const NOISY: [f64; 7] = [1.0, 0.82, 1.14, 1.25, 0.9, 1.08, 0.75];

/// A fifth slower.
pub(crate) fn regressed() -> Comparison {
    of(&set("main", 1.0, &QUIET), &set("slower", 1.2, &OTHERS))
}

/// A fifth faster.
pub(crate) fn improved() -> Comparison {
    of(&set("main", 1.2, &QUIET), &set("faster", 1.0, &OTHERS))
}

/// Nothing changed.
pub(crate) fn unchanged() -> Comparison {
    of(&set("main", 1.0, &QUIET), &set("next", 1.005, &OTHERS))
}

/// Nothing changed, on a machine where much could have.
pub(crate) fn noisy() -> Comparison {
    let mut candidate = set("next", 1.02, &NOISY);
    candidate.runs.rotate_left(2);
    of(&set("main", 1.0, &NOISY), &candidate)
}

/// Too few runs, of which one broke.
pub(crate) fn inconclusive() -> Comparison {
    let mut candidate = set("slower", 1.2, &OTHERS[..4]);
    let verdict = &mut candidate.runs[2].record.verdict;
    verdict.outcome = VerdictOutcome::Error;
    verdict.reasons = vec!["the register ended with exit code 101".to_owned()];
    of(&set("main", 1.0, &QUIET[..4]), &candidate)
}

/// Faster, and wrong.
pub(crate) fn wrong() -> Comparison {
    let mut candidate = set("faster", 0.8, &OTHERS);
    if let Some(audit) = &mut candidate.runs[2].record.audit {
        audit.wrong = 3;
    }
    of(&set("main", 1.0, &QUIET), &candidate)
}

/// Runs of two machines.
pub(crate) fn different() -> Comparison {
    let mut candidate = set("next", 1.0, &OTHERS);
    for run in &mut candidate.runs {
        run.record.machine.cores = 8;
        run.record.machine.kernel = "6.12.0".to_owned();
    }
    of(&set("main", 1.0, &QUIET), &candidate)
}

/// More runs than a page shows.
pub(crate) fn huge() -> Comparison {
    let many: Vec<f64> = QUIET.into_iter().cycle().take(120).collect();
    of(&set("main", 1.0, &many), &set("next", 1.0, &many))
}

fn of(baseline: &RunSet, candidate: &RunSet) -> Comparison {
    let options = Options {
        allow_different: true,
    };
    compare(baseline, candidate, options).expect("both sides have runs")
}

fn set(name: &str, slower: f64, scatter: &[f64]) -> RunSet {
    let usual = passed();
    let run = |(index, &factor): (usize, &f64)| Run {
        path: PathBuf::from(format!("{name}-{}/run.json", index + 1)),
        record: record(usual.clone(), name, index, slower * factor),
    };
    RunSet {
        name: format!("bench/{name}"),
        runs: scatter.iter().enumerate().map(run).collect(),
        unfinished: Vec::new(),
    }
}

fn record(mut record: RunRecord, name: &str, index: usize, slowness: f64) -> RunRecord {
    // The tail differs more from run to run than the middle does.
    let us = |base: f64, weight: f64| (base * slowness.powf(weight)) as u64;
    record.run_id = format!("pension-liveness-{name}-{}", index + 1);
    record.started_at = format!(
        "2026-11-26T{:02}:{:02}:{:02}.000Z",
        10 + index / 12,
        index % 12 * 5,
        name.len()
    );
    if let Some(load) = &mut record.load {
        load.throughput_per_s = 2_900.0 / slowness;
        load.response_time = HistogramSummary {
            count: load.completed,
            p50_us: us(20_900.0, 1.0),
            p90_us: us(31_000.0, 1.0),
            p99_us: us(45_100.0, 1.4),
            ..HistogramSummary::default()
        };
    }
    for process in &mut record.processes {
        process.cpu_seconds *= slowness;
        process.series.clear();
    }
    record
}
