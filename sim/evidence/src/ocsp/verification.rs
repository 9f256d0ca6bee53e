//! Verifying OCSP responses (RFC 6960 section 3.2), with X-Road's rules on who may sign them and on
//! how old they may be.

use std::time::Duration;

use sim_clock::UtcTime;

use super::cert_id::CertId;
use super::extensions;
use super::response::{CertificateStatus, key_digest};
use crate::certificate::{Certificate, CertificationAuthority};
use crate::der_reader::{DerError, DerReader};
use crate::der_writer::tag;
use crate::keys::SignatureScheme;
use crate::object_identifiers as oid;

/// A response that encloses more certificates than this is refused.
const MAX_ENCLOSED_CERTIFICATES: usize = 8;
/// A response with more single responses than this is refused.
const MAX_SINGLE_RESPONSES: usize = 64;
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
    basic.verify_signature(authority, at)?;
    single.verify_age(freshness, at)?;
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

enum SignerName<'a> {
    /// A DER `Name`.
    Subject(&'a [u8]),
    /// SHA-1 of the key's bits.
    KeyDigest(&'a [u8]),
}

struct BasicResponse<'a> {
    signed: &'a [u8],
    scheme: SignatureScheme,
    signature: &'a [u8],
    enclosed: Vec<Certificate>,
    signer: SignerName<'a>,
    produced_at: UtcTime,
    singles: Vec<SingleResponse>,
    nonce: Option<Vec<u8>>,
}

struct SingleResponse {
    cert_id: CertId,
    status: CertificateStatus,
    this_update: UtcTime,
    next_update: Option<UtcTime>,
}

// === impl BasicResponse ===

impl<'a> BasicResponse<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, OcspError> {
        let mut basic = DerReader::only_sequence(basic_response(bytes)?)?;
        let data = basic.element(tag::SEQUENCE)?;
        let algorithm = basic.algorithm()?;
        let signature = basic.bit_string()?;
        let enclosed = match basic.optional(tag::constructed(0))? {
            Some(contents) => read_certificates(contents)?,
            None => Vec::new(),
        };
        basic.finish()?;

        let mut fields = DerReader::new(data.contents);
        if fields.optional(tag::constructed(0))?.is_some() {
            return Err(OcspError::Unexpected("version other than 1"));
        }
        let signer = read_signer_name(&mut fields)?;
        let produced_at = fields.generalized_time()?;
        let singles = read_singles(fields.sequence()?)?;
        let nonce = match fields.optional(tag::constructed(1))? {
            Some(contents) => known_extensions(contents)?.nonce,
            None => None,
        };
        fields.finish()?;

        let scheme = SignatureScheme::of_algorithm(&algorithm)
            .ok_or(OcspError::UnsupportedAlgorithm(algorithm))?;
        let signed = data.encoded;
        Ok(Self {
            signed,
            scheme,
            signature,
            enclosed,
            signer,
            produced_at,
            singles,
            nonce,
        })
    }

    fn verify_signature(
        &self,
        authority: &CertificationAuthority,
        at: UtcTime,
    ) -> Result<(), OcspError> {
        let known = || std::iter::once(&authority.certificate).chain(&authority.ocsp_responders);
        // The signature does not cover what is enclosed, so a certificate that nobody vouches for
        // would be bytes that anybody could change.
        let is_vouched_for = |enclosed: &Certificate| {
            known().any(|certificate| certificate == enclosed)
                || is_delegated(enclosed, authority, at)
        };
        if !self.enclosed.iter().all(is_vouched_for) {
            return Err(OcspError::UnauthorisedResponder);
        }
        let signer = known()
            .chain(&self.enclosed)
            .find(|candidate| self.signer.names(candidate))
            .ok_or(OcspError::UnauthorisedResponder)?;
        signer
            .public_key()
            .verify(self.scheme, self.signed, self.signature)
            .map_err(|_| OcspError::BadSignature)
    }
}

/// A responder that the authority itself certified for this purpose (RFC 6960 section 4.2.2.2).
fn is_delegated(responder: &Certificate, authority: &CertificationAuthority, at: UtcTime) -> bool {
    responder.can_sign_ocsp()
        && responder.is_valid_at(at)
        && responder.is_issued_by(&authority.certificate)
}

/// The encoded `BasicOCSPResponse` inside an `OCSPResponse`.
fn basic_response(bytes: &[u8]) -> Result<&[u8], OcspError> {
    let mut response = DerReader::only_sequence(bytes)?;
    match response.contents(tag::ENUMERATED)? {
        [0] => {}
        [status @ 1..=0x7f] => return Err(OcspError::NotSuccessful(*status)),
        _ => return Err(DerError::BadValue("an ENUMERATED").into()),
    }
    let explicit = response.contents(tag::constructed(0))?;
    response.finish()?;
    let mut fields = DerReader::only_sequence(explicit)?;
    if fields.oid()? != oid::OCSP_BASIC {
        return Err(OcspError::Unexpected("response type other than basic"));
    }
    let basic = fields.contents(tag::OCTET_STRING)?;
    fields.finish()?;
    Ok(basic)
}

