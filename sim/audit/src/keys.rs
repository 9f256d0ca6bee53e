//! Public keys and the signatures that they verify: on P-256, and RSA with PKCS#1 v1.5.

use cms::cert::x509::der::asn1::ObjectIdentifier;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use rsa::pkcs1::DecodeRsaPublicKey;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::prepared_key::PreparedKey;

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");

const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// OID of SHA-512, as messages imprints name it.
pub(crate) const SHA512_OID: ObjectIdentifier = SHA512;

/// ECDSA with SHA-512, r and s one after another.
const XML_ECDSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512";
/// RSA PKCS#1 v1.5 with SHA-512.
const XML_RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";

/// Shortest modulus that proves anything, in bytes: 2,048 bits.
const MIN_MODULUS_LEN: usize = 256;

/// A public key.
#[derive(Clone, Debug)]
pub(crate) enum PublicKey {
    P256(VerifyingKey),
    /// With DER `RSAPublicKey`.
    Rsa(Box<(rsa::PublicKey, Vec<u8>)>),
}

impl PublicKey {
    /// Reads the bits of a certificate's key of this algorithm.
    pub(crate) fn of(algorithm: ObjectIdentifier, bits: &[u8]) -> Option<Self> {
        match algorithm {
            EC_PUBLIC_KEY => VerifyingKey::from_sec1_bytes(bits).ok().map(Self::P256),
            RSA_ENCRYPTION => {
                let key = rsa::PublicKey::from_pkcs1_der(bits).ok()?;
                let long_enough = rsa::traits::PublicKeyParts::size(&key) >= MIN_MODULUS_LEN;
                long_enough.then(|| Self::Rsa(Box::new((key, bits.to_vec()))))
            }
            _ => None,
        }
    }

    /// What tells it from every other key.
    pub(crate) fn to_bytes(&self) -> Box<[u8]> {
        match self {
            Self::P256(key) => key.to_sec1_bytes(),
            Self::Rsa(key) => key.1.clone().into(),
        }
    }

    /// The key, for verifying many signatures; none where that is no faster.
    pub(crate) fn prepared(&self) -> Option<PreparedKey> {
        match self {
            Self::P256(key) => Some(PreparedKey::new(key)),
            Self::Rsa(_) => None,
        }
    }

    /// The one method by which this key may sign XML.
    pub(crate) const fn xml_method(&self) -> &'static str {
        match self {
            Self::P256(_) => XML_ECDSA_SHA512,
            Self::Rsa(_) => XML_RSA_SHA512,
        }
    }

    /// Verifies an XML signature's value over a SHA-512 digest, made by [`Self::xml_method`].
    pub(crate) fn verifies_xml(&self, digest: &[u8], value: &[u8]) -> bool {
        match self {
            Self::P256(key) => {
                Signature::from_slice(value).is_ok_and(|value| verifies(key, digest, &value))
            }
            Self::Rsa(key) => key
                .0
                .pkcs1v15_verify_prehash::<Sha512>(digest, value)
                .is_ok(),
        }
    }

    /// Verifies a signature in DER, as certificates and CMS of the trust services have it: they
    /// sign on P-256 alone.
    pub(crate) fn verifies_der(
        &self,
        algorithm: ObjectIdentifier,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let Self::P256(key) = self else { return false };
        let digest_algorithm = match algorithm {
            ECDSA_SHA256 => SHA256,
            ECDSA_SHA384 => SHA384,
            ECDSA_SHA512 => SHA512,
            _ => return false,
        };
        let digest = digest(digest_algorithm, message).unwrap_or_default();
        Signature::from_der(signature).is_ok_and(|signature| verifies(key, &digest, &signature))
    }
}

fn verifies(key: &VerifyingKey, digest: &[u8], signature: &Signature) -> bool {
    key.verify_prehash(digest, signature).is_ok()
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
