//! The responder's HTTP interface (RFC 6960 appendix A, RFC 5019 section 6).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use parking_lot::Mutex;
use sim_clock::{Clock, UtcTime};
use sim_evidence::certificate::Certificate;
use sim_evidence::ocsp::{
    CertId, CertificateStatus, ErrorStatus, OcspRequest, ResponseSigner, SingleStatus,
    error_response, parse_request,
};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::{OcspConfig, Summary};
use crate::authority::Status;
use crate::enrolment;

const REQUEST_TYPE: &str = "application/ocsp-request";
const RESPONSE_TYPE: &str = "application/ocsp-response";

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// The responder while it serves.
pub(super) struct Responder {
    config: OcspConfig,
    authority: Certificate,
    signer: ResponseSigner,
    clock: Clock,
    summary: Mutex<Summary>,
}

/// A response, and from when to when it may be cached, where it may be.
struct Answer {
    der: Vec<u8>,
    cacheable: Option<(UtcTime, UtcTime)>,
}

/// The routes of the responder.
pub(super) fn app(state: Arc<Responder>) -> Router {
    Router::new()
        .route("/", post(by_post))
        .route("/{*request}", get(by_get))
        .route("/health", get(|| async { "ok\n" }))
        .with_state(state)
}

async fn by_post(
    State(state): State<Arc<Responder>>,
    headers: HeaderMap,
    request: Bytes,
) -> Response {
    if headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|value| value != REQUEST_TYPE)
    {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let answer = state.answer(&request).await;
    ([(header::CONTENT_TYPE, RESPONSE_TYPE)], answer.der).into_response()
}

/// The path is the request in base64, with or without its special characters percent-encoded.
async fn by_get(State(state): State<Arc<Responder>>, Path(request): Path<String>) -> Response {
    let answer = match STANDARD.decode(&request) {
        Ok(request) => state.answer(&request).await,
        Err(_) => state.refuse(ErrorStatus::MalformedRequest),
    };
    let mut response = ([(header::CONTENT_TYPE, RESPONSE_TYPE)], answer.der).into_response();
    let headers = response.headers_mut();
    let mut set = |name, value: String| {
        headers.insert(
            name,
            value
                .try_into()
                .expect("dates and numbers are header values"),
        );
    };
    match answer.cacheable {
        Some((from, to)) => {
            let cache_s = state.config.cache_s.min(state.config.validity_s);
            let control = format!("max-age={cache_s}, public, no-transform, must-revalidate");
            set(header::CACHE_CONTROL, control);
            set(header::LAST_MODIFIED, http_date(from));
            set(header::EXPIRES, http_date(to));
        }
        None => set(header::CACHE_CONTROL, "no-store".to_owned()),
    }
    response
}

impl Responder {
    pub(super) fn new(
        config: OcspConfig,
        authority: Certificate,
        signer: ResponseSigner,
        clock: Clock,
    ) -> Self {
        Self {
            config,
            authority,
            signer,
            clock,
            summary: Mutex::default(),
        }
    }

    pub(super) fn summary(&self) -> Summary {
        *self.summary.lock()
    }

    async fn answer(&self, request: &[u8]) -> Answer {
        let request = match parse_request(request) {
            Ok(request) => request,
            Err(error) => {
                tracing::debug!(%error, "refused an OCSP request");
                return self.refuse(ErrorStatus::MalformedRequest);
            }
        };
        if !request
            .certificates
            .iter()
            .any(|id| id.names_issuer(&self.authority))
        {
            return self.refuse(ErrorStatus::Unauthorized);
        }
        match self.statuses(&request).await {
            Ok(statuses) => self.respond(&request, &statuses),
            Err(error) => {
                tracing::warn!(%error, "the certification authority gives no status");
                self.refuse(ErrorStatus::TryLater)
            }
        }
    }

    async fn statuses(
        &self,
        request: &OcspRequest,
    ) -> Result<Vec<SingleStatus>, enrolment::EnrolmentError> {
        // Taken before the authority is asked: what is revoked afterwards is not yet known.
        let this_update = self.clock.now();
        let validity = Duration::from_secs(self.config.validity_s.into());
        let mut statuses = Vec::with_capacity(request.certificates.len());
        for id in &request.certificates {
            statuses.push(SingleStatus {
                cert_id: id.clone(),
                status: self.status(id).await?,
                this_update,
                next_update: Some(this_update.plus(validity)),
            });
        }
        Ok(statuses)
    }

    async fn status(&self, id: &CertId) -> Result<CertificateStatus, enrolment::EnrolmentError> {
        if !id.names_issuer(&self.authority) {
            return Ok(CertificateStatus::Unknown);
        }
        let known = enrolment::certificate_status(&self.config.ca_url, &id.serial).await?;
        Ok(match known {
            Status::Good => CertificateStatus::Good,
            Status::Revoked { at_ms, reason } => CertificateStatus::Revoked {
                at: UtcTime::from_millis(at_ms),
                reason,
            },
            Status::Unknown => CertificateStatus::Unknown,
        })
    }

    fn respond(&self, request: &OcspRequest, statuses: &[SingleStatus]) -> Answer {
        let nonce = request.nonce.as_deref();
        let der = self.signer.respond(statuses, nonce, self.clock.now());
        self.count(statuses);
        let period = statuses
            .first()
            .and_then(|status| Some((status.this_update, status.next_update?)));
        // A response to a nonce is of no use to anybody else.
        Answer {
            der,
            cacheable: period.filter(|_| nonce.is_none()),
        }
    }

    fn refuse(&self, status: ErrorStatus) -> Answer {
        self.summary.lock().errors += 1;
        Answer {
            der: error_response(status),
            cacheable: None,
        }
    }

    fn count(&self, statuses: &[SingleStatus]) {
        let mut summary = self.summary.lock();
        for single in statuses {
            match single.status {
                CertificateStatus::Good => summary.good += 1,
                CertificateStatus::Revoked { .. } => summary.revoked += 1,
                CertificateStatus::Unknown => summary.unknown += 1,
            }
        }
    }
}

fn http_date(at: UtcTime) -> String {
    at.to_offset_date_time()
        .format(HTTP_DATE)
        .expect("every field of the format is in a date")
}
