//! How the command ends, as an exit code.

use std::process::ExitCode;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was counted, and nothing grew.
    Done = 0,
    /// A body takes more instructions than the baseline allows.
    Grew = 1,
    /// Something is missing or the command line is not valid; nothing was counted.
    Invalid = 2,
    /// Something broke: a body did not run, a baseline could not be built.
    Broken = 3,
}

/// What has to be right before anything is counted is not: [`Exit::Invalid`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Invalid(pub(crate) String);

impl Exit {
    /// The exit after an error.
    pub(crate) fn after(error: &anyhow::Error) -> Self {
        if error.is::<Invalid>() {
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
