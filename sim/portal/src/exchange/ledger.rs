//! A record of everything that the portal asked over the exchange, for whoever checks afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sim_clock::Clock;
use sim_http_client::HttpAnswer;
use sim_journal::{ExchangeLedger, ExchangeRecord, JournalError};

/// Codes of outcomes in a ledger.
const OK: u8 = 0;
const REFUSED: u8 = 1;
const UNKNOWN: u8 = 3;

/// The ledger, if one is kept.
pub(crate) struct Ledger {
    writer: Mutex<Option<ExchangeLedger>>,
    clock: Clock,
    began: Instant,
}

/// What was asked.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) message_id: &'a str,
    pub(super) client: &'a str,
    pub(super) body: &'a [u8],
}

/// A question under way. It is written down in any case: where the browser goes away, the page is
/// dropped in the middle of its questions, and the registries have been asked nonetheless.
pub(super) struct Pending<'a> {
    ledger: &'a Ledger,
    asked: Option<Asked<'a>>,
    started: Duration,
}

// === impl Ledger ===

impl Ledger {
    /// Begins a ledger in `folder`, where there is one to be kept.
    pub(crate) fn begin(folder: Option<&Path>, clock: Clock) -> Result<Self, JournalError> {
        Ok(Self {
            writer: Mutex::new(folder.map(ExchangeLedger::begin).transpose()?),
            clock,
            began: clock.monotonic(),
        })
    }

    /// Time since the ledger began.
    fn elapsed(&self) -> Duration {
        self.clock.monotonic() - self.began
    }

    /// Opens the record of a question that is about to be asked.
    pub(super) fn ask<'a>(&'a self, asked: Asked<'a>) -> Pending<'a> {
        Pending {
            ledger: self,
            asked: Some(asked),
            started: self.elapsed(),
        }
    }

    fn write(&self, asked: &Asked<'_>, started: Duration, answer: Option<&HttpAnswer>) {
        let mut writer = self.writer.lock();
        let Some(ledger) = writer.as_mut() else {
            return;
        };
        let target = format!("{} {}", asked.method, asked.target);
        let mut record = ExchangeRecord {
            outcome: UNKNOWN,
            status: 0,
            scheduled: started,
            started,
            finished: None,
            message_id: asked.message_id.as_bytes(),
            client: asked.client.as_bytes(),
            target: target.as_bytes(),
            fault_code: b"",
            request_hash: b"",
            question: asked.body,
            answer: b"",
        };
        if let Some(answer) = answer {
            let header = |name: &str| answer.headers.get(name).unwrap_or_default();
            record.status = answer.status.as_u16();
            record.finished = Some(self.elapsed());
            record.fault_code = header("x-road-error");
            record.request_hash = header("x-road-request-hash");
            record.answer = &answer.body;
            record.outcome = if record.fault_code.is_empty() {
                OK
            } else {
                REFUSED
            };
        }
        if let Err(error) = ledger.write(&record) {
            // A ledger with gaps proves nothing: there is none from here on, and the audit says so.
            tracing::error!(%error, "the ledger cannot be written");
            *writer = None;
        }
    }

    /// Ends the ledger in order.
    pub(crate) fn seal(&self) {
        if let Some(ledger) = self.writer.lock().take()
            && let Err(error) = ledger.seal()
        {
            tracing::error!(%error, "the ledger cannot be sealed");
        }
    }
}

// === impl Pending ===

impl Pending<'_> {
    /// Writes down what came of it.
    pub(super) fn done(mut self, answer: Option<&HttpAnswer>) {
        if let Some(asked) = self.asked.take() {
            self.ledger.write(&asked, self.started, answer);
        }
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if let Some(asked) = self.asked.take() {
            self.ledger.write(&asked, self.started, None);
        }
    }
}
