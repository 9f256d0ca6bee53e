//! Made-up run records that look like real ones; the same every time.

use std::collections::BTreeMap;
use std::time::Duration;

use sim_metrics::{
    AuditResult, Evidence, Finding, Histogram, HistogramSummary, LoadResult, Machine,
    OutcomeCounts, Phase, ProcessSample, ProcessUse, RunRecord, SCHEMA_VERSION, ScenarioFacts,
    SecondSlice, ServerEvidence, ThresholdResult, Verdict, VerdictOutcome,
};

const EXCHANGES: u64 = 500_000;
const LOAD_SECONDS: u64 = 146;

const SCENARIO: &str = "\
# Which of 500,000 pensioners have died, asked for one by one?
name: pension-liveness
question: Which of 500,000 pensioners have died, and can each of 500,000 answers be proven?
seed: 2025

population:
  people: 500_000
  deceased: 980

workload:
  client: pension-board/pensions
  service: population-register/people/liveness
  ids-per-exchange: 1
  load: 64 in flight

thresholds:
  deceased-named: 980
  verified: 100%
  response-time-p99: < 100 ms
  wrong: 0
";

/// A run in which all went well.
pub(crate) fn passed() -> RunRecord {
    RunRecord {
        schema_version: SCHEMA_VERSION,
        run_id: "pension-liveness-20250117-120431".to_owned(),
        roadtest_version: "0.1.0".to_owned(),
        started_at: "2025-01-17T12:04:31.123Z".to_owned(),
        finished_at: "2025-01-17T12:08:20.456Z".to_owned(),
        scenario: ScenarioFacts {
            name: "pension-liveness".to_owned(),
            question:
                "Which of 500,000 pensioners have died, and can each of 500,000 answers be proven?"
                    .to_owned(),
            seed: 2025,
            text: SCENARIO.to_owned(),
            people: EXCHANGES,
            deceased: 980,
            exchanges: EXCHANGES,
            ids_per_exchange: 1,
        },
        machine: Machine {
            cores: 2,
            cpu_model: "Example Processor 4 at 2.50 GHz".to_owned(),
            memory_bytes: 8_326_000_000,
            kernel: "6.1.0".to_owned(),
            os: "Debian GNU/Linux 12 (bookworm)".to_owned(),
        },
        phases: phases(&[
            ("stand up", 3.2),
            ("load", 146.3),
            ("drain", 2.1),
            ("audit", 77.6),
        ]),
        load: Some(load()),
        processes: processes(),
        evidence: evidence(),
        audit: Some(audit()),
        thresholds: vec![
            threshold(
                "deceased-named: 980",
                "deceased-named",
                Some(980.0),
                980.0,
                true,
            ),
            threshold("verified: 100%", "verified", Some(1.0), 1.0, true),
            threshold(
                "response-time-p99: < 100 ms",
                "response-time-p99",
                Some(0.042),
                0.1,
                true,
            ),
            threshold("wrong: 0", "wrong", Some(0.0), 0.0, true),
        ],
        verdict: Verdict {
            outcome: VerdictOutcome::Passed,
            exit_code: 0,
            reasons: Vec::new(),
        },
    }
}

