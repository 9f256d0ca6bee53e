//! Mobile-ID's public REST protocol (SK-EID/MID, version 5).

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use sim_clock::Clock;
use sim_workload::Carrier;
use uuid::Uuid;

use crate::app::Carriers;
use crate::behaviour::Decision;
use crate::keys::Purpose;
use crate::sessions::{NewSession, Prompt, Session};
use crate::verification_code;

/// How long a poll waits unless it says so, and the bounds of what it may say, in milliseconds.
const POLL_MS: u64 = 10_000;
const MIN_POLL_MS: u64 = 1_000;
const MAX_POLL_MS: u64 = 60_000;
/// Longest text on the phone, in bytes.
const MAX_TEXT_BYTES: usize = 100;
/// What the texts on phones may be in.
const LANGUAGES: [&str; 4] = ["EST", "ENG", "RUS", "LIT"];

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Parameter(String),
    #[error("relyingPartyUUID and relyingPartyName match no relying party")]
    RelyingParty,
    #[error("SessionID not found")]
    Session,
    #[error("no certificate: {0}")]
    Certificate(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CertificateRequest {
    #[serde(rename = "relyingPartyUUID")]
    relying_party_uuid: String,
    relying_party_name: String,
    phone_number: String,
    national_identity_number: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionRequest {
    #[serde(rename = "relyingPartyUUID")]
    relying_party_uuid: String,
    relying_party_name: String,
    phone_number: String,
    national_identity_number: String,
    hash: String,
    hash_type: String,
    language: String,
    #[serde(default)]
    display_text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Poll {
    timeout_ms: Option<u64>,
}

type Reply = Result<Json<Value>, Refusal>;

pub(crate) async fn version() -> Json<Value> {
    Json(json!({ "version": "5.0", "simulator": true }))
}

/// The signing certificate of a phone, at once.
pub(crate) async fn certificate(
    State(carriers): State<Arc<Carriers>>,
    request: Result<Json<CertificateRequest>, axum::extract::rejection::JsonRejection>,
) -> Reply {
    let Json(request) = request.map_err(|error| Refusal::Parameter(error.body_text()))?;
    if !carriers.knows(&request.relying_party_uuid, &request.relying_party_name) {
        return Err(Refusal::RelyingParty);
    }
    let people = &carriers.people;
    let found = people.by_phone(&request.national_identity_number, &request.phone_number);
    let Some(index) = found else {
        return Ok(Json(told(json!({ "result": "NOT_FOUND" }))));
    };
    let credential = people.credential(index, Carrier::MobileId, Purpose::Signing);
    let credential = credential
        .await
        .map_err(|error| Refusal::Certificate(error.to_string()))?;
    let certificate = STANDARD.encode(&credential.certificate_der);
    Ok(Json(told(json!({ "result": "OK", "cert": certificate }))))
}

pub(crate) async fn authentication(
    State(carriers): State<Arc<Carriers>>,
    request: Result<Json<SessionRequest>, axum::extract::rejection::JsonRejection>,
) -> Reply {
    begin(&carriers, request, Purpose::Authentication)
}

pub(crate) async fn signature(
    State(carriers): State<Arc<Carriers>>,
    request: Result<Json<SessionRequest>, axum::extract::rejection::JsonRejection>,
) -> Reply {
    begin(&carriers, request, Purpose::Signing)
}

fn begin(
    carriers: &Carriers,
    request: Result<Json<SessionRequest>, axum::extract::rejection::JsonRejection>,
    purpose: Purpose,
) -> Reply {
    let Json(request) = request.map_err(|error| Refusal::Parameter(error.body_text()))?;
    if !carriers.knows(&request.relying_party_uuid, &request.relying_party_name) {
        return Err(Refusal::RelyingParty);
    }
    if !LANGUAGES.contains(&request.language.as_str()) {
        return Err(Refusal::Parameter(
            "language must be EST, ENG, RUS or LIT".to_owned(),
        ));
    }
    if request.display_text.len() > MAX_TEXT_BYTES {
        return Err(Refusal::Parameter(format!(
            "displayText must have at most {MAX_TEXT_BYTES} bytes"
        )));
    }
    let digest = digest(&request.hash, &request.hash_type).map_err(Refusal::Parameter)?;
    let (national_id, phone) = (&request.national_identity_number, &request.phone_number);
    let prompt = Prompt {
        carrier: Carrier::MobileId,
        purpose,
        address: phone.clone(),
        national_id: national_id.clone(),
        relying_party: request.relying_party_name.clone(),
        text: request.display_text.clone(),
        verification_code: verification_code::of_mobile_id(&digest),
    };
    // A stranger's session exists as well, and says so when it is asked: nobody learns from the
    // first answer who has a phone.
    let Some(index) = carriers.people.by_phone(national_id, phone) else {
        let id = format!("{NOBODY}{}", Uuid::new_v4());
        return Ok(Json(json!({ "sessionID": id })));
    };
    let session = carriers.sessions.begin(NewSession {
        prompt,
        index,
        digest,
    });
    Ok(Json(json!({ "sessionID": session.id })))
}

/// What the ID of a session begins with that nobody's phone knows of.
const NOBODY: &str = "nobody-";

/// A digest in base64, of the length that its type has.
pub(crate) fn digest(hash: &str, hash_type: &str) -> Result<Vec<u8>, String> {
    let length = match hash_type {
        "SHA256" => 32,
        "SHA384" => 48,
        "SHA512" => 64,
        _ => return Err("hashType must be SHA256, SHA384 or SHA512".to_owned()),
    };
    let digest = STANDARD
        .decode(hash)
        .map_err(|_| "hash must be base64".to_owned())?;
    if digest.len() == length {
        Ok(digest)
    } else {
        Err(format!("hash of {hash_type} must have {length} bytes"))
    }
}

pub(crate) async fn authentication_session(
    State(carriers): State<Arc<Carriers>>,
    Path(id): Path<String>,
    Query(poll): Query<Poll>,
) -> Reply {
    session(&carriers, &id, &poll, Purpose::Authentication).await
}

pub(crate) async fn signature_session(
    State(carriers): State<Arc<Carriers>>,
    Path(id): Path<String>,
    Query(poll): Query<Poll>,
) -> Reply {
    session(&carriers, &id, &poll, Purpose::Signing).await
}

async fn session(carriers: &Carriers, id: &str, poll: &Poll, purpose: Purpose) -> Reply {
    if id.starts_with(NOBODY) {
        let answer = json!({ "state": "COMPLETE", "result": "NOT_MID_CLIENT" });
        return Ok(Json(told(answer)));
    }
    let is_it = |session: &Arc<Session>| {
        session.prompt.carrier == Carrier::MobileId && session.prompt.purpose == purpose
    };
    let found = carriers.sessions.find(id).filter(is_it);
    let session = found.ok_or(Refusal::Session)?;
    let within = poll
        .timeout_ms
        .unwrap_or(POLL_MS)
        .clamp(MIN_POLL_MS, MAX_POLL_MS);
    let Some(done) = session.poll(Duration::from_millis(within)).await else {
        return Ok(Json(json!({ "state": "RUNNING" })));
    };
    let mut answer = json!({ "state": "COMPLETE", "result": result(done.decision) });
    if done.decision == Decision::Confirmed {
        answer["signature"] = json!({
            "value": STANDARD.encode(&done.signature),
            "algorithm": "SHA256WithECEncryption",
        });
        if purpose == Purpose::Authentication {
            answer["cert"] = STANDARD.encode(&done.certificate_der).into();
        }
    }
    Ok(Json(told(answer)))
}

/// What the protocol calls it; a wrong PIN often enough blocks the SIM.
const fn result(decision: Decision) -> &'static str {
    match decision {
        Decision::Confirmed => "OK",
        Decision::Refused => "USER_CANCELLED",
        Decision::Mistyped => "SIM_ERROR",
        Decision::Absent => "PHONE_ABSENT",
        Decision::TimedOut => "TIMEOUT",
    }
}

/// With the time and the trace ID that every answer carries.
fn told(mut answer: Value) -> Value {
    answer["time"] = Clock::wall().now().rfc3339_seconds().into();
    answer["traceId"] = Uuid::new_v4().simple().to_string()[..16].into();
    answer
}

// === impl Refusal ===

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Parameter(_) => StatusCode::BAD_REQUEST,
            Self::RelyingParty => StatusCode::UNAUTHORIZED,
            Self::Session => StatusCode::NOT_FOUND,
            Self::Certificate(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            tracing::error!(error = %self, "request failed");
        }
        let body = told(json!({ "error": self.to_string() }));
        (status, Json(body)).into_response()
    }
}
