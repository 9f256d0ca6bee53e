//! Version 3 of the relying-party protocol: the flows that begin with a notification.
//!
//! What differs from the real one:
//!
//! - Relying parties ask for `rsassa-pss`, and get `ecdsa`: raw r and s of a key on P-256 over the
//!   same digest, that of the payload of [`acsp_v2`] or the one sent. So a strict client refuses the
//!   algorithm, though everything else is as it expects.
//! - Of the hash algorithms, those of the SHA-3 family are refused.
//! - Device links and linked sessions are not there, nor is the sharing of the phone's address.

mod acsp_v2;
mod complete;
mod problem;
mod request;

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sim_workload::Carrier;

use super::account::{Account, Reference};
use super::interaction::first_possible;
use super::{Asked, Poll};
use crate::app::Carriers;
use crate::digest::HashType;
use crate::keys::Purpose;
use crate::sessions::{Details, Operation};
use crate::verification_code;
use problem::Problem;
use request::Request;

type Reply = Result<Json<Value>, Problem>;
type Body = axum::body::Bytes;

/// What is signed, and what a relying party needs to check it.
#[derive(Clone, Debug)]
pub(crate) enum SignatureProtocol {
    /// A certificate is chosen; nothing is signed.
    None,
    /// `ACSP_V2`: a payload into which both sides put something random.
    AcspV2 {
        hash_type: HashType,
        /// Base64, as it stands in the payload.
        server_random: String,
        /// Base64 for URLs, as it stands in the payload.
        user_challenge: String,
    },
    /// `RAW_DIGEST_SIGNATURE`: the digest that was sent.
    RawDigest { hash_type: HashType },
}

pub(super) fn routes() -> Router<Arc<Carriers>> {
    Router::new()
        .route(
            "/authentication/notification/{sort}/{whom}",
            post(authentication),
        )
        .route("/signature/notification/{sort}/{whom}", post(signature))
        .route("/signature/certificate/{document}", post(certificate))
        .route(
            "/signature/certificate-choice/notification/etsi/{whom}",
            post(certificate_choice),
        )
        .route("/session/{id}", get(session))
        .fallback(|| async { Problem::Path })
        .method_not_allowed_fallback(|| async { Problem::Method })
}

async fn authentication(
    State(carriers): State<Arc<Carriers>>,
    Path((sort, whom)): Path<(String, String)>,
    body: Body,
) -> Reply {
    let operation = Operation::Authentication;
    let (sent, request) = Request::read(&body)?;
    let relying_party = request.relying_party(&carriers)?.to_owned();
    let level = request.level(operation)?;
    request.check(operation)?;
    let challenge = request.challenge()?;
    let interactions = request.interactions()?;
    let reference = Reference::read(&sort, &whom).ok_or(Problem::Path)?;
    let account = Account::find(&carriers.people, reference, level)?;
    let is_old_app = carriers.people.has_old_app(account.person);
    let shown = first_possible(interactions, is_old_app);
    let made = acsp_v2::Payload {
        challenge: &challenge.text,
        relying_party: &request.relying_party_name,
        interactions: &request.interactions,
        interaction: shown.as_ref().map_or("", |shown| shown.interaction.name()),
    }
    .sign_with(challenge.hash_type);
    let asked = Asked {
        operation,
        account,
        relying_party,
        shown,
        verification_code: Some(verification_code::of_smart_id(&challenge.bytes)),
        digest: made.digest,
        details: Details::SmartId3 {
            protocol: made.protocol,
            ignored: request.ignored(),
        },
    };
    let path = format!("v3 {operation:?} {sort} {whom}");
    let begin = || json!({ "sessionID": asked.begin(&carriers) });
    Ok(Json(carriers.repeated.or_begin(&path, &sent, begin)))
}

