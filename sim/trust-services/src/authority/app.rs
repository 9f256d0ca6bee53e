//! The authority's HTTP interface.

use std::sync::Arc;

use aws_lc_rs::constant_time;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use bytes::Bytes;
use parking_lot::Mutex;
use sim_clock::Clock;

use super::issuer::{CertificateIssuer, Validity};
use super::register::{Register, RegisterError, Status};
use crate::profile::Profile;

/// The longest URL that certificates are made to carry, in bytes.
const MAX_OCSP_URL_LEN: usize = 256;
/// The highest `CRLReason`; 7 is not used and 8 only makes sense in delta lists (RFC 5280 5.3.1).
const MAX_REASON: u8 = 10;

/// The authority while it serves.
pub(super) struct Authority {
    pub(super) issuer: CertificateIssuer,
    pub(super) register: Mutex<Register>,
    pub(super) ocsp_url: Mutex<Option<String>>,
    pub(super) enrolment_token: String,
    pub(super) clock: Clock,
}

/// Body of a revocation.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revocation {
    /// Serial number in hexadecimal.
    pub(crate) serial: String,
    /// `CRLReason` of RFC 5280 section 5.3.1.
    #[serde(default)]
    pub(crate) reason: Option<u8>,
}

/// An answer that is not what was asked for.
struct Refusal(StatusCode, String);

/// The routes of the authority.
pub(super) fn app(state: Arc<Authority>) -> Router {
    Router::new()
        .route("/certificates/{profile}", post(issue))
        .route("/revocations", post(revoke))
        .route("/ocsp-url", put(announce_responder))
        .route("/status/{serial}", get(status))
        .route("/ca.pem", get(own_certificate))
        .route("/health", get(|| async { "ok\n" }))
        .with_state(state)
}

async fn issue(
    State(state): State<Arc<Authority>>,
    Path(profile): Path<String>,
    Query(validity): Query<Validity>,
    headers: HeaderMap,
    request: Bytes,
) -> Result<Response, Refusal> {
    state.require_token(&headers)?;
    let profile: Profile = profile.parse().map_err(refusal(StatusCode::NOT_FOUND))?;
    let ocsp_url = state.ocsp_url.lock().clone();
    let certificate = state
        .issuer
        .issue(profile, &request, validity, ocsp_url.as_deref())
        .map_err(refusal(StatusCode::UNPROCESSABLE_ENTITY))?;
    let subject = certificate.subject_rfc2253();
    tracing::info!(%profile, subject, "issued a certificate");
    state.register.lock().issued(
        certificate.serial_bytes(),
        profile,
        subject,
        certificate.not_after(),
    )?;
    Ok((
        [(header::CONTENT_TYPE, "application/pkix-cert")],
        certificate.der().clone(),
    )
        .into_response())
}

async fn revoke(
    State(state): State<Arc<Authority>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    state.require_token(&headers)?;
    let revocation: Revocation =
        serde_json::from_slice(&body).map_err(refusal(StatusCode::BAD_REQUEST))?;
    if revocation.reason.is_some_and(|reason| reason > MAX_REASON) {
        return Err(Refusal(
            StatusCode::BAD_REQUEST,
            "reason above 10".to_owned(),
        ));
    }
    let serial = hex::decode(&revocation.serial).map_err(refusal(StatusCode::BAD_REQUEST))?;
    let now = state.clock.now();
    let status = state
        .register
        .lock()
        .revoke(&serial, now, revocation.reason)?;
    if status == Status::Unknown {
        return Err(Refusal(
            StatusCode::NOT_FOUND,
            "no such certificate".to_owned(),
        ));
    }
    tracing::info!(serial = revocation.serial, "revoked a certificate");
    Ok(Json(status).into_response())
}

/// A responder says where it is, for the certificates issued from now on.
async fn announce_responder(
    State(state): State<Arc<Authority>>,
    headers: HeaderMap,
    url: String,
) -> Result<StatusCode, Refusal> {
    state.require_token(&headers)?;
    if !url.starts_with("http://") || url.len() > MAX_OCSP_URL_LEN || !url.is_ascii() {
        return Err(Refusal(
            StatusCode::BAD_REQUEST,
            "not an http:// URL".to_owned(),
        ));
    }
    *state.ocsp_url.lock() = Some(url);
    Ok(StatusCode::NO_CONTENT)
}

async fn status(
    State(state): State<Arc<Authority>>,
    Path(serial): Path<String>,
) -> Result<Json<Status>, Refusal> {
    let serial = hex::decode(&serial).map_err(refusal(StatusCode::BAD_REQUEST))?;
    Ok(Json(state.register.lock().status(&serial)))
}

async fn own_certificate(State(state): State<Arc<Authority>>) -> Response {
    let pem = state.issuer.certificate().to_pem();
    ([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response()
}

impl Authority {
    fn require_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        let expected = self.enrolment_token.as_bytes();
        match given {
            Some(given) if constant_time::verify_slices_are_equal(given, expected).is_ok() => {
                Ok(())
            }
            _ => Err(Refusal(
                StatusCode::UNAUTHORIZED,
                "wrong enrolment token".to_owned(),
            )),
        }
    }
}

fn refusal<E: std::fmt::Display>(status: StatusCode) -> impl FnOnce(E) -> Refusal {
    move |error| Refusal(status, error.to_string())
}

impl From<RegisterError> for Refusal {
    fn from(error: RegisterError) -> Self {
        tracing::error!(%error, "the register of certificates failed");
        Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, format!("{}\n", self.1)).into_response()
    }
}
