//! A thread of connections, each with one exchange at a time.
//!
//! Everything in it runs on one thread and takes turns only at an await, so its books need no
//! lock.

use std::cell::RefCell;
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use sim_http1::OutgoingRequest;
use sim_metrics::Outcome;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{interval, sleep};

use crate::books::{Books, InFlight};
use crate::connection::{Connection, NoAnswer};
use crate::exchange::Answer;
use crate::ledger::LedgerSender;
use crate::plan::{Pace, Plan};
use crate::progress::Shared;
use crate::recorder::{Recorder, Totals};
use crate::source::{Due, Queue, Source};

/// How long gathered ledger records wait at most.
const FLUSH_INTERVAL: Duration = Duration::from_millis(200);

/// Between two attempts to connect.
const CONNECT_PAUSE: Duration = Duration::from_millis(20);

/// Attempts to send a request of which nothing has gone out, each on a new connection.
const SEND_ATTEMPTS: usize = 3;

/// What a worker is given.
#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) plan: Arc<Plan>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) recorder: Recorder,
    pub(crate) ledger: LedgerSender,
    /// Most exchanges in flight on this worker.
    pub(crate) lanes: usize,
    /// What the pacer makes due; absent for a closed load.
    pub(crate) dues: Option<UnboundedReceiver<Due>>,
}

struct Worker {
    plan: Arc<Plan>,
    shared: Arc<Shared>,
    source: Source,
    paced: bool,
    max_lanes: usize,
    books: RefCell<Books>,
}

/// Runs a worker until its exchanges have ended; the thread's main function.
pub(crate) fn run(assignment: Assignment) -> std::io::Result<Totals> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let Assignment {
        plan,
        shared,
        recorder,
        ledger,
        lanes,
        dues,
    } = assignment;
    shared.register_worker();
    let source = match dues {
        Some(_) => Source::Open(Queue::default()),
        None => Source::Closed {
            shared: Arc::clone(&shared),
            exchanges: plan.exchanges,
            stop_after: plan.stop_after,
        },
    };
    let books = Books::new(Arc::clone(&plan), recorder, ledger);
    let worker = Rc::new(Worker {
        plan,
        shared,
        source,
        paced: dues.is_some(),
        max_lanes: lanes,
        books: RefCell::new(books),
    });
    LocalSet::new().block_on(&runtime, Rc::clone(&worker).supervise(dues));
    let worker = Rc::into_inner(worker).expect("every lane has ended");
    Ok(worker.books.into_inner().finish())
}

// === impl Worker ===

impl Worker {
    /// Feeds the lanes, and ends them when there is nothing more to do or no time left.
    async fn supervise(self: Rc<Self>, mut dues: Option<UnboundedReceiver<Due>>) {
        let mut lanes = JoinSet::new();
        if dues.is_none() {
            for _ in 0..self.max_lanes {
                self.open_lane(&mut lanes);
            }
        }
        let mut flush = interval(FLUSH_INTERVAL);
        let mut stopped = pin!(self.shared.stopped());
        let mut drained = pin!(pending_or_sleep(None));
        let mut draining = false;
        while dues.is_some() || !lanes.is_empty() {
            tokio::select! {
                due = next_due(&mut dues) => match due {
                    Some(due) => self.admit(due, &mut lanes, draining),
                    None => {
                        dues = None;
                        self.close();
                    }
                },
                Some(ended) = lanes.join_next(), if !lanes.is_empty() => {
                    if let Err(error) = ended {
                        // Its exchange is still in its lane, and ends as unknown.
                        tracing::error!(%error, "a connection's task failed");
                    }
                }
                _ = flush.tick() => self.books.borrow_mut().flush(),
                () = &mut stopped, if !draining => {
                    draining = true;
                    self.abandon_waiting();
                    drained.set(pending_or_sleep(Some(self.plan.timeouts.drain)));
                }
                () = &mut drained, if draining => break,
            }
        }
        lanes.shutdown().await;
        self.give_up_in_flight();
    }

    fn open_lane(self: &Rc<Self>, lanes: &mut JoinSet<()>) {
        let lane = self.books.borrow_mut().open_lane();
        lanes.spawn_local(Rc::clone(self).serve(lane));
    }

    fn admit(self: &Rc<Self>, due: Due, lanes: &mut JoinSet<()>, draining: bool) {
        let Source::Open(queue) = &self.source else {
            return;
        };
        if draining {
            self.drop_waiting(1);
        } else if !queue.offer(due) && lanes.len() < self.max_lanes {
            self.open_lane(lanes);
        }
    }

    fn close(&self) {
        if let Source::Open(queue) = &self.source {
            queue.close();
        }
    }

