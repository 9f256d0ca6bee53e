//! A seeded shuffle of `0..size` that needs no memory and can be walked back.
//!
//! A Feistel network permutes the smallest power of two that holds the domain; a result outside
//! the domain is permuted again until it falls inside (cycle walking; Black and Rogaway, *Ciphers
//! with Arbitrary Finite Domains*, 2002). The domain fills more than half of the power of two, so
//! fewer than two walks are needed on average. This is shuffling, not cryptography.

/// Rounds of the network; four are where a Feistel network begins to look random.
const ROUNDS: usize = 4;

/// A bijection of `0..size` onto itself.
#[derive(Clone, Debug)]
pub(crate) struct Permutation {
    size: u64,
    keys: [u64; ROUNDS],
    /// Bits of the right half; the left half has as many or one more.
    right_bits: u32,
    right_mask: u64,
    left_mask: u64,
}

impl Permutation {
    /// The permutation of `0..size` that `keys` select; `size` is at most 2⁶³.
    pub(crate) fn new(size: u64, keys: [u64; ROUNDS]) -> Self {
        // Two bits at least, so that both halves have one.
        let bits = size.next_power_of_two().trailing_zeros().max(2);
        let right_bits = bits / 2;
        Self {
            size,
            keys,
            right_bits,
            right_mask: (1 << right_bits) - 1,
            left_mask: (1 << (bits - right_bits)) - 1,
        }
    }

    /// Where `index` goes.
    #[inline]
    pub(crate) fn apply(&self, index: u64) -> u64 {
        debug_assert!(index < self.size);
        let mut value = index;
        loop {
            value = self.forward(value);
            if value < self.size {
                return value;
            }
        }
    }

    /// What goes to `position`.
    #[inline]
    pub(crate) fn invert(&self, position: u64) -> u64 {
        debug_assert!(position < self.size);
        let mut value = position;
        loop {
            value = self.backward(value);
            if value < self.size {
                return value;
            }
        }
    }

    #[inline]
    fn forward(&self, value: u64) -> u64 {
        let (mut left, mut right) = (value >> self.right_bits, value & self.right_mask);
        for pair in self.keys.chunks_exact(2) {
            left ^= scramble(right, pair[0]) & self.left_mask;
            right ^= scramble(left, pair[1]) & self.right_mask;
        }
        left << self.right_bits | right
    }

    #[inline]
    fn backward(&self, value: u64) -> u64 {
        let (mut left, mut right) = (value >> self.right_bits, value & self.right_mask);
        for pair in self.keys.chunks_exact(2).rev() {
            right ^= scramble(left, pair[1]) & self.right_mask;
            left ^= scramble(right, pair[0]) & self.left_mask;
        }
        left << self.right_bits | right
    }
}

/// Spreads `value` over 64 bits under `key`; the same mixing as SplitMix64's, cut to one product
/// less.
#[inline]
pub(crate) fn scramble(value: u64, key: u64) -> u64 {
    let mut mixed = (value ^ key).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 29;
    mixed = mixed.wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed >> 32 ^ mixed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_place_is_taken_once_and_leads_back(size in 1_u64..3_000, keys: [u64; ROUNDS]) {
            let permutation = Permutation::new(size, keys);
            let mut taken = vec![false; usize::try_from(size).unwrap()];
            for index in 0..size {
                let position = permutation.apply(index);
                let place = &mut taken[usize::try_from(position).unwrap()];
                prop_assert!(!*place, "{} is taken twice", position);
                *place = true;
                prop_assert_eq!(permutation.invert(position), index);
            }
        }

        #[test]
        fn large_domains_lead_back(size in 1_u64..1 << 40, keys: [u64; ROUNDS], at: u64) {
            let permutation = Permutation::new(size, keys);
            let index = at % size;
            let position = permutation.apply(index);
            prop_assert!(position < size);
            prop_assert_eq!(permutation.invert(position), index);
        }
    }

    #[test]
    fn neighbours_are_scattered() {
        let permutation = Permutation::new(100_000, [1, 2, 3, 4]);
        let close = (1..100_000_u64)
            .filter(|&at| permutation.apply(at).abs_diff(permutation.apply(at - 1)) < 1_000)
            .count();
        // Two random places lie this close in 2 % of the cases.
        assert!(
            (1_500..2_500).contains(&close),
            "{close} of 100,000 neighbours stay close"
        );
    }
}
