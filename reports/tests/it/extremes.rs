//! Records that nothing good ever wrote: too long, hostile, empty, without numbers.

use sim_metrics::stages::{AccountingCost, Batches, CacheUse, Requests, StreamsCpu, ThreadsCpu};
use sim_metrics::{
    AuditResult, DistributionBar, Doubt, DoubtKind, Evidence, Finding, GeneratorHealth,
    HistogramSummary, KeptLogs, LawCheck, LoadResult, Machine, MemberFacts, OutcomeCounts, Phase,
    ProcessSample, ProcessUse, RoleStages, RunRecord, ScenarioFacts, SecondSlice, ServerEvidence,
    ServerStages, ServiceLoad, SpectrumPoint, Stage, StageUse, ThresholdResult, TimesOverTime,
    TimesSlice, Verdict, VerdictOutcome,
};

use crate::fixture::failed;
use crate::parts::{asked, process, second, server, stages, summary, threshold};

/// All fields as large as a record of a long run with much trouble can make them.
pub(crate) fn maximal() -> RunRecord {
    let mut record = failed();
    let load = record.load.as_mut().expect("a run that failed has a load");
    load.duration_s = 200_000.0;
    load.series = (0..200_000)
        .map(|at_s| second(at_s, 3_000 + at_s % 700))
        .collect();
    load.response_time = summary(10_000, |index| index.pow(2) * 36 + 1);
    for at_s in 0..200_000 {
        let answer = |index: u64| (index.pow(9) + at_s, index + at_s % 7);
        load.response_times.add_second(at_s, (1..12).map(answer));
    }
    let usual = asked(9, "", "");
    load.services = (0..5_000)
        .map(|index| ServiceLoad {
            client: format!("EE/GOV/{index}/{}", "<".repeat(5_000)),
            service: format!("EE/GOV/{}/{}/{index}", index * 7, "&".repeat(5_000)),
            outcomes: OutcomeCounts {
                ok: index,
                refused: index,
                failed: index,
                unknown: index,
                wrong: index,
            },
            started: index % 9,
            ..usual.clone()
        })
        .collect();
    record.scenario.members = (0..5_000)
        .map(|index| MemberFacts {
            id: format!("EE/GOV/{index}"),
            name: "<".repeat(5_000),
            security_servers: vec!["<".repeat(5_000); 100],
        })
        .collect();
    let load = record.load.as_mut().expect("a run that failed has a load");
    load.fault_codes = (0..5_000)
        .map(|code| (format!("server.fault.{code}"), code + 1))
        .collect();
    record.processes = (0..500)
        .map(|index| process(&format!("process-{index}"), "kind", 0.1, 20_000))
        .collect();
    record.stages = (0..1_000)
        .map(|index| ServerStages {
            server: format!("gateway-{index}-{}", "s".repeat(5_000)),
            ..stages(17.0).remove(index % 2)
        })
        .collect();
    record.evidence.servers = (0..1_000)
        .map(|index| ServerEvidence {
            server: format!("gateway-{index}"),
            ..server("", 2_000_000)
        })
        .collect();
    let audit = record
        .audit
        .as_mut()
        .expect("a run that failed has an audit");
    audit.findings = (0..3_000)
        .map(|kind| (format!("kind-{kind}"), kind))
        .collect();
    let finding = |index: u64| Finding {
        kind: format!("kind-{index}"),
        message_id: Some("m".repeat(5_000)),
        server: Some("s".repeat(5_000)),
        text: "&\"<>".repeat(20_000),
    };
    audit.examples = (0..2_000).map(finding).collect();
    record.thresholds = (0..2_000)
        .map(|_| threshold(&"t".repeat(9_999), "wrong", None, 0.0, false))
        .collect();
    record.verdict.reasons = vec!["because & because ".repeat(1_000); 5_000];
    record.phases = (0..1_000)
        .map(|_| Phase {
            name: "p".repeat(5_000),
            seconds: 1.0,
        })
        .collect();
    record.scenario.text = "# & <br>\n".repeat(1_000_000);
    record.scenario.question = "?".repeat(1_000_000);
    record.scenario.name = "n".repeat(1_000_000);
    record.machine.cpu_model = "c".repeat(1_000_000);
    record
}

