//! Verifying OCSP responses (RFC 6960 section 3.2), with X-Road's rules on who may sign them and on
//! how old they may be.

use std::time::Duration;

use sim_clock::UtcTime;

use super::basic_response::{BasicResponse, SingleResponse};
use super::response::CertificateStatus;
use crate::certificate::{Certificate, CertificationAuthority};
use crate::der_reader::DerError;

/// How far a responder's clock may be ahead of the verifier's, as OpenSSL allows by default.
const MAX_CLOCK_AHEAD: Duration = Duration::from_secs(300);

/// What a response that holds says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspVerdict {
    /// When the certificate was known to be good.
    pub this_update: UtcTime,
    /// When the responder promises newer information, where it does.
    pub next_update: Option<UtcTime>,
    /// When the response was signed.
    pub produced_at: UtcTime,
}

/// Why a response does not show that a certificate is good; a fragment for "is not good: ...".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OcspError {
    /// The bytes are not a basic `OCSPResponse`.
    #[error("the OCSP response is malformed: {0}")]
    Malformed(#[from] DerError),
    /// A syntactically valid part that no response of this kind has; the text names it.
    #[error("the OCSP response is malformed: {0}")]
    Unexpected(&'static str),
    /// The responder answered with an error status instead.
    #[error("the OCSP responder gave error status {0}")]
    NotSuccessful(u8),
    /// No single response is about the certificate.
    #[error("the OCSP response is about another certificate")]
    WrongCertificate,
    /// The signer is neither the authority, nor listed for it, nor delegated by it.
    #[error("the OCSP response is not from a responder authorised by the authority")]
    UnauthorisedResponder,
    /// The signature is of a kind that is not supported.
    #[error("the OCSP response is signed with unsupported algorithm {0}")]
    UnsupportedAlgorithm(der::asn1::ObjectIdentifier),
    /// The signature is not the responder's over these bytes.
    #[error("the OCSP response has a wrong signature")]
    BadSignature,
    /// `thisUpdate` is older than the freshness, or `nextUpdate` has passed.
    #[error("the OCSP response is too old (thisUpdate {})", .this_update.rfc3339_seconds())]
    Stale {
        /// When the status was known to be right.
        this_update: UtcTime,
    },
    /// `thisUpdate` lies in the future, beyond what clocks may differ.
    #[error("the OCSP response is from the future (thisUpdate {})", .this_update.rfc3339_seconds())]
    FromTheFuture {
        /// When the status was known to be right, says the responder.
        this_update: UtcTime,
    },
    /// The certificate is revoked.
    #[error("the certificate was revoked at {}", .at.rfc3339_seconds())]
    Revoked {
        /// Since when.
        at: UtcTime,
        /// `CRLReason`, where given.
        reason: Option<u8>,
    },
    /// The responder does not know the certificate.
    #[error("the OCSP responder does not know the certificate")]
    Unknown,
}

/// Checks that `response` shows `certificate`, issued by `authority`, to be good at `at`.
///
/// The order is X-Road's: the certificate meant, the responder's authority, the signature, the age,
/// the status. `freshness` is the greatest age of `thisUpdate`; a `nextUpdate`, where there is one,
/// must lie ahead. Bytes after the response are refused.
///
/// # Errors
///
/// Whatever is wrong first, in that order.
pub fn verify_response(
    response: &[u8],
    certificate: &Certificate,
    authority: &CertificationAuthority,
    freshness: Duration,
    at: UtcTime,
) -> Result<OcspVerdict, OcspError> {
    let basic = BasicResponse::parse(response)?;
    let single = basic
        .singles
        .iter()
        .find(|single| single.cert_id.names(certificate, &authority.certificate))
        .ok_or(OcspError::WrongCertificate)?;
    verify_signature(&basic, authority, at)?;
    verify_age(single, freshness, at)?;
    match single.status {
        CertificateStatus::Good => Ok(OcspVerdict {
            this_update: single.this_update,
            next_update: single.next_update,
            produced_at: basic.produced_at,
        }),
        CertificateStatus::Revoked { at, reason } => Err(OcspError::Revoked { at, reason }),
        CertificateStatus::Unknown => Err(OcspError::Unknown),
    }
}

/// The nonce that `response` repeats, where it has one. Nothing is verified.
///
/// # Errors
///
/// As [`verify_response`], where the response cannot be read.
pub fn nonce_of(response: &[u8]) -> Result<Option<Vec<u8>>, OcspError> {
    BasicResponse::parse(response).map(|basic| basic.nonce)
}

/// A name may be that of several certificates, as when a responder got a new key: one must fit.
fn verify_signature(
    basic: &BasicResponse<'_>,
    authority: &CertificationAuthority,
    at: UtcTime,
) -> Result<(), OcspError> {
    let known = || std::iter::once(&authority.certificate).chain(&authority.ocsp_responders);
    // The signature does not cover what is enclosed, so a certificate that nobody vouches for
    // would be bytes that anybody could change.
    let is_vouched_for = |enclosed: &Certificate| {
        known().any(|certificate| certificate == enclosed) || is_delegated(enclosed, authority, at)
    };
    if !basic.enclosed.iter().all(is_vouched_for) {
        return Err(OcspError::UnauthorisedResponder);
    }
    let candidates = known().chain(&basic.enclosed);
    let mut refusal = OcspError::UnauthorisedResponder;
    for signer in candidates.filter(|candidate| basic.signer.names(candidate)) {
        let key = signer.public_key();
        if key
            .verify(basic.scheme, basic.signed, basic.signature)
            .is_ok()
        {
            return Ok(());
        }
        refusal = OcspError::BadSignature;
    }
    Err(refusal)
}

/// A responder that the authority itself certified for this purpose (RFC 6960 section 4.2.2.2).
fn is_delegated(responder: &Certificate, authority: &CertificationAuthority, at: UtcTime) -> bool {
    responder.can_sign_ocsp()
        && responder.is_valid_at(at)
        && responder.is_issued_by(&authority.certificate)
}

fn verify_age(single: &SingleResponse, freshness: Duration, at: UtcTime) -> Result<(), OcspError> {
    let this_update = single.this_update;
    if this_update > at.plus(MAX_CLOCK_AHEAD) {
        return Err(OcspError::FromTheFuture { this_update });
    }
    let superseded = single
        .next_update
        .is_some_and(|next_update| next_update < at);
    if superseded || at.since(this_update) > freshness {
        return Err(OcspError::Stale { this_update });
    }
    Ok(())
}
