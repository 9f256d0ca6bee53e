//! How a journal is written: segment size, what a commit promises, and the file layer.

use std::sync::Arc;

use crate::storage::{DiskStorage, Storage};

/// Size after which a segment is finished and the next one begun.
pub const DEFAULT_SEGMENT_BYTES: u64 = 64 << 20;
/// What a commit promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SyncPolicy {
    /// Records survive a kill of the process, but not the machine: the ledger.
    Never,
    /// Records are on stable storage before the commit returns: message logs.
    #[default]
    DataSync,
}

/// How a journal is written.
#[derive(Clone, Debug)]
pub struct JournalOptions {
    /// Size after which a segment is finished; one larger record may exceed it.
    pub segment_bytes: u64,
    /// What a commit promises.
    pub sync: SyncPolicy,
    /// The file layer; tests put failing ones here.
    pub storage: Arc<dyn Storage>,
}

impl Default for JournalOptions {
    fn default() -> Self {
        Self {
            segment_bytes: DEFAULT_SEGMENT_BYTES,
            sync: SyncPolicy::default(),
            storage: Arc::new(DiskStorage),
        }
    }
}
