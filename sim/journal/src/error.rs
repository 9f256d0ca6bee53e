//! What can go wrong with a journal.

use std::io;
use std::path::PathBuf;

/// A failed journal operation.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The folder could not be made or listed.
    #[error("journal folder {folder} cannot be used")]
    Folder {
        /// The journal's folder.
        folder: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A segment file could not be created or opened.
    #[error("segment {path} cannot be opened")]
    OpenSegment {
        /// The segment file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A segment file could not be read.
    #[error("segment {path} cannot be read")]
    ReadSegment {
        /// The segment file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A segment file could not be written: a full disk ends here.
    #[error("segment {segment} cannot be written")]
    WriteSegment {
        /// The number of the segment.
        segment: u32,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A segment file could not be made durable.
    #[error("segment {segment} cannot be synced")]
    SyncSegment {
        /// The number of the segment.
        segment: u32,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// An earlier write or sync failed. The operating system may have dropped the pages it could
    /// not write, so a later sync would prove nothing: only reopening, which reads back what is
    /// there, makes the journal usable again.
    #[error("journal refuses everything after an earlier write or sync failed")]
    Poisoned,
    /// The folder already holds a journal.
    #[error("folder {folder} already holds a journal")]
    AlreadyExists {
        /// The journal's folder.
        folder: PathBuf,
    },
    /// The folder holds no journal, or a journal of another kind.
    #[error("folder {folder} holds no journal of the wanted kind")]
    WrongKind {
        /// The journal's folder.
        folder: PathBuf,
    },
    /// A segment before the last is not whole. No crash leaves this behind, so nothing is cut.
    #[error("segment {path} is damaged at byte {offset}: {what}")]
    Damaged {
        /// The segment file.
        path: PathBuf,
        /// Where the first byte of the record or header that does not fit lies.
        offset: u64,
        /// What does not fit.
        what: &'static str,
    },
    /// The payload is empty or longer than [`crate::MAX_PAYLOAD_BYTES`].
    #[error("record payload of {bytes} bytes is empty or too long")]
    PayloadSize {
        /// Its length.
        bytes: usize,
    },
    /// The journal has as many segments as a segment number can count.
    #[error("journal has no segment numbers left")]
    TooManySegments,
}
