//! Version 2 of the relying-party protocol.
//!
//! Where the real one says `sha256WithRSAEncryption`, this one says `sha256WithECDSAEncryption`.
//! `private/…` references are of nobody: what they mean is agreed between companies.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::account::{Account, Level, NoAccount, Reference};
use super::interaction::{Interaction, RawInteraction, allowed, first_possible};
use super::{Asked, NONCE_LEN, Poll, status};
use crate::app::Carriers;
use crate::digest::{HashType, SentDigest};
use crate::outcome::Outcome;
use crate::sessions::{Details, Done, Operation, Session};
use crate::verification_code;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{0}")]
    Parameter(String),
    #[error("the relying party is not known")]
    RelyingParty,
    #[error(transparent)]
    Account(#[from] NoAccount),
    #[error("there is no such session")]
    Session,
    #[error("there is nothing here")]
    Path,
    #[error("the method is not allowed")]
    Method,
    #[error("internal error")]
    Internal,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(rename = "relyingPartyUUID")]
    relying_party_uuid: String,
    relying_party_name: String,
    certificate_level: Option<String>,
    hash: Option<String>,
    hash_type: Option<String>,
    #[serde(default)]
    allowed_interactions_order: Vec<RawInteraction>,
    nonce: Option<String>,
    #[serde(default)]
    request_properties: Map<String, Value>,
}

type Reply = Result<Json<Value>, Refusal>;
type Body = axum::body::Bytes;

pub(super) fn routes() -> Router<Arc<Carriers>> {
    Router::new()
        .route("/authentication/{sort}/{whom}", post(authentication))
        .route("/signature/{sort}/{whom}", post(signature))
        .route("/certificatechoice/{sort}/{whom}", post(certificate_choice))
        .route("/{operation}/private/{issuer}/{whom}", post(private))
        .route("/session/{id}", get(session))
        .fallback(|| async { Refusal::Path })
        .method_not_allowed_fallback(|| async { Refusal::Method })
}

async fn authentication(
    State(carriers): State<Arc<Carriers>>,
    Path((sort, whom)): Path<(String, String)>,
    body: Body,
) -> Reply {
    begin(&carriers, Operation::Authentication, &sort, &whom, &body)
}

async fn signature(
    State(carriers): State<Arc<Carriers>>,
    Path((sort, whom)): Path<(String, String)>,
    body: Body,
) -> Reply {
    begin(&carriers, Operation::Signing, &sort, &whom, &body)
}

/// Which of a person's documents shall sign; a person confirms that too.
async fn certificate_choice(
    State(carriers): State<Arc<Carriers>>,
    Path((sort, whom)): Path<(String, String)>,
    body: Body,
) -> Reply {
    begin(&carriers, Operation::CertificateChoice, &sort, &whom, &body)
}

async fn private() -> Refusal {
    Refusal::Account(NoAccount::Nobody)
}

fn begin(carriers: &Carriers, operation: Operation, sort: &str, whom: &str, body: &Body) -> Reply {
    let unreadable = |error: serde_json::Error| Refusal::Parameter(error.to_string());
    let sent: Value = serde_json::from_slice(body).map_err(unreadable)?;
    let request = Request::deserialize(&sent).map_err(unreadable)?;
    let relying_party = request.relying_party(carriers)?.to_owned();
    let level = request.level(operation)?;
    request.check_nonce()?;
    let properties = request.request_properties.keys();
    let ignored: Vec<String> = properties.map(Clone::clone).collect();
    let reference = Reference::read(sort, whom).ok_or(Refusal::Path)?;
    let account = Account::find(&carriers.people, reference, level);
    let asked = if operation == Operation::CertificateChoice {
        Asked {
            operation,
            account: account?,
            relying_party,
            shown: None,
            verification_code: None,
            digest: Vec::new(),
            details: Details::SmartId2 {
                hash_type: None,
                ignored,
            },
        }
    } else {
        let digest = request.digest()?;
        let interactions = allowed(request.allowed_interactions_order, |_| true)
            .map_err(|error| Refusal::Parameter(error.to_string()))?;
        let account = account?;
        let is_old_app = carriers.people.has_old_app(account.person);
        Asked {
            operation,
            account,
            relying_party,
            shown: first_possible(interactions, is_old_app),
            verification_code: Some(verification_code::of_smart_id(&digest.bytes)),
            digest: digest.bytes,
            details: Details::SmartId2 {
                hash_type: Some(digest.hash_type),
                ignored,
            },
        }
    };
    let path = format!("v2 {operation:?} {sort} {whom}");
    let begin = || json!({ "sessionID": asked.begin(carriers) });
    Ok(Json(carriers.repeated.or_begin(&path, &sent, begin)))
}

