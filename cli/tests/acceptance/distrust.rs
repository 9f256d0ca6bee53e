//! The load generator distrusts itself, and the highest rate is found.

use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, kill_process};

use crate::finished_run::record;
use crate::parts;
use crate::roadtest::{Running, eventually, roadtest, run};
use crate::scenario::{self, tiny_but};

/// For how long the generator may work, and for how long it may not.
const ON: Duration = Duration::from_millis(10);
const OFF: Duration = Duration::from_millis(190);

/// Stops the load generator of a run for most of the time, for as long as it lives.
fn throttle(run: &Path) {
    let generator = || parts::of(run).get("load-generator").copied();
    eventually("the load generator", || {
        run.join("nodes").is_dir() && generator().is_some()
    });
    let generator = generator().expect("it was just there");
    while kill_process(generator, Signal::STOP).is_ok() {
        thread::sleep(OFF);
        if kill_process(generator, Signal::CONT).is_err() {
            break;
        }
        thread::sleep(ON);
    }
}

#[test]
fn a_throttled_generator_is_found_out_and_its_rate_called_invalid() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let load = "load: 64 in flight\n  warm-up: 1s\n  duration: 5s";
    let claims = "throughput: above 1/s";
    let text = tiny_but(&[("load: 16 in flight", load), ("deceased-named: 3", claims)]);
    scenario::write(folder.path(), "throttled.yaml", text);
    let mut command = roadtest(folder.path());
    let run = Running::start(command.args(["run", "throttled.yaml", "--out", "run"]));
    let place = folder.path().join("run");
    throttle(&place);
    let ended = run.end().expect(5);
    assert!(ended.stdout.contains("INVALID"), "{}", ended.stdout);
    let record = record(&place);
    assert_eq!(record["verdict"]["outcome"], "invalid");
    // What was measured is sound all the same.
    let laws = record["laws"].as_array().expect("laws");
    assert!(laws.len() >= 2 && laws.iter().all(|law| law["held"] == true));
}

#[test]
fn a_search_confirms_the_highest_rate_it_may_try() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    scenario::write(folder.path(), "tiny.yaml", scenario::TINY);
    let mut command = roadtest(folder.path());
    command.args([
        "search",
        "tiny.yaml",
        "--from",
        "20",
        "--to",
        "40",
        "--out",
        "s",
    ]);
    let ended = run(command.args(["--seconds", "4", "--warm-up", "2"])).expect(0);
    assert!(
        ended.stdout.contains("FOUND: 40 a second"),
        "{}",
        ended.stdout
    );
    let text = std::fs::read_to_string(folder.path().join("s/search.json")).expect("kept");
    let search: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let held = search["probes"].as_array().expect("tries").iter();
    assert!(
        held.map(|probe| &probe["held"]).all(|held| held == true),
        "{text}"
    );
    assert_eq!(search["probes"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_search_that_makes_no_sense_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lying = format!("{}\nplanted-lies:\n  - missing-record\n", scenario::TINY);
    scenario::write(folder.path(), "lying.yaml", lying);
    scenario::write(folder.path(), "tiny.yaml", scenario::TINY);
    let refused = |arguments: &[&str], expected: &str| {
        let mut command = roadtest(folder.path());
        let ended = run(command.arg("search").args(arguments)).expect(2);
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    };
    refused(&["lying.yaml"], "tells lies, so no rate holds");
    refused(
        &["tiny.yaml", "--from", "9", "--to", "3"],
        "--from is above --to",
    );
    refused(&["tiny.yaml", "--from", "soon"], "not a number");
    refused(
        &["tiny.yaml", "--seconds", "4", "--warm-up", "4"],
        "leaves nothing",
    );
}