/// A run whose register lied, and in whose log a record is missing.
pub(crate) fn failed() -> RunRecord {
    let mut record = passed();
    let load = record.load.as_mut().unwrap();
    load.outcomes = OutcomeCounts {
        ok: 499_938,
        refused: 11,
        failed: 0,
        unknown: 1,
        wrong: 50,
    };
    load.completed = EXCHANGES - 1;
    load.fault_codes = BTreeMap::from([
        ("server.serverproxy.service_failed".to_owned(), 9),
        ("server.clientproxy.network_error".to_owned(), 2),
    ]);
    load.series[60].errors = 40;
    load.series[60].completed = 600;
    load.series[60].p99_us = 2_400_000;
    load.deceased_named = 1_004;
    let audit = record.audit.as_mut().unwrap();
    audit.verified = 499_937;
    audit.wrong = 50;
    audit.missing = 1;
    audit.unproven = 1;
    audit.unknown = 1;
    audit.deceased_named = 1_004;
    for index in 0..50 {
        audit.add_finding(Finding {
            kind: "wrong-answer".to_owned(),
            message_id: Some(format!(
                "pension-liveness-20250117-120431-{}",
                index * 10_000
            )),
            server: None,
            text: "the register says alive; the truth is deceased on 2024-12-05".to_owned(),
        });
    }
    audit.add_finding(Finding {
        kind: "missing-record".to_owned(),
        message_id: Some("pension-liveness-20250117-120431-7".to_owned()),
        server: Some("register-gateway".to_owned()),
        text: "the response was not logged".to_owned(),
    });
    record.thresholds[0] = threshold(
        "deceased-named: 980",
        "deceased-named",
        Some(1_004.0),
        980.0,
        false,
    );
    record.thresholds[1] = threshold(
        "verified: 100%",
        "verified",
        Some(499_937.0 / 500_000.0),
        1.0,
        false,
    );
    record.thresholds[3] = threshold("wrong: 0", "wrong", Some(50.0), 0.0, false);
    record.verdict = Verdict {
        outcome: VerdictOutcome::Failed,
        exit_code: 99,
        reasons: vec![
            "deceased-named: 980 does not hold: it was 1004".to_owned(),
            "verified: 100% does not hold: it was 0.999874".to_owned(),
            "wrong: 0 does not hold: it was 50".to_owned(),
            "audit: 1 missing-record".to_owned(),
            "audit: 50 wrong-answer".to_owned(),
        ],
    };
    record
}

/// A run that was stopped in the middle of its load; what was asked until then was audited.
pub(crate) fn interrupted() -> RunRecord {
    let mut record = passed();
    let load = record.load.as_mut().unwrap();
    load.offered = 120_000;
    load.started = 120_000;
    load.completed = 120_000;
    load.outcomes = OutcomeCounts {
        ok: 120_000,
        ..OutcomeCounts::default()
    };
    load.ids_asked = 120_000;
    load.deceased_named = 231;
    load.duration_s = 35.4;
    load.series.truncate(36);
    load.stopped_early = Some("asked to stop".to_owned());
    let audit = record.audit.as_mut().unwrap();
    (audit.exchanges, audit.verified, audit.deceased_named) = (120_000, 120_000, 231);
    record.verdict = Verdict {
        outcome: VerdictOutcome::Interrupted,
        exit_code: 130,
        reasons: vec!["interrupted before the workload was complete".to_owned()],
    };
    record
}

/// A run that broke before anything was asked.
pub(crate) fn broken() -> RunRecord {
    RunRecord {
        load: None,
        processes: Vec::new(),
        evidence: Evidence::default(),
        audit: None,
        thresholds: Vec::new(),
        phases: Vec::new(),
        verdict: Verdict {
            outcome: VerdictOutcome::Error,
            exit_code: 4,
            reasons: vec!["the register did not become ready within 30 s".to_owned()],
        },
        ..passed()
    }
}

/// A load at a given rate instead of a number in flight.
pub(crate) fn paced() -> RunRecord {
    let mut record = passed();
    let load = record.load.as_mut().unwrap();
    load.pacer_lag = summary(500_000, |index| 20 + index % 60);
    load.start_delay = summary(500_000, |index| 90 + index % 9_000);
    load.offered = EXCHANGES + 120;
    load.dropped = 120;
    record
}

fn load() -> LoadResult {
    LoadResult {
        offered: EXCHANGES,
        started: EXCHANGES,
        completed: EXCHANGES,
        dropped: 0,
        outcomes: OutcomeCounts {
            ok: EXCHANGES,
            ..OutcomeCounts::default()
        },
        fault_codes: BTreeMap::new(),
        ids_asked: EXCHANGES,
        deceased_named: 980,
        duration_s: 146.3,
        throughput_per_s: EXCHANGES as f64 / 146.3,
        response_time: summary(EXCHANGES, response_us),
        service_time: summary(EXCHANGES, response_us),
        start_delay: summary(EXCHANGES, |index| index % 40),
        pacer_lag: HistogramSummary::default(),
        series: (0..=LOAD_SECONDS)
            .map(|at_s| second(at_s, if at_s == LOAD_SECONDS { 1_000 } else { 3_417 }))
            .collect(),
        stopped_early: None,
    }
}

