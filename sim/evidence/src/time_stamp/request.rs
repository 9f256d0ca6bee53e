//! Time-stamp requests (RFC 3161 section 2.4.1): writing the one that X-Road sends, reading any.

use der::asn1::ObjectIdentifier;

use super::fail_info::FailInfo;
use super::imprint::{Imprint, ImprintError};
use crate::der_reader::{DerError, DerReader};
use crate::der_writer::{DerWriter, tag};
use crate::digest::Sha512;

/// A nonce of 160 bits, and an octet for its sign.
const MAX_NONCE_OCTETS: usize = 21;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStampRequest {
    /// What is to be stamped.
    pub imprint: Imprint,
    /// The policy under which, where the client cares.
    pub policy: Option<ObjectIdentifier>,
    /// To be repeated in the token, where present: contents octets of the INTEGER.
    pub nonce: Option<Vec<u8>>,
    /// Whether the token shall enclose the authority's certificate.
    pub wants_certificate: bool,
}

/// Why a request is not granted; [`RequestError::fail_info`] is what the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The bytes are not a `TimeStampReq`.
    #[error("the request is malformed: {0}")]
    Malformed(#[from] DerError),
    /// A version other than 1.
    #[error("the request has an unknown version")]
    UnknownVersion,
    /// The digest is of an algorithm that is not stamped.
    #[error("the imprint's digest algorithm is not supported")]
    UnknownAlgorithm,
    /// The digest is not as long as its algorithm's are.
    #[error("the imprint has the wrong length")]
    WrongImprintLength,
    /// The request has extensions; none is known.
    #[error("the request has an unknown extension")]
    UnknownExtension,
}

/// The request for a stamp over `imprint` as X-Road sends it: no nonce, no certificate wanted.
#[must_use]
pub fn request(imprint: &Sha512) -> Vec<u8> {
    request_for(&TimeStampRequest {
        imprint: Imprint::from(imprint),
        policy: None,
        nonce: None,
        wants_certificate: false,
    })
}

/// Any request. A nonce must be the contents octets of an INTEGER, at most 21 of them.
#[must_use]
pub fn request_for(request: &TimeStampRequest) -> Vec<u8> {
    DerWriter::sequence_of_bytes(|fields| {
        fields.unsigned(&[1]);
        fields.raw(request.imprint.encoded());
        if let Some(policy) = request.policy {
            fields.oid(policy);
        }
        if let Some(nonce) = &request.nonce {
            fields.element(tag::INTEGER, nonce);
        }
        if request.wants_certificate {
            fields.boolean(true);
        }
    })
}

/// Reads a request; bytes after it are refused.
///
/// # Errors
///
/// See [`RequestError`].
pub fn parse_request(bytes: &[u8]) -> Result<TimeStampRequest, RequestError> {
    let mut fields = DerReader::only_sequence(bytes)?;
    if fields.small_integer()? != 1 {
        return Err(RequestError::UnknownVersion);
    }
    let imprint = Imprint::read(&mut fields)?;
    let policy = if fields.next_is(tag::OBJECT_IDENTIFIER) {
        Some(fields.oid()?)
    } else {
        None
    };
    let nonce = if fields.next_is(tag::INTEGER) {
        Some(fields.integer(MAX_NONCE_OCTETS)?.to_vec())
    } else {
        None
    };
    let wants_certificate = match fields.optional(tag::BOOLEAN)? {
        None => false,
        // DER leaves the default out, but some clients write it.
        Some([0x00]) => false,
        Some([0xff]) => true,
        Some(_) => return Err(DerError::BadValue("a BOOLEAN").into()),
    };
    if fields.optional(tag::constructed(0))?.is_some() {
        return Err(RequestError::UnknownExtension);
    }
    fields.finish()?;
    Ok(TimeStampRequest {
        imprint,
        policy,
        nonce,
        wants_certificate,
    })
}

impl RequestError {
    /// What the client is told.
    #[must_use]
    pub const fn fail_info(self) -> FailInfo {
        match self {
            Self::Malformed(_) | Self::WrongImprintLength => FailInfo::BadDataFormat,
            Self::UnknownVersion => FailInfo::BadRequest,
            Self::UnknownAlgorithm => FailInfo::BadAlg,
            Self::UnknownExtension => FailInfo::UnacceptedExtension,
        }
    }
}

impl From<ImprintError> for RequestError {
    fn from(error: ImprintError) -> Self {
        match error {
            ImprintError::Malformed(error) => Self::Malformed(error),
            ImprintError::UnknownAlgorithm => Self::UnknownAlgorithm,
            ImprintError::WrongLength => Self::WrongImprintLength,
        }
    }
}
