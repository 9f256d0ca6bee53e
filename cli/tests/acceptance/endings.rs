//! However a run ends, nothing stays behind, and somebody is told.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::finished_run::record;
use crate::parts;
use crate::roadtest::{Running, roadtest, run, shell};
use crate::scenario;

/// What a country of the tiny scenario consists of while it is asked.
const PARTS: [&str; 8] = [
    "ca",
    "central-server",
    "load-generator",
    "ocsp",
    "pension-gateway",
    "register-gateway",
    "register-of-people",
    "tsa",
];

/// A run of the slow scenario in which a tenth of the people have been asked.
struct HalfWay {
    _around: TempDir,
    folder: PathBuf,
    running: Running,
}

impl HalfWay {
    fn begin() -> Self {
        let around = tempfile::tempdir().expect("a temporary folder");
        let scenario = scenario::write(around.path(), "slow.yaml", scenario::slow());
        let folder = around.path().join("run");
        let mut command = roadtest(around.path());
        let mut running =
            Running::start(command.arg("run").arg(scenario).arg("--out").arg(&folder));
        running.wait_for("asking    ");
        let names: Vec<_> = parts::of(&folder).into_keys().collect();
        assert_eq!(names, PARTS);
        Self {
            _around: around,
            folder,
            running,
        }
    }
}

fn verdict(folder: &Path) -> (String, i64, String) {
    let record = record(folder);
    let verdict = &record["verdict"];
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    (
        text(&verdict["outcome"]),
        verdict["exit_code"].as_i64().expect("a code"),
        text(&verdict["reasons"][0]),
    )
}

/// Ctrl-C, and what a job scheduler sends.
fn check_interrupted(by: Signal) {
    let HalfWay {
        _around,
        folder,
        running,
    } = HalfWay::begin();
    running.signal(by);
    let ended = running.end().expect(130);
    parts::are_gone(&folder);
    assert!(
        ended.stderr.contains("interrupted: draining"),
        "{}",
        ended.stderr
    );
    assert!(ended.stdout.contains("INTERRUPTED"), "{}", ended.stdout);

    let reason = "interrupted before the workload was complete";
    assert_eq!(
        verdict(&folder),
        ("interrupted".to_owned(), 130, reason.to_owned())
    );
    let record = record(&folder);
    let asked = record["load"]["completed"]
        .as_u64()
        .expect("some were asked");
    assert!((100..1_000).contains(&asked), "{asked}");
    // Every question that was asked is answered and proven.
    assert_eq!(record["load"]["outcomes"]["ok"], asked);
    assert_eq!(record["audit"]["verified"], asked);
    assert_eq!(record["audit"]["unstamped"], 0);
    assert_eq!(record["audit"]["messages"], 4 * asked);
    let page = fs::read_to_string(folder.join("report.html")).expect("there is a report");
    assert!(page.contains("</html>"), "the report is whole");
}

#[test]
fn a_run_that_is_interrupted_drains_audits_and_reports() {
    check_interrupted(Signal::INT);
}

#[test]
fn a_run_that_is_asked_to_terminate_does_the_same() {
    check_interrupted(Signal::TERM);
}

#[test]
fn a_run_that_is_interrupted_before_it_asks_anything_says_so() {
    let around = tempfile::tempdir().expect("a temporary folder");
    let scenario = scenario::write(around.path(), "slow.yaml", scenario::slow());
    let folder = around.path().join("run");
    let mut command = roadtest(around.path());
    let mut running = Running::start(command.arg("run").arg(scenario).arg("--out").arg(&folder));
    running.wait_for("starting  trust services");
    running.signal(Signal::INT);
    running.end().expect(130);
    parts::are_gone(&folder);
    let (outcome, code, reason) = verdict(&folder);
    assert_eq!((outcome.as_str(), code), ("interrupted", 130));
    assert!(reason.starts_with("interrupted before"), "{reason}");
}

#[test]
fn who_interrupts_twice_does_not_wait() {
    let HalfWay {
        _around,
        folder,
        mut running,
    } = HalfWay::begin();
    // A server that does not answer any more would hold up the drain.
    parts::signal(&folder, "register-gateway", Signal::STOP);
    running.signal(Signal::INT);
    running.wait_for("interrupted: draining");
    assert!(running.is_alive());
    running.signal(Signal::INT);
    running.end().expect(130);
    // The kernel ends a stopped process whose parent goes; all others see their lifeline close.
    parts::are_gone(&folder);
}

#[test]
fn a_killed_parent_leaves_no_child() {
    let HalfWay {
        _around,
        folder,
        running,
    } = HalfWay::begin();
    running.signal(Signal::KILL);
    running.end().expect(-1);
    parts::are_gone(&folder);
}

/// A part that dies ends the run with its name and the place of its log.
fn check_killed(name: &str) {
    let HalfWay {
        _around,
        folder,
        running,
    } = HalfWay::begin();
    parts::signal(&folder, name, Signal::KILL);
    let ended = running.end().expect(3);
    parts::are_gone(&folder);
    let log = folder
        .canonicalize()
        .expect("the folder is kept")
        .join("nodes")
        .join(name);
    let expected = format!(
        "error: {name} ended early (signal: 9 (SIGKILL)); its log {}",
        log.join("node.log").display()
    );
    assert!(ended.stderr.contains(&expected), "{}", ended.stderr);
    let (outcome, code, reason) = verdict(&folder);
    assert_eq!((outcome.as_str(), code), ("error", 3));
    assert!(
        reason.starts_with(&format!("{name} ended early")),
        "{reason}"
    );
}

#[test]
fn a_security_server_that_dies_is_named() {
    check_killed("register-gateway");
}

#[test]
fn a_time_stamping_authority_that_dies_is_named_before_anybody_needs_it() {
    check_killed("tsa");
}

#[test]
fn a_load_generator_that_dies_is_named() {
    check_killed("load-generator");
}

#[test]
fn a_part_that_cannot_write_is_named() {
    let around = tempfile::tempdir().expect("a temporary folder");
    scenario::write(around.path(), "tiny.yaml", scenario::TINY);
    // No file may grow beyond 100 kB, as with a quota: the register does not fit.
    let limits = "trap '' XFSZ; ulimit -f 200";
    let line = format!("{limits}; exec \"$0\" run tiny.yaml --out run");
    let ended = run(&mut shell(around.path(), &line)).expect(3);
    let folder = around.path().join("run");
    parts::are_gone(&folder);
    assert!(
        ended.stderr.contains("register-of-people ended early"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("nodes/register-of-people/node.log"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("File too large"),
        "says why: {}",
        ended.stderr
    );
    assert_eq!(verdict(&folder).1, 3);
}

#[test]
fn two_runs_at_the_same_time_do_not_meet() {
    let [one, other] = [HalfWay::begin(), HalfWay::begin()];
    let mut runs = Vec::new();
    for half_way in [one, other] {
        // Both are up now; each is brought to its end.
        half_way.running.signal(Signal::INT);
        half_way.running.end().expect(130);
        let record = record(&half_way.folder);
        assert_eq!(record["audit"]["verified"], record["load"]["completed"]);
        runs.push(record["run_id"].clone());
    }
    assert_ne!(runs[0], runs[1]);
}
