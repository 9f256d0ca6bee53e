//! What is known of the authentication certificates of other security servers.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::RwLock;
use sim_clock::UtcTime;
use sim_evidence::certificate::{Certificate, CertificationAuthority, TrustAnchors, verify_path};
use sim_evidence::ocsp::{OcspVerdict, verify_response};

use super::StatusError;
use crate::stages::requests::{CacheTally, RequestTally};

/// Certificates of other servers whose statuses are remembered.
const MAX_REMEMBERED_PEERS: usize = 1_000;

/// The statuses of other security servers' authentication certificates.
///
/// Signatures, on a certificate and on its OCSP response, are checked once for each distinct
/// response; what time and the global configuration can change is looked at for every message.
#[derive(Default)]
pub(crate) struct PeerStatuses {
    by_certificate: RwLock<BTreeMap<[u8; 32], PeerStatus>>,
    /// How often nothing had to be verified anew.
    pub(crate) remembered: CacheTally,
    /// Requests to other servers.
    pub(crate) requests: RequestTally,
}

/// What was verified of one certificate.
struct PeerStatus {
    response: Bytes,
    verdict: OcspVerdict,
    /// The authority that issued the certificate, as it was approved then.
    authority: CertificationAuthority,
}

// === impl PeerStatuses ===

impl PeerStatuses {
    /// Whether a response that is remembered shows the certificate to be good at `now`.
    pub(crate) fn remembers(
        &self,
        certificate: &Certificate,
        anchors: &TrustAnchors,
        now: UtcTime,
    ) -> bool {
        let is_known = self
            .by_certificate
            .read()
            .get(&certificate.sha256())
            .is_some_and(|status| status.holds(certificate, anchors, now));
        // What is not remembered comes to `check`, and counts there.
        is_known && self.remembered.count(true)
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
        let key = certificate.sha256();
        let is_known = self.by_certificate.read().get(&key).is_some_and(|known| {
            known.response == *response && known.holds(certificate, anchors, now)
        });
        if self.remembered.count(is_known) {
            return Ok(());
        }
        let authority = verify_path(certificate, anchors, now)?;
        let freshness = anchors.ocsp_freshness;
        let verdict = verify_response(response, certificate, authority, freshness, now)?;
        let status = PeerStatus {
            // A copy: the original is a slice that keeps a whole message in memory.
            response: Bytes::copy_from_slice(response),
            verdict,
            authority: authority.clone(),
        };
        self.remember(key, status, freshness, now);
        Ok(())
    }

    fn remember(&self, key: [u8; 32], status: PeerStatus, freshness: Duration, now: UtcTime) {
        let mut by_certificate = self.by_certificate.write();
        if by_certificate.len() >= MAX_REMEMBERED_PEERS {
            by_certificate.retain(|_, status| status.is_fresh(freshness, now));
        }
        if by_certificate.len() < MAX_REMEMBERED_PEERS || by_certificate.contains_key(&key) {
            by_certificate.insert(key, status);
        }
    }
}

// === impl PeerStatus ===

impl PeerStatus {
    fn holds(&self, certificate: &Certificate, anchors: &TrustAnchors, now: UtcTime) -> bool {
        self.is_fresh(anchors.ocsp_freshness, now)
            && certificate.is_valid_at(now)
            && self.authority.certificate.is_valid_at(now)
            && anchors.certification_authorities.contains(&self.authority)
    }

    fn is_fresh(&self, freshness: Duration, now: UtcTime) -> bool {
        now.since(self.verdict.this_update) <= freshness
            && self.verdict.next_update.is_none_or(|next| now <= next)
    }
}
