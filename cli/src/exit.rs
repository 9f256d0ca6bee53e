//! What the process's exit code says. The table of the README is checked against this list.

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
    /// Ctrl-C: what had been asked was drained, audited and reported.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
