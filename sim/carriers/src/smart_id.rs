//! Smart-ID's public relying-party protocol, version 2.
//!
//! Differs from the real one in the keys alone: they are P-256, and signatures are raw r and s.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use sim_clock::Clock;
use sim_workload::Carrier;

use crate::app::Carriers;
use crate::behaviour::Decision;
use crate::keys::Purpose;
use crate::mobile_id::digest;
use crate::sessions::{NewSession, Prompt};
use crate::verification_code;

/// Bounds of what a poll may say that it waits, in milliseconds; the default is between them.
const MIN_POLL_MS: u64 = 1_000;
const MAX_POLL_MS: u64 = 120_000;
/// The same request within this time is the same session, unless its nonce differs.
const REPEATED_WITHIN: Duration = Duration::from_secs(15);
/// Longest nonce, in characters.
const MAX_NONCE: usize = 30;
/// Longest texts of the two sorts of interactions, in characters.
const SHORT_TEXT: usize = 60;
const LONG_TEXT: usize = 200;
/// What documents' numbers end with whose certificates are qualified.
const QUALIFIED: &str = "-Q";

/// Requests of the last seconds, with the session of each.
#[derive(Default)]
pub(crate) struct Repeated(Mutex<HashMap<String, (Instant, String)>>);

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Parameter(String),
    #[error("the relying party is not known")]
    RelyingParty,
    #[error("there is no such account")]
    Account,
    #[error("there is no such session")]
    Session,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionRequest {
    #[serde(rename = "relyingPartyUUID")]
    relying_party_uuid: String,
    relying_party_name: String,
    #[serde(default)]
    certificate_level: Option<String>,
    #[serde(default)]
    hash: Option<String>,
    #[serde(default)]
    hash_type: Option<String>,
    #[serde(default)]
    allowed_interactions_order: Vec<Interaction>,
    #[serde(default)]
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interaction {
    r#type: String,
    display_text60: Option<String>,
    display_text200: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Poll {
    timeout_ms: Option<u64>,
}

type Request = Result<Json<SessionRequest>, axum::extract::rejection::JsonRejection>;
type Reply = Result<Json<Value>, Refusal>;

pub(crate) async fn authentication(
    State(carriers): State<Arc<Carriers>>,
    Path((by, whom)): Path<(String, String)>,
    request: Request,
) -> Reply {
    begin(
        &carriers,
        &by,
        &whom,
        request,
        Some(Purpose::Authentication),
    )
}

pub(crate) async fn signature(
    State(carriers): State<Arc<Carriers>>,
    Path((by, whom)): Path<(String, String)>,
    request: Request,
) -> Reply {
    begin(&carriers, &by, &whom, request, Some(Purpose::Signing))
}

/// Which of a person's documents shall sign; a person confirms that too.
pub(crate) async fn certificate_choice(
    State(carriers): State<Arc<Carriers>>,
    Path((by, whom)): Path<(String, String)>,
    request: Request,
) -> Reply {
    begin(&carriers, &by, &whom, request, None)
}

fn begin(
    carriers: &Carriers,
    by: &str,
    whom: &str,
    request: Request,
    purpose: Option<Purpose>,
) -> Reply {
    let Json(request) = request.map_err(|error| Refusal::Parameter(error.body_text()))?;
    if !carriers.knows(&request.relying_party_uuid, &request.relying_party_name) {
        return Err(Refusal::RelyingParty);
    }
    let level = request.certificate_level.as_deref().unwrap_or("QUALIFIED");
    if !["ADVANCED", "QUALIFIED", "QSCD"].contains(&level) {
        return Err(Refusal::Parameter("certificateLevel is not one".to_owned()));
    }
    let nonce = request.nonce.as_deref().unwrap_or_default();
    if nonce.chars().count() > MAX_NONCE {
        return Err(Refusal::Parameter(format!(
            "nonce must have at most {MAX_NONCE} characters"
        )));
    }
    let index = account(carriers, by, whom).ok_or(Refusal::Account)?;
    let (digest, text) = match purpose {
        None => (vec![0; 32], String::new()),
        Some(_) => {
            let hash = request.hash.as_deref().unwrap_or_default();
            let hash_type = request.hash_type.as_deref().unwrap_or_default();
            let digest = digest(hash, hash_type).map_err(Refusal::Parameter)?;
            (digest, text(&request.allowed_interactions_order)?)
        }
    };
    let repeated = format!(
        "{purpose:?} {by} {whom} {} {nonce} {}",
        request.relying_party_uuid,
        request.hash.as_deref().unwrap_or_default()
    );
    if let Some(id) = carriers.smart_id.session_of(&repeated) {
        return Ok(Json(json!({ "sessionID": id })));
    }
    let national_id = carriers.people.population.national_id(index).to_string();
    let session = carriers.sessions.begin(NewSession {
        prompt: Prompt {
            carrier: Carrier::SmartId,
            // A choice of a certificate is about signing.
            purpose: purpose.unwrap_or(Purpose::Signing),
            address: document_number(&carriers.people.country, &national_id),
            national_id,
            relying_party: request.relying_party_name.clone(),
            text,
            verification_code: verification_code::of_smart_id(&digest),
        },
        index,
        digest,
    });
    carriers.smart_id.keep(repeated, session.id.clone());
    Ok(Json(json!({ "sessionID": session.id })))
}

/// Whose account is meant: `etsi/PNOEE-…` or `document/PNOEE-…-ROAD-Q`.
fn account(carriers: &Carriers, by: &str, whom: &str) -> Option<u64> {
    let prefix = format!("PNO{}-", carriers.people.country);
    let rest = whom.strip_prefix(&prefix)?;
    let national_id = match by {
        "etsi" => rest,
        "document" => rest.strip_suffix(QUALIFIED)?.strip_suffix("-ROAD")?,
        _ => return None,
    };
    carriers.people.by_national_id(national_id)
}

/// The number of somebody's only document.
fn document_number(country: &str, national_id: &str) -> String {
    format!("PNO{country}-{national_id}-ROAD{QUALIFIED}")
}

/// What stands on the phone: the first interaction that the app can do, and it can do all.
fn text(interactions: &[Interaction]) -> Result<String, Refusal> {
    let Some(first) = interactions.first() else {
        return Err(Refusal::Parameter(
            "allowedInteractionsOrder is empty".to_owned(),
        ));
    };
    let (text, longest) = match first.r#type.as_str() {
        "displayTextAndPIN" | "verificationCodeChoice" => (&first.display_text60, SHORT_TEXT),
        "confirmationMessage" | "confirmationMessageAndVerificationCodeChoice" => {
            (&first.display_text200, LONG_TEXT)
        }
        other => {
            return Err(Refusal::Parameter(format!("{other} is no interaction")));
        }
    };
    match text {
        Some(text) if text.chars().count() <= longest => Ok(text.clone()),
        Some(_) => Err(Refusal::Parameter(format!(
            "the text must have at most {longest} characters"
        ))),
        None => Err(Refusal::Parameter("the interaction has no text".to_owned())),
    }
}

pub(crate) async fn session(
    State(carriers): State<Arc<Carriers>>,
    Path(id): Path<String>,
    Query(poll): Query<Poll>,
) -> Reply {
    let found = carriers.sessions.find(&id);
    let session = found
        .filter(|session| session.prompt.carrier == Carrier::SmartId)
        .ok_or(Refusal::Session)?;
    let within = poll
        .timeout_ms
        .unwrap_or(u64::midpoint(MIN_POLL_MS, MAX_POLL_MS));
    let within = within.clamp(MIN_POLL_MS, MAX_POLL_MS);
    let Some(done) = session.poll(Duration::from_millis(within)).await else {
        return Ok(Json(json!({ "state": "RUNNING" })));
    };
    let mut answer = json!({
        "state": "COMPLETE",
        "result": { "endResult": end_result(done.decision) },
    });
    if done.decision == Decision::Confirmed {
        answer["result"]["documentNumber"] = session.prompt.address.clone().into();
        answer["signature"] = json!({
            "value": STANDARD.encode(&done.signature),
            "algorithm": "sha256WithECDSAEncryption",
        });
        answer["cert"] = json!({
            "value": STANDARD.encode(&done.certificate_der),
            "certificateLevel": "QUALIFIED",
        });
        answer["interactionFlowUsed"] = "displayTextAndPIN".into();
    }
    Ok(Json(answer))
}

/// What the protocol calls it.
const fn end_result(decision: Decision) -> &'static str {
    match decision {
        Decision::Confirmed => "OK",
        Decision::Refused => "USER_REFUSED",
        Decision::Mistyped => "WRONG_VC",
        Decision::Absent | Decision::TimedOut => "TIMEOUT",
    }
}

// === impl Repeated ===

impl Repeated {
    fn session_of(&self, request: &str) -> Option<String> {
        let now = Clock::wall().monotonic();
        let mut kept = self.0.lock();
        kept.retain(|_, (at, _)| now - *at <= REPEATED_WITHIN);
        kept.get(request).map(|(_, id)| id.clone())
    }

    fn keep(&self, request: String, id: String) {
        let now = Clock::wall().monotonic();
        self.0.lock().insert(request, (now, id));
    }
}

// === impl Refusal ===

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Parameter(_) => StatusCode::BAD_REQUEST,
            Self::RelyingParty => StatusCode::UNAUTHORIZED,
            Self::Account | Self::Session => StatusCode::NOT_FOUND,
        };
        let body = json!({ "code": status.as_u16(), "message": self.to_string() });
        (status, Json(body)).into_response()
    }
}