/// `text` wherever the record holds text.
pub(crate) fn hostile(text: &str) -> RunRecord {
    let mut record = failed();
    let own = || text.to_owned();
    record.run_id = own();
    record.roadtest_version = own();
    record.started_at = own();
    record.finished_at = own();
    record.scenario.name = own();
    record.scenario.question = own();
    record.scenario.text = own();
    record.machine.cpu_model = own();
    record.machine.kernel = own();
    record.machine.os = own();
    record.phases = vec![Phase {
        name: own(),
        seconds: 100.0,
    }];
    let load = record.load.as_mut().expect("a run that failed has a load");
    load.fault_codes = [(own(), 1)].into();
    load.stopped_early = Some(own());
    load.services = vec![
        ServiceLoad {
            client: own(),
            service: own(),
            ..ServiceLoad::default()
        },
        ServiceLoad {
            client: format!("EE/GOV/1/{text}"),
            service: format!("EE/GOV/1/{text}/{text}"),
            ..ServiceLoad::default()
        },
    ];
    record.scenario.members = vec![MemberFacts {
        id: "EE/GOV/1".to_owned(),
        name: own(),
        security_servers: vec![own()],
    }];
    for process in &mut record.processes {
        (process.name, process.kind) = (own(), own());
    }
    for server in &mut record.evidence.servers {
        server.server = own();
    }
    for server in &mut record.stages {
        server.server = own();
    }
    let audit = record
        .audit
        .as_mut()
        .expect("a run that failed has an audit");
    audit.findings = [(own(), 1)].into();
    audit.examples = vec![Finding {
        kind: own(),
        message_id: Some(own()),
        server: Some(own()),
        text: own(),
    }];
    record.thresholds = vec![ThresholdResult {
        text: own(),
        metric: own(),
        actual: Some(1.0),
        limit: 0.0,
        held: false,
        doubt: Some(Doubt {
            kind: DoubtKind::Invalid,
            reason: own(),
        }),
    }];
    record.laws = vec![LawCheck {
        text: own(),
        held: false,
    }];
    record.verdict.reasons = vec![own()];
    record
}

fn uniform_stages(float: f64, number: u64) -> ServerStages {
    let role = RoleStages {
        exchanges: number,
        sampled: number,
        time_us: float,
        mean_in_work: float,
        most_in_work: number,
        stages: vec![
            StageUse {
                stage: Stage::Sign,
                measured: number,
                cpu_us: float,
                time_us: float,
                p50_us: number,
                p99_us: number,
            };
            2
        ],
        ..RoleStages::default()
    };
    let batches = Batches {
        batches: number,
        items: number,
        largest: number,
    };
    let cache = CacheUse {
        hits: number,
        misses: number,
    };
    let requests = Requests {
        count: number,
        time_us: float,
    };
    ServerStages {
        server: String::new(),
        busy_s: float,
        one_in: number,
        client_proxy: role.clone(),
        server_proxy: role,
        threads: ThreadsCpu {
            event_loop_us: float,
            message_log_us: float,
            other_us: float,
        },
        signing_us: float,
        streams: StreamsCpu {
            tls_us: float,
            sockets_us: float,
            calls: number,
            measured: number,
        },
        signature_batches: batches,
        log_groups: batches,
        log_sync_us: float,
        signature_documents: cache,
        peer_statuses: cache,
        connections: cache,
        time_stamps: requests,
        ocsp_requests: requests,
        accounting_cost: Some(AccountingCost {
            comparisons: number,
            cpu_us_on: float,
            cpu_us_off: float,
            overhead: float,
            standard_error: float,
        }),
    }
}

