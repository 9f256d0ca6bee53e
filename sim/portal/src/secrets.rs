//! Random values, and values that only this portal can have made.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes of a value that nobody can guess.
pub(crate) const RANDOM_BYTES: usize = 32;

/// The system gave no random numbers.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

/// A key of this process with which it recognises what it made itself.
pub(crate) struct Seal(hmac::Key);

// === impl Seal ===

impl Seal {
    /// A key that nobody knows and that ends with the process.
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        let random = SystemRandom::new();
        let key = hmac::Key::generate(HMAC_SHA256, &random).map_err(|_| NoRandomness)?;
        Ok(Self(key))
    }

    /// The tag of `parts` for one purpose; another purpose has other tags.
    pub(crate) fn tag(&self, purpose: &str, parts: &[&[u8]]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            // Lengths keep neighbours apart: ("ab", "c") is not ("a", "bc").
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        URL_SAFE_NO_PAD.encode(context.sign().as_ref())
    }

    /// Whether `tag` is the tag of `parts` for `purpose`.
    pub(crate) fn is_tag(&self, tag: &str, purpose: &str, parts: &[&[u8]]) -> bool {
        same(tag, &self.tag(purpose, parts))
    }

    /// `value` as a text that travels through a browser and comes back unchanged, for `whose`.
    pub(crate) fn ticket(&self, purpose: &str, whose: &str, value: &impl Serialize) -> String {
        let value = serde_json::to_vec(value).expect("what is sealed has texts as keys");
        let tag = self.tag(purpose, &[whose.as_bytes(), &value]);
        format!("{}.{tag}", URL_SAFE_NO_PAD.encode(&value))
    }

    /// What such a text holds; nothing where it was made elsewhere or for somebody else.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        purpose: &str,
        whose: &str,
        ticket: &str,
    ) -> Option<T> {
        let opened = self.value_of(purpose, whose, ticket);
        if opened.is_none() {
            tracing::warn!(
                purpose,
                whose,
                "refused what was not made here for this person"
            );
        }
        serde_json::from_slice(&opened?).ok()
    }

    fn value_of(&self, purpose: &str, whose: &str, ticket: &str) -> Option<Vec<u8>> {
        let (value, tag) = ticket.split_once('.')?;
        let value = URL_SAFE_NO_PAD.decode(value).ok()?;
        self.is_tag(tag, purpose, &[whose.as_bytes(), &value])
            .then_some(value)
    }
}

/// A value of [`RANDOM_BYTES`] that nobody can guess, as text for URLs and cookies.
pub(crate) fn random_text() -> Result<String, NoRandomness> {
    let mut bytes = [0; RANDOM_BYTES];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub(crate) fn same(left: &str, right: &str) -> bool {
    verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_bound_to_purpose_and_parts() {
        let seal = Seal::new().unwrap();
        let tag = seal.tag("state", &[b"ab", b"c"]);
        assert!(seal.is_tag(&tag, "state", &[b"ab", b"c"]));
        assert!(!seal.is_tag(&tag, "nonce", &[b"ab", b"c"]));
        assert!(!seal.is_tag(&tag, "state", &[b"a", b"bc"]));
        assert!(!Seal::new().unwrap().is_tag(&tag, "state", &[b"ab", b"c"]));
    }

    #[test]
    fn a_ticket_opens_for_its_owner_and_purpose_alone() {
        let seal = Seal::new().unwrap();
        let ticket = seal.ticket("look", "XX1", &7);
        assert_eq!(seal.open("look", "XX1", &ticket), Some(7));
        assert_eq!(seal.open::<i32>("look", "XX2", &ticket), None);
        assert_eq!(seal.open::<i32>("application", "XX1", &ticket), None);
        assert_eq!(
            seal.open::<i32>("look", "XX1", &ticket.replacen('N', "O", 1)),
            None
        );
    }
}
