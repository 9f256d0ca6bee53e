//! Random values, and comparing secrets.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes of a value that nobody can guess.
pub(crate) const RANDOM_BYTES: usize = 32;
/// Characters of such a value as text.
pub(crate) const RANDOM_TEXT_LEN: usize = 43;

/// The system gave no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

/// [`RANDOM_BYTES`] that nobody can guess.
pub(crate) fn random_bytes() -> Result<[u8; RANDOM_BYTES], NoRandomness> {
    let mut bytes = [0; RANDOM_BYTES];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A value that nobody can guess, as [`RANDOM_TEXT_LEN`] characters for URLs and cookies.
pub(crate) fn random_text() -> Result<String, NoRandomness> {
    random_bytes().map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether `text` could have come from [`random_text`].
pub(crate) fn is_random_text(text: &str) -> bool {
    text.len() == RANDOM_TEXT_LEN
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub(crate) fn same(left: &str, right: &str) -> bool {
    verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}

/// The PKCE challenge of a verifier (RFC 7636, section 4.2, `S256`).
pub(crate) fn pkce_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_texts_are_of_their_kind_and_differ() {
        let (one, other) = (random_text().unwrap(), random_text().unwrap());
        assert!(is_random_text(&one) && is_random_text(&other));
        assert_ne!(one, other);
        assert!(!is_random_text("short") && !is_random_text(&"ä".repeat(21)));
    }

    #[test]
    fn challenge_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(pkce_challenge(verifier), challenge);
    }
}