/// `float` wherever the record holds a float, and `number` wherever it holds a whole one.
pub(crate) fn uniform(float: f64, number: u64) -> RunRecord {
    let times = HistogramSummary {
        count: number,
        mean_us: float,
        p50_us: number,
        p90_us: number,
        p99_us: number,
        p999_us: number,
        max_us: number,
        distribution: vec![
            DistributionBar {
                up_to_us: number,
                count: number
            };
            3
        ],
        spectrum: vec![
            SpectrumPoint {
                beyond: float,
                us: number
            };
            3
        ],
    };
    let over_time = TimesOverTime {
        slice_s: number,
        slices: vec![
            TimesSlice {
                first_bin: u32::try_from(number).unwrap_or(u32::MAX),
                counts: vec![number; 3]
            };
            3
        ],
    };
    let slice = SecondSlice {
        at_s: number,
        offered: number,
        completed: number,
        errors: number,
        p50_us: number,
        p99_us: number,
        max_us: number,
    };
    let outcomes = OutcomeCounts {
        ok: number,
        refused: number,
        failed: number,
        unknown: number,
        wrong: number,
    };
    let sample = ProcessSample {
        at_s: float,
        cpu_share: float,
        rss_bytes: number,
    };
    RunRecord {
        scenario: ScenarioFacts {
            people: number,
            deceased: number,
            exchanges: number,
            ids_per_exchange: number,
            members: vec![MemberFacts {
                id: "EE/GOV/2".to_owned(),
                security_servers: vec![String::new()],
                ..MemberFacts::default()
            }],
            ..ScenarioFacts::default()
        },
        machine: Machine {
            cores: u32::try_from(number).unwrap_or(u32::MAX),
            memory_bytes: number,
            ..Machine::default()
        },
        phases: vec![
            Phase {
                name: "load".to_owned(),
                seconds: float
            };
            3
        ],
        load: Some(LoadResult {
            offered: number,
            started: number,
            completed: number,
            dropped: number,
            outcomes,
            fault_codes: [(String::new(), number)].into(),
            ids_asked: number,
            deceased_named: number,
            duration_s: float,
            warm_up_s: float,
            measured: number,
            throughput_per_s: float,
            response_time: times.clone(),
            service_time: times.clone(),
            start_delay: times.clone(),
            pacer_lag: times.clone(),
            generator: Some(GeneratorHealth {
                busy: float,
                waiting: float,
                idle: float,
                scheduling_delay: times.clone(),
                looks: number,
                mean_in_flight: float,
            }),
            series: vec![slice; 3],
            response_times: over_time,
            services: vec![
                ServiceLoad {
                    client: "EE/GOV/1/x".to_owned(),
                    service: "EE/GOV/2/y/z".to_owned(),
                    started: number,
                    completed: number,
                    outcomes,
                    ids_asked: number,
                    request_bytes: number,
                    answer_bytes: number,
                    response_time: times,
                };
                3
            ],
            windows: Vec::new(),
            stopped_early: Some(String::new()),
        }),
        processes: vec![
            ProcessUse {
                cpu_seconds: float,
                peak_rss_bytes: number,
                peak_pss_bytes: Some(number),
                series: vec![sample; 3],
                ..ProcessUse::default()
            };
            2
        ],
        conductor: Some(ProcessUse {
            cpu_seconds: float,
            peak_rss_bytes: number,
            peak_pss_bytes: Some(number),
            series: vec![sample; 3],
            ..ProcessUse::default()
        }),
        stages: vec![uniform_stages(float, number); 2],
        evidence: Evidence {
            servers: vec![
                ServerEvidence {
                    records: number,
                    signatures: number,
                    time_stamps: number,
                    unstamped: number,
                    commits: number,
                    bytes_on_disk: number,
                    ..ServerEvidence::default()
                };
                2
            ],
            ledger_bytes: number,
            kept: KeptLogs::Sample {
                seed: number,
                of: number,
                message_ids: vec!["<i>".to_owned(); 3],
            },
        },
        audit: Some(AuditResult {
            exchanges: number,
            others: number,
            messages: number,
            signatures: number,
            time_stamps: number,
            verified: number,
            wrong: number,
            missing: number,
            extra: number,
            unproven: number,
            unknown: number,
            unstamped: number,
            deceased_named: number,
            seconds: float,
            findings: [(String::new(), number)].into(),
            examples: vec![Finding::default()],
        }),
        thresholds: vec![
            ThresholdResult {
                metric: "response-time-p99".to_owned(),
                actual: Some(float),
                limit: float,
                ..ThresholdResult::default()
            },
            ThresholdResult {
                metric: "peak-memory".to_owned(),
                actual: Some(float),
                limit: float,
                ..ThresholdResult::default()
            },
        ],
        verdict: Verdict {
            outcome: VerdictOutcome::Failed,
            ..Verdict::default()
        },
        ..RunRecord::default()
    }
}
