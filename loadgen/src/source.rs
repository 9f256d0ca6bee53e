//! Hands the exchanges that are due to the connections of one worker.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::progress::Shared;

/// An exchange that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) index: u64,
    /// When it was meant to start, since the load began; absent: whenever it does.
    pub(crate) scheduled: Option<Duration>,
}

/// Where connections get their next exchange from.
#[derive(Debug)]
pub(crate) enum Source {
    /// Whoever is free takes the next one.
    Closed {
        shared: Arc<Shared>,
        exchanges: u64,
        stop_after: Option<Duration>,
    },
    /// A pacer decides.
    Open(Queue),
}

/// Exchanges that came due, and connections that wait for one.
#[derive(Debug, Default)]
pub(crate) struct Queue(RefCell<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    dues: VecDeque<Due>,
    /// The last to become idle is the first to be used, so that few connections are kept busy.
    idle: Vec<oneshot::Sender<Due>>,
    closed: bool,
}

// === impl Source ===

impl Source {
    /// The next exchange, when there is one; absent when there will be none.
    pub(crate) async fn next(&self) -> Option<Due> {
        match self {
            Self::Closed {
                shared,
                exchanges,
                stop_after,
            } => {
                let index = shared.take_index(*exchanges, *stop_after)?;
                Some(Due {
                    index,
                    scheduled: None,
                })
            }
            Self::Open(queue) => queue.next().await,
        }
    }
}

// === impl Queue ===

impl Queue {
    /// Gives `due` to an idle connection; false where none is, and then it waits for one.
    pub(crate) fn offer(&self, due: Due) -> bool {
        let mut waiting = self.0.borrow_mut();
        let mut due = due;
        while let Some(idle) = waiting.idle.pop() {
            match idle.send(due) {
                Ok(()) => return true,
                // That connection's task is gone.
                Err(back) => due = back,
            }
        }
        waiting.dues.push_back(due);
        false
    }

    /// Nothing more will come: what waits is still handed out, then connections are dismissed.
    pub(crate) fn close(&self) {
        let mut waiting = self.0.borrow_mut();
        waiting.closed = true;
        waiting.idle.clear();
    }

    /// Takes back everything that waits, and tells how much it was.
    pub(crate) fn abandon(&self) -> u64 {
        self.0.borrow_mut().dues.drain(..).count() as u64
    }

    async fn next(&self) -> Option<Due> {
        let turn = {
            let mut waiting = self.0.borrow_mut();
            if let Some(due) = waiting.dues.pop_front() {
                return Some(due);
            }
            if waiting.closed {
                return None;
            }
            let (idle, turn) = oneshot::channel();
            waiting.idle.push(idle);
            turn
        };
        turn.await.ok()
    }
}
