//! The ledger: one record of every exchange that was started, in the form that
//! `docs/log-format.md` describes (record kind 4).
//!
//! Workers encode records into batches; a thread of its own writes them. Where the disk is slower
//! than the load, the workers wait for it: a ledger with gaps would prove nothing.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use sim_journal::{
    EXCHANGE, ExchangeRecord, JournalError, JournalKind, JournalOptions, JournalWriter, SyncPolicy,
};
use tokio::sync::oneshot;

use crate::error::LoadError;
use crate::progress::Shared;

/// A batch is handed over when it has so many bytes,
const BATCH_BYTES: usize = 256 * 1024;
/// or so many records.
const BATCH_RECORDS: usize = 1_024;
/// Batches that wait for the disk.
const WAITING_BATCHES: usize = 16;

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

// === impl LedgerSender ===

impl LedgerSender {
    pub(crate) fn write(&mut self, entry: &ExchangeRecord<'_>) {
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
    use std::time::Duration;

    use sim_clock::Clock;
    use sim_journal::simulated_disk::SimulatedDisk;

    use super::*;

    fn shared() -> Shared {
        Shared::new(Clock::wall(), Clock::wall().monotonic())
    }

    fn entry(question: &[u8]) -> ExchangeRecord<'_> {
        ExchangeRecord {
            outcome: 0,
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
}
