//! Public keys: read and verifying.

use std::fmt;

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RsaParameters, UnparsedPublicKey,
};
use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode as _, Reader as _, SliceReader};
use graviola::hashing::{Sha256, Sha512};
use graviola::signing::ecdsa::{self, P256};

use super::{KeyError, RAW_SIGNATURE_LEN, SignatureScheme, require_processor};

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
pub(super) const RSA_ENCRYPTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A public key that can verify.
pub struct PublicKey(PublicKeyKind);

enum PublicKeyKind {
    /// Boxed: it brings precomputed multiples along, 1.6 kB.
    P256(Box<ecdsa::VerifyingKey<P256>>),
    Rsa(RsaPublicKey),
}

struct RsaPublicKey {
    /// DER `RSAPublicKey`.
    der: Vec<u8>,
    /// Length of the modulus, and so of every signature, in bytes.
    modulus_len: usize,
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
            EC_PUBLIC_KEY if curve == Some(&SECP256R1) => Self::from_point(key_bits),
            RSA_ENCRYPTION => {
                let modulus_len = modulus_len(key_bits).map_err(|_| KeyError::ReadPublic)?;
                let der = key_bits.to_vec();
                Ok(Self(PublicKeyKind::Rsa(RsaPublicKey { der, modulus_len })))
            }
            _ => Err(KeyError::ReadPublic),
        }
    }

    /// The P-256 key at this uncompressed point (X9.62).
    pub(super) fn from_point(point: &[u8]) -> Result<Self, KeyError> {
        require_processor()?;
        let key = ecdsa::VerifyingKey::from_x962_uncompressed(point);
        let key = key.map_err(|_| KeyError::ReadPublic)?;
        Ok(Self(PublicKeyKind::P256(Box::new(key))))
    }

    /// How XML signatures by this key are made, and how long their values are, in bytes.
    #[must_use]
    pub const fn xml_signature(&self) -> (SignatureScheme, usize) {
        match &self.0 {
            PublicKeyKind::P256(_) => (SignatureScheme::EcdsaSha512Raw, RAW_SIGNATURE_LEN),
            PublicKeyKind::Rsa(key) => (SignatureScheme::RsaSha512, key.modulus_len),
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
                UnparsedPublicKey::new(parameters, &key.der)
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

/// Length in bytes of the modulus of a DER `RSAPublicKey` (RFC 8017, appendix A.1.1).
fn modulus_len(der: &[u8]) -> Result<usize, der::Error> {
    let mut reader = SliceReader::new(der)?;
    let length = reader.sequence(|key| {
        let modulus = UintRef::decode(key)?;
        UintRef::decode(key)?;
        usize::try_from(modulus.len())
    })?;
    reader.finish()?;
    Ok(length)
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
