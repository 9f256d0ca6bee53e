//! A simulated card reader: whoever asks has put that person's card in, and knows the PINs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use sim_trust_services::enrolment::EnrolmentError;
use sim_workload::Carrier;

use crate::app::Carriers;
use crate::keys::Purpose;
use crate::mobile_id::digest;

/// Why there is no card.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("nobody has this national ID, or nobody who is alive")]
    Nobody,
    #[error("{0}")]
    Digest(String),
    #[error("no certificate: {0}")]
    Certificate(#[from] EnrolmentError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignRequest {
    /// SHA-256, base64.
    hash: String,
}

/// Certificate and key of the card's authentication, PEM, as a TLS client wants them.
pub(crate) async fn credentials(
    State(carriers): State<Arc<Carriers>>,
    Path(national_id): Path<String>,
) -> Result<Response, Refusal> {
    let people = &carriers.people;
    let index = people.by_national_id(&national_id).ok_or(Refusal::Nobody)?;
    let credential = people.credential(index, Carrier::IdCard, Purpose::Authentication);
    let credential = credential.await?;
    let text = pem(&credential.certificate_der) + &credential.key.to_pem();
    Ok(([(header::CONTENT_TYPE, "application/x-pem-file")], text).into_response())
}

/// The card's signing certificate.
pub(crate) async fn signing_certificate(
    State(carriers): State<Arc<Carriers>>,
    Path(national_id): Path<String>,
) -> Result<Json<serde_json::Value>, Refusal> {
    let people = &carriers.people;
    let index = people.by_national_id(&national_id).ok_or(Refusal::Nobody)?;
    let credential = people.credential(index, Carrier::IdCard, Purpose::Signing);
    let certificate = STANDARD.encode(&credential.await?.certificate_der);
    Ok(Json(json!({ "cert": certificate })))
}

/// Signs a digest with the card's signing key.
pub(crate) async fn sign(
    State(carriers): State<Arc<Carriers>>,
    Path(national_id): Path<String>,
    Json(request): Json<SignRequest>,
) -> Result<Json<serde_json::Value>, Refusal> {
    let people = &carriers.people;
    let index = people.by_national_id(&national_id).ok_or(Refusal::Nobody)?;
    let digest = digest(&request.hash, "SHA256").map_err(Refusal::Digest)?;
    let credential = people.credential(index, Carrier::IdCard, Purpose::Signing);
    let credential = credential.await?;
    Ok(Json(json!({
        "signature": STANDARD.encode(credential.key.sign_digest(&digest)),
        "cert": STANDARD.encode(&credential.certificate_der),
    })))
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Nobody => StatusCode::NOT_FOUND,
            Self::Digest(_) => StatusCode::BAD_REQUEST,
            Self::Certificate(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            tracing::error!(error = %self, "request failed");
        }
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}
