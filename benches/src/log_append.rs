//! Appending to a message log until the records are durable.

use std::path::Path;

use bytes::Bytes;
use sim_clock::Clock;
use sim_message_log::{
    Direction, LogConfig, LogStatistics, LoggedChain, MessageLog, MessageRecord, Side,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::country::NOW;
use crate::exchange;
use crate::hash_tree::Batch;
use crate::signing::Signing;

/// A log in a folder of its own, gone with it, and the event loop that appends.
pub struct Log {
    runtime: Runtime,
    log: MessageLog,
    folder: TempDir,
}

/// Makes batches of records, each with a signature document of its own.
pub struct Records {
    template: Vec<MessageRecord>,
    /// Batches made.
    made: u64,
}

// === impl Records ===

impl Records {
    /// Prepares batches of `messages` requests that share one signature document.
    #[must_use]
    pub fn new(messages: usize) -> Self {
        Self::sharing(messages, &Signing::new(messages).run().document)
    }

    /// As [`Self::new`], with a document that was made elsewhere; the log does not read it.
    #[must_use]
    pub fn sharing(messages: usize, signature: &Bytes) -> Self {
        let tree = Batch::new(messages).tree();
        let template = (0..messages).map(|index| {
            let number = index as u64;
            let request = exchange::request(number);
            MessageRecord {
                side: Side::Provider,
                direction: Direction::Request,
                message_id: request.id,
                request_id: request.request_id,
                own_party: request.service.to_string(),
                peer_party: request.client.to_string(),
                head: request.serialised,
                body: Some(Bytes::from(exchange::request_body(number)).into()),
                signature: signature.clone(),
                chain: Some(LoggedChain::Compact(tree.path(index))),
                logged_at: NOW,
            }
        });
        Self {
            template: template.collect(),
            made: 0,
        }
    }

    /// The next batch.
    ///
    /// Its signature document is the same as before save for a number that overwrites its first
    /// bytes: the log does not read it, but would store an equal one only once.
    #[must_use]
    pub fn next_batch(&mut self) -> Vec<MessageRecord> {
        let mut signature = self.template[0].signature.to_vec();
        let number = self.made.to_be_bytes();
        signature[..number.len()].copy_from_slice(&number);
        let signature = Bytes::from(signature);
        let first = self.made * self.template.len() as u64;
        self.made += 1;
        let records = self.template.iter().zip(first..);
        records
            .map(|(record, number)| MessageRecord {
                message_id: exchange::message_id(number),
                signature: signature.clone(),
                ..record.clone()
            })
            .collect()
    }
}

// === impl Log ===

impl Log {
    /// Opens a log in a new folder within `parent`, with the settings of a security server.
    ///
    /// # Panics
    ///
    /// When the disk or the system refuses.
    #[must_use]
    pub fn open(parent: &Path) -> Self {
        let folder = TempDir::with_prefix_in("log-append-", parent).expect("a new folder");
        let (log, _) = MessageLog::open(folder.path(), LogConfig::default(), Clock::wall())
            .expect("a log can begin in an empty folder");
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        Self {
            runtime: runtime.expect("the system has room for an event loop"),
            log,
            folder,
        }
    }

    /// Appends all `records` at once, a task each, as exchanges do, and waits for the last
    /// acknowledgement.
    ///
    /// # Panics
    ///
    /// When a record is not acknowledged.
    pub fn append(&self, records: Vec<MessageRecord>) {
        self.runtime.block_on(async {
            let append = |record| {
                let log = self.log.clone();
                tokio::spawn(async move { log.append(record).await })
            };
            let tasks: Vec<_> = records.into_iter().map(append).collect();
            for task in tasks {
                let appended = task.await.expect("the task does not panic");
                appended.expect("the log acknowledges");
            }
        });
    }

    /// What the log has done.
    #[must_use]
    pub fn statistics(&self) -> LogStatistics {
        self.log.statistics()
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

#[cfg(test)]
mod tests {
    use sim_message_log::LogReader;

    use super::{Log, Records};

    #[test]
    fn what_was_appended_is_on_disk_with_a_document_a_batch() {
        let log = Log::open(&std::env::temp_dir());
        let mut records = Records::new(4);
        let batches: Vec<_> = (0..3).map(|_| records.next_batch()).collect();
        for batch in &batches {
            log.append(batch.clone());
        }
        let statistics = log.statistics();
        assert_eq!((statistics.messages, statistics.signatures), (12, 3));
        let reader = LogReader::open(log.folder()).unwrap();
        for record in batches.iter().flatten() {
            let found = reader.find(&record.message_id).unwrap();
            assert_eq!(found.len(), 1, "{}", record.message_id);
            assert_eq!(found[0].record, *record);
        }
    }
}
