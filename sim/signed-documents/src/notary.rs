//! What makes a signature last: a time-stamp, and after it a word on the signer's certificate.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use sim_evidence::certificate::Certificate;
use sim_evidence::ocsp::{self, CertId, CertIdAlgorithm};
use sim_evidence::time_stamp::{
    Imprint, ImprintAlgorithm, TimeStampError, TimeStampRequest, request_for, token_of_response,
};
use sim_http_client::{Bounds, HttpClient, HttpClientError};

use crate::draft::Signed;

/// No answer of a trust service is longer, or takes longer.
const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 64 * 1024,
    within: Duration::from_secs(10),
};

/// Asks a time-stamping authority and an OCSP responder.
#[derive(Clone)]
pub struct Notary {
    http: HttpClient,
    tsa_url: String,
    ocsp_url: String,
    /// Who issued the signers' certificates.
    authority: Certificate,
}

/// Why a signature does not last.
#[derive(Debug, thiserror::Error)]
pub enum NotaryError {
    /// A request cannot be made.
    #[error("put a request together")]
    Request(#[from] http::Error),
    /// A trust service did not answer.
    #[error("ask {whom}")]
    Call {
        /// Which.
        whom: &'static str,
        /// Why not.
        source: HttpClientError,
    },
    /// A trust service refused.
    #[error("ask {whom}: it answered {status}")]
    Refused {
        /// Which.
        whom: &'static str,
        /// HTTP status.
        status: u16,
    },
    /// The authority gave no token.
    #[error("read the time-stamp")]
    Token(#[from] TimeStampError),
}

// === impl Notary ===

impl Notary {
    /// For signers whose certificates `authority` issued.
    #[must_use]
    pub fn new(http: HttpClient, tsa_url: &str, ocsp_url: &str, authority: Certificate) -> Self {
        Self {
            http,
            tsa_url: tsa_url.to_owned(),
            ocsp_url: ocsp_url.to_owned(),
            authority,
        }
    }

    /// Has the signature stamped, then its certificate confirmed, and returns the container.
    ///
    /// # Errors
    ///
    /// See [`NotaryError`].
    pub async fn complete(&self, signed: &Signed) -> Result<Vec<u8>, NotaryError> {
        let stamped = TimeStampRequest {
            imprint: Imprint::of(ImprintAlgorithm::Sha256, &signed.to_stamp()),
            policy: None,
            nonce: None,
            wants_certificate: true,
        };
        let whom = "the time-stamping authority";
        let asked = self.post(
            whom,
            &self.tsa_url,
            "application/timestamp-query",
            request_for(&stamped),
        );
        let token = token_of_response(&asked.await?)?;
        // The order matters: a certificate that was good after the stamp was good at the stamp.
        let certificate = CertId::of(signed.certificate(), &self.authority, CertIdAlgorithm::Sha1);
        let whom = "the OCSP responder";
        let request = ocsp::request_for(&[certificate], None);
        let asked = self.post(whom, &self.ocsp_url, "application/ocsp-request", request);
        let response = asked.await?;
        let authority = self.authority.der().clone();
        Ok(signed.container(&token, &response, &[authority]))
    }

    async fn post(
        &self,
        whom: &'static str,
        url: &str,
        media_type: &str,
        body: Vec<u8>,
    ) -> Result<Bytes, NotaryError> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header(CONTENT_TYPE, media_type)
            .body(Bytes::from(body))?;
        let call = self.http.call(request, BOUNDS).await;
        let answer = call.map_err(|source| NotaryError::Call { whom, source })?;
        if answer.status.is_success() {
            return Ok(answer.body);
        }
        Err(NotaryError::Refused {
            whom,
            status: answer.status.as_u16(),
        })
    }
}
