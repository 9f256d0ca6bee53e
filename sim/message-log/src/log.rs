//! The handle of a message log: append, stamp, drain.
//!
//! Callers put records into a queue; the committer's thread takes all that waits, writes it, syncs
//! once, and answers. [`MessageLog::append`] yields once before it wakes that thread, so that
//! everything one turn of the event loop brings goes into one group.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use sim_clock::{Clock, UtcTime};
use tokio::sync::{Notify, Semaphore, oneshot, watch};

use crate::config::{BodyLogging, LogConfig, MAX_WAITING_BYTES, StampingTime, WAITING_UNIT_BYTES};
use crate::error::LogError;
use crate::record::MessageRecord;
use crate::unstamped::Unstamped;

use at_once::Progress;
use committer::Committer;
use queue::{Command, Queue};

mod at_once;
mod committer;
mod completion;
mod drain;
mod queue;
mod recovery;
mod stamping;
mod statistics;

pub use stamping::{StampedCount, imprint_of};
pub use statistics::{LogStatistics, LogSummary, RecoveryReport};

/// A durable log of messages; clones share one log.
///
/// When the last clone goes without [`MessageLog::drain`], the log ends as after a kill: all that
/// was acknowledged is there, but nothing is sealed.
#[derive(Clone, Debug)]
pub struct MessageLog {
    handle: Arc<Handle>,
}

/// Closes the queue when the last clone of the log goes, which ends the thread.
#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
}

/// What the log's users and its thread share.
#[derive(Debug)]
struct Shared {
    config: LogConfig,
    clock: Clock,
    queue: Queue,
    /// Room for waiting records, in units of [`WAITING_UNIT_BYTES`].
    room: Arc<Semaphore>,
    state: Mutex<State>,
    /// Held during a round of time-stamping: batches follow each other.
    round: tokio::sync::Mutex<()>,
    /// Told when a whole batch waits for a time-stamp.
    batch_is_full: Notify,
    /// How far signatures that are stamped at once have come.
    at_once: watch::Sender<Progress>,
}

#[derive(Debug, Default)]
struct State {
    /// Why nothing is accepted any more.
    failure: Option<LogError>,
    /// Since when no time-stamp could be had.
    failing_since: Option<UtcTime>,
    unstamped: Unstamped,
    statistics: LogStatistics,
}

// === impl MessageLog ===

impl MessageLog {
    /// Opens the log in `folder`, or begins one, and starts its thread.
    ///
    /// Blocks while it reads an existing log.
    ///
    /// # Errors
    /// Where the folder cannot be used, or holds a damaged log.
    pub fn open(
        folder: &Path,
        config: LogConfig,
        clock: Clock,
    ) -> Result<(Self, RecoveryReport), LogError> {
        let recovered = recovery::open(folder, &config)?;
        let report = recovered.report;
        let shared = Arc::new(Shared {
            config,
            clock,
            queue: Queue::default(),
            room: Arc::new(Semaphore::new(MAX_WAITING_BYTES / WAITING_UNIT_BYTES)),
            state: Mutex::new(State {
                unstamped: recovered.unstamped,
                ..State::default()
            }),
            round: tokio::sync::Mutex::new(()),
            batch_is_full: Notify::new(),
            at_once: watch::Sender::new(Progress::default()),
        });
        let committer = Committer::new(
            Arc::clone(&shared),
            recovered.journal,
            recovered.cache,
            recovered.index,
        );
        thread::Builder::new()
            .name("message-log".to_owned())
            .spawn(move || committer.run())
            .map_err(|source| LogError::Thread(Arc::new(source)))?;
        Ok((
            Self {
                handle: Arc::new(Handle { shared }),
            },
            report,
        ))
    }

    /// Logs one message; returns once it and its signature document are on stable storage, and,
    /// where signatures are stamped at once, a token over the document too.
    ///
    /// A caller that goes away may leave the record behind or not; it was not acknowledged.
    ///
    /// # Errors
    /// Where the message is too long for the log, time-stamping has failed for too long, or the
    /// disk failed, now or earlier. The message must not be acknowledged then.
    pub async fn append(&self, record: MessageRecord) -> Result<(), LogError> {
        let shared = self.shared();
        self.health()?;
        let record = match shared.config.bodies {
            BodyLogging::Whole => record,
            BodyLogging::Digest => record.without_body(),
        };
        let expected = match shared.config.stamping {
            StampingTime::InBatches => None,
            StampingTime::AtOnce => Some(self.expect_stamp(&record.signature)),
        };
        let units = record.weight().div_ceil(WAITING_UNIT_BYTES).max(1);
        let units = units.min(MAX_WAITING_BYTES / WAITING_UNIT_BYTES);
        let units = u32::try_from(units).expect("the limit is far below 32 bits");
        let room = Arc::clone(&shared.room);
        let permit = room
            .acquire_many_owned(units)
            .await
            .map_err(|_| LogError::Closed)?;
        let (done, outcome) = oneshot::channel();
        let is_first = shared.queue.push(Command::Append {
            record,
            done,
            permit,
        })?;
        if is_first {
            shared.queue.wake_after_this_turn().await;
        }
        match outcome.await {
            Ok(completion) => completion.result()?,
            Err(_) => return Err(shared.stopped()),
        }
        match expected {
            None => Ok(()),
            Some(expected) => self.stamped(expected).await,
        }
    }

    /// Whether messages would be accepted now.
    ///
    /// # Errors
    /// Why they would not.
    pub fn health(&self) -> Result<(), LogError> {
        let shared = self.shared();
        let state = shared.state.lock();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        if let (Some(since), Some(acceptable)) = (
            state.failing_since,
            shared.config.acceptable_time_stamp_failure,
        ) && shared.clock.now().since(since) >= acceptable
        {
            return Err(LogError::TimestampingFailed { since });
        }
        let waiting = state.unstamped.len();
        if waiting >= shared.config.max_unstamped {
            return Err(LogError::TooManyUnstamped { waiting });
        }
        Ok(())
    }

    /// What the log has done so far.
    #[must_use]
    pub fn statistics(&self) -> LogStatistics {
        self.shared().statistics()
    }

    fn shared(&self) -> &Shared {
        &self.handle.shared
    }

    /// Hands a command to the thread at once and waits for its answer.
    async fn command<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, LogError>>) -> Command,
    ) -> Result<T, LogError> {
        let (done, outcome) = oneshot::channel();
        self.shared().queue.push(command(done))?;
        self.shared().queue.wake();
        outcome
            .await
            .unwrap_or_else(|_| Err(self.shared().stopped()))
    }
}

// === impl Handle ===

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}

// === impl Shared ===

impl Shared {
    /// Why the thread answers no more.
    fn stopped(&self) -> LogError {
        self.state
            .lock()
            .failure
            .clone()
            .unwrap_or(LogError::Closed)
    }

    fn statistics(&self) -> LogStatistics {
        let state = self.state.lock();
        let unstamped = u64::try_from(state.unstamped.len()).unwrap_or(u64::MAX);
        LogStatistics {
            unstamped,
            ..state.statistics
        }
    }
}
