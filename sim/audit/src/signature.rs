//! Verifies signature documents.

use sim_domain::MemberId;

use crate::digest::Digest;
use crate::kinds::Kind;
use crate::signatures_seen::Reference;
use crate::trust::Trust;

/// What became of a signature document.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) reference: Option<Reference>,
    pub(crate) digest: Digest,
    pub(crate) certificate: u32,
    pub(crate) signed_at: Option<i64>,
    pub(crate) fault: Option<(Kind, String)>,
}

/// Verifies signature documents of one log.
pub(crate) struct SignatureVerifier<'a> {
    _trust: &'a Trust,
}

impl<'a> SignatureVerifier<'a> {
    pub(crate) const fn new(trust: &'a Trust) -> Self {
        Self { _trust: trust }
    }
    pub(crate) fn verify(&mut self, _document: &[u8]) -> Verdict {
        Verdict {
            reference: None,
            digest: [0; 64],
            certificate: 0,
            signed_at: None,
            fault: None,
        }
    }
    pub(crate) fn member(&self, _certificate: u32) -> Option<&MemberId> {
        None
    }
}
