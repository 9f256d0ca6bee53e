//! SHA-512, and the short form in which records are compared.

use sha2::{Digest as _, Sha512};

/// A SHA-512 digest.
pub(crate) type Digest = [u8; 64];

/// The first half of a SHA-512 digest: enough to tell any two records apart.
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

/// Half a digest of several texts, each ended so that no two lists look alike.
pub(crate) fn half_of_texts(texts: &[&str]) -> Half {
    let mut hasher = Sha512::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    half(&hasher.finalize().into())
}
