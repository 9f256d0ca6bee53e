//! Reading sets of runs from folders.

use std::fs;
use std::path::Path;

use sim_comparison::{ReadError, RunSet};
use sim_metrics::{RecordError, save_record};

use crate::fixture::{QUIET, set};

fn save_runs(folder: &Path) {
    for run in set("main", 1.0, &QUIET).runs {
        let path = folder.join(&run.path);
        let run_folder = path.parent().expect("a record lies in a folder");
        fs::create_dir_all(run_folder).expect("the folder can be made");
        save_record(&path, &run.record).expect("the folder can be written");
    }
}

/// The error and what it is about, as one line.
#[track_caller]
fn refused(folder: &Path) -> (ReadError, String) {
    let error = RunSet::read(folder).expect_err("the folder cannot be used");
    let source = std::error::Error::source(&error).map_or(String::new(), ToString::to_string);
    let text = format!("{error}: {source}");
    (error, text)
}

#[test]
fn every_record_below_a_folder_is_a_run_in_the_order_of_their_beginning() {
    let folder = tempfile::tempdir().unwrap();
    save_runs(folder.path());
    // Below a run nothing is looked for: its logs may hold anything.
    let below = folder.path().join("run-0/logs");
    fs::create_dir_all(&below).unwrap();
    fs::write(below.join("run.json"), "{").unwrap();
    fs::write(folder.path().join("scenario.yaml"), "").unwrap();
    let runs = RunSet::read(folder.path()).unwrap();
    assert_eq!(runs.runs.len(), 7);
    assert_eq!(runs.runs[2].path, Path::new("run-2/run.json"));
    assert!(runs.unfinished.is_empty(), "the set keeps its scenario");
    let one = RunSet::read(&folder.path().join("run-3")).unwrap();
    assert_eq!(one.runs.len(), 1);
}

#[test]
fn a_run_that_was_killed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    save_runs(folder.path());
    fs::create_dir_all(folder.path().join("run-9/logs")).unwrap();
    fs::write(folder.path().join("run-9/scenario.yaml"), "").unwrap();
    let runs = RunSet::read(folder.path()).unwrap();
    assert_eq!(runs.unfinished, [Path::new("run-9")]);
}

#[test]
fn a_folder_without_runs_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (error, text) = refused(folder.path());
    assert!(matches!(error, ReadError::NoRuns { .. }), "{text}");
    assert!(text.contains("roadtest run --out"), "{text}");
    let (error, text) = refused(&folder.path().join("nowhere"));
    assert!(matches!(error, ReadError::Folder { .. }), "{text}");
}

#[test]
fn a_record_that_is_cut_off_is_refused_at_every_length() {
    let folder = tempfile::tempdir().unwrap();
    save_runs(folder.path());
    let path = folder.path().join("run-2/run.json");
    let whole = fs::read(&path).unwrap();
    for length in [0, 1, whole.len() / 3, whole.len() / 2, whole.len() - 3] {
        fs::write(&path, &whole[..length]).unwrap();
        let (error, text) = refused(folder.path());
        let ReadError::Record(RecordError::CutOff { path: named, .. }) = error else {
            panic!("{text}");
        };
        assert_eq!(named, path);
    }
}

#[test]
fn a_record_of_another_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    save_runs(folder.path());
    fs::write(
        folder.path().join("run-6/run.json"),
        "{\"schema_version\": 9}",
    )
    .unwrap();
    let (_, text) = refused(folder.path());
    assert!(text.contains("schema version 9"), "{text}");
    assert!(text.contains("make the run again"), "{text}");
}
