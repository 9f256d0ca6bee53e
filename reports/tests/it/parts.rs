//! What made-up runs are made of: a load, processes, evidence, an audit.

use std::collections::BTreeMap;
use std::time::Duration;

use sim_metrics::stages::{AccountingCost, Batches, CacheUse, Requests, StreamsCpu, ThreadsCpu};
use sim_metrics::{
    AuditResult, Evidence, Histogram, HistogramSummary, KeptLogs, LoadResult, MemberFacts,
    OutcomeCounts, Phase, ProcessSample, ProcessUse, Role, RoleStages, SecondSlice, ServerEvidence,
    ServerStages, ServiceLoad, Stage, StageUse, ThresholdResult, TimesOverTime,
};

/// Exchanges of a whole run.
pub(crate) const EXCHANGES: u64 = 500_000;
const LOAD_SECONDS: u64 = 146;

pub(crate) fn load() -> LoadResult {
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
        warm_up_s: 0.0,
        measured: EXCHANGES,
        throughput_per_s: EXCHANGES as f64 / 146.3,
        response_time: summary(EXCHANGES, response_us),
        service_time: summary(EXCHANGES, response_us),
        start_delay: summary(EXCHANGES, |index| index % 40),
        pacer_lag: HistogramSummary::default(),
        generator: None,
        series: (0..=LOAD_SECONDS)
            .map(|at_s| second(at_s, if at_s == LOAD_SECONDS { 1_000 } else { 3_417 }))
            .collect(),
        response_times: over_time(LOAD_SECONDS),
        services: vec![asked(EXCHANGES, "people", "liveness")],
        windows: Vec::new(),
        stopped_early: None,
    }
}

/// What the pension board asked a service of the population register, all ok.
pub(crate) fn asked(started: u64, subsystem: &str, service: &str) -> ServiceLoad {
    ServiceLoad {
        client: "EE/GOV/00000001/pensions".to_owned(),
        service: format!("EE/GOV/00000002/{subsystem}/{service}"),
        started,
        completed: started,
        outcomes: OutcomeCounts {
            ok: started,
            ..OutcomeCounts::default()
        },
        ids_asked: started,
        request_bytes: started * 31,
        answer_bytes: started * 64,
        response_time: summary(started, response_us),
    }
}

pub(crate) fn members() -> Vec<MemberFacts> {
    let member = |id: &str, name: &str, server: &str| MemberFacts {
        id: id.to_owned(),
        name: name.to_owned(),
        security_servers: vec![server.to_owned()],
    };
    vec![
        member("EE/GOV/00000001", "pension-board", "pension-gateway"),
        member("EE/GOV/00000002", "population-register", "register-gateway"),
    ]
}

/// What each second's answers took: the hump of [`response_us`], and a stall now and then.
pub(crate) fn over_time(seconds: u64) -> TimesOverTime {
    let mut times = TimesOverTime::default();
    for at_s in 0..=seconds {
        let stall = if at_s % 61 == 37 { 3 } else { 1 };
        let answer = |index| (response_us(at_s * 300 + index) * stall, 11);
        times.add_second(at_s, (0..300).map(answer));
    }
    times
}

/// A hump with a long tail to the right: a few answers wait for the disk or a time-stamp.
pub(crate) fn response_us(index: u64) -> u64 {
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
        max_us: (67_000.0 * stall / swing) as u64,
    }
}

pub(crate) fn summary(count: u64, us: impl Fn(u64) -> u64) -> HistogramSummary {
    let mut histogram = Histogram::new();
    for index in 0..count {
        histogram.record(Duration::from_micros(us(index)));
    }
    histogram.summary()
}

pub(crate) fn processes() -> Vec<ProcessUse> {
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
        start_cpu_seconds: share * 1.5,
        peak_rss_bytes: rss(samples),
        peak_pss_bytes: Some(rss(samples) * 2 / 3),
        idle: Some(1.0 - share.min(1.0)),
        series: (0..samples).map(sample).collect(),
    }
}

