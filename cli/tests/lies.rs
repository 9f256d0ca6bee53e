//! Lies that must fail a run: each is told in a small country of real processes, and the audit
//! must name it, count it, and find nothing else.
//!
//! The scenario is the smoke test's with 120 people; without a lie it passes. The demonstration
//! that ships with Roadtest is run as it is.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

const SCENARIO: &str = include_str!("../../scenarios/pension-liveness-smoke.yaml");
const DEMONSTRATION: &str = include_str!("../../scenarios/pension-liveness-lies.yaml");
const PEOPLE: u64 = 120;

/// A run that is over.
struct Run {
    output: Output,
    folder: PathBuf,
    /// `run.json`.
    record: Value,
    _kept: TempDir,
}

/// Runs the scenario with these lies, separated by commas, and so many deceased.
fn run(lies: &str, deceased: u64) -> Run {
    run_text(&scenario_with(lies, deceased))
}

fn run_text(text: &str) -> Run {
    let kept = tempfile::tempdir().unwrap();
    let scenario = kept.path().join("scenario.yaml");
    std::fs::write(&scenario, text).unwrap();
    let folder = kept.path().join("run");
    let output = roadtest(&["run", path(&scenario), "--out", path(&folder)]);
    let record = std::fs::read(folder.join("run.json"));
    let record = record.unwrap_or_else(|error| panic!("no run.json: {error}: {output:?}"));
    Run {
        record: serde_json::from_slice(&record).unwrap(),
        output,
        folder,
        _kept: kept,
    }
}

fn scenario_with(lies: &str, deceased: u64) -> String {
    let mut text = SCENARIO.to_owned();
    for (from, to) in [
        ("people: 5_000", format!("people: {PEOPLE}")),
        ("deceased: 10 ", format!("deceased: {deceased} ")),
        ("deceased-named: 10", format!("deceased-named: {deceased}")),
        ("load: 64 in flight", "load: 8 in flight".to_owned()),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, &to);
    }
    if lies.is_empty() {
        text
    } else {
        format!("{text}\nplanted-lies: [{lies}]\n")
    }
}

