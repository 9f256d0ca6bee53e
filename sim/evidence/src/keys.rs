//! P-256 signing keys, and verification of every signature form that X-Road uses.
//!
//! Members sign messages with ECDSA over SHA-512 in the raw form r‖s (RFC 4050's order, as XML
//! signatures want it); certificates, OCSP responses and time-stamps carry ECDSA over SHA-256 as
//! ASN.1. RSA with PKCS#1 v1.5 is read but never made, so that evidence of real installations can
//! be checked.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaParameters, UnparsedPublicKey,
};
use der::asn1::ObjectIdentifier;
use graviola::hashing::{Sha256, Sha512};
use graviola::signing::ecdsa::{self, P256};

/// Length of a raw P-256 signature: r and s, 32 bytes each.
pub const RAW_SIGNATURE_LEN: usize = 64;

/// Room for any P-256 key in PKCS#8 (138 bytes in the form written here).
const PKCS8_MAX_LEN: usize = 256;

/// Room for a P-256 signature as ASN.1 (at most 72 bytes).
const ASN1_SIGNATURE_MAX_LEN: usize = 80;

/// Length of a P-256 point: 0x04, x, y.
const POINT_LEN: usize = 65;

/// Length of what stands before the point in a P-256 SubjectPublicKeyInfo.
const SPKI_PREFIX_LEN: usize = 26;

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const RSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Why a key could not be made, read or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The processor lacks instructions that the signing library is built on.
    #[error("use P-256 on this processor: it lacks AES, AVX2, BMI or NEON instructions")]
    UnsupportedProcessor,
    /// The operating system gave no random numbers, or the library failed.
    #[error("generate a P-256 key")]
    Generate,
    /// Not a P-256 key in PKCS#8.
    #[error("read a P-256 key from PKCS#8")]
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

/// A private P-256 key; clones share it.
#[derive(Clone)]
pub struct SigningKey(Arc<SigningKeyParts>);

struct SigningKeyParts {
    key: ecdsa::SigningKey<P256>,
    point: [u8; POINT_LEN],
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

/// A public key that can verify.
pub struct PublicKey(PublicKeyKind);

enum PublicKeyKind {
    P256(ecdsa::VerifyingKey<P256>),
    /// DER `RSAPublicKey`.
    Rsa(Vec<u8>),
}

// === impl SigningKey ===

impl SigningKey {
    /// A new random key.
    ///
    /// # Errors
    ///
    /// [`KeyError::UnsupportedProcessor`] or [`KeyError::Generate`].
    pub fn generate() -> Result<Self, KeyError> {
        require_processor()?;
        let key = ecdsa::SigningKey::generate().map_err(|_| KeyError::Generate)?;
        Self::with_point(key).ok_or(KeyError::Generate)
    }

    /// Reads a key from PKCS#8 DER.
    ///
    /// # Errors
    ///
    /// [`KeyError::ReadPrivate`] for anything but a P-256 key whose public half, where stated, fits.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        require_processor()?;
        let key = ecdsa::SigningKey::from_pkcs8_der(der).map_err(|_| KeyError::ReadPrivate)?;
        Self::with_point(key).ok_or(KeyError::ReadPrivate)
    }

    /// The key as PKCS#8 DER (RFC 5208), public half included.
    #[must_use]
    pub fn to_pkcs8_der(&self) -> Vec<u8> {
        let mut buffer = [0_u8; PKCS8_MAX_LEN];
        let der = self.0.key.to_pkcs8_der(&mut buffer);
        der.expect("the buffer has room for any P-256 key").to_vec()
    }

    /// The public half as an uncompressed point (X9.62).
    #[must_use]
    pub fn public_point(&self) -> &[u8] {
        &self.0.point
    }

    /// Signs the concatenated `parts` with SHA-512; r‖s as XML signatures carry it.
    #[must_use]
    pub fn sign_sha512_raw(&self, parts: &[&[u8]]) -> [u8; RAW_SIGNATURE_LEN] {
        let mut signature = [0_u8; RAW_SIGNATURE_LEN];
        let signed = self.0.key.sign::<Sha512>(parts, &mut signature);
        signed.expect("the buffer has a P-256 signature's length and the system has randomness");
        signature
    }

    /// Signs the concatenated `parts` with SHA-256; ASN.1 as X.509 and CMS carry it.
    #[must_use]
    pub fn sign_sha256_asn1(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut buffer = [0_u8; ASN1_SIGNATURE_MAX_LEN];
        let signed = self.0.key.sign_asn1::<Sha256>(parts, &mut buffer);
        signed
            .expect("the buffer has room for a P-256 signature and the system has randomness")
            .to_vec()
    }

    /// Signs the concatenated `parts` with SHA-512; ASN.1 as signed global configuration has it.
    #[must_use]
    pub fn sign_sha512_asn1(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut buffer = [0_u8; ASN1_SIGNATURE_MAX_LEN];
        let signed = self.0.key.sign_asn1::<Sha512>(parts, &mut buffer);
        signed
            .expect("the buffer has room for a P-256 signature and the system has randomness")
            .to_vec()
    }

    /// The public half, for checks of one's own work.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        let key = ecdsa::VerifyingKey::from_x962_uncompressed(&self.0.point);
        PublicKey(PublicKeyKind::P256(
            key.expect("the point was made from a private key"),
        ))
    }

    fn with_point(key: ecdsa::SigningKey<P256>) -> Option<Self> {
        let mut buffer = [0_u8; POINT_LEN + SPKI_PREFIX_LEN];
        let spki = key.to_spki_der(&mut buffer).ok()?;
        let point = spki.get(SPKI_PREFIX_LEN..)?.try_into().ok()?;
        Some(Self(Arc::new(SigningKeyParts { key, point })))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(P-256)")
    }
}

