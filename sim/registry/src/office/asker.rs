//! Asking another registry over the exchange, through one's own security server.
//!
//! Every question has its record in a ledger, for the audit.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use parking_lot::Mutex;
use serde::Deserialize;
use sim_clock::Clock;
use sim_http_client::{Bounds, HttpClient};
use sim_journal::{ExchangeLedger, ExchangeRecord};
use uuid::Uuid;

use super::{Call, Refusal};
use crate::config::RelationsAccess;
use crate::error::Error;

/// Longest answer that is taken, and how long it may take.
const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 64 * 1024,
    within: Duration::from_secs(10),
};
/// What stands in the other registry's tracker.
const REASON: &str = "Children, for a benefit";
/// Codes of outcomes in a ledger.
const OK: u8 = 0;
const REFUSED: u8 = 1;
const UNKNOWN: u8 = 3;

/// The way to the population register's `relations`.
pub(super) struct Asker {
    http: HttpClient,
    /// Security server and service, without a slash at the end.
    exchange_url: String,
    /// Beginning of every path.
    path: String,
    client: String,
    ledger: Mutex<Option<ExchangeLedger>>,
    clock: Clock,
    began: Instant,
}

#[derive(Deserialize)]
struct Relations {
    children: Vec<Child>,
}

#[derive(Deserialize)]
struct Child {
    national_id: String,
}

// === impl Asker ===

impl Asker {
    pub(super) fn new(access: &RelationsAccess) -> Result<Self, Error> {
        let clock = Clock::wall();
        let ledger = ExchangeLedger::begin(&access.ledger).map_err(Error::Tracker)?;
        Ok(Self {
            http: HttpClient::default(),
            exchange_url: access.exchange_url.trim_end_matches('/').to_owned(),
            path: format!("/r1/{}", access.service),
            client: access.client.clone(),
            ledger: Mutex::new(Some(ledger)),
            began: clock.monotonic(),
            clock,
        })
    }

    /// National IDs of somebody's children, asked on behalf of whoever `call` is for.
    pub(super) async fn children(
        &self,
        call: &Call,
        national_id: &str,
    ) -> Result<Vec<String>, Refusal> {
        let elsewhere = |what: String| Refusal::Elsewhere(what);
        let path = format!("{}/{national_id}", self.path);
        let message_id = Uuid::new_v4().to_string();
        let request = Request::builder()
            .method(Method::GET)
            .uri(format!("{}{path}", self.exchange_url))
            .header("X-Road-Client", &self.client)
            .header("X-Road-Id", &message_id)
            .header("X-Road-UserId", call.user.as_deref().unwrap_or_default())
            .header("X-Road-Issue", REASON)
            .body(Bytes::new())
            .map_err(|error| elsewhere(error.to_string()))?;
        let started = self.clock.monotonic() - self.began;
        let answer = self.http.call(request, BOUNDS).await;
        let finished = self.clock.monotonic() - self.began;
        let mut record = ExchangeRecord {
            outcome: UNKNOWN,
            status: 0,
            scheduled: started,
            started,
            finished: None,
            message_id: message_id.as_bytes(),
            client: self.client.as_bytes(),
            target: &[b"GET ", path.as_bytes()].concat(),
            fault_code: b"",
            request_hash: b"",
            question: b"",
            answer: b"",
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.write(&record)?;
                return Err(elsewhere(error.to_string()));
            }
        };
        let header = |name: &str| answer.headers.get(name).unwrap_or_default();
        record.status = answer.status.as_u16();
        record.finished = Some(finished);
        record.fault_code = header("x-road-error");
        record.request_hash = header("x-road-request-hash");
        record.answer = &answer.body;
        record.outcome = if record.fault_code.is_empty() {
            OK
        } else {
            REFUSED
        };
        self.write(&record)?;
        if !answer.status.is_success() {
            return Err(elsewhere(format!(
                "the population register said {}",
                answer.status
            )));
        }
        let relations: Relations =
            serde_json::from_slice(&answer.body).map_err(|error| elsewhere(error.to_string()))?;
        let children = relations.children.into_iter();
        Ok(children.map(|child| child.national_id).collect())
    }

    fn write(&self, record: &ExchangeRecord<'_>) -> Result<(), Refusal> {
        let mut ledger = self.ledger.lock();
        let written = match ledger.as_mut() {
            Some(ledger) => ledger.write(record),
            None => return Err(Refusal::NotWritten),
        };
        written.map_err(|error| {
            tracing::error!(%error, "the ledger cannot be written");
            Refusal::NotWritten
        })
    }

    /// Seals the ledger.
    pub(super) fn close(&self) {
        if let Some(ledger) = self.ledger.lock().take()
            && let Err(error) = ledger.seal()
        {
            tracing::error!(%error, "the ledger cannot be sealed");
        }
    }
}
