//! The log's thread: takes all that waits, writes it, syncs once, answers.

use std::mem;
use std::sync::Arc;

use sim_evidence::digest::Sha512;
use sim_journal::{JournalError, JournalWriter, Position};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::error::LogError;
use crate::index::{IndexBuilder, index_path};
use crate::log::Shared;
use crate::log::completion::{Completion, complete, complete_one};
use crate::log::queue::Command;
use crate::log::recovery::index_where_missing;
use crate::log::statistics::{LogStatistics, LogSummary};
use crate::record::{
    EncodedMessage, MESSAGE, MessageRecord, SIGNATURE, TIME_STAMP, TimeStampRecord,
};
use crate::signature_cache::SignatureCache;

/// Owner of the journal; lives on a thread of its own, where blocking is all right.
#[derive(Debug)]
pub(super) struct Committer {
    shared: Arc<Shared>,
    /// Gone once sealed.
    journal: Option<JournalWriter>,
    cache: SignatureCache,
    index: IndexBuilder,
    indexed_segment: u32,
    closed: bool,
    encoded: EncodedMessage,
}

/// Records between two syncs, and who waits for them.
#[derive(Debug, Default)]
struct Group {
    waiting: Vec<oneshot::Sender<Completion>>,
    permits: Vec<OwnedSemaphorePermit>,
    signatures: Vec<(u64, Sha512)>,
    stamps: Vec<(TimeStampRecord, oneshot::Sender<Result<(), LogError>>)>,
    counted: LogStatistics,
}

/// Where the thread's end, even by a panic, must leave nobody waiting.
struct AbandonOnDrop(Arc<Shared>);

// === impl Committer ===

impl Committer {
    pub(super) fn new(
        shared: Arc<Shared>,
        journal: JournalWriter,
        cache: SignatureCache,
        index: IndexBuilder,
    ) -> Self {
        Self {
            shared,
            indexed_segment: journal.segment(),
            journal: Some(journal),
            cache,
            index,
            closed: false,
            encoded: EncodedMessage::default(),
        }
    }

    /// Serves the queue until the log is sealed, or nobody uses it any more.
    pub(super) fn run(mut self) {
        let _abandon = AbandonOnDrop(Arc::clone(&self.shared));
        let mut commands = Vec::new();
        while self.journal.is_some() && self.shared.queue.take_all(&mut commands) {
            let mut group = Group::default();
            for command in commands.drain(..) {
                self.handle(command, &mut group);
            }
            self.commit(group);
        }
    }

    fn handle(&mut self, command: Command, group: &mut Group) {
        match command {
            Command::Append {
                record,
                done,
                permit,
            } => match self.append(&record, group) {
                Ok(()) => {
                    group.waiting.push(done);
                    group.permits.push(permit);
                }
                Err(error) => complete_one(done, &Err(error)),
            },
            Command::Stamp { record, done } => match self.append_stamp(&record) {
                Ok(true) => group.stamps.push((record, done)),
                Ok(false) => drop(done.send(Ok(()))),
                Err(error) => drop(done.send(Err(error))),
            },
            Command::Close { done } => {
                self.closed = true;
                self.commit(mem::take(group));
                drop(done.send(self.refusal().map_or(Ok(()), Err)));
            }
            Command::Seal { done } => {
                self.commit(mem::take(group));
                let outcome = self.seal();
                drop(done.send(outcome));
            }
        }
    }

    /// Puts a message behind its signature document, which an earlier message may have brought.
    fn append(&mut self, record: &MessageRecord, group: &mut Group) -> Result<(), LogError> {
        if self.closed {
            return Err(LogError::Closed);
        }
        // First: a message that is too long must not leave a signature behind.
        record.encode(&mut self.encoded)?;
        let signature = match self.cache.find(&record.signature) {
            Some(sequence) => {
                group.counted.shared_signatures += 1;
                sequence
            }
            None => self.append_signature(&record.signature, group)?,
        };
        self.encoded.set_signature(signature);
        let encoded = mem::take(&mut self.encoded);
        let parts = encoded.parts(record);
        group.counted.bytes += parts.iter().map(|part| as_u64(part.len())).sum::<u64>();
        let outcome = self.write(MESSAGE, &parts);
        self.encoded = encoded;
        let at = outcome?;
        self.index.add(&record.message_id, at);
        group.counted.messages += 1;
        Ok(())
    }

