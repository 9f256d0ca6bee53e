//! Answers a whole group of waiting tasks with one wake-up across threads.
//!
//! Waking a task of another thread costs a system call, waking one from within its own runtime does
//! not. So only the first of a group is answered by the log's thread; its answer carries the
//! others', and hands them on when it is taken, or dropped.

use tokio::sync::oneshot;

use crate::error::LogError;

/// The answer to one append.
#[derive(Debug)]
pub(super) struct Completion {
    result: Result<(), LogError>,
    others: Others,
}

/// Tasks of the group that are still to be answered alike.
#[derive(Debug)]
struct Others {
    result: Result<(), LogError>,
    senders: Vec<oneshot::Sender<Completion>>,
}

/// Gives all of `senders` the same answer.
pub(super) fn complete(
    mut senders: Vec<oneshot::Sender<Completion>>,
    result: &Result<(), LogError>,
) {
    let Some(first) = senders.pop() else {
        return;
    };
    let others = Others {
        result: result.clone(),
        senders,
    };
    // Where the first has gone, its answer comes back and is dropped, which answers the others.
    drop(first.send(Completion {
        result: result.clone(),
        others,
    }));
}

/// Gives one task an answer of its own.
pub(super) fn complete_one(sender: oneshot::Sender<Completion>, result: &Result<(), LogError>) {
    complete(vec![sender], result);
}

// === impl Completion ===

impl Completion {
    /// The answer; the others of the group get theirs now.
    pub(super) fn result(self) -> Result<(), LogError> {
        drop(self.others);
        self.result
    }
}

// === impl Others ===

impl Drop for Others {
    fn drop(&mut self) {
        for sender in self.senders.drain(..) {
            let others = Self {
                result: Ok(()),
                senders: Vec::new(),
            };
            // Where a task has gone, nobody waits for the answer.
            drop(sender.send(Completion {
                result: self.result.clone(),
                others,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_answered_wherever_the_first_has_gone() {
        for gone_before in [true, false] {
            let (senders, mut receivers): (Vec<_>, Vec<_>) =
                (0..5).map(|_| oneshot::channel()).unzip();
            let first = receivers.pop().unwrap();
            if gone_before {
                drop(first);
                complete(senders, &Err(LogError::Closed));
            } else {
                complete(senders, &Err(LogError::Closed));
                assert!(receivers[0].try_recv().is_err(), "woken by the first only");
                drop(first);
            }
            for mut receiver in receivers {
                let result = receiver.try_recv().expect("an answer").result();
                assert!(matches!(result, Err(LogError::Closed)));
            }
        }
    }
}
