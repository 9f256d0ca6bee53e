//! A process that is killed while it appends leaves everything behind that it acknowledged.

use std::collections::BTreeSet;
use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::support::{logged_ids, open, request};

/// Names the log's folder to the child.
const FOLDER: &str = "ROADTEST_TEST_LOG_FOLDER";
/// Marks an acknowledged message in the child's output.
const ACKNOWLEDGED: &str = "acknowledged ";
/// Times the child is killed; the log goes on each time.
const KILLS: usize = 12;

/// The child's part; without a folder this is not the child, and there is nothing to do.
#[test]
fn child_appends_until_it_is_killed() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let (log, report) = open(&folder);
    let first = usize::try_from(report.messages).unwrap() * 100;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..16)
            .map(|task| {
                let log = log.clone();
                tokio::spawn(async move {
                    for number in (first + task..).step_by(16) {
                        log.append(request(number)).await.unwrap();
                        println!("{ACKNOWLEDGED}run-{number}");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// Runs the child until it has acknowledged `count` messages, kills it, and returns the IDs of all
/// that it acknowledged.
fn kill_child_after(count: usize, folder: &std::path::Path) -> BTreeSet<String> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "kill::child_appends_until_it_is_killed",
            "--exact",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = BTreeSet::new();
    for line in output.lines() {
        let line = line.unwrap();
        // A line that the kill cut short is one the child may not have meant yet.
        if let Some(id) = line.strip_prefix(ACKNOWLEDGED) {
            acknowledged.insert(id.to_owned());
        }
        if acknowledged.len() == count {
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "killed by a signal");
    acknowledged
}

#[tokio::test]
async fn no_acknowledged_message_is_missing_after_kills() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    for kill in 0..KILLS {
        acknowledged.extend(kill_child_after(20 + kill * 17, folder.path()));
        // Reads every checksum and link of what the kill left.
        let (log, report) = open(folder.path());
        let logged = logged_ids(folder.path());
        let missing: Vec<_> = acknowledged.difference(&logged).collect();
        assert_eq!(missing, Vec::<&String>::new());
        assert_eq!(usize::try_from(report.messages).unwrap(), logged.len());
        drop(log);
    }
    assert!(acknowledged.len() >= KILLS * 20);
}
