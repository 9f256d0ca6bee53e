//! The keys that members and security servers have: elliptic or RSA.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair};
use serde::{Deserialize, Serialize};

use super::{KeyError, SigningKey};

/// A key's algorithm and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyType {
    /// ECDSA on P-256.
    EcP256,
    /// RSA with 2,048 bits.
    #[serde(rename = "rsa-2048")]
    Rsa2048,
    /// RSA with 3,072 bits.
    #[serde(rename = "rsa-3072")]
    Rsa3072,
}

/// A private key of a member or of a security server; clones share it.
#[derive(Clone)]
pub enum MemberKey {
    /// On P-256.
    Ec(SigningKey),
    /// RSA, with PKCS#1 v1.5 signatures.
    Rsa(RsaKey),
}

/// A private RSA key; clones share it.
#[derive(Clone)]
pub struct RsaKey(Arc<RsaKeyPair>);

// === impl MemberKey ===

impl MemberKey {
    /// A new random key. Those of RSA take tenths of a second to find.
    ///
    /// # Errors
    ///
    /// [`KeyError::UnsupportedProcessor`] or [`KeyError::Generate`].
    pub fn generate(key_type: KeyType) -> Result<Self, KeyError> {
        let rsa = |size| {
            let pair = RsaKeyPair::generate(size).map_err(|_| KeyError::Generate)?;
            Ok(Self::Rsa(RsaKey(Arc::new(pair))))
        };
        match key_type {
            KeyType::EcP256 => Ok(Self::Ec(SigningKey::generate()?)),
            KeyType::Rsa2048 => rsa(KeySize::Rsa2048),
            KeyType::Rsa3072 => rsa(KeySize::Rsa3072),
        }
    }

    /// Reads a key from PKCS#8 DER.
    ///
    /// # Errors
    ///
    /// [`KeyError::ReadPrivate`] for anything but a P-256 key or an RSA key of 2,048 bits or more.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        if let Ok(key) = SigningKey::from_pkcs8_der(der) {
            return Ok(Self::Ec(key));
        }
        let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| KeyError::ReadPrivate)?;
        Ok(Self::Rsa(RsaKey(Arc::new(pair))))
    }

    /// The key as PKCS#8 DER.
    #[must_use]
    pub fn to_pkcs8_der(&self) -> Vec<u8> {
        match self {
            Self::Ec(key) => key.to_pkcs8_der(),
            Self::Rsa(RsaKey(pair)) => {
                let der: Result<Pkcs8V1Der<'_>, _> = pair.as_der();
                der.expect("a whole key can be written").as_ref().to_vec()
            }
        }
    }

    /// The bits of the public half, as a certificate has them: the point, or DER `RSAPublicKey`.
    #[must_use]
    pub fn public_key_bits(&self) -> &[u8] {
        match self {
            Self::Ec(key) => key.public_point(),
            Self::Rsa(RsaKey(pair)) => pair.public_key().as_ref(),
        }
    }

    /// Signs the concatenated `parts` with SHA-512, in the form that XML signatures carry.
    #[must_use]
    pub fn sign_xml(&self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Ec(key) => key.sign_sha512_raw(parts).to_vec(),
            Self::Rsa(key) => key.sign(&RSA_PKCS1_SHA512, &parts.concat()),
        }
    }
}

impl From<SigningKey> for MemberKey {
    fn from(key: SigningKey) -> Self {
        Self::Ec(key)
    }
}

impl fmt::Debug for MemberKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ec(key) => key.fmt(formatter),
            Self::Rsa(key) => key.fmt(formatter),
        }
    }
}

impl rcgen::PublicKeyData for MemberKey {
    fn der_bytes(&self) -> &[u8] {
        self.public_key_bits()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self {
            Self::Ec(_) => &rcgen::PKCS_ECDSA_P256_SHA256,
            Self::Rsa(_) => &rcgen::PKCS_RSA_SHA256,
        }
    }
}

impl rcgen::SigningKey for MemberKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        match self {
            Self::Ec(key) => key.sign(message),
            Self::Rsa(key) => Ok(key.sign(&RSA_PKCS1_SHA256, message)),
        }
    }
}

// === impl RsaKey ===

impl RsaKey {
    fn sign(&self, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(encoding, &SystemRandom::new(), message, &mut signature)
            .expect("the buffer has the modulus' length and the system has randomness");
        signature
    }
}

impl fmt::Debug for RsaKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "RsaKey({} bits)",
            self.0.public_modulus_len() * 8
        )
    }
}
