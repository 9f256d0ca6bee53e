//! What can be repeated from the files of a finished run alone.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::finished_run::finished_run;
use crate::roadtest::{roadtest, run};

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the entry can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// What does not depend on how busy the machine was.
fn timeless(mut audit: Value) -> Value {
    let fields = audit.as_object_mut().expect("an audit is an object");
    fields.remove("seconds").expect("it says how long it took");
    audit
}

#[test]
fn a_run_that_passed_says_so_on_one_screen() {
    let run = finished_run();
    let verdict = &run.record()["verdict"];
    assert_eq!(verdict["outcome"], "passed");
    assert_eq!(verdict["exit_code"], 0);
    assert_eq!(verdict["reasons"], Value::Array(Vec::new()));
    assert!(
        run.ended
            .stdout
            .contains("PASSED: 10 of 10 thresholds held")
    );
    assert!(run.ended.stdout.contains("3 named"), "{}", run.ended.stdout);
    assert!(
        run.ended.stdout.lines().count() <= 24,
        "{}",
        run.ended.stdout
    );
    let too_long = run
        .ended
        .stdout
        .lines()
        .find(|line| line.chars().count() > 100);
    assert!(
        too_long.is_none_or(|line| line.contains("report.html")),
        "{too_long:?}"
    );
}

#[test]
fn without_a_terminal_progress_comes_in_plain_lines() {
    let stderr = &finished_run().ended.stderr;
    let mut expected = ["starting", "asking", "draining", "proving"]
        .into_iter()
        .peekable();
    for line in stderr.lines() {
        let word = line.split_whitespace().next().expect("no line is empty");
        expected.next_if_eq(&word);
        assert!(
            line.starts_with("  ") && !line.contains(['\u{1b}', '\r']),
            "{line:?}"
        );
    }
    assert_eq!(expected.next(), None, "{stderr}");
    assert!(stderr.contains("asking    100 % (200)"), "{stderr}");
}

#[test]
fn an_audit_comes_to_the_same_again_from_a_copy() {
    let finished = finished_run();
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&finished.folder, &folder.path().join("copy"));
    // Neither of these is evidence.
    for name in ["run.json", "report.html", "nodes"] {
        let path = folder.path().join("copy").join(name);
        let removed = if path.is_dir() {
            fs::remove_dir_all(path)
        } else {
            fs::remove_file(path)
        };
        removed.expect("a run has this");
    }
    let mut command = roadtest(folder.path());
    let ended = run(command.args(["audit", "copy", "--json"])).expect(0);
    let again: Value = serde_json::from_str(&ended.stdout).expect("the result is JSON");
    assert_eq!(again["verified"], 200);
    assert_eq!(again["messages"], 800);
    assert_eq!(
        timeless(again),
        timeless(finished.record()["audit"].clone())
    );

    let mut command = roadtest(folder.path());
    let ended = run(command.args(["audit", "copy"])).expect(0);
    assert!(
        ended.stdout.contains("200 of 200 exchanges"),
        "{}",
        ended.stdout
    );
}

#[test]
fn an_audit_fails_once_a_byte_of_a_log_is_another() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let forged = folder.path().join("forged");
    copy(&finished_run().folder, &forged);
    let segment = forged.join("logs/register-gateway/00000000.seg");
    let mut content = fs::read(&segment).expect("the log is there");
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(&segment, content).expect("the copy can be written");
    let mut command = roadtest(folder.path());
    let ended = run(command.args(["audit", "forged"])).expect(1);
    assert!(
        ended.stdout.contains("register-gateway/00000000.seg"),
        "{}",
        ended.stdout
    );
}

#[test]
fn what_follows_from_the_record_is_made_again_from_it_alone() {
    let finished = finished_run();
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::copy(
        finished.folder.join("run.json"),
        folder.path().join("run.json"),
    )
    .expect("the record can be copied");
    for named in [".", "run.json"] {
        let ended = run(roadtest(folder.path()).args(["report", named])).expect(0);
        assert_eq!(ended.stdout.lines().count(), 2, "{}", ended.stdout);
        for file in ["report.html", "series.csv"] {
            assert!(ended.stdout.contains(file), "{}", ended.stdout);
            let again = fs::read_to_string(folder.path().join(file)).expect("it was made");
            let first = fs::read_to_string(finished.folder.join(file)).expect("it is there");
            assert!(again == first, "{file} differs");
            fs::remove_file(folder.path().join(file)).expect("it was made");
        }
    }
}

#[test]
fn a_run_without_load_has_a_page_and_no_seconds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut record = finished_run().record();
    record["load"] = Value::Null;
    fs::write(folder.path().join("run.json"), record.to_string()).expect("it can be written");
    let ended = run(roadtest(folder.path()).args(["report", "."])).expect(0);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    assert!(folder.path().join("report.html").exists());
    assert!(!folder.path().join("series.csv").exists());
}

#[test]
fn a_folder_that_is_no_run_is_not_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for command in ["audit", "report"] {
        let ended = run(roadtest(folder.path()).args([command, "."])).expect(2);
        assert!(
            ended.stderr.contains(". is no folder of a run"),
            "{}",
            ended.stderr
        );
        let ended = run(roadtest(folder.path()).args([command, "nowhere"])).expect(2);
        assert!(
            ended.stderr.contains("nowhere is no folder of a run"),
            "{}",
            ended.stderr
        );
    }
}
