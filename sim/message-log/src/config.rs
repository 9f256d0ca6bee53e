//! Settings and limits of a message log.

use std::sync::Arc;
use std::time::Duration;

use sim_journal::{DEFAULT_SEGMENT_BYTES, DiskStorage, Storage, SyncPolicy};

/// X-Road's `acceptable-timestamp-failure-period`.
pub const DEFAULT_ACCEPTABLE_TIME_STAMP_FAILURE: Duration = Duration::from_secs(14_400);
/// X-Road's `timestamp-records-limit`: signature documents that one token covers at most.
pub const DEFAULT_TIME_STAMP_BATCH: usize = 10_000;
/// Signature documents that may wait for a time-stamp; their digests, 72 bytes each, are what the
/// log keeps in memory.
pub const DEFAULT_MAX_UNSTAMPED: usize = 1_000_000;
/// Bytes of records that may wait for the disk; who appends more waits for room.
pub const MAX_WAITING_BYTES: usize = 64 << 20;
/// What the smallest record counts against [`MAX_WAITING_BYTES`], which also bounds their number.
pub const WAITING_UNIT_BYTES: usize = 1 << 10;

/// What a log keeps of bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLogging {
    /// The body.
    Whole,
    /// Its digest (X-Road: `message-body-logging=false`).
    Digest,
}

/// When signature documents are time-stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StampingTime {
    /// Later, many with one token.
    InBatches,
    /// Each by itself, before the message is acknowledged (X-Road: `timestamp-immediately`). Needs
    /// [`run_time_stamping_at_once`](crate::run_time_stamping_at_once) beside it.
    AtOnce,
}

/// How a message log works.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// Size after which a segment is finished and indexed.
    pub segment_bytes: u64,
    /// What an acknowledgement promises. Anything but [`SyncPolicy::DataSync`] is for measuring
    /// what durability costs.
    pub sync: SyncPolicy,
    /// How long stamping may fail before messages are refused; `None` never refuses.
    pub acceptable_time_stamp_failure: Option<Duration>,
    /// Signature documents that one token covers at most.
    pub time_stamp_batch: usize,
    /// Signature documents that may wait for a time-stamp before messages are refused.
    pub max_unstamped: usize,
    /// What is kept of bodies.
    pub bodies: BodyLogging,
    /// When signature documents are time-stamped.
    pub stamping: StampingTime,
    /// The file layer; tests put failing ones here.
    pub storage: Arc<dyn Storage>,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: DEFAULT_SEGMENT_BYTES,
            sync: SyncPolicy::DataSync,
            acceptable_time_stamp_failure: Some(DEFAULT_ACCEPTABLE_TIME_STAMP_FAILURE),
            time_stamp_batch: DEFAULT_TIME_STAMP_BATCH,
            max_unstamped: DEFAULT_MAX_UNSTAMPED,
            bodies: BodyLogging::Whole,
            stamping: StampingTime::InBatches,
            storage: Arc::new(DiskStorage),
        }
    }
}
