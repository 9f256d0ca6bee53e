//! The folder that a run leaves behind, as docs/log-format.md lays it out.

use std::io;
use std::path::{Path, PathBuf};

use rand::RngExt as _;
use sim_clock::UtcTime;

/// A run's name and its folder.
#[derive(Clone, Debug)]
pub struct RunFolder {
    run_id: String,
    path: PathBuf,
}

/// Why a run folder could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunFolderError {
    /// The folder has something in it.
    #[error("{0} is not empty; name a new folder with --out, or remove it")]
    NotEmpty(PathBuf),
    /// The system said no.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

// === impl RunFolder ===

impl RunFolder {
    /// Makes the folder: `out`, or one of its own name below `runs`.
    pub fn create(
        runs: &Path,
        out: Option<&Path>,
        scenario_name: &str,
        now: UtcTime,
    ) -> Result<Self, RunFolderError> {
        let run_id = Self::new_id(scenario_name, now);
        let path = out.map_or_else(|| runs.join(&run_id), Path::to_owned);
        let in_path = |source| RunFolderError::Io {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(&path).map_err(in_path)?;
        let path = path.canonicalize().map_err(in_path)?;
        if std::fs::read_dir(&path).map_err(in_path)?.next().is_some() {
            return Err(RunFolderError::NotEmpty(path));
        }
        for folder in ["logs", "trust", "nodes"] {
            std::fs::create_dir(path.join(folder)).map_err(in_path)?;
        }
        Ok(Self { run_id, path })
    }

    /// A name that no other run has: `20261121T221530-pension-liveness-3f9a` sorts by time and says
    /// what it was.
    #[must_use]
    pub fn new_id(scenario_name: &str, now: UtcTime) -> String {
        let stamp: String = now
            .rfc3339_seconds()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let unique: u16 = rand::rng().random();
        format!(
            "{}-{scenario_name}-{unique:04x}",
            stamp.trim_end_matches('Z')
        )
    }

    /// The run's name; unique, and fit for a message ID.
    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where one part keeps its configuration and its log.
    #[must_use]
    pub fn node(&self, name: &str) -> PathBuf {
        self.path.join("nodes").join(name)
    }

    /// Where one security server keeps its message log.
    #[must_use]
    pub fn message_log(&self, server_code: &str) -> PathBuf {
        self.path.join("logs").join(server_code)
    }

    /// Where the load generator keeps its ledger.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.path.join("ledger")
    }

    /// Where somebody else who asks keeps a ledger.
    #[must_use]
    pub fn ledger_of(&self, name: &str) -> PathBuf {
        self.path.join("ledgers").join(name)
    }

    /// Where a registry writes down who looked at whose data.
    #[must_use]
    pub fn tracker(&self, registry: &str) -> PathBuf {
        self.path.join("trackers").join(registry)
    }

    /// Where some of the documents that citizens signed are.
    #[must_use]
    pub fn documents(&self) -> PathBuf {
        self.path.join("documents")
    }

    /// Where the load generator writes how long answers took, interval by interval.
    #[must_use]
    pub fn interval_log(&self) -> PathBuf {
        self.path.join("response-time.hlog")
    }

    /// Where the things a verifier trusts are.
    #[must_use]
    pub fn trust(&self) -> PathBuf {
        self.path.join("trust")
    }
}
