//! What is kept of a message's body.

use bytes::Bytes;
use sim_evidence::digest::Sha512;

/// A message's body, as it is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoggedBody {
    /// The body.
    Whole(Bytes),
    /// Its digest alone: enough to verify the signature, and nothing that anybody could read.
    Digest(Sha512),
}

// === impl LoggedBody ===

impl LoggedBody {
    /// The digest of the body.
    #[must_use]
    pub fn digest(&self) -> Sha512 {
        match self {
            Self::Whole(body) => Sha512::of(body),
            Self::Digest(digest) => *digest,
        }
    }

    /// The body, where it was kept.
    #[must_use]
    pub const fn whole(&self) -> Option<&Bytes> {
        match self {
            Self::Whole(body) => Some(body),
            Self::Digest(_) => None,
        }
    }

    /// The bytes that go into the record.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(body) => body,
            Self::Digest(digest) => digest.as_bytes(),
        }
    }
}

impl From<Bytes> for LoggedBody {
    fn from(body: Bytes) -> Self {
        Self::Whole(body)
    }
}
