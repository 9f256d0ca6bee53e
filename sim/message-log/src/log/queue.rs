//! What waits for the log's thread.

use std::mem;

use parking_lot::{Condvar, Mutex};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task;

use crate::error::LogError;
use crate::log::completion::Completion;
use crate::log::statistics::LogSummary;
use crate::record::{MessageRecord, TimeStampRecord};

/// What the thread is asked to do.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all commands are the largest variant, and a box would cost each an allocation"
)]
pub(super) enum Command {
    /// Log a message.
    Append {
        record: MessageRecord,
        done: oneshot::Sender<Completion>,
        /// The room the record takes in the queue, given back when this goes.
        permit: OwnedSemaphorePermit,
    },
    /// Log a time-stamp.
    Stamp {
        record: TimeStampRecord,
        done: oneshot::Sender<Result<(), LogError>>,
    },
    /// Accept no further messages.
    Close {
        done: oneshot::Sender<Result<(), LogError>>,
    },
    /// Seal the journal and end.
    Seal {
        done: oneshot::Sender<Result<LogSummary, LogError>>,
    },
}

/// A queue from many tasks to one thread; its length is bounded by the permits of its commands.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<Waiting>,
    arrival: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    commands: Vec<Command>,
    closed: bool,
}

/// Wakes the thread when it goes: also where the task that should do so is dropped.
struct WakeOnDrop<'a>(&'a Queue);

// === impl Queue ===

impl Queue {
    /// Adds a command; whether it is the first, whose sender has to wake the thread.
    pub(super) fn push(&self, command: Command) -> Result<bool, LogError> {
        let mut waiting = self.state.lock();
        if waiting.closed {
            return Err(LogError::Closed);
        }
        waiting.commands.push(command);
        Ok(waiting.commands.len() == 1)
    }

    /// Wakes the thread now.
    pub(super) fn wake(&self) {
        self.arrival.notify_one();
    }

    /// Lets the other tasks of this turn add theirs, then wakes the thread.
    ///
    /// A wake-up for the first few messages of a turn costs a sync of their own.
    pub(super) async fn wake_after_this_turn(&self) {
        let _wake = WakeOnDrop(self);
        task::yield_now().await;
    }

    /// Takes everything that waits into `commands`, blocking until there is something; false once
    /// the queue is closed and empty.
    pub(super) fn take_all(&self, commands: &mut Vec<Command>) -> bool {
        let mut waiting = self.state.lock();
        while waiting.commands.is_empty() {
            if waiting.closed {
                return false;
            }
            self.arrival.wait(&mut waiting);
        }
        mem::swap(commands, &mut waiting.commands);
        true
    }

    /// Refuses further commands; those that wait are still served.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.wake();
    }

    /// Refuses further commands and drops those that wait: nobody serves them any more.
    pub(super) fn abandon(&self) {
        let mut waiting = self.state.lock();
        waiting.closed = true;
        let abandoned = mem::take(&mut waiting.commands);
        drop(waiting);
        // Outside the lock: whoever waits for them is woken.
        drop(abandoned);
    }
}

// === impl WakeOnDrop ===

impl Drop for WakeOnDrop<'_> {
    fn drop(&mut self) {
        self.0.wake();
    }
}