fn roadtest(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_roadtest"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

// === impl Run ===

impl Run {
    fn audit(&self, key: &str) -> &Value {
        &self.record["audit"][key]
    }

    /// The run failed, and for nothing but these findings.
    fn failed_with(&self, findings: &Value) {
        assert_eq!(self.audit("findings"), findings, "{}", self.told());
        assert_eq!(self.output.status.code(), Some(1), "{}", self.told());
        assert_eq!(self.record["verdict"]["outcome"], "failed");
        for (kind, count) in findings.as_object().unwrap() {
            let reasons = self.record["verdict"]["reasons"].as_array().unwrap();
            let reason = json!(format!("audit: {count} {kind}"));
            assert!(reasons.contains(&reason), "{reasons:?}");
            assert!(self.told().contains(kind.as_str()), "{}", self.told());
        }
        let examples = self.audit("examples").as_array().unwrap();
        assert!(!examples.is_empty());
        assert_eq!(self.audit("exchanges"), PEOPLE);
        assert_eq!(self.audit("unstamped"), 0);
        assert_eq!(self.audit("unknown"), 0);
    }

    /// The lie was told about `count` exchanges, all others are verified.
    fn verified_but(&self, count: u64) {
        assert_eq!(self.audit("verified"), PEOPLE - count);
    }

    /// What the program said to people.
    fn told(&self) -> String {
        let said = [&self.output.stdout[..], &self.output.stderr[..]].concat();
        String::from_utf8_lossy(&said).into_owned()
    }

    /// The one message that a planted lie names, as the program told it.
    fn planted_message(&self, lie: &str) -> String {
        let told = self.told();
        let line = told.lines().find(|line| line.contains(lie)).unwrap();
        let (_, rest) = line.split_once("message ").expect("the message is named");
        rest.split([' ', ',']).next().unwrap().to_owned()
    }

    /// The message that the audit names first.
    fn found_message(&self) -> String {
        let found = &self.audit("examples")[0]["message_id"];
        found.as_str().expect("the message is named").to_owned()
    }
}

#[test]
fn without_lies_the_scenario_passes() {
    let run = run("", 2);
    assert_eq!(run.audit("findings"), &json!({}), "{}", run.told());
    assert_eq!(run.output.status.code(), Some(0), "{}", run.told());
    assert_eq!(run.record["verdict"]["outcome"], "passed");
    run.verified_but(0);
    assert!(!run.told().contains("planted"), "{}", run.told());
}

#[test]
fn false_answers() {
    let run = run("false-answers every 50", 2);
    run.failed_with(&json!({ "wrong-answer": 2 }));
    run.verified_but(2);
    assert_eq!(run.audit("wrong"), 2);
}

#[test]
fn swapped_answers() {
    // One has died, so one answer is unlike the others, and one exchange of two answers can be.
    let run = run("swapped-answers every 2", 1);
    run.failed_with(&json!({ "swapped-answer": 2 }));
    run.verified_but(2);
    assert_eq!(run.audit("wrong"), 2);
}

#[test]
fn missing_record() {
    let run = run("missing-record", 2);
    run.failed_with(&json!({ "missing-record": 1 }));
    run.verified_but(1);
    assert_eq!(run.audit("missing"), 1);
    assert_eq!(run.audit("messages"), 4 * PEOPLE - 1);
    assert_eq!(run.found_message(), run.planted_message("missing-record"));
}

#[test]
fn extra_record() {
    let run = run("extra-record", 2);
    run.failed_with(&json!({ "extra-record": 1 }));
    run.verified_but(0);
    assert_eq!(run.audit("extra"), 1);
    assert_eq!(run.audit("messages"), 4 * PEOPLE + 1);
    assert_eq!(run.found_message(), run.planted_message("extra-record"));
}

#[test]
fn signature_over_another_message() {
    let lie = "signature-over-another-message";
    let run = run(lie, 2);
    run.failed_with(&json!({ "signature-over-another-message": 1 }));
    run.verified_but(1);
    assert_eq!(run.audit("unproven"), 1);
    assert_eq!(run.found_message(), run.planted_message(lie));
}

#[test]
fn certificate_of_another_member() {
    let lie = "certificate-of-another-member";
    let run = run(lie, 2);
    run.failed_with(&json!({ "certificate-of-another-member": 1 }));
    run.verified_but(1);
    assert_eq!(run.audit("unproven"), 1);
    assert_eq!(run.found_message(), run.planted_message(lie));
}

#[test]
fn token_of_another_batch() {
    let run = run("token-of-another-batch", 2);
    run.failed_with(&json!({ "token-of-another-batch": 1 }));
    // The token stood for many signatures: nothing of the batch is proven any more.
    let unproven = run.audit("unproven").as_u64().unwrap();
    assert!((1..PEOPLE).contains(&unproven), "{unproven}");
    run.verified_but(unproven);
}

#[test]
fn all_at_once_are_counted_apart_and_found_again() {
    let run = run(
        "false-answers every 60, missing-record, extra-record, signature-over-another-message, \
         certificate-of-another-member, token-of-another-batch",
        2,
    );
    run.failed_with(&json!({
        "certificate-of-another-member": 1,
        "extra-record": 1,
        "missing-record": 1,
        "signature-over-another-message": 1,
        "token-of-another-batch": 1,
        "wrong-answer": 2,
    }));
    let planted = run.told();
    let planted = planted.lines().filter(|line| line.contains("planted lie"));
    assert_eq!(planted.count(), 6);
    // From its files alone, too.
    let again = roadtest(&["audit", path(&run.folder)]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    let told = String::from_utf8_lossy(&again.stdout);
    assert!(told.contains("token-of-another-batch"), "{told}");
}

#[test]
fn the_demonstration_that_ships_shows_all_seven() {
    let run = run_text(DEMONSTRATION);
    assert_eq!(run.output.status.code(), Some(1), "{}", run.told());
    let findings = run.audit("findings").as_object().unwrap();
    let kinds: Vec<&str> = findings.keys().map(String::as_str).collect();
    let expected = [
        "certificate-of-another-member",
        "extra-record",
        "missing-record",
        "signature-over-another-message",
        "swapped-answer",
        "token-of-another-batch",
        "wrong-answer",
    ];
    assert_eq!(kinds, expected, "{}", run.told());
}
