//! Signatures on P-256, the only curve and the only kind of key that is accepted.

use cms::cert::x509::der::asn1::ObjectIdentifier;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::prepared_key::PreparedKey;

const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");

const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// OID of SHA-512, as messages imprints name it.
pub(crate) const SHA512_OID: ObjectIdentifier = SHA512;

/// A public key.
#[derive(Clone, Debug)]
pub(crate) struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads an encoded point (SEC 1).
    pub(crate) fn of_point(point: &[u8]) -> Option<Self> {
        VerifyingKey::from_sec1_bytes(point).ok().map(Self)
    }

    /// The point, encoded (SEC 1).
    pub(crate) fn to_bytes(&self) -> Box<[u8]> {
        self.0.to_sec1_bytes()
    }

    /// The key, for verifying many signatures.
    pub(crate) fn prepared(&self) -> PreparedKey {
        PreparedKey::new(&self.0)
    }

    /// Verifies r and s as XML signatures have them: one after another, 32 bytes each.
    pub(crate) fn verifies_raw(&self, digest: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.verifies(digest, &signature))
    }

    /// Verifies a signature in DER, as certificates and CMS have it.
    pub(crate) fn verifies_der(
        &self,
        algorithm: ObjectIdentifier,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let digest_algorithm = match algorithm {
            ECDSA_SHA256 => SHA256,
            ECDSA_SHA384 => SHA384,
            ECDSA_SHA512 => SHA512,
            _ => return false,
        };
        let digest = digest(digest_algorithm, message).unwrap_or_default();
        Signature::from_der(signature).is_ok_and(|signature| self.verifies(&digest, &signature))
    }

    fn verifies(&self, digest: &[u8], signature: &Signature) -> bool {
        self.0.verify_prehash(digest, signature).is_ok()
    }
}

/// The digest by an algorithm's OID; `None` of what is not SHA-2.
pub(crate) fn digest(algorithm: ObjectIdentifier, bytes: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        SHA256 => Some(Sha256::digest(bytes).to_vec()),
        SHA384 => Some(Sha384::digest(bytes).to_vec()),
        SHA512 => Some(Sha512::digest(bytes).to_vec()),
        _ => None,
    }
}