pub(crate) fn evidence() -> Evidence {
    Evidence {
        servers: vec![
            server("pension-gateway", 1_171_000_000),
            server("register-gateway", 1_170_400_000),
        ],
        ledger_bytes: 61_500_000,
        kept: KeptLogs::All,
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

pub(crate) fn audit() -> AuditResult {
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

pub(crate) fn phases(phases: &[(&str, f64)]) -> Vec<Phase> {
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
        doubt: None,
    }
}

/// What both security servers say of their stages; `sign_us` is what a signature costs them.
pub(crate) fn stages(sign_us: f64) -> Vec<ServerStages> {
    let consumer = ServerStages {
        server: "pension-gateway".to_owned(),
        client_proxy: RoleStages {
            role: Role::ClientProxy,
            time_us: 17_500.0 * SAMPLED as f64,
            stages: vec![
                stage(Stage::Admit, 2.1, 2.3),
                stage(Stage::Receive, 0.0, 0.4),
                stage(Stage::Parse, 9.8, 10.2),
                stage(Stage::Ocsp, 0.0, 0.9),
                stage(Stage::Sign, 1.9, 2_900.0),
                stage(Stage::Verify, 24.0, 25.0),
                stage(Stage::Log, 1.1, 3_100.0),
                stage(Stage::LogMeanwhile, 0.0, 3_300.0),
                stage(Stage::Transport, 0.0, 11_200.0),
            ],
            ..role()
        },
        connections: CacheUse {
            hits: EXCHANGES - 64,
            misses: 64,
        },
        ..server_stages(sign_us)
    };
    let provider = ServerStages {
        server: "register-gateway".to_owned(),
        server_proxy: RoleStages {
            role: Role::ServerProxy,
            time_us: 10_400.0 * SAMPLED as f64,
            stages: vec![
                stage(Stage::Admit, 2.0, 2.2),
                stage(Stage::Receive, 0.0, 120.0),
                stage(Stage::Parse, 8.1, 8.4),
                stage(Stage::Ocsp, 1.2, 1.2),
                stage(Stage::Sign, 2.9, 2_700.0),
                stage(Stage::Verify, 26.0, 27.0),
                stage(Stage::Log, 1.8, 5_900.0),
                stage(Stage::Service, 0.0, 1_300.0),
            ],
            ..role()
        },
        ..server_stages(sign_us)
    };
    vec![consumer, provider]
}

/// Exchanges of [`EXCHANGES`] that each server measured.
const SAMPLED: u64 = EXCHANGES / 34;

fn server_stages(sign_us: f64) -> ServerStages {
    let all = EXCHANGES as f64;
    ServerStages {
        busy_s: 146.2,
        one_in: 17,
        threads: ThreadsCpu {
            event_loop_us: (133.0 + sign_us) * all,
            message_log_us: 21.0 * all,
            other_us: 0.2 * all,
        },
        signing_us: sign_us * all,
        streams: StreamsCpu {
            tls_us: 5.5 * all,
            sockets_us: 38.0 * all,
            calls: 9 * EXCHANGES,
            measured: 9 * EXCHANGES / 62,
        },
        signature_batches: Batches {
            batches: 30_602,
            items: EXCHANGES,
            largest: 64,
        },
        log_groups: Batches {
            batches: 30_112,
            items: 2 * EXCHANGES,
            largest: 97,
        },
        log_sync_us: 30_112.0 * 2_100.0,
        signature_documents: CacheUse {
            hits: EXCHANGES - 30_500,
            misses: 30_500,
        },
        peer_statuses: CacheUse {
            hits: EXCHANGES - 2,
            misses: 2,
        },
        time_stamps: Requests {
            count: 74,
            time_us: 74.0 * 3_100.0,
        },
        ocsp_requests: Requests {
            count: 3,
            time_us: 3.0 * 2_400.0,
        },
        accounting_cost: Some(AccountingCost {
            comparisons: 182,
            cpu_us_on: 190.9,
            cpu_us_off: 190.1,
            overhead: 0.004_2,
            standard_error: 0.001_9,
        }),
        ..ServerStages::default()
    }
}

fn role() -> RoleStages {
    RoleStages {
        exchanges: EXCHANGES,
        sampled: SAMPLED,
        mean_in_work: 61.3,
        most_in_work: 64,
        ..RoleStages::default()
    }
}

/// A stage of so many microseconds an exchange.
fn stage(stage: Stage, cpu_us: f64, time_us: f64) -> StageUse {
    StageUse {
        stage,
        measured: SAMPLED,
        cpu_us: cpu_us * SAMPLED as f64,
        time_us: time_us * SAMPLED as f64,
        p50_us: time_us as u64,
        p99_us: (time_us * 2.5) as u64,
    }
}

/// From 0 to 1, the same for the same number.
fn noise(number: u64) -> f64 {
    let mixed = (number ^ 0x9E37_79B9).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}
