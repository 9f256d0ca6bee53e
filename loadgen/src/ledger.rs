//! The ledger: one record of every exchange that was started, in the form that
//! `docs/log-format.md` describes (record kind 4).
//!
//! Workers encode records into batches; a thread of its own writes them. Where the disk is slower
//! than the load, the workers wait for it: a ledger with gaps would prove nothing.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use sim_journal::{JournalError, JournalKind, JournalOptions, JournalWriter, SyncPolicy};
use sim_metrics::Outcome;
use tokio::sync::oneshot;

use crate::error::LoadError;
use crate::progress::Shared;

/// Kind of an exchange's record.
const EXCHANGE: u8 = 4;
/// Version of its form.
const VERSION: u8 = 1;

/// A batch is handed over when it has so many bytes,
const BATCH_BYTES: usize = 256 * 1024;
/// or so many records.
const BATCH_RECORDS: usize = 1_024;
/// Batches that wait for the disk.
const WAITING_BATCHES: usize = 16;

/// What is written of one exchange.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) outcome: Outcome,
    /// 0 without an answer.
    pub(crate) status: u16,
    pub(crate) scheduled: Duration,
    pub(crate) started: Duration,
    /// Absent without an answer.
    pub(crate) finished: Option<Duration>,
    pub(crate) message_id: &'a [u8],
    pub(crate) client: &'a [u8],
    pub(crate) target: &'a [u8],
    pub(crate) fault_code: &'a [u8],
    pub(crate) request_hash: &'a [u8],
    pub(crate) question: &'a [u8],
    pub(crate) answer: &'a [u8],
}

/// One worker's end of the ledger.
#[derive(Debug)]
pub(crate) struct LedgerSender {
    sender: SyncSender<Batch>,
    batch: Batch,
}

/// The thread that writes.
#[derive(Debug)]
pub(crate) struct Ledger {
    sender: SyncSender<Batch>,
    outcome: oneshot::Receiver<Result<u64, JournalError>>,
}

/// Encoded records, one behind the other.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

// === impl Entry ===

impl Entry<'_> {
    fn encode(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&[VERSION, self.outcome.code()]);
        to.extend_from_slice(&self.status.to_le_bytes());
        for time in [
            self.scheduled,
            self.started,
            self.finished.unwrap_or_default(),
        ] {
            to.extend_from_slice(&nanoseconds(time).to_le_bytes());
        }
        for text in [
            self.message_id,
            self.client,
            self.target,
            self.fault_code,
            self.request_hash,
        ] {
            let text = bounded_text(text);
            let length = u16::try_from(text.len()).expect("bounded just now");
            to.extend_from_slice(&length.to_le_bytes());
            to.extend_from_slice(text.as_bytes());
        }
        for body in [self.question, self.answer] {
            let length = u32::try_from(body.len()).expect("questions and answers are bounded");
            to.extend_from_slice(&length.to_le_bytes());
            to.extend_from_slice(body);
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Header values need not be UTF-8, and may be longer than a length field says: the ledger keeps
/// as much as it can.
fn bounded_text(text: &[u8]) -> Cow<'_, str> {
    let kept = &text[..text.len().min(usize::from(u16::MAX))];
    match std::str::from_utf8(kept) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let valid = &kept[..error.valid_up_to()];
            Cow::Owned(String::from_utf8_lossy(valid).into_owned())
        }
    }
}

// === impl LedgerSender ===

impl LedgerSender {
    pub(crate) fn write(&mut self, entry: &Entry<'_>) {
        entry.encode(&mut self.batch.bytes);
        self.batch.ends.push(self.batch.bytes.len());
        if self.batch.bytes.len() >= BATCH_BYTES || self.batch.ends.len() >= BATCH_RECORDS {
            self.flush();
        }
    }

    /// Hands over what was gathered.
    pub(crate) fn flush(&mut self) {
        if !self.batch.ends.is_empty() {
            let batch = std::mem::take(&mut self.batch);
            // The writer ends before its senders do only by a panic, which `finish` reports.
            let _ = self.sender.send(batch);
            self.batch.bytes.reserve(BATCH_BYTES);
        }
    }
}

// === impl Ledger ===

