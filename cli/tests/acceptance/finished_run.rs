//! One small run that everybody may look at, and nobody changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::roadtest::{Ended, roadtest, run};
use crate::scenario;

/// A run that passed.
pub(crate) struct FinishedRun {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// What it said.
    pub(crate) ended: Ended,
    /// Every message ID, as listed.
    pub(crate) messages: Vec<String>,
}

/// The containers of one message, and what is needed to check them.
pub(crate) struct Evidence {
    /// Keeps the folder.
    _kept: TempDir,
    /// `<server>-<direction>.asice`, `ca.pem`, `tsa.pem`, `ocsp.pem`.
    pub(crate) folder: PathBuf,
    /// What was said on standard error.
    pub(crate) note: String,
}

/// The run, made once for all tests.
pub(crate) fn finished_run() -> &'static FinishedRun {
    static RUN: OnceLock<FinishedRun> = OnceLock::new();
    RUN.get_or_init(|| {
        let around = folder_of_this_process("run");
        let scenario = scenario::write(&around, "tiny.yaml", scenario::TINY);
        let folder = around.join("run");
        let mut command = roadtest(&around);
        let ended = run(command.arg("run").arg(scenario).arg("--out").arg(&folder)).expect(0);
        let mut command = roadtest(&around);
        let list = run(command
            .arg("evidence")
            .arg("--list")
            .arg("--run")
            .arg(&folder))
        .expect(0);
        FinishedRun {
            folder,
            ended,
            messages: list.stdout.lines().map(str::to_owned).collect(),
        }
    })
}

/// A folder that outlives the tests, for nothing runs after them; the next ones clear it away.
/// `name` tells it from others of the same process.
pub(crate) fn folder_of_this_process(name: &str) -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("finished-runs");
    fs::create_dir_all(&all).expect("the target folder can be written");
    for entry in fs::read_dir(&all).expect("it was just made") {
        let entry = entry.expect("it can be read");
        let file_name = entry.file_name();
        let name = file_name.to_string_lossy();
        let process = name.split_once('-').map_or(&*name, |(process, _)| process);
        if !Path::new("/proc").join(process).exists() {
            // Another process may be clearing it away at the same time.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    let own = all.join(format!("{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&own);
    fs::create_dir(&own).expect("nobody else has this process's number");
    own
}

// === impl FinishedRun ===

impl FinishedRun {
    /// The run record.
    pub(crate) fn record(&self) -> Value {
        record(&self.folder)
    }

    /// The evidence of one message, extracted into a folder of its own.
    pub(crate) fn evidence(&self, message_id: &str) -> Evidence {
        Evidence::extract(&self.folder, message_id)
    }
}

// === impl Evidence ===

impl Evidence {
    pub(crate) fn extract(run_folder: &Path, message_id: &str) -> Self {
        let kept = tempfile::tempdir().expect("a temporary folder");
        let folder = kept.path().join("evidence");
        let mut command = roadtest(kept.path());
        command.args(["evidence", message_id, "--run"]);
        let ended = run(command.arg(run_folder).arg("--out").arg(&folder)).expect(0);
        Self {
            _kept: kept,
            note: ended.stderr,
            folder,
        }
    }

    /// `request` or `response` as a server logged it.
    pub(crate) fn container(&self, server: &str, direction: &str) -> PathBuf {
        self.folder.join(format!("{server}-{direction}.asice"))
    }
}

/// The record of the run in `folder`.
pub(crate) fn record(folder: &Path) -> Value {
    let text = fs::read(folder.join("run.json")).expect("a run leaves its record");
    serde_json::from_slice(&text).expect("the record is JSON")
}
