//! Writes a whole message log from records that are at hand, and seals it.
//!
//! For those who have no messages coming in but a log to write: tests, and the testbed where it
//! plants lies in the logs of a finished run. Nothing is checked here: what a record says, and
//! which signature it names, is the caller's word.

use std::path::Path;
use std::sync::Arc;

use sim_journal::{JournalError, JournalKind, JournalOptions, JournalWriter, Position, SyncPolicy};

use crate::error::LogError;
use crate::index::{IndexBuilder, index_path};
use crate::record::{
    EncodedMessage, MESSAGE, MessageRecord, SIGNATURE, TIME_STAMP, TimeStampRecord,
};

/// A log that is written from its first record to its seal, with the index of every segment.
#[derive(Debug)]
pub struct SealedLogWriter {
    journal: JournalWriter,
    index: IndexBuilder,
    indexed_segment: u32,
    encoded: EncodedMessage,
}

// === impl SealedLogWriter ===

impl SealedLogWriter {
    /// Begins a log in `folder`, which is made where it does not exist. A segment is finished
    /// after `segment_bytes`.
    ///
    /// # Errors
    /// Where the folder already holds a journal, or cannot be used.
    pub fn create(folder: &Path, segment_bytes: u64) -> Result<Self, LogError> {
        let options = JournalOptions {
            segment_bytes,
            // Nobody is told that a record is durable before all of them are there.
            sync: SyncPolicy::Never,
            ..JournalOptions::default()
        };
        let journal = JournalWriter::create(folder, JournalKind::MessageLog, options)
            .map_err(|source| LogError::Open(Arc::new(source)))?;
        Ok(Self {
            indexed_segment: journal.segment(),
            journal,
            index: IndexBuilder::default(),
            encoded: EncodedMessage::default(),
        })
    }

    /// Adds a signature document; returns its sequence.
    ///
    /// # Errors
    /// Where it is empty or too long, or the disk fails.
    pub fn signature(&mut self, document: &[u8]) -> Result<u64, LogError> {
        Ok(self.write(SIGNATURE, &[document])?.sequence)
    }

    /// Adds a message whose signature document is record `signature`; returns its sequence. The
    /// document within `record` itself does not count.
    ///
    /// # Errors
    /// Where a part is too long, or the disk fails.
    pub fn message(&mut self, record: &MessageRecord, signature: u64) -> Result<u64, LogError> {
        let mut encoded = std::mem::take(&mut self.encoded);
        record.encode_all_but_signature(&mut encoded)?;
        encoded.set_signature(signature);
        let at = self.write(MESSAGE, &encoded.parts(record))?;
        self.encoded = encoded;
        self.index.add(&record.message_id, at);
        Ok(at.sequence)
    }

    /// Adds a time-stamp; returns its sequence.
    ///
    /// # Errors
    /// Where the token is too long, or the disk fails.
    pub fn time_stamp(&mut self, record: &TimeStampRecord) -> Result<u64, LogError> {
        Ok(self.write(TIME_STAMP, &[&record.encode()?])?.sequence)
    }

    /// Seals the log; returns the number of records before the seal.
    ///
    /// # Errors
    /// Where the disk fails.
    pub fn seal(mut self) -> Result<u64, LogError> {
        let folder = self.journal.folder().to_owned();
        self.finish_index(&folder, self.indexed_segment)?;
        self.journal.seal().map_err(failed)
    }

    fn write(&mut self, kind: u8, parts: &[&[u8]]) -> Result<Position, LogError> {
        let at = self.journal.append_parts(kind, parts).map_err(failed)?;
        if at.segment != self.indexed_segment {
            let folder = self.journal.folder().to_owned();
            self.finish_index(&folder, self.indexed_segment)?;
            self.indexed_segment = at.segment;
        }
        Ok(at)
    }

    fn finish_index(&mut self, folder: &Path, segment: u32) -> Result<(), LogError> {
        self.index
            .finish(folder, segment)
            .map_err(|source| LogError::Index {
                path: index_path(folder, segment),
                source: Arc::new(source),
            })
    }
}

fn failed(error: JournalError) -> LogError {
    match error {
        JournalError::PayloadSize { .. } => LogError::TooLong { part: "record" },
        error => LogError::Write(Arc::new(error)),
    }
}
