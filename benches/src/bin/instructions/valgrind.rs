//! Counting: a body runs twice under callgrind, the second time with twice as many calls.
//!
//! The difference of the two is what the additional calls took; starting, preparing and ending are
//! the same in both. Instructions of all threads count, those of the kernel do not.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::bodies::Fixtures;
use crate::exit::Invalid;

/// Counts instructions of this program.
pub(crate) struct Valgrind {
    program: PathBuf,
    /// As it names itself.
    pub(crate) version: String,
}

// === impl Valgrind ===

impl Valgrind {
    /// The valgrind of this machine.
    pub(crate) fn find() -> Result<Self> {
        let output = match Command::new("valgrind").arg("--version").output() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let how = "valgrind is not installed; on Debian: apt-get install valgrind";
                return Err(Invalid(how.to_owned()).into());
            }
            output => output.context("cannot start valgrind")?,
        };
        if !output.status.success() {
            bail!("`valgrind --version` failed: {}", output.status);
        }
        Ok(Self {
            program: std::env::current_exe().context("cannot find this program's own file")?,
            version: String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        })
    }

    /// Instructions that `calls` calls of the body take.
    pub(crate) fn count(&self, body: &str, calls: u64, fixtures: &Fixtures) -> Result<u64> {
        let fewer = self.run(body, calls, fixtures)?;
        let more = self.run(body, 2 * calls, fixtures)?;
        more.checked_sub(fewer)
            .filter(|difference| *difference > 0)
            .with_context(|| format!("{body}: twice as many calls took no more instructions"))
    }

    /// Instructions of a whole run.
    fn run(&self, body: &str, calls: u64, fixtures: &Fixtures) -> Result<u64> {
        let profile = fixtures.folder().join("callgrind.out");
        let output = Command::new("valgrind")
            .arg("--tool=callgrind")
            .arg(argument("--callgrind-out-file=", &profile))
            .arg(&self.program)
            .args(["--calls", &calls.to_string(), "--fixtures"])
            .args([fixtures.folder().as_os_str(), body.as_ref()])
            .output()
            .context("cannot start valgrind")?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            bail!("{body} failed under valgrind, {}:\n{told}", output.status);
        }
        let text = fs::read_to_string(&profile).context("valgrind left no profile")?;
        total_of(&text).context("valgrind's profile has no total")
    }
}

fn argument(name: &str, file: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from(name);
    argument.push(file);
    argument
}

/// The instructions of a whole profile, in callgrind's format.
fn total_of(profile: &str) -> Option<u64> {
    let totals = profile
        .lines()
        .filter_map(|line| line.strip_prefix("totals:"));
    totals
        .map(|total| total.trim().parse::<u64>().ok())
        .reduce(|sum, next| sum?.checked_add(next?))?
}

#[cfg(test)]
mod tests {
    use super::total_of;

    #[test]
    fn the_total_is_that_of_all_threads() {
        let profile = "events: Ir\nsummary: 12\nfn=(1) main\n3 12\ntotals: 12\n";
        assert_eq!(total_of(profile), Some(12));
        assert_eq!(total_of(&format!("{profile}\ntotals: 30")), Some(42));
        for broken in ["", "summary: 12", "totals: many", "totals: 1\ntotals: x"] {
            assert_eq!(total_of(broken), None, "{broken}");
        }
    }
}
