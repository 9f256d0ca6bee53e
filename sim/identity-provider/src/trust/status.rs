//! Whether a certificate still counts: asking the people's OCSP responder (RFC 6960).
//!
//! Each question carries a number of its own, which the answer must repeat: an answer from before a
//! revocation cannot be told again, however young it is.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use sim_clock::UtcTime;
use sim_evidence::certificate::{Certificate, CertificationAuthority};
use sim_evidence::ocsp::{
    CertId, CertIdAlgorithm, OcspError, nonce_of, request_for, verify_response,
};
use sim_http_client::{Bounds, HttpClient, HttpClientError};

use crate::secrets::{NoRandomness, random_bytes};

/// How old an answer may be.
pub(super) const FRESHNESS: Duration = Duration::from_secs(15 * 60);
const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 16 * 1024,
    within: Duration::from_secs(5),
};

/// The responder, as the provider asks it.
pub(super) struct Responder {
    http: HttpClient,
    url: String,
}

/// Why a certificate is not known to be good.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotGood {
    #[error("ask the OCSP responder")]
    Call(#[from] HttpClientError),
    #[error("ask the OCSP responder: its address makes no request")]
    Request(#[from] http::Error),
    #[error("the OCSP responder answers with status {0}")]
    Refused(StatusCode),
    #[error("the OCSP responder answers another question")]
    OtherQuestion,
    #[error(transparent)]
    Answer(#[from] OcspError),
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

// === impl Responder ===

impl Responder {
    pub(super) fn new(url: &str) -> Self {
        Self {
            http: HttpClient::default(),
            url: url.to_owned(),
        }
    }

    /// Whether `certificate`, which `authority` issued, is good at `now`.
    pub(super) async fn require_good(
        &self,
        certificate: &Certificate,
        authority: &CertificationAuthority,
        now: UtcTime,
    ) -> Result<(), NotGood> {
        let id = CertId::of(certificate, &authority.certificate, CertIdAlgorithm::Sha1);
        let nonce = random_bytes()?;
        let request = Request::post(&self.url)
            .header(header::CONTENT_TYPE, "application/ocsp-request")
            .body(Bytes::from(request_for(&[id], Some(&nonce))))?;
        let answer = self.http.call(request, BOUNDS).await?;
        if answer.status != StatusCode::OK {
            return Err(NotGood::Refused(answer.status));
        }
        verify_response(&answer.body, certificate, authority, FRESHNESS, now)?;
        if nonce_of(&answer.body)?.as_deref() != Some(&nonce) {
            return Err(NotGood::OtherQuestion);
        }
        Ok(())
    }
}
