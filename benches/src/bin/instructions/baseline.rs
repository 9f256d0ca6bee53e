//! What is compared with: counts that were kept, or another state of the code, built and counted.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::bodies::Body;
use crate::exit::Invalid;
use crate::record::Record;

/// Where this command's source is.
const SOURCE: &str = "benches/src/bin/instructions";

/// Where the baseline comes from, found out before anything is counted.
pub(crate) enum Baseline {
    Kept(Record),
    /// A commit, in full.
    Commit(String),
}

/// A commit's files in a folder, gone at the end.
struct Worktree(PathBuf);

// === impl Baseline ===

impl Baseline {
    /// A file of that name with counts that can be held against `record`, or else the commit.
    pub(crate) fn find(name: &str, record: &Record) -> Result<Self> {
        let file = Path::new(name);
        if file.is_file() {
            let kept = Record::load(file)?;
            record.check_comparable(&kept)?;
            return Ok(Self::Kept(kept));
        }
        let commit = format!("{name}^{{commit}}");
        let output = git()
            .args(["rev-parse", "--verify", "--quiet", "--end-of-options"])
            .arg(commit)
            .output()
            .context("cannot start git")?;
        if !output.status.success() {
            let invalid = format!("`{name}` is neither a file nor a commit of this repository");
            return Err(Invalid(invalid).into());
        }
        let commit = String::from_utf8(output.stdout)?.trim().to_owned();
        Ok(Self::Commit(commit))
    }

    /// Its counts of these bodies. Builds and temporary files go into `folder`.
    pub(crate) fn counts(self, bodies: &[&Body], folder: &Path) -> Result<Record> {
        match self {
            Self::Kept(record) => Ok(record),
            Self::Commit(commit) => count_commit(&commit, bodies, folder),
        }
    }
}

/// Builds the command as it was at `commit`, and lets it count.
///
/// The two share nothing but the form in which counts are kept, so each measures its own bodies on
/// fixtures of its own.
fn count_commit(commit: &str, bodies: &[&Body], folder: &Path) -> Result<Record> {
    let worktree = Worktree::add(commit, &folder.join("baseline"))?;
    if !worktree.0.join(SOURCE).is_dir() {
        let invalid = format!("{commit} cannot be counted: it has no {SOURCE} yet");
        return Err(Invalid(invalid).into());
    }
    let built = folder.join("build");
    let (profile, option) = if cfg!(debug_assertions) {
        ("debug", None)
    } else {
        ("release", Some("--release"))
    };
    eprintln!("building {commit}; the first time takes minutes");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--quiet", "--locked", "--package", "benches"])
        .args(["--bin", "instructions", "--target-dir"])
        .arg(&built)
        .args(option)
        .current_dir(&worktree.0);
    succeed(&mut cargo, "the baseline cannot be built")?;
    let kept = folder.join("baseline.json");
    let mut count = Command::new(built.join(profile).join("instructions"));
    count
        .args(bodies.iter().map(|body| body.name))
        .arg("--save")
        .arg(&kept)
        .stdout(Stdio::null());
    succeed(&mut count, "the baseline cannot be counted")?;
    Record::load(&kept)
}

fn succeed(command: &mut Command, complaint: &str) -> Result<()> {
    let status = command.status().context(complaint.to_owned())?;
    if !status.success() {
        bail!("{complaint}: {status}");
    }
    Ok(())
}

/// Of the repository in which the command was started.
fn git() -> Command {
    Command::new("git")
}

// === impl Worktree ===

impl Worktree {
    fn add(commit: &str, folder: &Path) -> Result<Self> {
        let worktree = Self(folder.to_owned());
        // One that a run left which was interrupted.
        worktree.remove();
        let mut add = git();
        add.args(["worktree", "add", "--quiet", "--detach"])
            .args([folder.as_os_str(), commit.as_ref()]);
        succeed(&mut add, "git cannot check the baseline out")?;
        Ok(worktree)
    }

    fn remove(&self) {
        if self.0.exists() {
            let mut remove = git();
            remove.args(["worktree", "remove", "--force"]).arg(&self.0);
            if let Err(error) = succeed(&mut remove, "a worktree stays behind") {
                eprintln!("{error:#}");
            }
        }
    }
}

impl Drop for Worktree {
    fn drop(&mut self) {
        self.remove();
    }
}
