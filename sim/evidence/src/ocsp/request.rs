//! OCSP requests (RFC 6960 section 4.1): writing the one that X-Road sends, reading any.

use super::cert_id::{CertId, CertIdAlgorithm};
use super::extensions;
use crate::certificate::Certificate;
use crate::der_reader::{DerError, DerReader};
use crate::der_writer::{DerWriter, tag};

/// A request for the status of more certificates than this is refused.
pub const MAX_CERTIFICATES: usize = 64;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspRequest {
    /// The certificates, in the order asked; at least one.
    pub certificates: Vec<CertId>,
    /// To be repeated in the response, where present; 1 to 128 octets.
    pub nonce: Option<Vec<u8>>,
}

/// Why a request is not answered; the response is `malformedRequest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The bytes are not an `OCSPRequest`.
    #[error("the request is malformed: {0}")]
    Malformed(#[from] DerError),
    /// A version other than 1.
    #[error("the request has an unknown version")]
    UnknownVersion,
    /// The list of certificates is empty or longer than [`MAX_CERTIFICATES`].
    #[error("the request asks for {0} certificates")]
    CertificateCount(usize),
    /// A critical extension that this responder does not know.
    #[error("the request has an unknown critical extension")]
    UnknownCriticalExtension,
}

/// The request for the status of `certificate` as X-Road's signer sends it: a SHA-1 CertID, no
/// nonce, unsigned.
#[must_use]
pub fn request(certificate: &Certificate, issuer: &Certificate) -> Vec<u8> {
    let id = CertId::of(certificate, issuer, CertIdAlgorithm::Sha1);
    request_for(&[id], None)
}

/// A request for several certificates, with a nonce where one is given (1 to 128 octets).
#[must_use]
pub fn request_for(certificates: &[CertId], nonce: Option<&[u8]>) -> Vec<u8> {
    DerWriter::sequence_of_bytes(|request| {
        request.sequence(|tbs| {
            tbs.sequence(|list| {
                for id in certificates {
                    list.sequence(|single| single.raw(id.encoded()));
                }
            });
            if let Some(nonce) = nonce {
                extensions::write_nonce(tbs, 2, nonce);
            }
        });
    })
}

/// Reads a request. A signature on it is not checked: the responder answers anybody.
pub fn parse_request(bytes: &[u8]) -> Result<OcspRequest, RequestError> {
    let mut request = DerReader::only_sequence(bytes)?;
    let mut tbs = request.sequence()?;
    let signature = request.optional(tag::constructed(0))?;
    request.finish()?;
    if let Some(signature) = signature {
        DerReader::only_sequence(signature)?;
    }

    if let Some(version) = tbs.optional(tag::constructed(0))? {
        let mut version = DerReader::new(version);
        let number = version.small_integer()?;
        version.finish()?;
        if number != 0 {
            return Err(RequestError::UnknownVersion);
        }
    }
    // The requestor's name is only meaningful together with a signature.
    tbs.optional(tag::constructed(1))?;
    let certificates = read_certificates(tbs.sequence()?)?;
    let nonce = match tbs.optional(tag::constructed(2))? {
        Some(contents) => known_extensions(contents)?.nonce,
        None => None,
    };
    tbs.finish()?;
    Ok(OcspRequest {
        certificates,
        nonce,
    })
}

fn read_certificates(mut list: DerReader<'_>) -> Result<Vec<CertId>, RequestError> {
    let mut certificates = Vec::new();
    while !list.is_empty() {
        if certificates.len() == MAX_CERTIFICATES {
            return Err(RequestError::CertificateCount(MAX_CERTIFICATES + 1));
        }
        let mut single = list.sequence()?;
        certificates.push(CertId::read(&mut single)?);
        if let Some(contents) = single.optional(tag::constructed(0))? {
            known_extensions(contents)?;
        }
        single.finish()?;
    }
    if certificates.is_empty() {
        return Err(RequestError::CertificateCount(0));
    }
    Ok(certificates)
}

fn known_extensions(contents: &[u8]) -> Result<extensions::Extensions, RequestError> {
    let found = extensions::read(contents)?;
    if found.unknown_critical {
        return Err(RequestError::UnknownCriticalExtension);
    }
    Ok(found)
}
