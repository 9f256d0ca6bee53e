//! What is time-stamped: a digest and the algorithm it was made with.

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use der::asn1::ObjectIdentifier;

use crate::der_reader::{DerError, DerReader};
use crate::der_writer::{DerWriter, tag};
use crate::digest::Sha512;
use crate::object_identifiers as oid;

/// Digest algorithms that are stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImprintAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512: X-Road's.
    Sha512,
}

/// `MessageImprint` of RFC 3161 section 2.4.1; equality ignores whether the algorithm's parameters
/// are absent or NULL.
#[derive(Clone, Debug)]
pub struct Imprint {
    /// The digest's algorithm.
    pub algorithm: ImprintAlgorithm,
    /// The digest.
    pub digest: Vec<u8>,
    /// As it came: a token repeats it octet by octet.
    encoded: Vec<u8>,
}

/// Why an imprint cannot be stamped.
pub(super) enum ImprintError {
    Malformed(DerError),
    UnknownAlgorithm,
    WrongLength,
}

impl ImprintAlgorithm {
    const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// Length of a digest, in octets.
    #[must_use]
    pub const fn digest_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(super) const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => oid::SHA_256,
            Self::Sha384 => oid::SHA_384,
            Self::Sha512 => oid::SHA_512,
        }
    }

    pub(super) fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.oid() == oid)
    }

    pub(super) fn digest(self, data: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        };
        digest::digest(algorithm, data).as_ref().to_vec()
    }
}

impl Imprint {
    /// The imprint of `data`.
    #[must_use]
    pub fn of(algorithm: ImprintAlgorithm, data: &[u8]) -> Self {
        Self::from_digest(algorithm, algorithm.digest(data))
    }

    /// The DER encoding.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    fn from_digest(algorithm: ImprintAlgorithm, digest: Vec<u8>) -> Self {
        let encoded = DerWriter::sequence_of_bytes(|imprint| {
            imprint.sequence(|identifier| {
                identifier.oid(algorithm.oid());
                identifier.null();
            });
            imprint.octet_string(&digest);
        });
        Self {
            algorithm,
            digest,
            encoded,
        }
    }

    pub(super) fn read(reader: &mut DerReader<'_>) -> Result<Self, ImprintError> {
        let element = reader.element(tag::SEQUENCE)?;
        let mut fields = DerReader::new(element.contents);
        let algorithm = fields.algorithm()?;
        let digest = fields.contents(tag::OCTET_STRING)?;
        fields.finish()?;
        let algorithm =
            ImprintAlgorithm::from_oid(algorithm).ok_or(ImprintError::UnknownAlgorithm)?;
        if digest.len() != algorithm.digest_len() {
            return Err(ImprintError::WrongLength);
        }
        Ok(Self {
            algorithm,
            digest: digest.to_vec(),
            encoded: element.encoded.to_vec(),
        })
    }
}

impl From<&Sha512> for Imprint {
    fn from(digest: &Sha512) -> Self {
        Self::from_digest(ImprintAlgorithm::Sha512, digest.as_bytes().to_vec())
    }
}

impl PartialEq for Imprint {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.digest == other.digest
    }
}

impl Eq for Imprint {}

impl From<DerError> for ImprintError {
    fn from(error: DerError) -> Self {
        Self::Malformed(error)
    }
}
