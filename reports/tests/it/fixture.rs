//! Made-up run records that look like real ones; the same every time.

use std::collections::BTreeMap;

use sim_metrics::{
    Evidence, Finding, Machine, MemberFacts, OutcomeCounts, RunRecord, SCHEMA_VERSION,
    ScenarioFacts, ServiceLoad, Verdict, VerdictOutcome,
};

use crate::parts::{
    EXCHANGES, asked, audit, evidence, load, members, phases, processes, response_us, stages,
    summary, threshold,
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
            members: members(),
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
        citizens: None,
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
    load.services[0].outcomes = load.outcomes;
    load.services[0].completed = load.completed;
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
    load.services = vec![asked(load.started, "people", "liveness")];
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

/// Two clients that ask several services of several members, some of whom share a security server;
/// not everything goes well.
pub(crate) fn several() -> RunRecord {
    let mut record = paced();
    let member = |id: &str, name: &str, server: &str| MemberFacts {
        id: id.to_owned(),
        name: name.to_owned(),
        security_servers: vec![server.to_owned()],
    };
    record.scenario.members.extend([
        member("EE/GOV/00000003", "tax-board", "pension-gateway"),
        member("EE/GOV/00000004", "road-administration", "register-gateway"),
        member("EE/COM/00000005", "a-bank", "bank-gateway"),
    ]);
    let load = record.load.as_mut().expect("a run that passed has a load");
    load.services = vec![
        asked(311_000, "people", "liveness"),
        asked(120_500, "people", "address"),
        ServiceLoad {
            client: "EE/GOV/00000003/refunds".to_owned(),
            ..asked(60_000, "people", "liveness")
        },
        ServiceLoad {
            client: "EE/GOV/00000003/refunds".to_owned(),
            service: "EE/GOV/00000004/vehicles/owner".to_owned(),
            ids_asked: 85_000,
            request_bytes: 3_400_000,
            ..asked(8_500, "", "")
        },
    ];
    let troubled = &mut load.services[3];
    troubled.completed -= 3;
    troubled.outcomes = OutcomeCounts {
        ok: 8_480,
        refused: 17,
        unknown: 3,
        ..OutcomeCounts::default()
    };
    load.outcomes.ok -= 20;
    (load.outcomes.refused, load.outcomes.unknown) = (17, 3);
    load.completed -= 3;
    record
}

/// As many services as a country's member may well have, of as many members.
pub(crate) fn many() -> RunRecord {
    let mut record = paced();
    let load = record.load.as_mut().expect("a run that passed has a load");
    load.services.clear();
    record.scenario.members.clear();
    for index in 0..40 {
        let started = EXCHANGES / (index + 2);
        let member = format!("EE/GOV/{:08}", 70_000_300 + index);
        load.services.push(ServiceLoad {
            client: format!("EE/GOV/{:08}/case-management", 70_000_300 + index * 7 % 11),
            service: format!("{member}/register-{index}/get-entry-by-identifier-{index}"),
            ..asked(started, "", "")
        });
        record.scenario.members.push(MemberFacts {
            id: member,
            name: format!("authority-for-matters-{index}"),
            security_servers: vec![format!("gateway-{index}"), "pension-gateway".to_owned()],
        });
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
