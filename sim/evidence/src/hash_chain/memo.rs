//! Digests of pairs that were computed already.
//!
//! The messages of a batch arrive one by one, and the paths of all lead through the same inner
//! nodes. The digest of a pair is a fact that nobody can change, so it can be remembered without
//! a look at whose batch it was in.

use parking_lot::Mutex;

use super::tree::digest_pair;
use crate::digest::Sha512;

/// Pairs that are remembered: the inner nodes of some ten batches of 256; 192 bytes each.
const SLOTS: usize = 4096;

/// Remembers the digests of pairs, a bounded number of them.
///
/// Two pairs that share a slot displace each other, so neither chance nor malice makes looking
/// one up any slower.
pub struct PairMemo {
    slots: Mutex<Vec<Option<Pair>>>,
}

struct Pair {
    left: Sha512,
    right: Sha512,
    digest: Sha512,
}

// === impl PairMemo ===

impl PairMemo {
    /// A memo that remembers nothing yet; memory is taken once there is something.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            slots: Mutex::new(Vec::new()),
        }
    }

    /// The digest list of two.
    pub(super) fn digest(&self, left: &Sha512, right: &Sha512) -> Sha512 {
        let slot = slot_of(left, right);
        let mut slots = self.slots.lock();
        if slots.is_empty() {
            slots.resize_with(SLOTS, || None);
        }
        if let Some(pair) = &slots[slot]
            && pair.left == *left
            && pair.right == *right
        {
            return pair.digest;
        }
        let digest = digest_pair(left, right);
        slots[slot] = Some(Pair {
            left: *left,
            right: *right,
            digest,
        });
        digest
    }
}

impl Default for PairMemo {
    fn default() -> Self {
        Self::new()
    }
}

/// Digests are as good as random; some of their bits are as good as any hash of them.
fn slot_of(left: &Sha512, right: &Sha512) -> usize {
    let bits = |digest: &Sha512| {
        usize::from(u16::from_le_bytes([
            digest.as_bytes()[0],
            digest.as_bytes()[1],
        ]))
    };
    (bits(left) ^ bits(right).rotate_left(5)) % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_would_be_computed() {
        let memo = PairMemo::new();
        let digests: Vec<Sha512> = (0..120_u8).map(|byte| Sha512::of(&[byte])).collect();
        // More pairs than slots, twice, and in both orders: some are displaced, none confused.
        for _ in 0..2 {
            for left in &digests {
                for right in &digests {
                    assert_eq!(memo.digest(left, right), digest_pair(left, right));
                }
            }
        }
        assert_eq!(memo.slots.lock().len(), SLOTS);
    }
}