fn read_certificates(contents: &[u8]) -> Result<Vec<Certificate>, OcspError> {
    let mut list = DerReader::only_sequence(contents)?;
    let mut certificates = Vec::new();
    while !list.is_empty() {
        if certificates.len() == MAX_ENCLOSED_CERTIFICATES {
            return Err(OcspError::Unexpected("too many certificates"));
        }
        let encoded = list.element(tag::SEQUENCE)?.encoded;
        let certificate = Certificate::parse(encoded.to_vec())
            .map_err(|_| OcspError::Unexpected("unreadable responder certificate"))?;
        certificates.push(certificate);
    }
    Ok(certificates)
}

fn read_signer_name<'a>(fields: &mut DerReader<'a>) -> Result<SignerName<'a>, DerError> {
    if let Some(name) = fields.optional(tag::constructed(1))? {
        return Ok(SignerName::Subject(name));
    }
    let mut explicit = fields.nested(tag::constructed(2))?;
    let digest = explicit.contents(tag::OCTET_STRING)?;
    explicit.finish()?;
    Ok(SignerName::KeyDigest(digest))
}

fn read_singles(mut list: DerReader<'_>) -> Result<Vec<SingleResponse>, OcspError> {
    let mut singles = Vec::new();
    while !list.is_empty() {
        if singles.len() == MAX_SINGLE_RESPONSES {
            return Err(OcspError::Unexpected("too many single responses"));
        }
        singles.push(SingleResponse::read(list.sequence()?)?);
    }
    Ok(singles)
}

fn known_extensions(contents: &[u8]) -> Result<extensions::Extensions, OcspError> {
    let found = extensions::read(contents)?;
    if found.unknown_critical {
        return Err(OcspError::Unexpected("unknown critical extension"));
    }
    Ok(found)
}

// === impl SignerName ===

impl SignerName<'_> {
    fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Subject(name) => *name == certificate.subject_der(),
            Self::KeyDigest(digest) => *digest == key_digest(certificate),
        }
    }
}

// === impl SingleResponse ===

impl SingleResponse {
    fn read(mut fields: DerReader<'_>) -> Result<Self, OcspError> {
        let cert_id = CertId::read(&mut fields)?;
        let status = read_status(&mut fields)?;
        let this_update = fields.generalized_time()?;
        let next_update = match fields.optional(tag::constructed(0))? {
            Some(contents) => {
                let mut explicit = DerReader::new(contents);
                let next_update = explicit.generalized_time()?;
                explicit.finish()?;
                Some(next_update)
            }
            None => None,
        };
        if let Some(contents) = fields.optional(tag::constructed(1))? {
            known_extensions(contents)?;
        }
        fields.finish()?;
        Ok(Self {
            cert_id,
            status,
            this_update,
            next_update,
        })
    }

    fn verify_age(&self, freshness: Duration, at: UtcTime) -> Result<(), OcspError> {
        let this_update = self.this_update;
        if this_update > at.plus(MAX_CLOCK_AHEAD) {
            return Err(OcspError::FromTheFuture { this_update });
        }
        let superseded = self.next_update.is_some_and(|next_update| next_update < at);
        if superseded || at.since(this_update) > freshness {
            return Err(OcspError::Stale { this_update });
        }
        Ok(())
    }
}

fn read_status(fields: &mut DerReader<'_>) -> Result<CertificateStatus, DerError> {
    let status = fields.any()?;
    const GOOD: u8 = tag::primitive(0);
    const REVOKED: u8 = tag::constructed(1);
    const UNKNOWN: u8 = tag::primitive(2);
    match (status.tag, status.contents) {
        (GOOD, []) => Ok(CertificateStatus::Good),
        (UNKNOWN, []) => Ok(CertificateStatus::Unknown),
        (REVOKED, contents) => read_revocation(DerReader::new(contents)),
        _ => Err(DerError::BadValue("a certificate status")),
    }
}

fn read_revocation(mut fields: DerReader<'_>) -> Result<CertificateStatus, DerError> {
    let at = fields.generalized_time()?;
    let reason = match fields.optional(tag::constructed(0))? {
        Some(contents) => {
            let mut explicit = DerReader::new(contents);
            let reason = match explicit.contents(tag::ENUMERATED)? {
                [reason @ 0..=10] => *reason,
                _ => return Err(DerError::BadValue("a revocation reason")),
            };
            explicit.finish()?;
            Some(reason)
        }
        None => None,
    };
    fields.finish()?;
    Ok(CertificateStatus::Revoked { at, reason })
}