    fn append_signature(&mut self, document: &[u8], group: &mut Group) -> Result<u64, LogError> {
        let at = self.write(SIGNATURE, &[document])?;
        self.cache.insert(document, at.sequence);
        group.signatures.push((at.sequence, Sha512::of(document)));
        group.counted.signatures += 1;
        group.counted.bytes += as_u64(document.len());
        Ok(at.sequence)
    }

    /// False where the token is not for the batch that is due: its round was given up meanwhile,
    /// and another has covered these signatures.
    fn append_stamp(&mut self, record: &TimeStampRecord) -> Result<bool, LogError> {
        if !self.shared.state.lock().unstamped.is_next(record) {
            return Ok(false);
        }
        self.write(TIME_STAMP, &[&record.encode()?])?;
        Ok(true)
    }

    fn write(&mut self, kind: u8, parts: &[&[u8]]) -> Result<Position, LogError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let journal = self.journal.as_mut().ok_or(LogError::Closed)?;
        match journal.append_parts(kind, parts) {
            Ok(at) => {
                if at.segment != self.indexed_segment {
                    self.finish_index_of_full_segment(at.segment);
                }
                Ok(at)
            }
            Err(JournalError::PayloadSize { .. }) => Err(LogError::TooLong { part: "record" }),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Makes the group durable and answers everybody.
    fn commit(&mut self, group: Group) {
        let Some(journal) = self.journal.as_mut() else {
            return;
        };
        if group.is_empty() {
            return;
        }
        let began = self.shared.clock.monotonic();
        let result = match journal.commit() {
            Ok(()) => Ok(()),
            Err(error) => Err(self.fail(error)),
        };
        let took = self.shared.clock.monotonic().duration_since(began);
        if result.is_ok() {
            self.note_durable(&group, u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        }
        drop(group.permits);
        complete(group.waiting, &result);
        for (_, done) in group.stamps {
            drop(done.send(result.clone()));
        }
    }

    /// What the others may know of the group, now that it cannot be lost.
    fn note_durable(&self, group: &Group, commit_us: u64) {
        let mut state = self.shared.state.lock();
        for (sequence, document) in &group.signatures {
            state.unstamped.push(*sequence, *document);
        }
        for (stamp, _) in &group.stamps {
            state.unstamped.cover(stamp);
        }
        let statistics = &mut state.statistics;
        statistics.messages += group.counted.messages;
        statistics.signatures += group.counted.signatures;
        statistics.shared_signatures += group.counted.shared_signatures;
        statistics.time_stamps += as_u64(group.stamps.len());
        statistics.bytes += group.counted.bytes;
        statistics.commits += 1;
        statistics.commit_us += commit_us;
        statistics.largest_group = statistics.largest_group.max(as_u64(group.waiting.len()));
        if state.unstamped.len() >= self.shared.config.time_stamp_batch {
            self.shared.batch_is_full.notify_one();
        }
    }

    /// The index of a finished segment; a missing one only makes searching slower until the log is
    /// drained, when it is made up for.
    fn finish_index_of_full_segment(&mut self, next: u32) {
        let Some(journal) = &self.journal else {
            return;
        };
        if let Err(error) = self.index.finish(journal.folder(), self.indexed_segment) {
            tracing::warn!(segment = self.indexed_segment, %error, "index cannot be written");
        }
        self.indexed_segment = next;
    }

    fn seal(&mut self) -> Result<LogSummary, LogError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let journal = self.journal.take().ok_or(LogError::Closed)?;
        let folder = journal.folder().to_owned();
        let segment = journal.segment();
        let records = journal.seal().map_err(|error| self.fail(error))?;
        self.index
            .finish(&folder, segment)
            .and_then(|()| index_where_missing(&folder, segment))
            .map_err(|source| LogError::Index {
                path: index_path(&folder, segment),
                source: Arc::new(source),
            })?;
        let segments = segment + 1;
        Ok(LogSummary {
            records,
            segments,
            statistics: self.shared.statistics(),
        })
    }

    fn refusal(&self) -> Option<LogError> {
        self.shared.state.lock().failure.clone()
    }

    /// Remembers that nothing can be promised any more.
    fn fail(&self, error: JournalError) -> LogError {
        let failure = LogError::Write(Arc::new(error));
        tracing::error!(?failure, "message log accepts nothing any more");
        self.shared
            .state
            .lock()
            .failure
            .get_or_insert(failure)
            .clone()
    }
}

// === impl Group ===

impl Group {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.stamps.is_empty() && self.signatures.is_empty()
    }
}

// === impl AbandonOnDrop ===

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.queue.abandon();
    }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).expect("a length in memory fits 64 bits")
}
