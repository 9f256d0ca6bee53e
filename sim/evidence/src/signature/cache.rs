//! What a verifier remembers: documents it verified, and signers it met.
//!
//! A batch's messages arrive one by one with the same document, and a member signs with the same
//! certificate for years. What is remembered is found by digest but used only where all bytes are
//! equal, and whatever time can change is checked again at every use.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use sim_clock::UtcTime;

use super::template::{Signed, Template};
use crate::certificate::{Certificate, CertificationAuthority};
use crate::digest::Sha512;
use crate::ocsp::OcspVerdict;

/// Most documents that are remembered: about four megabytes, several batches of every peer.
const MAX_DOCUMENTS: usize = 512;

/// Most signing certificates that are remembered.
const MAX_SIGNERS: usize = 1024;

/// For how long a verified document or OCSP response counts without being verified anew.
const MAX_AGE: Duration = Duration::from_secs(60);

/// A certificate's verdict: who vouched for it and until when that holds.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// The approved authority and its responders, as they were approved then.
    pub(super) authority: CertificationAuthority,
    pub(super) ocsp: OcspVerdict,
    pub(super) verified_at: UtcTime,
}

/// A document whose every byte was verified.
pub(super) struct VerifiedDocument {
    pub(super) document: Bytes,
    pub(super) signed: Signed,
    pub(super) signer: Arc<Signer>,
    pub(super) standing: Standing,
}

/// A signing certificate that an approved authority issued, with its documents' templates.
pub(super) struct Signer {
    pub(super) certificate: Certificate,
    pub(super) over_message: Template,
    pub(super) over_result: Template,
    /// The authority whose signature on the certificate was verified.
    pub(super) issuer: Mutex<Option<Certificate>>,
    /// The OCSP response that was verified last: a signer encloses the same one for minutes.
    pub(super) ocsp: Mutex<Option<(Bytes, Standing)>>,
}

/// Remembers up to a number of values; the one that came first goes first.
struct Bounded<K, V> {
    values: BTreeMap<K, Arc<V>>,
    order: VecDeque<K>,
    limit: usize,
}

/// Everything a verifier remembers, for all threads.
pub(super) struct Cache {
    documents: Mutex<Bounded<Sha512, VerifiedDocument>>,
    signers: Mutex<Bounded<Bytes, Signer>>,
    /// Documents that were known, and that had to be verified.
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
}

// === impl Standing ===

impl Standing {
    /// Whether the certificate's standing still needs no new verification at `at`.
    pub(super) fn holds(
        &self,
        certificate: &Certificate,
        approved: &[CertificationAuthority],
        freshness: Duration,
        at: UtcTime,
    ) -> bool {
        let age = at.since(self.verified_at).max(self.verified_at.since(at));
        let is_superseded = self.ocsp.next_update.is_some_and(|next| next < at);
        age <= MAX_AGE
            && !is_superseded
            && at.since(self.ocsp.this_update) <= freshness
            && certificate.is_valid_at(at)
            && self.authority.certificate.is_valid_at(at)
            && approved.contains(&self.authority)
    }
}

// === impl Signer ===

impl Signer {
    pub(super) fn new(certificate: Certificate) -> Self {
        Self {
            over_message: Template::new(&certificate, Signed::Message),
            over_result: Template::new(&certificate, Signed::ChainResult),
            certificate,
            issuer: Mutex::new(None),
            ocsp: Mutex::new(None),
        }
    }

    pub(super) fn template(&self, signed: Signed) -> &Template {
        match signed {
            Signed::Message => &self.over_message,
            Signed::ChainResult => &self.over_result,
        }
    }
}

// === impl Cache ===

impl Cache {
    pub(super) fn new() -> Self {
        Self {
            documents: Mutex::new(Bounded::new(MAX_DOCUMENTS)),
            signers: Mutex::new(Bounded::new(MAX_SIGNERS)),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The verified document over this digest, where it is this very document.
    pub(super) fn document(
        &self,
        digest: &Sha512,
        signed: Signed,
        document: &Bytes,
    ) -> Option<Arc<VerifiedDocument>> {
        let found = self.documents.lock().values.get(digest).cloned()?;
        (found.signed == signed && found.document == *document).then_some(found)
    }

    pub(super) fn remember_document(&self, digest: Sha512, document: Arc<VerifiedDocument>) {
        self.documents.lock().insert(digest, document);
    }

    /// The signer whose certificate has this base64 text.
    pub(super) fn signer(&self, certificate_text: &[u8]) -> Option<Arc<Signer>> {
        self.signers.lock().values.get(certificate_text).cloned()
    }

    pub(super) fn remember_signer(&self, certificate_text: &[u8], signer: Arc<Signer>) {
        let key = Bytes::copy_from_slice(certificate_text);
        self.signers.lock().insert(key, signer);
    }
}

// === impl Bounded ===

impl<K: Ord + Clone, V> Bounded<K, V> {
    fn new(limit: usize) -> Self {
        Self {
            values: BTreeMap::new(),
            order: VecDeque::new(),
            limit,
        }
    }

    fn insert(&mut self, key: K, value: Arc<V>) {
        if self.values.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        while self.values.len() > self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Bounded;

    #[test]
    fn the_first_is_forgotten_first_and_the_limit_holds() {
        let mut bounded = Bounded::new(3);
        for key in [1, 2, 2, 3, 2, 4, 5] {
            bounded.insert(key, Arc::new(key));
            assert!(bounded.values.len() <= 3);
            assert_eq!(bounded.values.len(), bounded.order.len());
        }
        assert_eq!(
            bounded.values.keys().copied().collect::<Vec<_>>(),
            [3, 4, 5]
        );
    }
}