impl Ledger {
    /// Begins the ledger in `folder`.
    pub(crate) fn begin(folder: &Path, shared: &Arc<Shared>) -> Result<Self, LoadError> {
        let options = JournalOptions {
            sync: SyncPolicy::Never,
            ..JournalOptions::default()
        };
        let writer = JournalWriter::create(folder, JournalKind::Ledger, options)
            .map_err(LoadError::Ledger)?;
        let (sender, batches) = sync_channel(WAITING_BATCHES);
        let (done, outcome) = oneshot::channel();
        let shared = Arc::clone(shared);
        crate::run::spawn_thread("ledger", move || {
            // Whoever waits for the outcome may have given up; then nobody needs it.
            let _ = done.send(write_all(writer, &batches, &shared));
        })?;
        Ok(Self { sender, outcome })
    }

    pub(crate) fn sender(&self) -> LedgerSender {
        LedgerSender {
            sender: self.sender.clone(),
            batch: Batch::default(),
        }
    }

    /// Seals the ledger once all other senders are gone. Returns the number of records.
    pub(crate) async fn finish(self) -> Result<u64, LoadError> {
        drop(self.sender);
        let outcome = self
            .outcome
            .await
            .map_err(|_| LoadError::ThreadLost("ledger".to_owned()))?;
        outcome.map_err(LoadError::Ledger)
    }
}

fn write_all(
    mut writer: JournalWriter,
    batches: &Receiver<Batch>,
    shared: &Shared,
) -> Result<u64, JournalError> {
    let mut outcome = Ok(());
    for batch in batches {
        // After a failure batches are still taken, so that no worker waits for ever.
        if outcome.is_ok() {
            outcome = write_batch(&mut writer, &batch);
            if let Err(error) = &outcome {
                tracing::error!(%error, "the ledger cannot be written");
                shared.stop("the ledger cannot be written");
            }
        }
    }
    outcome?;
    writer.seal()
}

fn write_batch(writer: &mut JournalWriter, batch: &Batch) -> Result<(), JournalError> {
    let mut start = 0;
    for &end in &batch.ends {
        writer.append(EXCHANGE, &batch.bytes[start..end])?;
        start = end;
    }
    writer.commit()
}

#[cfg(test)]
mod tests {
    use sim_clock::Clock;
    use sim_journal::simulated_disk::SimulatedDisk;

    use super::*;

    fn shared() -> Shared {
        Shared::new(Clock::wall(), Clock::wall().monotonic())
    }

    fn entry(question: &[u8]) -> Entry<'_> {
        Entry {
            outcome: Outcome::Ok,
            status: 200,
            scheduled: Duration::ZERO,
            started: Duration::ZERO,
            finished: None,
            message_id: b"run-7-0",
            client: b"EE/GOV/1/a",
            target: b"POST /r1",
            fault_code: b"",
            request_hash: b"",
            question,
            answer: b"",
        }
    }

    #[test]
    fn a_full_disk_stops_the_load_and_blocks_nobody() {
        let folder = tempfile::TempDir::new().unwrap();
        let disk = SimulatedDisk::default();
        let options = JournalOptions {
            sync: SyncPolicy::Never,
            storage: Arc::new(disk.clone()),
            ..JournalOptions::default()
        };
        let writer = JournalWriter::create(folder.path(), JournalKind::Ledger, options).unwrap();
        disk.fill_up_after(1_000_000);
        let shared = Arc::new(shared());
        let (sender, batches) = sync_channel(1);
        let seen = Arc::clone(&shared);
        let ledger = std::thread::spawn(move || write_all(writer, &batches, &seen));
        let mut sender = LedgerSender {
            sender,
            batch: Batch::default(),
        };
        // Far more than the disk and the channel hold: the sender would wait for ever.
        for _ in 0..100 {
            sender.write(&entry(&[b' '; 100_000]));
        }
        drop(sender);
        let failure = ledger.join().unwrap().unwrap_err();
        assert!(
            matches!(failure, JournalError::WriteSegment { .. }),
            "{failure:?}"
        );
        assert!(shared.stopping());
        assert_eq!(
            shared.stop_reason().as_deref(),
            Some("the ledger cannot be written")
        );
    }

    #[test]
    fn texts_are_cut_to_what_the_ledger_can_hold() {
        assert_eq!(bounded_text(b"plain"), "plain");
        assert_eq!(bounded_text(b"ab\xffcd"), "ab");
        let long = "\u{20ac}".repeat(30_000);
        let kept = bounded_text(long.as_bytes());
        assert!(long.starts_with(&*kept) && kept.len() > 65_000 && kept.len() <= 65_535);
    }
}