impl rcgen::PublicKeyData for SigningKey {
    fn der_bytes(&self) -> &[u8] {
        self.public_point()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for SigningKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.sign_sha256_asn1(&[message]))
    }
}

// === impl SignatureScheme ===

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

// === impl PublicKey ===

impl PublicKey {
    /// The key with this algorithm, parameters and key bits, as in a SubjectPublicKeyInfo.
    ///
    /// # Errors
    ///
    /// [`KeyError::ReadPublic`] for anything but an uncompressed P-256 point or an RSA key.
    pub fn from_parts(
        algorithm: &ObjectIdentifier,
        curve: Option<&ObjectIdentifier>,
        key_bits: &[u8],
    ) -> Result<Self, KeyError> {
        match *algorithm {
            EC_PUBLIC_KEY if curve == Some(&SECP256R1) => {
                require_processor()?;
                let key = ecdsa::VerifyingKey::from_x962_uncompressed(key_bits);
                let key = key.map_err(|_| KeyError::ReadPublic)?;
                Ok(Self(PublicKeyKind::P256(key)))
            }
            RSA_ENCRYPTION => Ok(Self(PublicKeyKind::Rsa(key_bits.to_vec()))),
            _ => Err(KeyError::ReadPublic),
        }
    }

    /// Whether `signature` is this key's over `message`.
    ///
    /// # Errors
    ///
    /// [`KeyError::WrongKind`] where the scheme is not one of this key, else
    /// [`KeyError::BadSignature`].
    pub fn verify(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), KeyError> {
        match &self.0 {
            PublicKeyKind::P256(key) => verify_p256(key, scheme, message, signature),
            PublicKeyKind::Rsa(key) => {
                let parameters = rsa_parameters(scheme).ok_or(KeyError::WrongKind)?;
                UnparsedPublicKey::new(parameters, key)
                    .verify(message, signature)
                    .map_err(|_| KeyError::BadSignature)
            }
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match &self.0 {
            PublicKeyKind::P256(_) => "PublicKey(P-256)",
            PublicKeyKind::Rsa(_) => "PublicKey(RSA)",
        })
    }
}

fn verify_p256(
    key: &ecdsa::VerifyingKey<P256>,
    scheme: SignatureScheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), KeyError> {
    let verified = match scheme {
        SignatureScheme::EcdsaSha256Asn1 => key.verify_asn1::<Sha256>(&[message], signature),
        SignatureScheme::EcdsaSha512Asn1 => key.verify_asn1::<Sha512>(&[message], signature),
        SignatureScheme::EcdsaSha512Raw => key.verify::<Sha512>(&[message], signature),
        SignatureScheme::RsaSha256 | SignatureScheme::RsaSha384 | SignatureScheme::RsaSha512 => {
            return Err(KeyError::WrongKind);
        }
    };
    verified.map_err(|_| KeyError::BadSignature)
}

const fn rsa_parameters(scheme: SignatureScheme) -> Option<&'static RsaParameters> {
    match scheme {
        SignatureScheme::RsaSha256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        SignatureScheme::RsaSha384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        SignatureScheme::RsaSha512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        SignatureScheme::EcdsaSha256Asn1
        | SignatureScheme::EcdsaSha512Asn1
        | SignatureScheme::EcdsaSha512Raw => None,
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
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

    use super::{KeyError, SignatureScheme, SigningKey};

    #[test]
    fn another_library_reads_our_key_and_finds_the_same_point() {
        let key = SigningKey::generate().unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key.to_pkcs8_der()).unwrap();
        assert_eq!(pair.public_key().as_ref(), key.public_point());
    }

    #[test]
    fn a_key_survives_pkcs8() {
        let key = SigningKey::generate().unwrap();
        let again = SigningKey::from_pkcs8_der(&key.to_pkcs8_der()).unwrap();
        assert_eq!(again.public_point(), key.public_point());
        assert_eq!(
            SigningKey::from_pkcs8_der(b"").unwrap_err(),
            KeyError::ReadPrivate
        );
    }

    #[test]
    fn a_signature_fits_its_key_message_and_scheme_only() {
        let key = SigningKey::generate().unwrap();
        let other = SigningKey::generate().unwrap();
        let public = key.public_key();
        let raw = key.sign_sha512_raw(&[b"hel", b"lo"]);
        let asn1 = key.sign_sha256_asn1(&[b"hello"]);
        let asn1_512 = key.sign_sha512_asn1(&[b"hello"]);
        let cases = [
            (SignatureScheme::EcdsaSha512Raw, raw.to_vec()),
            (SignatureScheme::EcdsaSha256Asn1, asn1),
            (SignatureScheme::EcdsaSha512Asn1, asn1_512),
        ];
        for (scheme, signature) in &cases {
            public.verify(*scheme, b"hello", signature).unwrap();
            let refused = Err(KeyError::BadSignature);
            assert_eq!(public.verify(*scheme, b"hellO", signature), refused);
            assert_eq!(
                other.public_key().verify(*scheme, b"hello", signature),
                refused
            );
            for (another, _) in cases.iter().filter(|(another, _)| another != scheme) {
                assert_eq!(public.verify(*another, b"hello", signature), refused);
            }
            let rsa = public.verify(SignatureScheme::RsaSha256, b"hello", signature);
            assert_eq!(rsa, Err(KeyError::WrongKind));
        }
    }
}
