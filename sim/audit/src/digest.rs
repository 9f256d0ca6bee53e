//! SHA-512, and the short forms in which records are compared.

use sha2::{Digest as _, Sha256, Sha512};

/// A SHA-512 digest.
pub(crate) type Digest = [u8; 64];

/// The first half of a SHA-512 digest, or a SHA-256 digest: enough to tell any two records apart.
pub(crate) type Half = [u8; 32];

/// SHA-512 of `bytes`.
pub(crate) fn sha512(bytes: &[u8]) -> Digest {
    Sha512::digest(bytes).into()
}

/// SHA-512 of the parts one after another.
pub(crate) fn sha512_of_parts(parts: &[&[u8]]) -> Digest {
    let hasher = parts
        .iter()
        .fold(Sha512::new(), |hasher, part| hasher.chain_update(part));
    hasher.finalize().into()
}

/// The first half of `digest`.
pub(crate) fn half(digest: &Digest) -> Half {
    *digest.first_chunk().expect("a digest has 64 bytes")
}

/// SHA-256 of several texts, each ended so that no two lists look alike: only this audit compares
/// them, and processors compute it faster.
pub(crate) fn digest_of_texts(texts: &[&str]) -> Half {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().into()
}
