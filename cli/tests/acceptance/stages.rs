//! Where the time of an exchange goes: in the record, on one screen, on the page, beside another.

use std::fs;

use sim_metrics::stages::{cpu_by_part, time_by_part};
use sim_metrics::{Part, RunRecord, load_record, metric};

use crate::finished_run::finished_run;
use crate::roadtest::{roadtest, run};
use crate::scenario::{self, tiny_but};

/// The system counts a process's time in ticks of ten milliseconds.
const TICK_US: f64 = 10_000.0;

fn record() -> RunRecord {
    load_record(&finished_run().folder.join("run.json")).expect("a run leaves its record")
}

/// A run of some length: one exchange in a hundred is measured, the first one among them, and few
/// of them say too much of caches that are cold, and too little where a thread's clock goes in ticks.
fn record_of_thousands() -> RunRecord {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = tiny_but(&[("people: 200", "people: 5_000")]);
    let file = scenario::write(folder.path(), "thousands.yaml", text);
    let mut command = roadtest(folder.path());
    run(command.arg("run").arg(file).args(["--out", "run"])).expect(0);
    load_record(&folder.path().join("run/run.json")).expect("a run leaves its record")
}

#[test]
fn every_part_of_an_exchange_is_in_the_record() {
    let record = record_of_thousands();
    let servers: Vec<_> = record.stages.iter().map(|stages| &stages.server).collect();
    assert_eq!(servers, ["pension-gateway", "register-gateway"]);
    for server in &record.stages {
        let threads = &server.threads;
        let all_us = threads.event_loop_us + threads.message_log_us + threads.other_us;
        let process = record.processes.iter();
        let process = process.filter(|process| process.name == server.server);
        let process_us: f64 = process.map(|process| process.cpu_seconds * 1e6).sum();
        assert!(threads.message_log_us > 0.0, "{threads:?}");
        assert!(
            (0.0..threads.event_loop_us).contains(&server.signing_us) && server.signing_us > 0.0,
            "{} of {threads:?}",
            server.signing_us
        );
        assert!(
            all_us <= process_us + TICK_US,
            "{all_us} of {process_us}: {threads:?}"
        );
        let sampled: u64 = server.roles().map(|role| role.sampled).sum();
        assert!(sampled > 0, "{server:?}");
    }
    let parts = cpu_by_part(&record).expect("it was measured");
    for part in [
        Part::Admit,
        Part::Parse,
        Part::Sign,
        Part::Verify,
        Part::Log,
        Part::Transport,
        Part::EventLoop,
        Part::Service,
        Part::LoadGenerator,
        Part::Rest,
    ] {
        assert!(
            parts.iter().any(|used| used.part == part),
            "{part:?}: {parts:?}"
        );
    }
    let sum_s: f64 = parts.iter().map(|used| used.us / 1e6).sum();
    let whole_s = metric(&record, "cpu-per-exchange").expect("it was measured");
    assert!((sum_s - whole_s).abs() < 1e-9, "{sum_s} of {whole_s}");
    let times = time_by_part(&record).expect("it was measured");
    let waits = times
        .iter()
        .any(|used| used.part == Part::Log && used.us > 0.0);
    assert!(waits, "{times:?}");
}

#[test]
fn one_line_of_the_screen_says_what_costs_most() {
    let stdout = &finished_run().ended.stdout;
    let line = stdout.lines().find(|line| line.contains("an exchange: "));
    let line = line.unwrap_or_else(|| panic!("{stdout}"));
    assert!(line.matches('%').count() >= 3, "{line}");
}

#[test]
fn the_bars_of_another_run_stand_beside() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copied = folder.path().join("run.json");
    fs::copy(finished_run().folder.join("run.json"), &copied).expect("it can be copied");
    let mut other = record();
    other.scenario.name = "the-other-one".to_owned();
    let beside = folder.path().join("other.json");
    sim_metrics::save_record(&beside, &other).expect("the folder can be written");
    let mut command = roadtest(folder.path());
    run(command.args(["report", "run.json", "--beside", "other.json"])).expect(0);
    let page = fs::read_to_string(folder.path().join("report.html")).expect("it was made");
    assert!(page.contains("the-other-one costs"), "it is compared");
    let mut command = roadtest(folder.path());
    let ended = run(command.args(["report", "run.json", "--beside", "nowhere"])).expect(2);
    assert!(
        ended.stderr.contains("nowhere is no folder of a run"),
        "{}",
        ended.stderr
    );
}
