//! Signing keys, and verification of every signature form that X-Road uses.
//!
//! Members sign messages with ECDSA on P-256 over SHA-512 in the raw form r‖s (RFC 4050's order, as
//! XML signatures want it), or with RSA PKCS#1 v1.5 over SHA-512: a [`MemberKey`] is either. The
//! trust services and the central server have P-256 keys alone, a [`SigningKey`] each; certificates,
//! OCSP responses and time-stamps carry ECDSA over SHA-256 as ASN.1.

mod member;
mod signing;
mod verifying;

use der::asn1::ObjectIdentifier;

pub use member::{KeyType, MemberKey};
pub use signing::SigningKey;
pub use verifying::PublicKey;

/// Length of a raw P-256 signature: r and s, 32 bytes each.
pub const RAW_SIGNATURE_LEN: usize = 64;

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const RSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");

/// Why a key could not be made, read or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The processor lacks instructions that the signing library is built on.
    #[error("use P-256 on this processor: it lacks AES, AVX2, BMI or NEON instructions")]
    UnsupportedProcessor,
    /// The operating system gave no random numbers, or the library failed.
    #[error("generate a key")]
    Generate,
    /// Not a key of the expected kind in PKCS#8.
    #[error("read a key from PKCS#8: not of a kind that can be used here")]
    ReadPrivate,
    /// Not a public key of a supported kind.
    #[error("read a public key: neither P-256 nor RSA")]
    ReadPublic,
    /// The signature is not this key's over these bytes.
    #[error("verify a signature: it does not fit the key and the bytes")]
    BadSignature,
    /// The key is of another kind than the signature.
    #[error("verify a signature: made with another kind of key")]
    WrongKind,
}

/// How a signature was made and is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureScheme {
    /// P-256 with SHA-256, ASN.1: certificates, OCSP responses, time-stamps.
    EcdsaSha256Asn1,
    /// P-256 with SHA-512, ASN.1: signed global configuration.
    EcdsaSha512Asn1,
    /// P-256 with SHA-512, r‖s: XML signatures.
    EcdsaSha512Raw,
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaSha256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    RsaSha384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    RsaSha512,
}

impl SignatureScheme {
    /// The scheme that an X.509 `AlgorithmIdentifier` names.
    #[must_use]
    pub fn of_algorithm(identifier: &ObjectIdentifier) -> Option<Self> {
        match *identifier {
            ECDSA_WITH_SHA256 => Some(Self::EcdsaSha256Asn1),
            ECDSA_WITH_SHA512 => Some(Self::EcdsaSha512Asn1),
            RSA_WITH_SHA256 => Some(Self::RsaSha256),
            RSA_WITH_SHA384 => Some(Self::RsaSha384),
            RSA_WITH_SHA512 => Some(Self::RsaSha512),
            _ => None,
        }
    }
}

/// The P-256 library panics on a processor it does not support; refuse before it is called.
fn require_processor() -> Result<(), KeyError> {
    if graviola::util::is_cpu_supported() {
        Ok(())
    } else {
        Err(KeyError::UnsupportedProcessor)
    }
}

#[cfg(test)]
mod tests;
