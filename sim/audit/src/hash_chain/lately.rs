//! Digests computed lately, by the digests that they were computed from.
//!
//! The messages of a batch hang in one tree, and their ways to its top are mostly the same. What
//! was hashed is compared in full, so what is remembered is what would be computed again.

use crate::digest::Digest;

/// Digests remembered of each sort: as many as the batches have that are open at a time.
const SLOTS: usize = 1_024;

/// What one reader computed of chains.
#[derive(Debug, Default)]
pub(crate) struct Lately {
    /// Inner nodes, by left and right.
    pub(super) nodes: Slots<2>,
    /// Result documents of signatures, by the top of the tree.
    pub(super) results: Slots<1>,
}

/// Digests over `N` digests. Where one is kept follows from what it was computed from, and the
/// latest takes the place of another.
#[derive(Debug)]
pub(super) struct Slots<const N: usize>(Vec<Option<([Digest; N], Digest)>>);

impl<const N: usize> Slots<N> {
    /// The digest over `from`, computed where it is not remembered.
    pub(super) fn get(
        &mut self,
        from: &[Digest; N],
        compute: impl FnOnce(&[Digest; N]) -> Digest,
    ) -> Digest {
        // Digests need no hashing to spread well.
        let place = from.iter().fold(0, |place: usize, digest| {
            let bytes = [digest[0], digest[1]];
            place.rotate_left(5) ^ usize::from(u16::from_le_bytes(bytes))
        });
        let slot = &mut self.0[place % SLOTS];
        match slot {
            Some((known, digest)) if known == from => *digest,
            _ => {
                let digest = compute(from);
                *slot = Some((*from, digest));
                digest
            }
        }
    }
}

impl<const N: usize> Default for Slots<N> {
    fn default() -> Self {
        Self(vec![None; SLOTS])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha512_of_parts;

    #[test]
    fn what_is_remembered_is_what_was_computed_from_the_same() {
        let mut slots = Slots::<2>::default();
        let mut computed = 0;
        let mut get = |from: &[Digest; 2]| {
            let digest = slots.get(from, |[left, right]| {
                computed += 1;
                sha512_of_parts(&[left, right])
            });
            assert_eq!(digest, sha512_of_parts(&[&from[0], &from[1]]));
        };
        // More pairs than slots, which differ in their last bytes only: all in one place.
        let pair = |number: u64| {
            let mut right = [7; 64];
            right[56..].copy_from_slice(&number.to_le_bytes());
            [[1; 64], right]
        };
        for number in 0..3 {
            get(&pair(number));
            get(&pair(number));
        }
        get(&pair(0));
        assert_eq!(computed, 4);
    }
}
