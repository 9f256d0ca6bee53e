//! Rounds of time-stamping: one token over the tree of up to a batch of signature documents.

use std::sync::Arc;

use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::{HashTree, time_stamp_chain};
use tokio::task;

use crate::error::LogError;
use crate::log::MessageLog;
use crate::log::queue::Command;
use crate::record::TimeStampRecord;
use crate::time_stamping::{StampError, Stamper};
use crate::unstamped::Batch;

/// What a call of [`MessageLog::stamp_now`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StampedCount {
    /// Tokens obtained and stored.
    pub tokens: u64,
    /// Signature documents they cover.
    pub signatures: u64,
}

impl MessageLog {
    /// Has everything stamped that waits now; returns once the tokens are durable.
    ///
    /// One call at a time does this, others wait for it.
    ///
    /// # Errors
    /// Where no token can be had (messages are still accepted for the acceptable time), or the log
    /// cannot be written.
    pub async fn stamp_now(&self, stamper: &impl Stamper) -> Result<StampedCount, LogError> {
        let shared = self.shared();
        let _round = shared.round.lock().await;
        let mut left = shared.state.lock().unstamped.len();
        let mut count = StampedCount::default();
        while left > 0 {
            let limit = shared.config.time_stamp_batch.min(left);
            let Some(batch) = shared.state.lock().unstamped.batch(limit) else {
                break;
            };
            let signatures = batch.leaves.len();
            let record = self.token_over(batch, stamper).await?;
            self.command(|done| Command::Stamp { record, done }).await?;
            left -= signatures;
            count.tokens += 1;
            count.signatures += u64::try_from(signatures).unwrap_or(u64::MAX);
        }
        Ok(count)
    }

    /// Returns when a whole batch waits for a time-stamp.
    pub async fn batch_is_full(&self) {
        self.shared().batch_is_full.notified().await;
    }

    pub(super) async fn token_over(
        &self,
        batch: Batch,
        stamper: &impl Stamper,
    ) -> Result<TimeStampRecord, LogError> {
        let (first, last) = (batch.first, batch.last);
        let too_long = |_| LogError::TooLong {
            part: "time-stamp batch",
        };
        let count = u32::try_from(batch.leaves.len()).map_err(too_long)?;
        // Ten thousand digests take some ten milliseconds: too long for a thread that serves.
        let imprint = task::spawn_blocking(move || imprint_of(&batch.leaves)).await;
        let stamped = match imprint {
            Ok(imprint) => stamper.stamp(imprint).await,
            Err(_) => Err(StampError::Interrupted),
        };
        let mut state = self.shared().state.lock();
        match stamped {
            Ok(stamp) => {
                state.failing_since = None;
                let (stamped_at, token) = (stamp.at, stamp.token);
                Ok(TimeStampRecord {
                    stamped_at,
                    first,
                    last,
                    count,
                    token,
                })
            }
            Err(error) => {
                state
                    .failing_since
                    .get_or_insert_with(|| self.shared().clock.now());
                Err(LogError::Stamping(Arc::new(error)))
            }
        }
    }
}

/// What a token over a batch of signature documents is over: the digest of the result of their
/// tree, as `docs/log-format.md` lays it out.
///
/// # Panics
/// Where `leaves`, the digests of the documents, is empty: no such batch exists.
#[must_use]
pub fn imprint_of(leaves: &[Sha512]) -> Sha512 {
    let tree = HashTree::build(leaves).expect("a batch has at least one document");
    let chain = time_stamp_chain(leaves[0], &tree.path(0));
    Sha512::of(&chain.result)
}
