//! Reads messages back, with what proves them.
//!
//! For people who ask for evidence; the audit has a reader of its own. Each record read is checked
//! against its checksum, those met on the way against their links as well.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sim_journal::reader::{SegmentStart, record_at, segments};
use sim_journal::{JournalError, JournalReader, Position, Record};

use crate::index::Index;
use crate::record::{DecodeError, Direction, MESSAGE, MessageRecord, SIGNATURE};

mod evidence;

/// A message log, read from its folder. One that is being written may be read too; what comes
/// later is not seen.
#[derive(Debug)]
pub struct LogReader {
    folder: PathBuf,
    segments: Vec<SegmentStart>,
}

/// One message of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// Where its record lies.
    pub position: Position,
    /// The sequence of its signature record.
    pub signature_sequence: u64,
    /// The message, its signature document included.
    pub record: MessageRecord,
}

/// Evidence could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The journal cannot be read, or is damaged.
    #[error("message log cannot be read")]
    Journal(#[from] JournalError),
    /// An index cannot be read.
    #[error("index of segment {segment} cannot be read")]
    Index {
        /// The number of the segment.
        segment: u32,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A record does not follow the format although its checksum fits.
    #[error("record {sequence} of the message log cannot be understood")]
    Foreign {
        /// The record's sequence.
        sequence: u64,
        /// What does not fit.
        #[source]
        source: DecodeError,
    },
    /// A message names a signature record that is not there.
    #[error("record {sequence} is not the signature of message record {message}")]
    NoSignature {
        /// The message's record.
        message: u64,
        /// The record that it names.
        sequence: u64,
    },
    /// No token covers the signature.
    #[error("signature record {sequence} has no time-stamp")]
    Unstamped {
        /// The signature's record.
        sequence: u64,
    },
    /// A time-stamp's batch does not hold the number of signatures that it says.
    #[error("time-stamp record {sequence} counts other signatures than the log holds")]
    WrongBatch {
        /// The time-stamp's record.
        sequence: u64,
    },
}

// === impl LogReader ===

impl LogReader {
    /// Opens the log in `folder`.
    ///
    /// # Errors
    /// Where the folder holds no journal.
    pub fn open(folder: &Path) -> Result<Self, ReadError> {
        JournalReader::open(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            segments: segments(folder)?,
        })
    }

    /// Every record of the message with this `X-Road-Id`, in the order they were logged: request
    /// and response, and both again where this server stood on both sides.
    ///
    /// # Errors
    /// Where the log is damaged.
    pub fn find(&self, message_id: &str) -> Result<Vec<StoredMessage>, ReadError> {
        let mut found = Vec::new();
        for segment in &self.segments {
            let segment = segment.segment;
            let index = Index::read(&self.folder, segment)
                .map_err(|source| ReadError::Index { segment, source })?;
            if let Some(index) = index {
                for offset in index.offsets(message_id) {
                    let record = record_at(&self.folder, segment, offset)?;
                    self.take_if_of(message_id, record, &mut found)?;
                }
            } else {
                for record in self.records_from(segment) {
                    let record = record?;
                    if record.position.segment != segment {
                        break;
                    }
                    self.take_if_of(message_id, record, &mut found)?;
                }
            }
        }
        Ok(found)
    }

    /// The `X-Road-Id` of every request record, in the order they were logged.
    ///
    /// # Errors
    /// Each item where the log is damaged.
    pub fn message_ids(&self) -> impl Iterator<Item = Result<String, ReadError>> + use<'_> {
        self.records_from(0).filter_map(|record| match record {
            Ok(record) if record.kind == MESSAGE => match decoded(record) {
                Ok(message) => (message.record.direction == Direction::Request)
                    .then_some(Ok(message.record.message_id)),
                Err(error) => Some(Err(error)),
            },
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    }

    fn take_if_of(
        &self,
        message_id: &str,
        record: Record,
        found: &mut Vec<StoredMessage>,
    ) -> Result<(), ReadError> {
        if record.kind != MESSAGE {
            return Ok(());
        }
        let mut message = decoded(record)?;
        if message.record.message_id == message_id {
            message.record.signature = self.signature_of(&message)?;
            found.push(message);
        }
        Ok(())
    }

    fn signature_of(&self, message: &StoredMessage) -> Result<Bytes, ReadError> {
        let sequence = message.signature_sequence;
        for record in self.records_from(self.segment_with(sequence)) {
            let record = record?;
            if record.position.sequence == sequence && record.kind == SIGNATURE {
                return Ok(record.payload.into());
            }
            if record.position.sequence >= sequence {
                break;
            }
        }
        Err(ReadError::NoSignature {
            message: message.position.sequence,
            sequence,
        })
    }

    /// Records from the start of a segment to the end of the log.
    fn records_from(
        &self,
        segment: u32,
    ) -> impl Iterator<Item = Result<Record, ReadError>> + use<> {
        let (reader, failure) = match JournalReader::open_at_segment(&self.folder, segment) {
            Ok(reader) => (Some(reader), None),
            Err(error) => (None, Some(Err(error))),
        };
        reader
            .into_iter()
            .flatten()
            .chain(failure)
            .map(|record| Ok(record?))
    }

    /// The segment that holds a record, if any does.
    fn segment_with(&self, sequence: u64) -> u32 {
        let after = self
            .segments
            .partition_point(|segment| segment.first_sequence <= sequence);
        self.segments
            .get(after.saturating_sub(1))
            .map_or(0, |start| start.segment)
    }
}

fn decoded(record: Record) -> Result<StoredMessage, ReadError> {
    let position = record.position;
    let (record, signature_sequence) =
        MessageRecord::decode(record.payload.into()).map_err(|source| ReadError::Foreign {
            sequence: position.sequence,
            source,
        })?;
    Ok(StoredMessage {
        position,
        signature_sequence,
        record,
    })
}
