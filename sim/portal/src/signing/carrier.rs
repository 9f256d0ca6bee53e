//! The carriers as the portal asks them: a certificate, a signature, and what came of it.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sim_clock::Clock;
use sim_http_client::{Bounds, HttpClient, HttpClientError};

use super::{Means, Order, SigningError, mobile_id, smart_id};
use crate::config::RelyingPartyName;

/// How long one poll waits at the carrier, in milliseconds.
const POLL_MS: u64 = 20_000;
/// What an answer may take beyond its poll.
const ANSWER_TIME_LIMIT: Duration = Duration::from_secs(10);
/// How long a person has in all, as sessions of carriers live.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// The longest answer of a carrier that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Rest between polls that came back at once, so that a carrier that does not wait is not flooded.
const REST: Duration = Duration::from_millis(200);

/// The way to the carriers.
pub(crate) struct Carriers {
    http: HttpClient,
    clock: Clock,
    url: String,
    pub(super) relying_party: RelyingPartyName,
}

/// A signature that a person was asked for.
pub(super) struct Asked {
    /// Where its session is asked for; below the carriers' URL.
    pub(super) session: String,
    /// What the person compares.
    pub(super) code: String,
    pub(super) means: Means,
}

/// Why a carrier was of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum CarrierError {
    #[error(transparent)]
    Call(#[from] HttpClientError),
    #[error("malformed request: {0}")]
    Request(#[from] http::Error),
    #[error("status {0}")]
    Status(StatusCode),
    #[error("not the JSON expected: {0}")]
    Json(#[from] serde_json::Error),
    #[error("not the base64 expected: {0}")]
    Base64(#[from] base64::DecodeError),
    #[error("the answer lacks its {0}")]
    Missing(&'static str),
}

/// How a session stands.
pub(super) enum Session {
    Running,
    /// It came to an end, with the carrier's word for it.
    Ended(String, Value),
}

// === impl Carriers ===

impl Carriers {
    pub(crate) fn new(
        url: &str,
        relying_party: RelyingPartyName,
        http: HttpClient,
        clock: Clock,
    ) -> Self {
        Self {
            http,
            clock,
            url: url.trim_end_matches('/').to_owned(),
            relying_party,
        }
    }

    /// The certificate with which the person signs, DER.
    pub(super) async fn certificate(&self, order: &Order<'_>) -> Result<Vec<u8>, SigningError> {
        match order.means {
            Means::MobileId { phone_number } => {
                mobile_id::certificate(self, order, phone_number).await
            }
            Means::SmartId => smart_id::certificate(self, order).await,
        }
    }

    /// Has the person asked to sign `digest`.
    pub(super) async fn ask_to_sign(
        &self,
        order: &Order<'_>,
        digest: &[u8; 32],
    ) -> Result<Asked, SigningError> {
        match order.means {
            Means::MobileId { phone_number } => {
                mobile_id::ask_to_sign(self, order, phone_number, digest).await
            }
            Means::SmartId => smart_id::ask_to_sign(self, order, digest).await,
        }
    }

    /// Waits for the signature: r and s, 64 bytes.
    pub(super) async fn signature(&self, asked: &Asked) -> Result<Vec<u8>, SigningError> {
        let read = match asked.means {
            Means::MobileId { .. } => mobile_id::read,
            Means::SmartId => smart_id::read,
        };
        let answer = self.wait(&asked.session, read).await?;
        let value = answer["signature"]["value"].as_str();
        Ok(decoded(value.ok_or(CarrierError::Missing("signature"))?)?)
    }

    /// Waits until a session ends well.
    pub(super) async fn wait(
        &self,
        session: &str,
        read: fn(Value) -> Session,
    ) -> Result<Value, SigningError> {
        let begun = self.clock.monotonic();
        let path = format!("{session}?timeoutMs={POLL_MS}");
        while self.clock.monotonic().saturating_duration_since(begun) < PATIENCE {
            match read(self.ask(Method::GET, &path, None).await?) {
                Session::Running => tokio::time::sleep(REST).await,
                Session::Ended(result, answer) if result == "OK" => return Ok(answer),
                Session::Ended(result, _) => return Err(SigningError::NotSigned(result)),
            }
        }
        Err(SigningError::NotSigned("TIMEOUT".to_owned()))
    }

    /// Asks `path`, with a body where it is a `POST`.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, CarrierError> {
        let body = body
            .map(serde_json::to_vec)
            .transpose()?
            .unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body))?;
        let bounds = Bounds {
            max_answer_bytes: MAX_ANSWER_BYTES,
            within: Duration::from_millis(POLL_MS) + ANSWER_TIME_LIMIT,
        };
        let answer = self.http.call(request, bounds).await?;
        if answer.status != StatusCode::OK {
            return Err(CarrierError::Status(answer.status));
        }
        Ok(serde_json::from_slice(&answer.body)?)
    }
}

pub(super) fn decoded(base64: &str) -> Result<Vec<u8>, CarrierError> {
    use base64::Engine;
    Ok(base64::engine::general_purpose::STANDARD.decode(base64)?)
}
