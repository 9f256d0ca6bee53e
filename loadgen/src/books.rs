//! The books of one worker: what is in flight, and what came of the rest.
//!
//! An exchange is at any time either in its lane or in the ledger, never in both and never in
//! neither: that is how every exchange that was started comes to have exactly one record.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sim_journal::ExchangeRecord;
use sim_metrics::Outcome;
use sim_workload::Question;

use crate::connection::NoAnswer;
use crate::exchange::{Answer, RequestTemplate};
use crate::ledger::LedgerSender;
use crate::plan::Plan;
use crate::recorder::{Ending, Recorder, Times, Totals};

pub(crate) struct Books {
    plan: Arc<Plan>,
    recorder: Recorder,
    ledger: LedgerSender,
    /// What is in flight, by lane.
    lanes: Vec<Option<InFlight>>,
}

/// An exchange that has begun.
pub(crate) struct InFlight {
    pub(crate) scheduled: Duration,
    pub(crate) started: Duration,
    pub(crate) message_id: Bytes,
    pub(crate) question: Question,
}

// === impl Books ===

impl Books {
    pub(crate) const fn new(plan: Arc<Plan>, recorder: Recorder, ledger: LedgerSender) -> Self {
        Self {
            plan,
            recorder,
            ledger,
            lanes: Vec::new(),
        }
    }

    /// The number of a new lane.
    pub(crate) fn open_lane(&mut self) -> usize {
        self.lanes.push(None);
        self.lanes.len() - 1
    }

    /// An exchange begins. Where nobody paces the load, that is also when it came due.
    pub(crate) fn begin(&mut self, lane: usize, exchange: InFlight, paced: bool) {
        let InFlight {
            scheduled,
            started,
            ref question,
            ..
        } = exchange;
        self.recorder.start(started, scheduled, question, paced);
        self.lanes[lane] = Some(exchange);
    }

    /// The exchange of a lane has ended.
    pub(crate) fn conclude(
        &mut self,
        lane: usize,
        ended: Duration,
        end: Result<Answer, NoAnswer>,
    ) -> Outcome {
        let exchange = self.lanes[lane]
            .take()
            .expect("begun by this lane, ended only here");
        match end {
            Ok(answer) => self.settle_answered(&exchange, ended, &answer),
            Err(NoAnswer::NotSent) => {
                self.settle_unanswered(&exchange, ended, Ending::NotSent, Outcome::Failed)
            }
            Err(NoAnswer::Garbled | NoAnswer::TurnedAway(_)) => {
                self.settle_unanswered(&exchange, ended, Ending::Unanswered, Outcome::Failed)
            }
            Err(NoAnswer::Lost) => {
                self.settle_unanswered(&exchange, ended, Ending::Unanswered, Outcome::Unknown)
            }
        }
    }

    /// Ends what is still in flight as unknown, and tells how much that was.
    pub(crate) fn give_up_in_flight(&mut self, ended: Duration) -> usize {
        let left: Vec<InFlight> = self.lanes.iter_mut().filter_map(Option::take).collect();
        for exchange in &left {
            self.settle_unanswered(exchange, ended, Ending::Unanswered, Outcome::Unknown);
        }
        left.len()
    }

    /// Hands gathered records over to the ledger.
    pub(crate) fn flush(&mut self) {
        self.ledger.flush();
    }

    /// Closes the books.
    pub(crate) fn finish(mut self) -> Totals {
        self.ledger.flush();
        self.recorder.finish()
    }

    fn settle_answered(
        &mut self,
        exchange: &InFlight,
        ended: Duration,
        answer: &Answer,
    ) -> Outcome {
        let Self {
            plan,
            recorder,
            ledger,
            ..
        } = self;
        let worth = answer.worth(&exchange.message_id, &exchange.question, &plan.questions);
        let fault_code = answer.fault_code().unwrap_or_default();
        ledger.write(&ExchangeRecord {
            outcome: worth.outcome.code(),
            status: answer.status,
            finished: Some(ended),
            fault_code,
            request_hash: answer.request_hash(),
            answer: &answer.body,
            ..exchange.unanswered(&plan.request)
        });
        if worth.outcome == Outcome::Refused {
            recorder.fault(&String::from_utf8_lossy(fault_code));
        }
        recorder.totals.deceased_named += worth.deceased_named;
        let ending = Ending::Answered(answer.body.len());
        recorder.end(exchange.until(ended), ending, worth.outcome);
        worth.outcome
    }

    fn settle_unanswered(
        &mut self,
        exchange: &InFlight,
        ended: Duration,
        ending: Ending,
        outcome: Outcome,
    ) -> Outcome {
        self.ledger.write(&ExchangeRecord {
            outcome: outcome.code(),
            ..exchange.unanswered(&self.plan.request)
        });
        self.recorder.end(exchange.until(ended), ending, outcome);
        outcome
    }
}

// === impl InFlight ===

impl InFlight {
    const fn until(&self, ended: Duration) -> Times {
        Times {
            ask: self.question.ask,
            scheduled: self.scheduled,
            started: self.started,
            ended,
        }
    }

    /// Its ledger entry as long as there is no answer.
    fn unanswered<'a>(&'a self, request: &'a RequestTemplate) -> ExchangeRecord<'a> {
        ExchangeRecord {
            outcome: Outcome::Unknown.code(),
            status: 0,
            scheduled: self.scheduled,
            started: self.started,
            finished: None,
            message_id: &self.message_id,
            client: request.client(),
            target: request.target(self.question.ask).as_bytes(),
            fault_code: b"",
            request_hash: b"",
            question: &self.question.body,
            answer: b"",
        }
    }
}
