//! The latest OCSP response of each of this server's own certificates.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, StatusCode};
use parking_lot::RwLock;
use sim_clock::Clock;
use sim_evidence::certificate::{Certificate, verify_path};
use sim_evidence::ocsp;
use sim_global_configuration::{ConfigurationHandle, GlobalConfiguration};
use sim_http_client::{Bounds, HttpClient, HttpClientError};

use super::StatusError;
use crate::stages::requests::RequestTally;

/// How much of a responder's answer is taken, and how long it may take.
const RESPONDER_BOUNDS: Bounds = Bounds {
    max_answer_bytes: 64 * 1024,
    within: Duration::from_secs(20),
};
/// Wait before asking again after a failure (X-Road: `ocsp-retry-delay`, 60 s; shorter here so
/// that a fault that heals is seen within a run).
const RETRY_DELAY: Duration = Duration::from_secs(5);

/// The latest good OCSP response of each of this server's own certificates.
#[derive(Default)]
pub(crate) struct OwnStatuses {
    by_certificate: RwLock<BTreeMap<[u8; 32], Bytes>>,
    /// Requests to the responders.
    pub(crate) requests: RequestTally,
}

// === impl OwnStatuses ===

impl OwnStatuses {
    /// The response for `certificate`, if there is a good one.
    pub(crate) fn of(&self, certificate: &Certificate) -> Option<Bytes> {
        self.by_certificate
            .read()
            .get(&certificate.sha256())
            .cloned()
    }

    /// Fetches the response for each of `certificates`.
    ///
    /// Where none comes, the old one is kept; where the responder says that a certificate must
    /// not be used, it is not used any more. The first error is returned, after all were tried.
    pub(crate) async fn refresh(
        &self,
        certificates: &[Certificate],
        configuration: &GlobalConfiguration,
        http: &HttpClient,
        clock: Clock,
    ) -> Result<(), StatusError> {
        let mut outcome = Ok(());
        for certificate in certificates {
            let key = certificate.sha256();
            let _asking = self.requests.begin(clock);
            match fetch(certificate, configuration, http, clock).await {
                Ok(response) => {
                    self.by_certificate.write().insert(key, response);
                }
                Err(error) => {
                    if error.condemns() {
                        self.by_certificate.write().remove(&key);
                    }
                    outcome = outcome.and(Err(error));
                }
            }
        }
        outcome
    }

    /// Refreshes for ever, every `interval`.
    pub(crate) async fn keep_fresh(
        self: Arc<Self>,
        certificates: Vec<Certificate>,
        configuration: ConfigurationHandle,
        http: HttpClient,
        clock: Clock,
        interval: Duration,
    ) {
        let mut wait = interval;
        loop {
            tokio::time::sleep(wait).await;
            wait = interval;
            let Some(current) = configuration.current() else {
                continue;
            };
            if let Err(error) = self.refresh(&certificates, &current, &http, clock).await {
                tracing::warn!(%error, "own OCSP responses could not be refreshed");
                wait = RETRY_DELAY.min(interval);
            }
        }
    }
}

async fn fetch(
    certificate: &Certificate,
    configuration: &GlobalConfiguration,
    http: &HttpClient,
    clock: Clock,
) -> Result<Bytes, StatusError> {
    let anchors = configuration.trust_anchors();
    let authority = verify_path(certificate, anchors, clock.now())?;
    let url = configuration
        .ocsp_url(certificate)
        .ok_or(StatusError::NoResponder)?;
    let request = ocsp::request(certificate, &authority.certificate);
    let mut call = Request::builder()
        .method(Method::POST)
        .uri(url)
        .body(request.into())
        .map_err(HttpClientError::from)?;
    call.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/ocsp-request"),
    );
    let answer = http.call(call, RESPONDER_BOUNDS).await?;
    if answer.status != StatusCode::OK {
        return Err(StatusError::Status(answer.status));
    }
    let freshness = anchors.ocsp_freshness;
    ocsp::verify_response(&answer.body, certificate, authority, freshness, clock.now())?;
    Ok(answer.body)
}
