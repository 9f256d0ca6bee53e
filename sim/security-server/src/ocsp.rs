//! The OCSP responses of this server's own certificates, kept fresh, and verdicts about the
//! certificates of other security servers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::RwLock;
use sim_clock::{Clock, UtcTime};
use sim_evidence::certificate::{Certificate, CertificationAuthority, TrustAnchors, verify_path};
use sim_evidence::ocsp;
use sim_global_configuration::{ConfigurationHandle, GlobalConfiguration};

use crate::http_client::{HttpClient, HttpClientError};

/// Largest OCSP response taken from a responder.
const MAX_OCSP_RESPONSE_BYTES: usize = 64 * 1024;
/// How long a responder may take.
const OCSP_TIMEOUT: Duration = Duration::from_secs(20);
/// Wait before asking again after a failure (X-Road: `ocsp-retry-delay`, 60 s; shorter here so
/// that a fault that heals is seen within a run).
const OCSP_RETRY_DELAY: Duration = Duration::from_secs(5);
/// Certificates of other servers whose verdicts are remembered.
const MAX_REMEMBERED_PEERS: usize = 1_000;

/// Why a certificate's status could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StatusError {
    /// The certificate does not lead to an approved authority.
    #[error("certificate path: {0}")]
    Path(String),
    /// No OCSP responder is known for the authority.
    #[error("the global configuration names no OCSP responder for the certificate's authority")]
    NoResponder,
    /// The responder could not be asked.
    #[error("the OCSP responder did not answer: {0}")]
    Fetch(#[from] HttpClientError),
    /// The responder's answer does not hold.
    #[error("OCSP response: {0}")]
    Invalid(String),
}

/// The latest good OCSP response of each of this server's own certificates.
#[derive(Default)]
pub(crate) struct OwnStatuses {
    by_certificate: RwLock<BTreeMap<[u8; 32], Bytes>>,
}

/// Verdicts on the authentication certificates of other security servers.
///
/// A signature over a response is checked once per distinct response; the times and the path are
/// looked at for every message.
#[derive(Default)]
pub(crate) struct PeerStatuses {
    by_certificate: RwLock<BTreeMap<[u8; 32], PeerStatus>>,
}

#[derive(Clone)]
struct PeerStatus {
    response: Bytes,
    good_until: UtcTime,
}

// === impl OwnStatuses ===

impl OwnStatuses {
    /// The response for `certificate`, if one has been fetched.
    pub(crate) fn of(&self, certificate: &Certificate) -> Option<Bytes> {
        self.by_certificate.read().get(&certificate.sha256()).cloned()
    }

    /// Fetches the response for each of `certificates`; keeps the old one where that fails.
    pub(crate) async fn refresh(
        &self,
        certificates: &[Certificate],
        configuration: &GlobalConfiguration,
        http: &HttpClient,
        clock: Clock,
    ) -> Result<(), StatusError> {
        for certificate in certificates {
            let response = fetch(certificate, configuration, http, clock).await?;
            self.by_certificate.write().insert(certificate.sha256(), response);
        }
        Ok(())
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
            let Some(current) = configuration.current() else { continue };
            if let Err(error) = self.refresh(&certificates, &current, &http, clock).await {
                tracing::warn!(%error, "own OCSP responses could not be refreshed");
                wait = OCSP_RETRY_DELAY.min(interval);
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
    let now = clock.now();
    let anchors = configuration.trust_anchors();
    let authority = verify_path(certificate, anchors, now)
        .map_err(|error| StatusError::Path(error.to_string()))?;
    let url = configuration.ocsp_url(&authority.certificate).ok_or(StatusError::NoResponder)?;
    let request = ocsp::request(certificate, &authority.certificate);
    let response = http
        .post(&url, "application/ocsp-request", request.into(), MAX_OCSP_RESPONSE_BYTES, OCSP_TIMEOUT)
        .await?;
    check_response(&response, certificate, authority, anchors, now)?;
    Ok(response)
}

/// Returns the time up to which the response speaks for the certificate.
fn check_response(
    response: &[u8],
    certificate: &Certificate,
    authority: &CertificationAuthority,
    anchors: &TrustAnchors,
    now: UtcTime,
) -> Result<UtcTime, StatusError> {
    let verdict = ocsp::verify_response(response, certificate, authority, anchors.ocsp_freshness, now)
        .map_err(|error| StatusError::Invalid(error.to_string()))?;
    let fresh_until = verdict.this_update.plus(anchors.ocsp_freshness);
    Ok(verdict.next_update.map_or(fresh_until, |next| next.min(fresh_until)))
}

// === impl PeerStatuses ===

impl PeerStatuses {
    /// A remembered response that is good at `now`.
    pub(crate) fn remembered(&self, certificate: &Certificate, now: UtcTime) -> bool {
        self.by_certificate
            .read()
            .get(&certificate.sha256())
            .is_some_and(|status| status.good_until > now)
    }

    /// Checks path, status and freshness of another server's certificate with the response that
    /// came with the message (or over the OCSP channel).
    pub(crate) fn check(
        &self,
        certificate: &Certificate,
        response: &Bytes,
        anchors: &TrustAnchors,
        now: UtcTime,
    ) -> Result<(), StatusError> {
        let authority = verify_path(certificate, anchors, now)
            .map_err(|error| StatusError::Path(error.to_string()))?;
        let key = certificate.sha256();
        let known = self.by_certificate.read().get(&key).cloned();
        if known.is_some_and(|known| known.response == *response && known.good_until > now) {
            return Ok(());
        }
        let good_until = check_response(response, certificate, authority, anchors, now)?;
        let mut by_certificate = self.by_certificate.write();
        if by_certificate.len() >= MAX_REMEMBERED_PEERS {
            by_certificate.retain(|_, status| status.good_until > now);
        }
        if by_certificate.len() < MAX_REMEMBERED_PEERS {
            by_certificate.insert(key, PeerStatus { response: response.clone(), good_until });
        }
        Ok(())
    }
}
