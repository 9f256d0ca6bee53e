//! SHA-512, the one digest of messages, hash chains and signature documents.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256, SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The algorithm's name in XML signatures and hash chains.
pub const SHA512_URI: &str = "http://www.w3.org/2001/04/xmlenc#sha512";

/// Length of a SHA-512 digest in base64, padding included.
pub const SHA512_BASE64_LEN: usize = 88;

/// A SHA-512 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha512([u8; 64]);

impl Sha512 {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_output(digest(&SHA512, bytes).as_ref())
    }

    /// The digest of all `parts`, one after the other.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA512);
        for part in parts {
            context.update(part);
        }
        Self::from_output(context.finish().as_ref())
    }

    /// A digest that was computed elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The digest's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// The digest as base64 with padding, 88 characters.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// Appends [`Self::to_base64`] to `text` without an allocation of its own.
    pub fn push_base64(&self, text: &mut String) {
        STANDARD.encode_string(self.0, text);
    }

    /// Reads exactly the form that [`Self::to_base64`] writes; nothing else is a digest.
    #[must_use]
    pub fn from_base64(text: &[u8]) -> Option<Self> {
        if text.len() != SHA512_BASE64_LEN {
            return None;
        }
        // The decoder asks for room for whole quads, two bytes more than it fills.
        let mut bytes = [0_u8; 66];
        let length = STANDARD.decode_slice(text, &mut bytes).ok()?;
        bytes.get(..length)?.try_into().ok().map(Self)
    }

    fn from_output(output: &[u8]) -> Self {
        Self(output.try_into().expect("SHA-512 gives 64 bytes"))
    }
}

impl fmt::Debug for Sha512 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sha512({})", hex::encode(self.0))
    }
}

/// The SHA-256 digest of `bytes`, by which certificates are known.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes)
        .as_ref()
        .try_into()
        .expect("SHA-256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::{Sha512, sha256};

    /// FIPS 180-2, appendix C.1.
    const ABC: &str = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                       2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

    #[test]
    fn agrees_with_the_standard() {
        assert_eq!(hex::encode(Sha512::of(b"abc").as_bytes()), ABC);
        assert_eq!(Sha512::of_parts(&[b"a", b"", b"bc"]), Sha512::of(b"abc"));
        assert_eq!(
            hex::encode(sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn base64_is_read_in_its_one_form_only() {
        let digest = Sha512::of(b"abc");
        let text = digest.to_base64();
        assert_eq!(Sha512::from_base64(text.as_bytes()), Some(digest));
        // Digest bits end inside the last character: its two spare bits must be zero.
        assert!(text.ends_with("nw=="), "{text}");
        let spare_bits_set = text.replace("nw==", "nx==");
        assert_eq!(Sha512::from_base64(spare_bits_set.as_bytes()), None);
        assert_eq!(
            Sha512::from_base64(text.trim_end_matches('=').as_bytes()),
            None
        );
        assert_eq!(Sha512::from_base64(text.replace('=', "A").as_bytes()), None);
        assert_eq!(Sha512::from_base64(b""), None);
    }
}
