//! How the command ends, as an exit code; the codes are those of `roadtest`.

use std::process::ExitCode;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was measured.
    Done = 0,
    /// An answer was wrong or missing, or evidence did not verify: there are no figures.
    DoesNotHold = 1,
    /// Something is missing or the command line is not valid; nothing was started.
    Invalid = 2,
    /// Something broke: a part did not start, a file could not be written.
    Broken = 3,
    /// Somebody did not want to wait.
    Interrupted = 130,
}

/// What was measured is no exchange that counts: [`Exit::DoesNotHold`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct DoesNotHold(pub(crate) String);

/// What has to be there before anything starts is not: [`Exit::Invalid`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Invalid(pub(crate) String);

impl Exit {
    /// The exit after an error.
    pub(crate) fn after(error: &anyhow::Error) -> Self {
        if error.is::<DoesNotHold>() {
            Self::DoesNotHold
        } else if error.is::<Invalid>() {
            Self::Invalid
        } else {
            Self::Broken
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
