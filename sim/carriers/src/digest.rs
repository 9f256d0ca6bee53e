//! Digests that relying parties send, and the algorithms that made them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A member of the SHA-2 family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashType {
    Sha256,
    Sha384,
    Sha512,
}

/// A digest, and what made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SentDigest {
    pub(crate) hash_type: HashType,
    pub(crate) bytes: Vec<u8>,
}

/// Why something is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DigestError {
    #[error("hashType must be SHA256, SHA384 or SHA512")]
    Type,
    #[error("Hash must be Base64 encoded")]
    Encoding,
    #[error("The length of the hash must match the type of hash: {0} bytes")]
    Length(usize),
}

// === impl HashType ===

impl HashType {
    /// As Mobile-ID and Smart-ID 2 name it: `SHA256`.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|hash_type| hash_type.name() == name)
    }

    /// As Smart-ID 3 names it: `SHA-256`.
    pub(crate) fn from_dashed_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|hash_type| hash_type.dashed_name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }

    pub(crate) const fn dashed_name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// Bytes of a digest.
    pub(crate) const fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(crate) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

// === impl SentDigest ===

impl SentDigest {
    /// Reads base64 of the length that the type has.
    pub(crate) fn read(base64: &str, hash_type: HashType) -> Result<Self, DigestError> {
        let bytes = STANDARD.decode(base64).map_err(|_| DigestError::Encoding)?;
        if bytes.len() == hash_type.len() {
            Ok(Self { hash_type, bytes })
        } else {
            Err(DigestError::Length(hash_type.len()))
        }
    }

    /// As [`Self::read`], with the type by its name.
    pub(crate) fn read_named(base64: &str, hash_type: &str) -> Result<Self, DigestError> {
        let hash_type = HashType::from_name(hash_type).ok_or(DigestError::Type)?;
        Self::read(base64, hash_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_that_of_the_type() {
        for (name, len) in [("SHA256", 32), ("SHA384", 48), ("SHA512", 64)] {
            let read = |len| SentDigest::read_named(&STANDARD.encode(vec![7; len]), name);
            let digest = read(len).unwrap();
            assert_eq!(digest.bytes.len(), len);
            assert_eq!(digest.hash_type.digest(b"").len(), len);
            assert_eq!(read(len - 1), Err(DigestError::Length(len)));
            assert_eq!(read(len + 1), Err(DigestError::Length(len)));
        }
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        let read = SentDigest::read_named;
        assert_eq!(read("AAAA", "MD5"), Err(DigestError::Type));
        assert_eq!(read("AAAA", "SHA-256"), Err(DigestError::Type));
        assert_eq!(read("%", "SHA256"), Err(DigestError::Encoding));
    }
}
