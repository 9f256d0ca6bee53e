//! What the process's exit code says. The table of the README is checked against this list.

use std::fmt::{self, Display, Formatter};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything held.
    Passed = 0,
    /// The run or audit finished, and something did not hold.
    Failed = 1,
    /// The command line or the scenario is not valid; nothing was started.
    Invalid = 2,
    /// Something broke: a part did not start, a file could not be written.
    Broken = 3,
    /// A figure may be right or not: another run, or more of them, may tell.
    Inconclusive = 4,
    /// A figure is that of the load generator, not of what was to be measured.
    Untrue = 5,
    /// The newer runs are worse than the baseline.
    Regressed = 6,
    /// The newer runs are better than the baseline, and none is worse.
    Improved = 7,
    /// Ctrl-C: what had been asked was drained, audited and reported.
    Interrupted = 130,
}

/// The error of a command that was given something it cannot use, and that started nothing:
/// it ends with [`Exit::Invalid`].
#[derive(Debug)]
pub(crate) struct Invalid(String);

// === impl Exit ===

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

// === impl Invalid ===

impl Invalid {
    /// Says what is wrong with the command line, and what would be right.
    pub(crate) fn usage(what: impl Display) -> Self {
        Self(format!("error: {what}"))
    }

    /// Diagnostics that speak for themselves.
    pub(crate) fn diagnosed(diagnostics: &impl Display) -> Self {
        Self(diagnostics.to_string())
    }
}

impl Display for Invalid {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}
