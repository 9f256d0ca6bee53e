//! Asking other registries over the exchange, through one's own security server.
//!
//! Every question has its record in a ledger, for the audit; a registry has one ledger, whomever it
//! asks.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Request};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::Value;
use sim_clock::Clock;
use sim_http_client::{Bounds, HttpAnswer, HttpClient, HttpClientError};
use sim_journal::{ExchangeLedger, ExchangeRecord};
use uuid::Uuid;

use super::Refusal;
use crate::config::{AskedService, ExchangeAccess};
use crate::error::Error;

/// Longest answer that is taken, and how long it may take.
const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 64 * 1024,
    within: Duration::from_secs(10),
};
/// Codes of outcomes in a ledger.
const OK: u8 = 0;
const REFUSED: u8 = 1;
const UNKNOWN: u8 = 3;

/// The way to the services of others.
pub(super) struct Asker {
    http: HttpClient,
    access: ExchangeAccess,
    /// The security server, without a slash at the end.
    exchange_url: String,
    ledger: Mutex<Option<ExchangeLedger>>,
    clock: Clock,
    began: Instant,
}

/// A question to a service.
pub(super) struct Ask<'a> {
    pub(super) of: &'a AskedService,
    pub(super) method: Method,
    /// Below the service, beginning with a slash where there is anything; encoded.
    pub(super) path: &'a str,
    pub(super) body: Option<&'a Value>,
    /// On whose behalf: country and code.
    pub(super) user: &'a str,
    /// What stands in the other registry's tracker, ASCII; without it, the other's own words do.
    pub(super) reason: Option<&'a str>,
}

/// What the other registry said; a refusal is an answer, too.
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) body: Value,
}

#[derive(Deserialize)]
struct Relations {
    children: Vec<Child>,
}

#[derive(Deserialize)]
struct Child {
    national_id: String,
}

// === impl Told ===

impl Told {
    /// What was told; a refusal where nothing was.
    pub(super) fn success(self, of: &AskedService) -> Result<Value, Refusal> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        let (register, status) = (&of.register, self.status);
        Err(Refusal::Elsewhere(format!("{register} said {status}")))
    }

    /// The code of a refusal.
    pub(super) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

// === impl Asker ===

impl Asker {
    pub(super) fn new(access: &ExchangeAccess) -> Result<Self, Error> {
        let clock = Clock::wall();
        let ledger = ExchangeLedger::begin(&access.ledger).map_err(Error::Tracker)?;
        Ok(Self {
            http: HttpClient::default(),
            exchange_url: access.exchange_url.trim_end_matches('/').to_owned(),
            access: access.clone(),
            ledger: Mutex::new(Some(ledger)),
            began: clock.monotonic(),
            clock,
        })
    }

    /// Which services can be asked.
    pub(super) const fn access(&self) -> &ExchangeAccess {
        &self.access
    }

    /// National IDs of somebody's children, asked on behalf of `user`.
    pub(super) async fn children(
        &self,
        relations: &AskedService,
        national_id: &str,
        user: &str,
        reason: Option<&str>,
    ) -> Result<Vec<String>, Refusal> {
        let ask = Ask {
            of: relations,
            method: Method::GET,
            path: &format!("/{national_id}"),
            body: None,
            user,
            reason,
        };
        let told = self.ask(ask).await?.success(relations)?;
        let relations: Relations =
            serde_json::from_value(told).map_err(|error| Refusal::Elsewhere(error.to_string()))?;
        let children = relations.children.into_iter();
        Ok(children.map(|child| child.national_id).collect())
    }

    /// Asks, writes into the ledger that it did, and reads the answer.
    pub(super) async fn ask(&self, ask: Ask<'_>) -> Result<Told, Refusal> {
        let elsewhere = |what: String| Refusal::Elsewhere(what);
        let path = format!("/r1/{}{}", ask.of.service, ask.path);
        let message_id = Uuid::new_v4().to_string();
        let question = ask.body.map(Value::to_string).unwrap_or_default();
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(format!("{}{path}", self.exchange_url))
            .header("X-Road-Client", &self.access.client)
            .header("X-Road-Id", &message_id)
            .header("X-Road-UserId", ask.user);
        if let Some(reason) = ask.reason {
            request = request.header("X-Road-Issue", reason);
        }
        if ask.body.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        let request = request
            .body(Bytes::from(question.clone()))
            .map_err(|error| elsewhere(error.to_string()))?;
        let started = self.clock.monotonic() - self.began;
        let answer = self.http.call(request, BOUNDS).await;
        let finished = self.clock.monotonic() - self.began;
        let asked = ExchangeRecord {
            outcome: UNKNOWN,
            status: 0,
            scheduled: started,
            started,
            finished: None,
            message_id: message_id.as_bytes(),
            client: self.access.client.as_bytes(),
            target: &[ask.method.as_str().as_bytes(), b" ", path.as_bytes()].concat(),
            fault_code: b"",
            request_hash: b"",
            question: question.as_bytes(),
            answer: b"",
        };
        self.write_outcome(asked, &answer, finished)?;
        let answer = answer.map_err(|error| elsewhere(error.to_string()))?;
        if let Some(fault) = answer.headers.get("x-road-error") {
            let fault = String::from_utf8_lossy(fault);
            return Err(elsewhere(format!("the exchange said {fault}")));
        }
        Ok(Told {
            status: answer.status.as_u16(),
            body: serde_json::from_slice(&answer.body)
                .map_err(|error| elsewhere(error.to_string()))?,
        })
    }

    /// Writes a question into the ledger, with what became of it.
    fn write_outcome(
        &self,
        asked: ExchangeRecord<'_>,
        answer: &Result<HttpAnswer, HttpClientError>,
        finished: Duration,
    ) -> Result<(), Refusal> {
        let Ok(answer) = answer else {
            return self.write(&asked);
        };
        let header = |name: &str| answer.headers.get(name).unwrap_or_default();
        let fault_code = header("x-road-error");
        self.write(&ExchangeRecord {
            outcome: if fault_code.is_empty() { OK } else { REFUSED },
            status: answer.status.as_u16(),
            finished: Some(finished),
            fault_code,
            request_hash: header("x-road-request-hash"),
            answer: &answer.body,
            ..asked
        })
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
