//! A simulated card reader: whoever asks has put that person's card in, and knows the PINs.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use sim_trust_services::enrolment::EnrolmentError;
use sim_workload::Carrier;

use crate::app::Carriers;
use crate::digest::{DigestError, HashType, SentDigest};
use crate::keys::{Purpose, pem};
use crate::people::Credential;

/// Why there is no card, or nothing from it.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("nobody has this national ID, or nobody who is alive")]
    Nobody,
    #[error("{0}")]
    Request(String),
    #[error(transparent)]
    Digest(#[from] DigestError),
    #[error("no certificate")]
    Certificate(#[from] EnrolmentError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignRequest {
    /// SHA-256, base64.
    hash: String,
}

/// Everything below `/id-card`.
pub(crate) fn routes() -> Router<Arc<Carriers>> {
    Router::new()
        .route("/{national_id}", get(credentials))
        .route("/{national_id}/certificate", get(signing_certificate))
        .route("/{national_id}/sign", post(sign))
}

/// Certificate and key of the card's authentication, PEM, as a TLS client wants them.
async fn credentials(
    State(carriers): State<Arc<Carriers>>,
    Path(national_id): Path<String>,
) -> Result<Response, Refusal> {
    let credential = credential(&carriers, &national_id, Purpose::Authentication).await?;
    let text = pem("CERTIFICATE", &credential.certificate_der) + &credential.key.to_pem();
    Ok(([(header::CONTENT_TYPE, "application/x-pem-file")], text).into_response())
}

/// The card's signing certificate.
async fn signing_certificate(
    State(carriers): State<Arc<Carriers>>,
    Path(national_id): Path<String>,
) -> Result<Response, Refusal> {
    let credential = credential(&carriers, &national_id, Purpose::Signing).await?;
    let certificate = STANDARD.encode(&credential.certificate_der);
    Ok(Json(json!({ "cert": certificate })).into_response())
}

/// Signs a digest with the card's signing key.
async fn sign(
    State(carriers): State<Arc<Carriers>>,
    Path(national_id): Path<String>,
    request: Result<Json<SignRequest>, JsonRejection>,
) -> Result<Response, Refusal> {
    let unreadable = |error: JsonRejection| Refusal::Request(error.body_text());
    let request = request.map_err(unreadable)?.0;
    let digest = SentDigest::read(&request.hash, HashType::Sha256)?;
    let credential = credential(&carriers, &national_id, Purpose::Signing).await?;
    Ok(Json(json!({
        "signature": STANDARD.encode(credential.key.sign_digest(&digest.bytes)),
        "cert": STANDARD.encode(&credential.certificate_der),
    }))
    .into_response())
}

async fn credential(
    carriers: &Carriers,
    national_id: &str,
    purpose: Purpose,
) -> Result<Arc<Credential>, Refusal> {
    let people = &carriers.people;
    let person = people.by_national_id(national_id).ok_or(Refusal::Nobody)?;
    Ok(people.credential(person, Carrier::IdCard, purpose).await?)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Nobody => StatusCode::NOT_FOUND,
            Self::Request(_) | Self::Digest(_) => StatusCode::BAD_REQUEST,
            Self::Certificate(error) => {
                tracing::error!(%error, "there is no certificate to show");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}
