//! People's keys, which follow from the seed.
//!
//! A real key is drawn where it is used and never leaves. Here it follows from a seed, so that a
//! run can be repeated and a million people need no file: a simulator's shortcut.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use sha2::{Digest, Sha256};
use sim_workload::Carrier;

/// Characters of a line of PEM (RFC 7468, section 2).
const PEM_LINE_LEN: usize = 64;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Purpose {
    /// To prove who one is (PIN1).
    Authentication,
    /// To sign (PIN2).
    Signing,
}

/// A person's private key on P-256.
pub(crate) struct PersonKey {
    key: SigningKey,
    /// The public point, uncompressed.
    point: Vec<u8>,
}

// === impl Purpose ===

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Signing => "signing",
        }
    }
}

// === impl PersonKey ===

impl PersonKey {
    /// The key of the person with this index.
    pub(crate) fn derive(seed: u64, index: u64, carrier: Carrier, purpose: Purpose) -> Self {
        let (carrier, purpose) = (carrier.as_str(), purpose.as_str());
        // One in 2^32 digests is no private key; the next one is, then.
        let key = (0_u32..)
            .find_map(|attempt| {
                let text = format!("roadtest key {seed} {index} {carrier} {purpose} {attempt}");
                SigningKey::from_slice(&Sha256::digest(text)).ok()
            })
            .expect("some digest is below the order of the curve");
        let point = key.verifying_key().to_sec1_point(false);
        let point = point.as_bytes().to_vec();
        Self { key, point }
    }

    /// Signs a digest: raw r and s, 64 bytes, as the carriers send them.
    pub(crate) fn sign_digest(&self, digest: &[u8]) -> Vec<u8> {
        let signature: Signature = self
            .key
            .sign_prehash(digest)
            .expect("digests of 32 bytes and more can be signed");
        signature.to_bytes().to_vec()
    }

    /// The private key as PEM (PKCS#8), for whoever puts the card into a reader.
    pub(crate) fn to_pem(&self) -> String {
        pem("PRIVATE KEY", &self.to_pkcs8())
    }

    /// PKCS#8 of a P-256 key (RFC 5958, RFC 5915): everything but key and point is constant.
    fn to_pkcs8(&self) -> Vec<u8> {
        const BEFORE_KEY: [u8; 36] = [
            0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
            0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04,
            0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
        ];
        const BEFORE_POINT: [u8; 5] = [0xa1, 0x44, 0x03, 0x42, 0x00];
        let mut der = BEFORE_KEY.to_vec();
        der.extend_from_slice(&self.key.to_bytes());
        der.extend_from_slice(&BEFORE_POINT);
        der.extend_from_slice(&self.point);
        der
    }
}

impl rcgen::PublicKeyData for PersonKey {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for PersonKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: DerSignature = self.key.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}

/// DER as PEM (RFC 7468).
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(PEM_LINE_LEN));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_key_of_their_own_for_each_purpose_and_carrier() {
        let key = |index, carrier, purpose| PersonKey::derive(7, index, carrier, purpose).point;
        let first = key(0, Carrier::MobileId, Purpose::Signing);
        assert_eq!(first, key(0, Carrier::MobileId, Purpose::Signing));
        assert_ne!(first, key(1, Carrier::MobileId, Purpose::Signing));
        assert_ne!(first, key(0, Carrier::SmartId, Purpose::Signing));
        assert_ne!(first, key(0, Carrier::MobileId, Purpose::Authentication));
    }

    #[test]
    fn other_libraries_read_the_key() {
        let key = PersonKey::derive(7, 3, Carrier::IdCard, Purpose::Authentication);
        let read = rcgen::KeyPair::from_pem(&key.to_pem()).unwrap();
        assert_eq!(rcgen::PublicKeyData::der_bytes(&read), key.point);
    }
}