async fn signature(
    State(carriers): State<Arc<Carriers>>,
    Path((sort, whom)): Path<(String, String)>,
    body: Body,
) -> Reply {
    let operation = Operation::Signing;
    let (sent, request) = Request::read(&body)?;
    let relying_party = request.relying_party(&carriers)?.to_owned();
    let level = request.level(operation)?;
    request.check(operation)?;
    let digest = request.digest()?;
    let interactions = request.interactions()?;
    let reference = Reference::read(&sort, &whom).ok_or(Problem::Path)?;
    let account = Account::find(&carriers.people, reference, level)?;
    let is_old_app = carriers.people.has_old_app(account.person);
    // Here the service makes the code; who asks shows what it is told.
    let code = verification_code::of_smart_id(&acsp_v2::random());
    let asked = Asked {
        operation,
        account,
        relying_party,
        shown: first_possible(interactions, is_old_app),
        verification_code: Some(code.clone()),
        digest: digest.bytes,
        details: Details::SmartId3 {
            protocol: SignatureProtocol::RawDigest {
                hash_type: digest.hash_type,
            },
            ignored: request.ignored(),
        },
    };
    let path = format!("v3 {operation:?} {sort} {whom}");
    let begin = || {
        json!({
            "sessionID": asked.begin(&carriers),
            "vc": { "type": "numeric4", "value": code },
        })
    };
    Ok(Json(carriers.repeated.or_begin(&path, &sent, begin)))
}

/// Which of a person's documents shall sign; a person confirms that too.
async fn certificate_choice(
    State(carriers): State<Arc<Carriers>>,
    Path(whom): Path<String>,
    body: Body,
) -> Reply {
    let operation = Operation::CertificateChoice;
    let (sent, request) = Request::read(&body)?;
    let relying_party = request.relying_party(&carriers)?.to_owned();
    let level = request.level(operation)?;
    request.check(operation)?;
    let account = Account::find(&carriers.people, Reference::Semantics(&whom), level)?;
    let asked = Asked {
        operation,
        account,
        relying_party,
        shown: None,
        verification_code: None,
        digest: Vec::new(),
        details: Details::SmartId3 {
            protocol: SignatureProtocol::None,
            ignored: request.ignored(),
        },
    };
    let path = format!("v3 {operation:?} etsi {whom}");
    let begin = || json!({ "sessionID": asked.begin(&carriers) });
    Ok(Json(carriers.repeated.or_begin(&path, &sent, begin)))
}

/// The signing certificate of a document, at once: nobody is asked.
async fn certificate(
    State(carriers): State<Arc<Carriers>>,
    Path(document): Path<String>,
    body: Body,
) -> Reply {
    let (_, request) = Request::read(&body)?;
    request.relying_party(&carriers)?;
    let level = request.level(Operation::Signing)?;
    let people = &carriers.people;
    let account = Account::find(people, Reference::Document(&document), level)?;
    if people.has_locked_smart_id(account.person) {
        return Ok(Json(json!({ "state": "DOCUMENT_UNUSABLE" })));
    }
    let asked = people.credential(account.person, Carrier::SmartId, Purpose::Signing);
    let credential = asked.await.map_err(|error| {
        tracing::error!(%error, "there is no certificate to show");
        Problem::Internal
    })?;
    let value = STANDARD.encode(&credential.certificate_der);
    let cert = json!({ "value": value, "certificateLevel": "QUALIFIED" });
    Ok(Json(json!({ "state": "OK", "cert": cert })))
}

async fn session(
    State(carriers): State<Arc<Carriers>>,
    Path(id): Path<String>,
    poll: Result<Query<Poll>, QueryRejection>,
) -> Reply {
    let unreadable = |error: QueryRejection| Problem::parameter("timeoutMs", error.body_text());
    let within = poll.map_err(unreadable)?.within();
    let session = carriers.sessions.find(&id).ok_or(Problem::Session)?;
    let Details::SmartId3 { protocol, ignored } = &session.details else {
        return Err(Problem::Session);
    };
    let done = carriers.sessions.poll(&session, within).await;
    Ok(Json(done.map_or_else(
        || json!({ "state": "RUNNING" }),
        |done| complete::answer(&session.prompt, &done, protocol, ignored),
    )))
}