    /// What waits when the load is stopped is not started any more.
    fn abandon_waiting(&self) {
        if let Source::Open(queue) = &self.source {
            self.drop_waiting(queue.abandon());
        }
    }

    fn drop_waiting(&self, count: u64) {
        self.shared.count_dropped(count);
        for _ in 0..count {
            self.shared.leave_place();
        }
    }

    /// One lane: one connection, one exchange after the other.
    async fn serve(self: Rc<Self>, lane: usize) {
        let mut connection = None;
        while let Some(due) = self.source.next().await {
            let request = self.begin(lane, due);
            let end = self.ask(&request, &mut connection).await;
            self.conclude(lane, end);
            if self.paced {
                self.shared.leave_place();
            }
            self.think().await;
        }
    }

    /// What a user of a closed load does between an answer and the next question.
    async fn think(&self) {
        let Pace::Closed { think_time, .. } = self.plan.pace else {
            return;
        };
        if !think_time.is_zero() {
            tokio::select! {
                () = sleep(think_time) => {}
                () = self.shared.stopped() => {}
            }
        }
    }

    fn begin(&self, lane: usize, due: Due) -> OutgoingRequest {
        let question = self.plan.questions.question(due.index);
        let message_id = self.plan.request.message_id(due.index);
        let request = self.plan.request.request(&message_id, &question);
        let started = self.shared.elapsed();
        let scheduled = due.scheduled.unwrap_or(started);
        self.shared.count_started();
        let exchange = InFlight {
            scheduled,
            started,
            message_id,
            question,
        };
        self.books.borrow_mut().begin(lane, exchange, self.paced);
        request
    }

    /// Sends the request, on a new connection where the kept one was closed before it was used.
    async fn ask(
        &self,
        request: &OutgoingRequest,
        kept: &mut Option<Connection>,
    ) -> Result<Answer, NoAnswer> {
        for _ in 0..SEND_ATTEMPTS {
            let mut connection = match kept.take() {
                Some(connection) => connection,
                None => match self.connect().await {
                    Some(connection) => connection,
                    None => break,
                },
            };
            let deadline = self.shared.clock.monotonic() + self.plan.timeouts.answer;
            match connection.exchange(request, deadline).await {
                Err(NoAnswer::NotSent) => {}
                Ok(answer) => {
                    *kept = Some(connection);
                    return Ok(answer);
                }
                Err(no_answer) => {
                    if let NoAnswer::TurnedAway(reason) = &no_answer {
                        // It will not think better of the next one.
                        let authority = self.plan.connector.authority();
                        self.shared
                            .stop(&format!("{authority} turned this client away: {reason}"));
                    }
                    return Err(no_answer);
                }
            }
        }
        Err(NoAnswer::NotSent)
    }

    async fn connect(&self) -> Option<Connection> {
        let limit = self.plan.timeouts.connect;
        let connector = &self.plan.connector;
        let clock = self.shared.clock;
        let give_up = clock.monotonic() + limit;
        let failure = loop {
            match Connection::open(connector, limit, clock).await {
                Ok(connection) => {
                    self.shared.note_contact(self.shared.elapsed());
                    return Some(connection);
                }
                Err(failure) if clock.monotonic() >= give_up || self.shared.stopping() => {
                    break failure;
                }
                Err(_) => sleep(CONNECT_PAUSE).await,
            }
        };
        if self.shared.without_contact_for() >= self.plan.timeouts.give_up {
            let authority = connector.authority();
            self.shared
                .stop(&format!("no connection to {authority}: {failure}"));
        }
        None
    }

    fn conclude(&self, lane: usize, end: Result<Answer, NoAnswer>) {
        let ended = self.shared.elapsed();
        if end.is_ok() {
            self.shared.note_contact(ended);
        }
        let outcome = self.books.borrow_mut().conclude(lane, ended, end);
        self.shared.count_outcome(outcome);
    }

    /// Exchanges that are still in flight when no time is left end as unknown.
    fn give_up_in_flight(&self) {
        let given_up = self
            .books
            .borrow_mut()
            .give_up_in_flight(self.shared.elapsed());
        for _ in 0..given_up {
            self.shared.count_outcome(Outcome::Unknown);
        }
    }
}

async fn next_due(dues: &mut Option<UnboundedReceiver<Due>>) -> Option<Due> {
    match dues {
        Some(dues) => dues.recv().await,
        None => pending().await,
    }
}

async fn pending_or_sleep(duration: Option<Duration>) {
    match duration {
        Some(duration) => sleep(duration).await,
        None => pending().await,
    }
}
