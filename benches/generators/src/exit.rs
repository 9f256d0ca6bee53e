//! How the command ends, as an exit code; the codes are those of `roadtest`.

use std::process::ExitCode;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was measured.
    Done = 0,
    /// Roadtest's generator counted otherwise than the server did: there are no figures.
    DoesNotHold = 1,
    /// Something broke: a part did not start, a tool failed, a file could not be written.
    Broken = 3,
}

/// What was counted cannot be: [`Exit::DoesNotHold`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct DoesNotHold(pub(crate) String);

impl Exit {
    /// The exit after an error.
    pub(crate) fn after(error: &anyhow::Error) -> Self {
        if error.is::<DoesNotHold>() {
            Self::DoesNotHold
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
