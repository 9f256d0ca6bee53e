//! What a log counts.

use serde::{Deserialize, Serialize};

/// What a log has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStatistics {
    /// Messages that are durable.
    pub messages: u64,
    /// Signature documents stored.
    pub signatures: u64,
    /// Messages whose signature document was stored already.
    pub shared_signatures: u64,
    /// Time-stamp tokens stored.
    pub time_stamps: u64,
    /// Signature documents that wait for a time-stamp.
    pub unstamped: u64,
    /// Groups written, each with one sync.
    pub commits: u64,
    /// Records in the largest group.
    pub largest_group: u64,
    /// Bytes of payload written.
    pub bytes: u64,
    /// Time the log's thread spent writing and syncing, in microseconds.
    pub commit_us: u64,
}

/// How a drained log ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSummary {
    /// Records in the journal, of all kinds and runs, the seal not counted.
    pub records: u64,
    /// Segment files.
    pub segments: u32,
    /// What was done since the log was opened.
    pub statistics: LogStatistics,
}

/// What opening a log found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryReport {
    /// Records that stand, of all kinds.
    pub records: u64,
    /// Messages among them.
    pub messages: u64,
    /// Signature documents that no token covers yet.
    pub unstamped: u64,
    /// Bytes behind the last whole record that were cut off.
    pub dropped_bytes: u64,
    /// The log had been drained; its seal is gone now.
    pub was_sealed: bool,
}
