//! Which certificate a status is asked for: by digests of its issuer and by its serial number.

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};
use der::asn1::ObjectIdentifier;

use crate::certificate::Certificate;
use crate::der_reader::{DerError, DerReader};
use crate::der_writer::{DerWriter, tag};
use crate::object_identifiers as oid;

/// RFC 5280 section 4.1.2.2 allows 20 octets; one more holds the sign.
const MAX_SERIAL_OCTETS: usize = 21;

/// Digest algorithm of a [`CertId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertIdAlgorithm {
    /// SHA-1: what X-Road and most clients send. It only names the issuer here and proves nothing.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// `CertID` of RFC 6960 section 4.1.1. Two are equal when all their octets are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertId {
    /// What the two digests were made with; `None` for one that this crate does not know.
    pub hash_algorithm: Option<CertIdAlgorithm>,
    /// Digest of the issuer's name in DER.
    pub issuer_name_hash: Vec<u8>,
    /// Digest of the bits of the issuer's public key.
    pub issuer_key_hash: Vec<u8>,
    /// Serial number: contents octets of the INTEGER.
    pub serial: Vec<u8>,
    /// As it came, so that an answer can repeat it octet by octet.
    encoded: Vec<u8>,
}

impl CertIdAlgorithm {
    pub(super) const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha1 => oid::SHA_1,
            Self::Sha256 => oid::SHA_256,
            Self::Sha384 => oid::SHA_384,
            Self::Sha512 => oid::SHA_512,
        }
    }

    fn digest(self, data: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => &SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        };
        digest::digest(algorithm, data).as_ref().to_vec()
    }
}

impl CertId {
    /// Names `certificate`, issued by the holder of `issuer`.
    #[must_use]
    pub fn of(certificate: &Certificate, issuer: &Certificate, algorithm: CertIdAlgorithm) -> Self {
        let issuer_name_hash = algorithm.digest(issuer.subject_der());
        let issuer_key_hash = algorithm.digest(issuer.public_key_bits());
        let serial = certificate.serial_bytes().to_vec();
        let encoded = DerWriter::sequence_of_bytes(|id| {
            id.sequence(|algorithm_identifier| {
                algorithm_identifier.oid(algorithm.oid());
                algorithm_identifier.null();
            });
            id.octet_string(&issuer_name_hash);
            id.octet_string(&issuer_key_hash);
            id.element(tag::INTEGER, &serial);
        });
        Self {
            hash_algorithm: Some(algorithm),
            issuer_name_hash,
            issuer_key_hash,
            serial,
            encoded,
        }
    }

    /// True when the issuer that this ID names is the holder of `issuer`.
    #[must_use]
    pub fn names_issuer(&self, issuer: &Certificate) -> bool {
        self.hash_algorithm.is_some_and(|algorithm| {
            self.issuer_name_hash == algorithm.digest(issuer.subject_der())
                && self.issuer_key_hash == algorithm.digest(issuer.public_key_bits())
        })
    }

    /// True when this ID names `certificate`, issued by the holder of `issuer`.
    #[must_use]
    pub fn names(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.serial == certificate.serial_bytes() && self.names_issuer(issuer)
    }

    /// The DER encoding.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    pub(super) fn read(reader: &mut DerReader<'_>) -> Result<Self, DerError> {
        let element = reader.element(tag::SEQUENCE)?;
        let mut fields = DerReader::new(element.contents);
        let algorithm = fields.algorithm()?;
        let issuer_name_hash = fields.contents(tag::OCTET_STRING)?.to_vec();
        let issuer_key_hash = fields.contents(tag::OCTET_STRING)?.to_vec();
        let serial = fields.integer(MAX_SERIAL_OCTETS)?.to_vec();
        fields.finish()?;
        Ok(Self {
            hash_algorithm: CertIdAlgorithm::ALL
                .into_iter()
                .find(|known| known.oid() == algorithm),
            issuer_name_hash,
            issuer_key_hash,
            serial,
            encoded: element.encoded.to_vec(),
        })
    }
}
