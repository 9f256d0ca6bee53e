//! Made-up run records that look like real ones; the same every time.

use std::collections::BTreeMap;

use sim_metrics::{
    Evidence, Finding, Machine, OutcomeCounts, RunRecord, SCHEMA_VERSION, ScenarioFacts, Verdict,
    VerdictOutcome,
};

use crate::parts::{
    EXCHANGES, audit, evidence, load, phases, processes, response_us, stages, summary, threshold,
};

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
        conductor: None,
        stages: stages(17.0),
        evidence: evidence(),
        exchange: None,
        exchange_counts: None,
        audit: Some(audit()),
        laws: Vec::new(),
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
    let load = record.load.as_mut().expect("a run that passed has a load");
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
    let audit = record
        .audit
        .as_mut()
        .expect("a run that passed has an audit");
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
    let load = record.load.as_mut().expect("a run that passed has a load");
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
    for server in &mut record.evidence.servers {
        (server.records, server.bytes_on_disk) = (240_000, 281_000_000);
    }
    let audit = record
        .audit
        .as_mut()
        .expect("a run that passed has an audit");
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
        stages: Vec::new(),
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

/// The same people under other settings, where every message has a signature of its own.
pub(crate) fn dearer() -> RunRecord {
    let mut record = passed();
    record.scenario.name = "each-signed-alone".to_owned();
    record.stages = stages(96.0);
    for process in &mut record.processes {
        if process.kind == "security-server" {
            process.cpu_seconds += 79.0 * EXCHANGES as f64 / 1e6;
        }
    }
    record
}

/// A load at a given rate instead of a number in flight.
pub(crate) fn paced() -> RunRecord {
    let mut record = passed();
    let load = record.load.as_mut().expect("a run that passed has a load");
    load.pacer_lag = summary(500_000, |index| 20 + index % 60);
    load.start_delay = summary(500_000, |index| 90 + index % 9_000);
    load.service_time = summary(500_000, |index| response_us(index) * 2 / 3);
    load.warm_up_s = 10.0;
    for second in &mut load.series {
        // A rush that takes a while to be worked off.
        match second.at_s {
            60..80 => second.offered += second.offered / 4,
            80..100 => second.offered -= second.offered / 5,
            _ => {}
        }
    }
    load.offered = EXCHANGES + 120;
    load.dropped = 120;
    record
}
