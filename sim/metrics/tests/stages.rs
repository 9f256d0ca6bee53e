//! What an exchange comes to, part by part: sums that hold whatever was measured.

use sim_metrics::stages::{StreamsCpu, ThreadsCpu, cpu_by_part, cpu_of_server, time_by_part};
use sim_metrics::{
    HistogramSummary, LoadResult, Part, PartUse, ProcessUse, Role, RoleStages, RunRecord,
    SCHEMA_VERSION, ServerStages, Stage, StageUse, load_record, metric, save_record,
};
use tempfile::TempDir;

fn stage(stage: Stage, cpu_us: f64, time_us: f64) -> StageUse {
    StageUse {
        stage,
        measured: 10,
        cpu_us,
        time_us,
        p50_us: 1,
        p99_us: 2,
    }
}

fn process(name: &str, kind: &str, cpu_seconds: f64, start_cpu_seconds: f64) -> ProcessUse {
    ProcessUse {
        name: name.to_owned(),
        kind: kind.to_owned(),
        cpu_seconds,
        start_cpu_seconds,
        ..ProcessUse::default()
    }
}

/// A thousand exchanges, ten of which each server measured.
fn record() -> RunRecord {
    let consumer = ServerStages {
        server: "consumer".to_owned(),
        busy_s: 2.0,
        client_proxy: RoleStages {
            role: Role::ClientProxy,
            exchanges: 1_000,
            sampled: 10,
            time_us: 90_000.0,
            stages: vec![
                stage(Stage::Parse, 50.0, 60.0),
                stage(Stage::Sign, 10.0, 20_000.0),
                stage(Stage::LogMeanwhile, 0.0, 9_000.0),
                stage(Stage::Transport, 0.0, 60_000.0),
            ],
            ..RoleStages::default()
        },
        threads: ThreadsCpu {
            event_loop_us: 100_000.0,
            message_log_us: 10_000.0,
            other_us: 500.0,
        },
        signing_us: 20_000.0,
        streams: StreamsCpu {
            tls_us: 8_000.0,
            sockets_us: 30_000.0,
            ..StreamsCpu::default()
        },
        ..ServerStages::default()
    };
    let provider = ServerStages {
        server: "provider".to_owned(),
        busy_s: 2.0,
        server_proxy: RoleStages {
            role: Role::ServerProxy,
            exchanges: 1_000,
            sampled: 10,
            time_us: 40_000.0,
            stages: vec![stage(Stage::Service, 0.0, 25_000.0)],
            ..RoleStages::default()
        },
        ..consumer.clone()
    };
    let provider = ServerStages {
        client_proxy: RoleStages::default(),
        ..provider
    };
    RunRecord {
        schema_version: SCHEMA_VERSION,
        load: Some(LoadResult {
            completed: 1_000,
            response_time: HistogramSummary {
                count: 1_000,
                mean_us: 10_000.0,
                ..HistogramSummary::default()
            },
            start_delay: HistogramSummary {
                count: 1_000,
                mean_us: 100.0,
                ..HistogramSummary::default()
            },
            ..LoadResult::default()
        }),
        processes: vec![
            process("consumer", "security-server", 0.15, 0.02),
            process("provider", "security-server", 0.15, 0.02),
            process("register", "registry", 0.05, 0.03),
            process("tsa", "time-stamping-authority", 0.02, 0.015),
            process("load", "load-generator", 0.04, 0.0),
            process("ca", "certification-authority", 0.01, 0.01),
        ],
        stages: vec![consumer, provider],
        ..RunRecord::default()
    }
}

fn us(parts: &[PartUse], part: Part) -> f64 {
    let found = parts.iter().find(|used| used.part == part);
    found.map_or(0.0, |used| used.us)
}

fn sum(parts: &[PartUse]) -> f64 {
    parts.iter().map(|used| used.us).sum()
}

#[track_caller]
fn check(actual: f64, expected: f64) {
    assert!((actual - expected).abs() < 1e-6, "{actual} for {expected}");
}

#[test]
fn the_parts_are_what_the_processes_used() {
    let record = record();
    let parts = cpu_by_part(&record).unwrap();
    check(
        sum(&parts) / 1e6,
        metric(&record, "cpu-per-exchange").unwrap(),
    );
    // What was sampled is scaled to all, and signing for several at once comes on top: 1 + 2 * 20.
    check(us(&parts, Part::Parse), 5.0);
    check(us(&parts, Part::Sign), 41.0);
    check(us(&parts, Part::Transport), 60.0);
    // 100 - 5 - 1 - 20 - 8 - 30 of the one that measured steps, 100 - 20 - 8 - 30 of the other.
    check(us(&parts, Part::EventLoop), 36.0 + 42.0);
    check(us(&parts, Part::Service), 20.0);
    check(us(&parts, Part::TimeStamp), 5.0 + 1.0);
    check(us(&parts, Part::LoadGenerator), 40.0);
    check(us(&parts, Part::Admit), 0.0);
}

#[test]
fn a_server_comes_to_its_threads() {
    let record = record();
    let parts = cpu_of_server(&record.stages[0]);
    check(sum(&parts), 110.5);
    check(us(&parts, Part::Rest), 0.0);
}

#[test]
fn an_estimate_makes_no_more_of_a_thread_than_it_was() {
    let mut record = record();
    record.stages[0].streams.sockets_us = 1e9;
    let parts = cpu_of_server(&record.stages[0]);
    check(sum(&parts), 110.5);
    check(us(&parts, Part::EventLoop), 0.0);
}

#[test]
fn the_waits_come_to_the_response_time() {
    let parts = time_by_part(&record()).unwrap();
    check(sum(&parts), 10_000.0);
    check(us(&parts, Part::Sign), 2_000.0);
    check(us(&parts, Part::Service), 2_500.0);
    check(us(&parts, Part::LoadGenerator), 100.0);
    // The journey without the other server's time, and the way to the first one and back.
    check(us(&parts, Part::Transport), 2_000.0 + 900.0);
    // 9,000 - 6 - 2,000 - 6,000 of one server, 4,000 - 2,500 of the other.
    check(us(&parts, Part::EventLoop), 994.0 + 1_500.0);
}

#[test]
fn queues_follow_from_how_long_messages_stay() {
    // 500 a second, 2 ms each.
    check(record().stages[0].mean_in_stage(Stage::Sign), 1.0);
}

#[test]
fn a_run_without_measurements_has_no_parts() {
    let mut unmeasured = record();
    unmeasured.stages.clear();
    assert_eq!(cpu_by_part(&unmeasured), None);
    assert_eq!(time_by_part(&unmeasured), None);
    let mut unanswered = record();
    unanswered.load.as_mut().unwrap().completed = 0;
    assert_eq!(cpu_by_part(&unanswered), None);
    assert_eq!(cpu_by_part(&RunRecord::default()), None);
}

#[test]
fn records_are_read_with_and_without_stages() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run.json");
    save_record(&path, &record()).unwrap();
    assert_eq!(load_record(&path).unwrap(), record());

    // As a version wrote it that measured no stages.
    let mut old = serde_json::to_value(record()).unwrap();
    old.as_object_mut().unwrap().remove("stages").unwrap();
    for process in old["processes"].as_array_mut().unwrap() {
        let process = process.as_object_mut().unwrap();
        process.remove("start_cpu_seconds").unwrap();
    }
    std::fs::write(&path, old.to_string()).unwrap();
    let read = load_record(&path).unwrap();
    assert!(read.stages.is_empty());
    assert_eq!(read.processes.len(), record().processes.len());
}
