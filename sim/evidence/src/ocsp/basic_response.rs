//! The structure of a basic OCSP response (RFC 6960 section 4.2.1).
//!
//! This only reads. Whether what was read may be believed is for `verification` to say.

use sim_clock::UtcTime;

use super::cert_id::CertId;
use super::extensions;
use super::response::{CertificateStatus, key_digest};
use super::verification::OcspError;
use crate::certificate::Certificate;
use crate::der_reader::{DerError, DerReader};
use crate::der_writer::tag;
use crate::keys::SignatureScheme;
use crate::object_identifiers as oid;

/// A response that encloses more certificates than this is refused.
const MAX_ENCLOSED_CERTIFICATES: usize = 8;
/// A response with more single responses than this is refused.
const MAX_SINGLE_RESPONSES: usize = 64;

const GOOD: u8 = tag::primitive(0);
const REVOKED: u8 = tag::constructed(1);
const UNKNOWN: u8 = tag::primitive(2);

/// Who the response says signed it.
pub(super) enum SignerName<'a> {
    /// A DER `Name`.
    Subject(&'a [u8]),
    /// SHA-1 of the key's bits.
    KeyDigest(&'a [u8]),
}

/// A response that was read.
pub(super) struct BasicResponse<'a> {
    pub(super) signed: &'a [u8],
    pub(super) scheme: SignatureScheme,
    pub(super) signature: &'a [u8],
    pub(super) enclosed: Vec<Certificate>,
    pub(super) signer: SignerName<'a>,
    pub(super) produced_at: UtcTime,
    pub(super) singles: Vec<SingleResponse>,
    pub(super) nonce: Option<Vec<u8>>,
}

/// What a response says of one certificate.
pub(super) struct SingleResponse {
    pub(super) cert_id: CertId,
    pub(super) status: CertificateStatus,
    pub(super) this_update: UtcTime,
    pub(super) next_update: Option<UtcTime>,
}

// === impl BasicResponse ===

impl<'a> BasicResponse<'a> {
    /// Reads an `OCSPResponse`; bytes after it are refused.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, OcspError> {
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
    /// Whether the signer says to be the holder of `certificate`.
    pub(super) fn names(&self, certificate: &Certificate) -> bool {
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
}

fn read_status(fields: &mut DerReader<'_>) -> Result<CertificateStatus, DerError> {
    let status = fields.any()?;
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
