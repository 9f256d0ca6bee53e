//! A thread of connections, each with one exchange at a time.
//!
//! Everything in it runs on one thread and takes turns only at an await, so its state needs no
//! lock, and an exchange is at any time either in its lane or in the ledger, never in both.

use std::cell::RefCell;
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use sim_metrics::Outcome;
use sim_workload::Question;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{interval, sleep};

use crate::connection::{Connection, NoAnswer};
use crate::exchange::{Answer, Worth};
use crate::ledger::{Entry, LedgerSender};
use crate::plan::Plan;
use crate::progress::Shared;
use crate::recorder::{Ending, Recorder, Times, Totals};
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
    state: RefCell<State>,
}

struct State {
    recorder: Recorder,
    ledger: LedgerSender,
    /// What is in flight, by lane.
    lanes: Vec<Option<InFlight>>,
}

struct InFlight {
    scheduled: Duration,
    started: Duration,
    message_id: Bytes,
    question: Question,
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
    let source = match dues {
        Some(_) => Source::Open(Queue::default()),
        None => Source::Closed {
            shared: Arc::clone(&shared),
            exchanges: plan.exchanges,
        },
    };
    let worker = Rc::new(Worker {
        plan,
        shared,
        source,
        paced: dues.is_some(),
        max_lanes: lanes,
        state: RefCell::new(State {
            recorder,
            ledger,
            lanes: Vec::new(),
        }),
    });
    LocalSet::new().block_on(&runtime, Rc::clone(&worker).supervise(dues));
    let worker = Rc::into_inner(worker).expect("every lane has ended");
    let mut state = worker.state.into_inner();
    state.ledger.flush();
    Ok(state.recorder.finish())
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
                _ = flush.tick() => self.state.borrow_mut().ledger.flush(),
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
        let mut state = self.state.borrow_mut();
        let lane = state.lanes.len();
        state.lanes.push(None);
        drop(state);
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
            let end = self.ask(request, &mut connection).await;
            self.conclude(lane, end);
            if self.paced {
                self.shared.leave_place();
            }
        }
    }

    fn begin(&self, lane: usize, due: Due) -> Request<Full<Bytes>> {
        let question = self.plan.questions.question(due.index);
        let message_id = self.plan.request.message_id(due.index);
        let request = self
            .plan
            .request
            .request(message_id.clone(), question.body.clone());
        let started = self.shared.elapsed();
        let scheduled = due.scheduled.unwrap_or(started);
        self.shared.count_started();
        let mut state = self.state.borrow_mut();
        state
            .recorder
            .start(started, scheduled, question.count, self.paced);
        state.lanes[lane] = Some(InFlight {
            scheduled,
            started,
            message_id,
            question,
        });
        request
    }

    /// Sends the request, on a new connection where the kept one was closed before it was used.
    async fn ask(
        &self,
        mut request: Request<Full<Bytes>>,
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
                Err(NoAnswer::NotSent(back)) => request = *back,
                Ok(answer) => {
                    *kept = Some(connection);
                    return Ok(answer);
                }
                Err(no_answer) => return Err(no_answer),
            }
        }
        Err(NoAnswer::NotSent(Box::new(request)))
    }

    async fn connect(&self) -> Option<Connection> {
        let limit = self.plan.timeouts.connect;
        let authority = &self.plan.request.authority;
        let clock = self.shared.clock;
        let give_up = clock.monotonic() + limit;
        loop {
            let now = clock.monotonic();
            if let Some(connection) = Connection::open(authority, limit, now).await {
                self.shared.note_contact(self.shared.elapsed());
                return Some(connection);
            }
            if clock.monotonic() >= give_up || self.shared.stopping() {
                break;
            }
            sleep(CONNECT_PAUSE).await;
        }
        if self.shared.without_contact_for() >= self.plan.timeouts.give_up {
            self.shared.stop(&format!("no connection to {authority}"));
        }
        None
    }

    fn conclude(&self, lane: usize, end: Result<Answer, NoAnswer>) {
        let ended = self.shared.elapsed();
        let mut state = self.state.borrow_mut();
        let in_flight = state.lanes[lane]
            .take()
            .expect("begun by this lane, ended only here");
        let outcome = match end {
            Ok(answer) => {
                self.shared.note_contact(ended);
                let worth = answer.worth(
                    &in_flight.message_id,
                    &in_flight.question,
                    &self.plan.questions,
                );
                self.settle_answered(&mut state, &in_flight, ended, &answer, &worth);
                worth.outcome
            }
            Err(NoAnswer::NotSent(_)) => {
                let (ending, outcome) = (Ending::NotSent, Outcome::Failed);
                self.settle_unanswered(&mut state, &in_flight, ended, ending, outcome)
            }
            Err(NoAnswer::Garbled) => {
                let (ending, outcome) = (Ending::Unanswered, Outcome::Failed);
                self.settle_unanswered(&mut state, &in_flight, ended, ending, outcome)
            }
            Err(NoAnswer::Lost) => {
                let (ending, outcome) = (Ending::Unanswered, Outcome::Unknown);
                self.settle_unanswered(&mut state, &in_flight, ended, ending, outcome)
            }
        };
        self.shared.count_outcome(outcome);
    }

    fn settle_answered(
        &self,
        state: &mut State,
        in_flight: &InFlight,
        ended: Duration,
        answer: &Answer,
        worth: &Worth,
    ) {
        let fault_code = answer.fault_code().unwrap_or_default();
        state.ledger.write(&Entry {
            outcome: worth.outcome,
            status: answer.status,
            finished: Some(ended),
            fault_code,
            request_hash: answer.request_hash(),
            answer: &answer.body,
            ..self.entry_of(in_flight)
        });
        if worth.outcome == Outcome::Refused {
            state.recorder.fault(&String::from_utf8_lossy(fault_code));
        }
        state.recorder.totals.deceased_named += worth.deceased_named;
        state
            .recorder
            .end(in_flight.until(ended), Ending::Answered, worth.outcome);
    }

    fn settle_unanswered(
        &self,
        state: &mut State,
        in_flight: &InFlight,
        ended: Duration,
        ending: Ending,
        outcome: Outcome,
    ) -> Outcome {
        state.ledger.write(&Entry {
            outcome,
            ..self.entry_of(in_flight)
        });
        state.recorder.end(in_flight.until(ended), ending, outcome);
        outcome
    }

    /// The entry of an exchange without an answer.
    fn entry_of<'a>(&'a self, in_flight: &'a InFlight) -> Entry<'a> {
        Entry {
            outcome: Outcome::Unknown,
            status: 0,
            scheduled: in_flight.scheduled,
            started: in_flight.started,
            finished: None,
            message_id: &in_flight.message_id,
            client: self.plan.request.client(),
            target: self.plan.request.target.as_bytes(),
            fault_code: b"",
            request_hash: b"",
            question: &in_flight.question.body,
            answer: b"",
        }
    }

    /// Exchanges that are still in flight when no time is left end as unknown.
    fn give_up_in_flight(&self) {
        let ended = self.shared.elapsed();
        let mut state = self.state.borrow_mut();
        for lane in 0..state.lanes.len() {
            if let Some(in_flight) = state.lanes[lane].take() {
                let (ending, outcome) = (Ending::Unanswered, Outcome::Unknown);
                self.settle_unanswered(&mut state, &in_flight, ended, ending, outcome);
                self.shared.count_outcome(outcome);
            }
        }
    }
}

// === impl InFlight ===

impl InFlight {
    const fn until(&self, ended: Duration) -> Times {
        Times {
            scheduled: self.scheduled,
            started: self.started,
            ended,
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
