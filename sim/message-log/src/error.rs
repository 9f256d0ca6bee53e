//! Why a message could not be logged.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use sim_clock::UtcTime;
use sim_journal::JournalError;

use crate::record::DecodeError;
use crate::time_stamping::StampError;

/// A message log refused or failed. One failure may answer many callers, hence the shared sources.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// The log's folder could not be opened or recovered.
    #[error("message log cannot be opened")]
    Open(#[source] Arc<JournalError>),
    /// A record of an existing log does not follow the format although its checksum fits.
    #[error("record {sequence} of the message log cannot be understood")]
    Foreign {
        /// The record's sequence.
        sequence: u64,
        /// What does not fit.
        #[source]
        source: DecodeError,
    },
    /// The log's thread could not be started.
    #[error("thread of the message log cannot be started")]
    Thread(#[source] Arc<io::Error>),
    /// This or an earlier write or sync failed; nothing is accepted until the log is reopened.
    #[error("message log cannot be written")]
    Write(#[source] Arc<JournalError>),
    /// A part of the record is longer than its length field or a journal record can say.
    #[error("{part} of a message is too long for the log")]
    TooLong {
        /// Which part.
        part: &'static str,
    },
    /// Time-stamping has failed for longer than acceptable.
    #[error("no time-stamp could be had since {}", since.rfc3339_seconds())]
    TimestampingFailed {
        /// When it first failed.
        since: UtcTime,
    },
    /// More signatures than allowed wait for a time-stamp.
    #[error("{waiting} signatures wait for a time-stamp")]
    TooManyUnstamped {
        /// How many.
        waiting: usize,
    },
    /// A round of time-stamping failed.
    #[error("signatures cannot be time-stamped")]
    Stamping(#[source] Arc<StampError>),
    /// The log was sealed, but these signatures got no time-stamp.
    #[error("message log was sealed with {unstamped} signatures that have no time-stamp")]
    SealedUnstamped {
        /// How many.
        unstamped: usize,
        /// Why the last round failed.
        #[source]
        source: Arc<StampError>,
    },
    /// The index of a segment could not be written.
    #[error("index {path} cannot be written")]
    Index {
        /// The index file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// The log is being drained, or its thread has ended.
    #[error("message log is closed")]
    Closed,
}
