//! What is left of the message logs once they have proven a run, and what a run says of them
//! beforehand.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::finished_run::{finished_run, record};
use crate::roadtest::{roadtest, run};
use crate::scenario::{self, TINY};

/// A run of the tiny scenario that keeps what it is told.
fn keeping(what: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    scenario::write(folder.path(), "tiny.yaml", TINY);
    let arguments = ["run", "tiny.yaml", "--out", "run", "--keep", what];
    run(roadtest(folder.path()).args(arguments)).expect(0);
    folder
}

/// Nothing can be audited any more, and that is said.
fn check_unauditable(folder: &Path, reason: &str) {
    for arguments in [
        &["audit", "run"][..],
        &["evidence", "--run", "run", "--list"],
    ] {
        let ended = run(roadtest(folder).args(arguments)).expect(2);
        assert!(ended.stderr.contains(reason), "{}", ended.stderr);
    }
}

#[test]
fn a_sample_is_signed_containers_of_exchanges_drawn_by_the_seed() {
    let folder = keeping("sample");
    let path = folder.path().join("run");
    let kept = &record(&path)["evidence"]["kept"];
    assert_eq!(
        (&kept["logs"], &kept["of"]),
        (&"sample".into(), &200.into())
    );
    let ids = kept["message_ids"].as_array().expect("a list of IDs");
    let ids: BTreeSet<_> = ids.iter().filter_map(|id| id.as_str()).collect();
    assert_eq!(ids.len(), 20);
    for id in ids {
        for server in ["pension-gateway", "register-gateway"] {
            for direction in ["request", "response"] {
                let container = format!("sample/{id}/{server}-{direction}.asice");
                let content = fs::read(path.join(&container)).expect("a container");
                assert!(content.starts_with(b"PK"), "{container}");
            }
        }
    }
    assert!(!path.join("logs").exists());
    check_unauditable(folder.path(), "but for 20 exchanges in run/sample");
}

#[test]
fn logs_can_be_dropped_once_they_have_proven_a_run() {
    let folder = keeping("none");
    let path = folder.path().join("run");
    assert_eq!(record(&path)["evidence"]["kept"]["logs"], "none");
    assert!(!path.join("logs").exists() && !path.join("sample").exists());
    check_unauditable(folder.path(), "were dropped once they had proven it");
}

#[test]
fn logs_of_a_run_that_was_not_proven_are_kept_whatever_was_asked() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lying = format!("{TINY}\nplanted-lies:\n  - missing-record\n");
    scenario::write(folder.path(), "lying.yaml", lying);
    let arguments = ["run", "lying.yaml", "--out", "run", "--keep", "none"];
    run(roadtest(folder.path()).args(arguments)).expect(1);
    let path = folder.path().join("run");
    assert_eq!(record(&path)["evidence"]["kept"]["logs"], "all");
    run(roadtest(folder.path()).args(["audit", "run"])).expect(1);
}

#[test]
fn a_run_says_beforehand_how_much_disk_it_will_take() {
    let stdout = &finished_run().ended.stdout;
    let told = stdout.lines().nth(2).expect("more than two lines");
    assert!(told.starts_with("  disk       about "), "{stdout}");
}
