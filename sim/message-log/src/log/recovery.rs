//! Opens a log: rebuilds what its thread keeps in memory from what stands on disk.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use sim_evidence::digest::Sha512;
use sim_journal::reader::segments;
use sim_journal::{JournalKind, JournalOptions, JournalReader, JournalWriter, Record, SyncPolicy};

use crate::config::LogConfig;
use crate::error::LogError;
use crate::index::{Index, IndexBuilder, index_path};
use crate::log::statistics::RecoveryReport;
use crate::record::{DecodeError, MESSAGE, MessageRecord, SIGNATURE, TIME_STAMP, TimeStampRecord};
use crate::signature_cache::SignatureCache;
use crate::unstamped::Unstamped;

/// A log that is ready to go on.
pub(super) struct Recovered {
    pub(super) journal: JournalWriter,
    pub(super) unstamped: Unstamped,
    pub(super) cache: SignatureCache,
    pub(super) index: IndexBuilder,
    pub(super) report: RecoveryReport,
}

/// What the records seen so far leave in memory.
#[derive(Default)]
struct Memory {
    unstamped: Unstamped,
    cache: SignatureCache,
    index: IndexBuilder,
    segment: u32,
    messages: u64,
}

pub(super) fn open(folder: &Path, config: &LogConfig) -> Result<Recovered, LogError> {
    let options = JournalOptions {
        segment_bytes: config.segment_bytes,
        sync: config.sync,
        storage: Arc::clone(&config.storage),
    };
    let mut memory = Memory::default();
    let mut foreign = None;
    let visit = |record: Record| {
        let sequence = record.position.sequence;
        if let Err(source) = memory.take_in(record) {
            foreign.get_or_insert(LogError::Foreign { sequence, source });
        }
    };
    let (journal, recovery) =
        JournalWriter::open_with(folder, JournalKind::MessageLog, options, visit)
            .map_err(|source| LogError::Open(Arc::new(source)))?;
    if let Some(foreign) = foreign {
        return Err(foreign);
    }
    if memory.segment != journal.segment() {
        memory.index.clear();
    }
    tidy_indexes(folder, journal.segment(), config).map_err(|source| LogError::Index {
        path: folder.to_owned(),
        source: Arc::new(source),
    })?;
    let report = RecoveryReport {
        records: recovery.records,
        messages: memory.messages,
        unstamped: u64::try_from(memory.unstamped.len()).unwrap_or(u64::MAX),
        dropped_bytes: recovery.dropped_bytes,
        was_sealed: recovery.was_sealed,
    };
    let Memory {
        unstamped,
        cache,
        index,
        ..
    } = memory;
    Ok(Recovered {
        journal,
        unstamped,
        cache,
        index,
        report,
    })
}

/// The segment that is written on has no index; all before it have.
fn tidy_indexes(folder: &Path, current: u32, config: &LogConfig) -> io::Result<()> {
    let stale = index_path(folder, current);
    if stale.exists() {
        config.storage.remove(&stale)?;
        // An index that came back after a power cut would hide the records that follow now.
        if config.sync == SyncPolicy::DataSync {
            config.storage.sync_folder(folder)?;
        }
    }
    index_where_missing(folder, current)
}

/// Writes the indexes of finished segments before number `end` that have none, or a torn one.
pub(super) fn index_where_missing(folder: &Path, end: u32) -> io::Result<()> {
    for segment in segments(folder).map_err(io::Error::other)? {
        let number = segment.segment;
        if number >= end || Index::read(folder, number)?.is_some() {
            continue;
        }
        let mut index = IndexBuilder::default();
        let records = JournalReader::open_at_segment(folder, number).map_err(io::Error::other)?;
        for record in records {
            let record = record.map_err(io::Error::other)?;
            if record.position.segment != number {
                break;
            }
            if record.kind == MESSAGE {
                let at = record.position;
                let message = MessageRecord::decode(Bytes::from(record.payload));
                index.add(&message.map_err(io::Error::other)?.0.message_id, at);
            }
        }
        index.finish(folder, number)?;
    }
    Ok(())
}

// === impl Memory ===

impl Memory {
    fn take_in(&mut self, record: Record) -> Result<(), DecodeError> {
        let at = record.position;
        if at.segment != self.segment {
            self.index.clear();
            self.segment = at.segment;
        }
        match record.kind {
            SIGNATURE => {
                self.unstamped
                    .push(at.sequence, Sha512::of(&record.payload));
                self.cache.insert(&record.payload, at.sequence);
            }
            MESSAGE => {
                let (message, _) = MessageRecord::decode(record.payload.into())?;
                self.index.add(&message.message_id, at);
                self.messages += 1;
            }
            TIME_STAMP => {
                let stamp = TimeStampRecord::decode(record.payload.into())?;
                if !self.unstamped.is_next(&stamp) {
                    return Err(DecodeError("batch"));
                }
                self.unstamped.cover(&stamp);
            }
            _ => return Err(DecodeError("kind")),
        }
        Ok(())
    }
}