/// A hump with a long tail to the right: a few answers wait for the disk or a time-stamp.
fn response_us(index: u64) -> u64 {
    let spread = noise(index) + noise(index ^ 0xABCD) + noise(index ^ 0x1234);
    let tail = if noise(index ^ 0x77) > 0.985 {
        1.0 + 12.0 * noise(index ^ 0x99).powi(3)
    } else {
        1.0
    };
    (8_000.0 * 10_f64.powf((spread - 1.5) * 0.55) * tail) as u64
}

pub(crate) fn second(at_s: u64, rate: u64) -> SecondSlice {
    let swing = 1.0 + 0.12 * (at_s as f64 / 9.0).sin() + 0.1 * (noise(at_s) - 0.5);
    let stall = if at_s % 61 == 37 { 3.0 } else { 1.0 };
    let completed = (rate as f64 * swing / f64::sqrt(stall)) as u64;
    SecondSlice {
        at_s,
        offered: completed,
        completed,
        errors: 0,
        p50_us: (18_000.0 / swing) as u64,
        p99_us: (41_000.0 * stall / swing) as u64,
    }
}

pub(crate) fn summary(count: u64, us: impl Fn(u64) -> u64) -> HistogramSummary {
    let mut histogram = Histogram::new();
    for index in 0..count {
        histogram.record(Duration::from_micros(us(index)));
    }
    histogram.summary()
}

fn processes() -> Vec<ProcessUse> {
    let parts = [
        ("certification-authority", "certification-authority", 0.001),
        ("ocsp-responder", "ocsp-responder", 0.004),
        ("time-stamping-authority", "time-stamping-authority", 0.01),
        ("central-server", "central-server", 0.002),
        ("register-of-people", "registry", 0.21),
        ("pension-gateway", "security-server", 0.62),
        ("register-gateway", "security-server", 0.58),
        ("load-generator", "load-generator", 0.33),
    ];
    parts
        .into_iter()
        .map(|(name, kind, share)| process(name, kind, share, 304))
        .collect()
}

pub(crate) fn process(name: &str, kind: &str, share: f64, samples: u64) -> ProcessUse {
    let rss = |index: u64| 24_000_000 + (share * 90e6) as u64 * (20 + index.min(60)) / 80;
    let sample = |index| ProcessSample {
        at_s: 0.5 * index as f64,
        cpu_share: if (4..=296).contains(&index) {
            share * (0.9 + 0.2 * noise(index))
        } else {
            share * 0.1
        },
        rss_bytes: rss(index),
    };
    ProcessUse {
        name: name.to_owned(),
        kind: kind.to_owned(),
        cpu_seconds: share * 148.0,
        peak_rss_bytes: rss(samples),
        peak_pss_bytes: Some(rss(samples) * 2 / 3),
        series: (0..samples).map(sample).collect(),
    }
}

fn evidence() -> Evidence {
    Evidence {
        servers: vec![
            server("pension-gateway", 1_171_000_000),
            server("register-gateway", 1_170_400_000),
        ],
        ledger_bytes: 61_500_000,
    }
}

pub(crate) fn server(name: &str, bytes_on_disk: u64) -> ServerEvidence {
    ServerEvidence {
        server: name.to_owned(),
        records: 2 * EXCHANGES,
        signatures: 61_204,
        time_stamps: 148,
        unstamped: 0,
        commits: 30_112,
        bytes_on_disk,
    }
}

fn audit() -> AuditResult {
    AuditResult {
        exchanges: EXCHANGES,
        messages: 4 * EXCHANGES,
        signatures: 122_408,
        time_stamps: 296,
        verified: EXCHANGES,
        deceased_named: 980,
        seconds: 77.6,
        ..AuditResult::default()
    }
}

fn phases(phases: &[(&str, f64)]) -> Vec<Phase> {
    phases
        .iter()
        .map(|&(name, seconds)| Phase {
            name: name.to_owned(),
            seconds,
        })
        .collect()
}

pub(crate) fn threshold(
    text: &str,
    metric: &str,
    actual: Option<f64>,
    limit: f64,
    held: bool,
) -> ThresholdResult {
    ThresholdResult {
        text: text.to_owned(),
        metric: metric.to_owned(),
        actual,
        limit,
        held,
    }
}

/// From 0 to 1, the same for the same number.
fn noise(number: u64) -> f64 {
    let mixed = (number ^ 0x9E37_79B9).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}
