//! Stamping at once: a token of its own for each signature document, before its message is
//! acknowledged.
//!
//! Several tokens are under way at a time, but they are stored in the order of their documents, as
//! the form of the log wants it. Where one cannot be had, every message that waits then fails, and
//! its document is stamped with those of later messages, or when the log is drained.

use std::collections::VecDeque;
use std::sync::Arc;

use sim_evidence::digest::Sha512;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::error::LogError;
use crate::log::MessageLog;
use crate::log::queue::Command;
use crate::record::TimeStampRecord;
use crate::time_stamping::{StampError, Stamper};

/// Tokens that are asked for at the same time.
const MAX_UNDER_WAY: usize = 64;

/// How far the documents have come, by their sequences.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// Changes whenever something was stamped or failed.
    round: u64,
    /// The last document that could not be stamped when it was its turn, and why.
    failed: Option<(u64, Arc<StampError>)>,
    /// The round in which that was.
    failed_in: u64,
}

/// A document whose token somebody waits for.
pub(super) struct Expected {
    document: Sha512,
    progress: watch::Receiver<Progress>,
    /// The round in which the wait began.
    began: u64,
}

type UnderWay = VecDeque<JoinHandle<Result<TimeStampRecord, LogError>>>;

impl MessageLog {
    /// What to wait for after `document` has been logged. To be called before: a failure that comes
    /// as soon as the document is in the log must not be missed.
    pub(super) fn expect_stamp(&self, document: &[u8]) -> Expected {
        let mut progress = self.shared().at_once.subscribe();
        let began = progress.borrow_and_update().round;
        Expected {
            document: Sha512::of(document),
            progress,
            began,
        }
    }

    /// Waits until a token covers the document, which is in the log by now.
    ///
    /// # Errors
    /// [`LogError::Stamping`] where none could be had, or why the log failed.
    pub(super) async fn stamped(&self, mut expected: Expected) -> Result<(), LogError> {
        loop {
            let waiting = self
                .shared()
                .state
                .lock()
                .unstamped
                .sequence_of(&expected.document);
            let Some(sequence) = waiting else {
                return Ok(());
            };
            if let Some(error) = expected.failure(sequence) {
                return Err(LogError::Stamping(error));
            }
            let changed = expected.progress.changed().await;
            changed.map_err(|_| self.shared().stopped())?;
        }
    }

    /// Stamps every document as it comes; never returns.
    pub(crate) async fn stamp_at_once<S: Stamper + Send + 'static>(&self, stamper: Arc<S>) {
        loop {
            self.batch_is_full().await;
            if let Err(error) = self.stamp_one_by_one(&stamper).await {
                self.tell_failure(&error);
            }
        }
    }

    /// Stamps all that wait, and what comes meanwhile.
    async fn stamp_one_by_one<S: Stamper + Send + 'static>(
        &self,
        stamper: &Arc<S>,
    ) -> Result<(), LogError> {
        let _round = self.shared().round.lock().await;
        let mut under_way = UnderWay::new();
        let mut asked = None;
        loop {
            while under_way.len() < MAX_UNDER_WAY {
                let next = self.shared().state.lock().unstamped.single_behind(asked);
                let Some(batch) = next else { break };
                asked = Some(batch.last);
                let (log, stamper) = (self.clone(), Arc::clone(stamper));
                let token = async move { log.token_over(batch, &*stamper).await };
                under_way.push_back(tokio::spawn(token));
            }
            let has_room = under_way.len() < MAX_UNDER_WAY;
            let Some(oldest) = under_way.front_mut() else {
                return Ok(());
            };
            tokio::select! {
                token = oldest => {
                    under_way.pop_front();
                    let interrupted = |_| LogError::Stamping(Arc::new(StampError::Interrupted));
                    let record = token.map_err(interrupted).flatten();
                    if let Err(error) = self.store(record).await {
                        // Their documents are behind one that has none.
                        under_way.iter().for_each(JoinHandle::abort);
                        return Err(error);
                    }
                }
                () = self.batch_is_full(), if has_room => {}
            }
        }
    }

    async fn store(&self, record: Result<TimeStampRecord, LogError>) -> Result<(), LogError> {
        let record = record?;
        self.command(|done| Command::Stamp { record, done }).await?;
        self.shared()
            .at_once
            .send_modify(|progress| progress.round += 1);
        Ok(())
    }

    fn tell_failure(&self, error: &LogError) {
        tracing::warn!(%error, "time-stamping at once failed");
        let last = self.shared().state.lock().unstamped.last();
        self.shared().at_once.send_modify(|progress| {
            progress.round += 1;
            if let (Some(last), LogError::Stamping(error)) = (last, error) {
                progress.failed = Some((last, Arc::clone(error)));
                progress.failed_in = progress.round;
            }
        });
    }
}

// === impl Expected ===

impl Expected {
    /// Why the document with this sequence was not stamped, if it had its turn since.
    fn failure(&self, sequence: u64) -> Option<Arc<StampError>> {
        let progress = self.progress.borrow();
        let (through, error) = progress.failed.as_ref()?;
        let is_new = progress.failed_in > self.began;
        (is_new && sequence <= *through).then(|| Arc::clone(error))
    }
}
