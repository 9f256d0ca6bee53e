//! The command `generators` at tiny size: everybody is asked, everything is counted, and a stall
//! stands in Roadtest's response times. How fast anything is is not asked.

#![expect(
    clippy::print_stderr,
    reason = "whoever runs it has to know what was left out"
)]

use std::process::Command;

use serde_json::Value;

/// Requests of each load of the agreement: `Size::QUICK`.
const DUE: u64 = 400;
/// The stall of the same, and the distance of two requests.
const STALL_US: f64 = 300_000.0;
const INTERVAL_US: f64 = 5_000.0;

fn generators(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_generators"));
    command.args(arguments);
    command
}

/// Whether an outside tool is there; where it is not, everybody is told.
fn is_installed(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    if !found {
        eprintln!("SKIPPED: {tool} is not installed, so that nothing is held against it");
    }
    found
}

#[test]
fn a_stall_stands_in_response_times_and_every_count_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("generators.json");
    let ended = generators(&["--quick", "--long", "--in-flight", "8", "--out"])
        .arg(&out)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&ended.stdout);
    let complained = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{told}{complained}");
    for line in [
        "| **truth, on schedule** | 400 | ",
        "| Roadtest, response time | 400 | ",
        "| sim-http1, bare | ",
        "| hyper, bare | ",
        "| pacer lag | ",
        "most memory of Roadtest at 200/s: ",
    ] {
        assert!(told.contains(line), "no `{line}` in {told}");
    }

    let record: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    let [even, stalled] = record["agreement"].as_array().unwrap().as_slice() else {
        panic!("two loads: {record}");
    };
    assert!(even["stall"].is_null());
    for agreement in [even, stalled] {
        let lines = agreement["lines"].as_array().unwrap();
        for line in lines {
            let count = |what: &str| line[what]["count"].as_u64().unwrap();
            assert_eq!(count("truth"), DUE, "{line}");
            assert!(count("reported") > 0, "{line}");
        }
        for line in &lines[..2] {
            assert_eq!(line["reported"]["count"], DUE, "{line}");
            assert_eq!(line["in_server"]["count"], DUE, "{line}");
        }
        for tool in ["wrk", "hey"] {
            let has_line = lines
                .iter()
                .any(|line| line["name"].as_str().unwrap().starts_with(tool));
            assert_eq!(has_line, is_installed(tool), "{tool}: {complained}");
        }
    }
    // Whoever was due first in the stall waited for nearly all of it.
    let response_time = &stalled["lines"][0];
    for times in [&response_time["reported"], &response_time["truth"]] {
        let max_us = times["max_us"].as_f64().unwrap();
        assert!(max_us >= STALL_US - 2.0 * INTERVAL_US, "{stalled}");
    }

    let cost = record["cost"].as_array().unwrap();
    let count = |client: &str| cost.iter().filter(|one| one["client"] == client).count();
    for client in ["roadtest", "http1", "hyper"] {
        assert_eq!(count(client), 2, "{client}");
    }
    assert_eq!(count("wrk"), if is_installed("wrk") { 2 } else { 0 });
    for one in cost {
        assert!(one["requests"].as_u64().unwrap() > 0, "{one}");
        assert_eq!(one["in_flight"], 8);
    }
    assert!(record["memory"]["peak_bytes"][0].as_u64().unwrap() > 0);
}

#[test]
fn tools_that_are_missing_are_said_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("generators.json");
    let ended = generators(&["--quick", "--only", "agreement", "--out"])
        .arg(&out)
        .env("PATH", folder.path())
        .output()
        .unwrap();
    let complained = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{complained}");
    for tool in ["wrk", "hey", "oha"] {
        let said = format!("{tool} is not installed and left out");
        assert!(complained.contains(&said), "{complained}");
    }
    let record: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(record["missing"], serde_json::json!(["wrk", "hey", "oha"]));
    for agreement in record["agreement"].as_array().unwrap() {
        assert_eq!(agreement["lines"].as_array().unwrap().len(), 2);
    }
    assert_eq!(record["cost"], serde_json::json!([]));
}

#[test]
fn a_subject_that_is_none_is_refused() {
    let ended = generators(&["--only", "taste"]).output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
}