async fn session(
    State(carriers): State<Arc<Carriers>>,
    Path(id): Path<String>,
    poll: Result<Query<Poll>, QueryRejection>,
) -> Reply {
    let unreadable = |error: QueryRejection| Refusal::Parameter(error.body_text());
    let within = poll.map_err(unreadable)?.within();
    let session = carriers.sessions.find(&id).ok_or(Refusal::Session)?;
    let Details::SmartId2 { hash_type, ignored } = &session.details else {
        return Err(Refusal::Session);
    };
    match carriers.sessions.poll(&session, within).await {
        None => Ok(Json(json!({ "state": "RUNNING" }))),
        Some(done) if done.outcome == Outcome::Failed => Err(Refusal::Internal),
        Some(done) => Ok(Json(complete(&session, &done, *hash_type, ignored))),
    }
}

fn complete(
    session: &Session,
    done: &Done,
    hash_type: Option<HashType>,
    ignored: &[String],
) -> Value {
    let mut answer = json!({ "state": "COMPLETE", "result": { "endResult": done.result } });
    if !ignored.is_empty() {
        answer["ignoredProperties"] = ignored.into();
    }
    let Some(proof) = &done.proof else {
        return answer;
    };
    answer["result"]["documentNumber"] = session.prompt.address.as_str().into();
    answer["cert"] = json!({
        "value": STANDARD.encode(&proof.credential.certificate_der),
        "certificateLevel": "QUALIFIED",
    });
    if let Some(hash_type) = hash_type {
        answer["signature"] = json!({
            "value": STANDARD.encode(&proof.signature),
            "algorithm": format!("{}WithECDSAEncryption", hash_type.name().to_lowercase()),
        });
    }
    if let Some(interaction) = session.prompt.interaction.map(Interaction::name) {
        answer["interactionFlowUsed"] = interaction.into();
    }
    answer
}

// === impl Request ===

impl Request {
    fn relying_party<'a>(&self, carriers: &'a Carriers) -> Result<&'a str, Refusal> {
        carriers
            .relying_party(&self.relying_party_uuid, &self.relying_party_name)
            .ok_or(Refusal::RelyingParty)
    }

    fn level(&self, operation: Operation) -> Result<Level, Refusal> {
        let is_for_signing = operation != Operation::Authentication;
        Level::read(self.certificate_level.as_deref(), is_for_signing).ok_or_else(|| {
            Refusal::Parameter(
                "certificateLevel must be ADVANCED or QUALIFIED, to sign also QSCD".into(),
            )
        })
    }

    fn check_nonce(&self) -> Result<(), Refusal> {
        match &self.nonce {
            Some(nonce) if !NONCE_LEN.contains(&nonce.chars().count()) => Err(Refusal::Parameter(
                format!("nonce must have 1 to {} characters", NONCE_LEN.end()),
            )),
            _ => Ok(()),
        }
    }

    fn digest(&self) -> Result<SentDigest, Refusal> {
        let hash = self.hash.as_deref().unwrap_or_default();
        let hash_type = self.hash_type.as_deref().unwrap_or_default();
        SentDigest::read_named(hash, hash_type)
            .map_err(|error| Refusal::Parameter(error.to_string()))
    }
}

// === impl Refusal ===

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Parameter(_) | Self::Account(NoAccount::Malformed) => StatusCode::BAD_REQUEST,
            Self::RelyingParty => StatusCode::UNAUTHORIZED,
            Self::Account(NoAccount::Forbidden) => StatusCode::FORBIDDEN,
            Self::Account(NoAccount::Nobody) | Self::Session | Self::Path => StatusCode::NOT_FOUND,
            Self::Account(NoAccount::OtherLevel) => status(471),
            Self::Account(NoAccount::MustOpenApp) => status(472),
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = json!({ "code": status.as_u16(), "message": self.to_string() });
        (status, Json(body)).into_response()
    }
}
