//! Mobile-ID's public REST protocol (SK-EID/MID, version 5).
//!
//! Differs from the real one in that `https` and the check of the asker's address are left out.

mod request;
mod text;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use sim_clock::Clock;
use sim_workload::Carrier;
use uuid::Uuid;

use crate::app::Carriers;
use crate::digest::HashType;
use crate::keys::Purpose;
use crate::outcome::Outcome;
use crate::sessions::{Details, Done, NewSession, Operation, Prompt};
use crate::verification_code;
use request::RawRequest;

/// How long a poll waits unless it says so, and the bounds of what it may say, in milliseconds
/// (section 3.3.4).
const POLL_MS: u64 = 10_000;
const MIN_POLL_MS: u64 = 1_000;
const MAX_POLL_MS: u64 = 60_000;
/// Hexadecimal digits of a trace ID.
const TRACE_LEN: usize = 16;
/// What the version says of itself (section 3.4).
const VERSION: &str = "Version: 5.2.1. Built: 01.01.2026 00:00";

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Parameter(String),
    #[error("Failed to authorize user: no relying party has this relyingPartyUUID and name")]
    RelyingParty,
    #[error("SessionID not found")]
    Session,
    #[error("There is nothing here")]
    Path,
    #[error("Method Not Allowed")]
    Method,
    #[error("Internal error")]
    Internal,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Poll {
    timeout_ms: Option<u64>,
}

type Reply = Result<Json<Value>, Refusal>;
type Request = Result<Json<RawRequest>, JsonRejection>;
type PollQuery = Result<Query<Poll>, QueryRejection>;

/// Everything below `/mid-api`.
pub(crate) fn routes() -> Router<Arc<Carriers>> {
    Router::new()
        .route("/version", get(|| async { VERSION }))
        .route("/certificate", post(certificate))
        .route("/authentication", post(authentication))
        .route("/signature", post(signature))
        .route("/authentication/session/{id}", get(authentication_session))
        .route("/signature/session/{id}", get(signature_session))
        .fallback(|| async { Refusal::Path })
        .method_not_allowed_fallback(|| async { Refusal::Method })
}

/// The signing certificate of a phone, at once.
async fn certificate(State(carriers): State<Arc<Carriers>>, request: Request) -> Reply {
    let parties = read(request)?.parties(&carriers)?;
    let people = &carriers.people;
    let Some(person) = people.by_phone(&parties.national_id, &parties.phone_number) else {
        return Ok(Json(told(json!({ "result": "NOT_FOUND" }))));
    };
    let asked = people.credential(person, Carrier::MobileId, Purpose::Signing);
    let credential = asked.await.map_err(|error| {
        tracing::error!(%error, "there is no certificate to show");
        Refusal::Internal
    })?;
    let certificate = STANDARD.encode(&credential.certificate_der);
    Ok(Json(told(json!({ "result": "OK", "cert": certificate }))))
}

async fn authentication(State(carriers): State<Arc<Carriers>>, request: Request) -> Reply {
    begin(&carriers, request, Operation::Authentication)
}

async fn signature(State(carriers): State<Arc<Carriers>>, request: Request) -> Reply {
    begin(&carriers, request, Operation::Signing)
}

fn begin(carriers: &Carriers, request: Request, operation: Operation) -> Reply {
    let request = read(request)?;
    let parties = request.parties(carriers)?;
    let asked = request.asked()?;
    // A stranger's session exists as well, and says so when it is asked: nobody learns from the
    // first answer who has a phone.
    let people = &carriers.people;
    let person = people.by_phone(&parties.national_id, &parties.phone_number);
    let session = carriers.sessions.begin(NewSession {
        prompt: Prompt {
            operation,
            address: parties.phone_number,
            relying_party: parties.relying_party,
            text: asked.text,
            language: Some(asked.language),
            interaction: None,
            verification_code: Some(verification_code::of_mobile_id(&asked.digest.bytes)),
        },
        details: Details::MobileId(asked.digest.hash_type),
        person,
        digest: asked.digest.bytes,
        ends: None,
    });
    Ok(Json(json!({ "sessionID": session.id })))
}

fn read(request: Request) -> Result<RawRequest, Refusal> {
    let unreadable = |error: JsonRejection| Refusal::Parameter(error.body_text());
    Ok(request.map_err(unreadable)?.0)
}

async fn authentication_session(
    State(carriers): State<Arc<Carriers>>,
    Path(id): Path<String>,
    poll: PollQuery,
) -> Reply {
    session(&carriers, &id, poll, Operation::Authentication).await
}

async fn signature_session(
    State(carriers): State<Arc<Carriers>>,
    Path(id): Path<String>,
    poll: PollQuery,
) -> Reply {
    session(&carriers, &id, poll, Operation::Signing).await
}

async fn session(carriers: &Carriers, id: &str, poll: PollQuery, operation: Operation) -> Reply {
    let unreadable = |error: QueryRejection| Refusal::Parameter(error.body_text());
    let wanted_ms = poll.map_err(unreadable)?.timeout_ms.unwrap_or(POLL_MS);
    let session = carriers.sessions.find(id).ok_or(Refusal::Session)?;
    // An authentication cannot be asked for as a signature, nor another carrier's session at all.
    let Details::MobileId(hash_type) = session.details else {
        return Err(Refusal::Session);
    };
    if session.prompt.operation != operation {
        return Err(Refusal::Session);
    }
    let within = Duration::from_millis(wanted_ms.clamp(MIN_POLL_MS, MAX_POLL_MS));
    match carriers.sessions.poll(&session, within).await {
        None => Ok(Json(told(json!({ "state": "RUNNING" })))),
        Some(done) if done.outcome == Outcome::Failed => Err(Refusal::Internal),
        Some(done) => Ok(Json(told(complete(&done, hash_type, operation)))),
    }
}

fn complete(done: &Done, hash_type: HashType, operation: Operation) -> Value {
    let mut answer = json!({ "state": "COMPLETE", "result": done.result });
    if let Some(proof) = &done.proof {
        answer["signature"] = json!({
            "value": STANDARD.encode(&proof.signature),
            "algorithm": format!("{}WithECEncryption", hash_type.name()),
        });
        // Whoever has a document signed knows the certificate already: it is in the document.
        if operation == Operation::Authentication {
            answer["cert"] = STANDARD.encode(&proof.credential.certificate_der).into();
        }
    }
    answer
}

/// With the time and the trace ID that every answer carries, as the documentation writes them.
fn told(mut answer: Value) -> Value {
    let now = Clock::wall().now().rfc3339_seconds();
    answer["time"] = now.trim_end_matches('Z').into();
    let trace = Uuid::new_v4().simple().to_string();
    answer["traceId"] = trace[..TRACE_LEN].into();
    answer
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Parameter(_) => StatusCode::BAD_REQUEST,
            Self::RelyingParty => StatusCode::UNAUTHORIZED,
            Self::Session | Self::Path => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let body = told(json!({ "error": self.to_string() }));
        (status, Json(body)).into_response()
    }
}
