//! Asking a registry over the exchange: the portal's own security server, X-Road's REST protocol.
//!
//! What does not change from request to request is made once, in [`Service::new`]. Nothing that a
//! browser sent as a header is passed on: who the user is comes from the session alone.

mod ledger;
mod trouble;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;
use sim_clock::Clock;
use sim_domain::{ClientId, ServiceId, headers, identifiers};
use sim_http_client::{Bounds, HttpClient};
use sim_http1::OutgoingRequest;
use uuid::Uuid;

use crate::sessions::Person;
use crate::statistics::Indicators;

pub(crate) use ledger::Ledger;
pub(crate) use trouble::Trouble;

use ledger::Asked;

/// How long a registry may take to answer, unless a question says otherwise.
pub const REGISTRY_TIME_LIMIT: Duration = Duration::from_secs(4);
/// The longest answer of a registry that is read, in bytes.
pub const MAX_ANSWER_BYTES: usize = 1 << 20;

/// The way to the exchange.
pub(crate) struct Exchange {
    http: HttpClient,
    clock: Clock,
    /// Host and port of the security server.
    address: String,
    client: String,
    pub(crate) ledger: Ledger,
}

/// A service that can be asked.
pub(crate) struct Service {
    /// The beginning of every request's target.
    target: String,
    pub(crate) id: ServiceId,
    pub(crate) indicators: Arc<Indicators>,
}

/// A question about one person, on behalf of that person.
pub(crate) struct Question<'a> {
    pub(crate) service: &'a Service,
    /// Below the service, beginning with `/`; every part is encoded.
    pub(crate) path: &'a str,
    /// The body of a `POST` or `PUT`, and which of them.
    pub(crate) body: Option<(&'static str, Bytes)>,
    pub(crate) person: &'a Person,
    /// What the data tracker will show; ASCII.
    pub(crate) reason: &'static str,
    pub(crate) within: Duration,
}

/// An answer or what went wrong, and how long it took.
pub(crate) struct Answered<T> {
    pub(crate) outcome: Result<T, Trouble>,
    pub(crate) took: Duration,
    /// Under which the message is found in the logs of the exchange.
    pub(crate) message_id: String,
}

// === impl Service ===

impl Service {
    pub(crate) fn new(id: &ServiceId) -> Self {
        Self {
            target: format!("/r1/{}", id.to_encoded()),
            id: id.clone(),
            indicators: Arc::default(),
        }
    }

    /// Asks for `path`, with the usual time limit.
    pub(crate) fn about<'a>(
        &'a self,
        person: &'a Person,
        path: &'a str,
        reason: &'static str,
    ) -> Question<'a> {
        Question {
            service: self,
            path,
            body: None,
            person,
            reason,
            within: REGISTRY_TIME_LIMIT,
        }
    }
}

// === impl Question ===

impl Question<'_> {
    pub(crate) fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    pub(crate) fn with(self, method: &'static str, body: &impl serde::Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("what is sent has texts as keys");
        Self {
            body: Some((method, body.into())),
            ..self
        }
    }
}

/// The path of what a registry holds of somebody.
pub(crate) fn path_of(person: &Person) -> String {
    format!("/{}", identifiers::encode_part(&person.national_id))
}

// === impl Exchange ===

impl Exchange {
    pub(crate) fn new(
        address: &str,
        client: &ClientId,
        http: HttpClient,
        clock: Clock,
        ledger: Ledger,
    ) -> Self {
        Self {
            http,
            clock,
            address: address.to_owned(),
            client: client.to_encoded(),
            ledger,
        }
    }

    /// Asks, and reads the answer as JSON.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, question: Question<'_>) -> Answered<T> {
        let message_id = Uuid::new_v4().to_string();
        let begun = self.clock.monotonic();
        let outcome = self.answer(&question, &message_id).await;
        let took = self.clock.monotonic().saturating_duration_since(begun);
        // Whether somebody is known is the registry's answer, not its failure.
        let is_answer = !matches!(&outcome, Err(trouble) if trouble.is_failure());
        question.service.indicators.note(took, is_answer);
        if let Err(trouble) = &outcome {
            let service = &question.service.id;
            tracing::warn!(%service, message_id, %trouble, "a registry gave no answer");
        }
        Answered {
            outcome,
            took,
            message_id,
        }
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        question: &Question<'_>,
        message_id: &str,
    ) -> Result<T, Trouble> {
        let target = format!("{}{}", question.service.target, question.path);
        let (method, body) = match &question.body {
            Some((method, body)) => (*method, vec![body.clone()]),
            None => ("GET", Vec::new()),
        };
        let lines = [
            ("host", self.address.as_str()),
            ("accept", "application/json"),
            (headers::CLIENT, &self.client),
            (headers::USER_ID, &question.person.user_id),
            (headers::ID, message_id),
            (headers::ISSUE, question.reason),
            ("content-type", "application/json"),
        ];
        // A question without a body has no type of one.
        let lines = &lines[..lines.len() - usize::from(body.is_empty())];
        let lines = lines.iter().map(|(name, value)| (*name, value.as_bytes()));
        let asked = Asked {
            method,
            target: &target,
            message_id,
            client: &self.client,
            body: question.body.as_ref().map_or(&[], |(_, body)| body),
        };
        let request = OutgoingRequest::new(method, &target, lines, body)?;
        let bounds = Bounds {
            max_answer_bytes: MAX_ANSWER_BYTES,
            within: question.within,
        };
        let pending = self.ledger.ask(asked);
        let answer = self.http.send(&self.address, &request, bounds).await;
        pending.done(answer.as_ref().ok());
        let answer = answer?;
        if answer.status.is_success() {
            let body: &[u8] = match answer.status {
                StatusCode::NO_CONTENT => b"null",
                _ => &answer.body,
            };
            return Ok(serde_json::from_slice(body)?);
        }
        Err(Trouble::of_refusal(&answer))
    }
}
