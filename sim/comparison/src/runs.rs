//! Reading a set of runs: every `run.json` below a folder is one run.
//!
//! What cannot be read is an error and never left out: a set without the runs that went wrong
//! looks better than it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sim_metrics::{RecordError, RunRecord, VerdictOutcome, load_record};
use thiserror::Error;

/// What a run's record is called.
const RECORD_FILE: &str = "run.json";
/// What a run folder has from its beginning; one without a record was cut off.
const SCENARIO_FILE: &str = "scenario.yaml";
/// Folders below the given one, within each other, that are looked into.
const MAX_DEPTH: usize = 8;
/// Runs that are read of one folder; more than that is a wrong folder.
const MAX_RUNS: usize = 500;

/// Why a set of runs could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The folder could not be read.
    #[error("cannot read {}: give a folder with runs in it, or the folder of one run", path.display())]
    Folder {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no run in the folder.
    #[error("there is no run.json below {}: `roadtest run --out FOLDER` makes a run there", path.display())]
    NoRuns {
        /// The folder.
        path: PathBuf,
    },
    /// There are more runs in the folder than any comparison has.
    #[error("there are more than {MAX_RUNS} runs below {}: give the folder of one set", path.display())]
    TooManyRuns {
        /// The folder.
        path: PathBuf,
    },
    /// A run's record is not whole, or not of this version.
    #[error(
        "a run cannot be used, and a set is not compared without it: make the run again, or take its folder away"
    )]
    Record(#[from] RecordError),
}

/// The runs of one build.
#[derive(Clone, Debug, Default)]
pub struct RunSet {
    /// What people call it; a folder's path, where it was read from one.
    pub name: String,
    /// The runs, in the order of their beginning.
    pub runs: Vec<Run>,
    /// Folders of runs that left no record, as their program was killed.
    pub unfinished: Vec<PathBuf>,
}

/// One run.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Its `run.json`, as seen from the set's folder.
    pub path: PathBuf,
    /// What it left.
    pub record: RunRecord,
}

// === impl RunSet ===

impl RunSet {
    /// Reads every run below `folder`, which may also be the folder of one run.
    ///
    /// # Errors
    ///
    /// Refuses a folder without runs, and any run whose record is cut off, of another schema version
    /// or no record at all.
    pub fn read(folder: &Path) -> Result<Self, ReadError> {
        let mut found = Found::default();
        found.look(folder, 0)?;
        if found.records.is_empty() {
            return Err(ReadError::NoRuns {
                path: folder.to_owned(),
            });
        }
        if found.records.len() > MAX_RUNS {
            return Err(ReadError::TooManyRuns {
                path: folder.to_owned(),
            });
        }
        let seen_from = |path: &Path| path.strip_prefix(folder).unwrap_or(path).to_owned();
        let mut runs = Vec::with_capacity(found.records.len());
        for path in &found.records {
            runs.push(Run {
                path: seen_from(path),
                record: load_record(path)?,
            });
        }
        // Times of one form sort as text; runs of one moment sort by path.
        runs.sort_by(|a, b| {
            let key = |run: &Run| (run.record.started_at.clone(), run.path.clone());
            key(a).cmp(&key(b))
        });
        Ok(Self {
            name: folder.display().to_string(),
            runs,
            unfinished: found
                .unfinished
                .iter()
                .map(|path| seen_from(path))
                .collect(),
        })
    }

    /// The runs whose figures may be compared.
    pub fn usable(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| run.is_usable())
    }
}

// === impl Run ===

impl Run {
    /// Whether its figures may be compared: one that was interrupted or broke did not do what the
    /// others did, and those of an invalid one are the load generator's own.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        match self.record.verdict.outcome {
            VerdictOutcome::Passed | VerdictOutcome::Failed | VerdictOutcome::Inconclusive => true,
            VerdictOutcome::Invalid | VerdictOutcome::Interrupted | VerdictOutcome::Error => false,
        }
    }
}

/// What is found in a folder.
#[derive(Default)]
struct Found {
    records: Vec<PathBuf>,
    unfinished: Vec<PathBuf>,
}

// === impl Found ===

impl Found {
    /// Looks into `folder`, and further down where it is not itself a run.
    fn look(&mut self, folder: &Path, depth: usize) -> Result<(), ReadError> {
        let failed = |source| ReadError::Folder {
            path: folder.to_owned(),
            source,
        };
        let mut folders = Vec::new();
        let mut has_scenario = false;
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if entry.file_type().map_err(failed)?.is_dir() {
                folders.push(entry.path());
            } else if name == RECORD_FILE {
                self.records.push(entry.path());
                return Ok(());
            }
            has_scenario |= name == SCENARIO_FILE;
        }
        let before = self.records.len() + self.unfinished.len();
        if depth < MAX_DEPTH && self.records.len() <= MAX_RUNS {
            folders.sort();
            for below in folders {
                self.look(&below, depth + 1)?;
            }
        }
        // A folder of runs may keep their scenario, too.
        if has_scenario && self.records.len() + self.unfinished.len() == before {
            self.unfinished.push(folder.to_owned());
        }
        Ok(())
    }
}
