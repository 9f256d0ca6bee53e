//! Private keys: made, stored, signing.

use std::fmt;
use std::sync::Arc;

use graviola::hashing::{Sha256, Sha512};
use graviola::signing::ecdsa::{self, P256};

use super::{KeyError, PublicKey, RAW_SIGNATURE_LEN, require_processor};

/// Room for any P-256 key in PKCS#8 (138 bytes in the form written here).
const PKCS8_MAX_LEN: usize = 256;

/// Room for a P-256 signature as ASN.1 (at most 72 bytes).
const ASN1_SIGNATURE_MAX_LEN: usize = 80;

/// Length of a P-256 point: 0x04, x, y.
const POINT_LEN: usize = 65;

/// Length of what stands before the point in a P-256 SubjectPublicKeyInfo.
const SPKI_PREFIX_LEN: usize = 26;

/// A private P-256 key; clones share it.
#[derive(Clone)]
pub struct SigningKey(Arc<SigningKeyParts>);

struct SigningKeyParts {
    key: ecdsa::SigningKey<P256>,
    point: [u8; POINT_LEN],
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

    /// Signs the concatenated `parts` with SHA-256; r‖s as XML signatures carry it.
    #[must_use]
    pub fn sign_sha256_raw(&self, parts: &[&[u8]]) -> [u8; RAW_SIGNATURE_LEN] {
        let mut signature = [0_u8; RAW_SIGNATURE_LEN];
        let signed = self.0.key.sign::<Sha256>(parts, &mut signature);
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
        PublicKey::from_point(&self.0.point).expect("the point is a private key's")
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
