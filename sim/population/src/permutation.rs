//! A seeded shuffle of `0..size` that needs no memory and can be walked back.
//!
//! A Feistel network on two digits instead of two bit strings: an index is `left × columns +
//! right`, and each round adds to one digit, modulo its range, what the other one scrambles to. A
//! result outside the domain is permuted again until it falls inside (the generalised Feistel
//! cipher and cycle walking of Black and Rogaway, *Ciphers with Arbitrary Finite Domains*, 2002).
//! Rows and columns are both near the square root of the size, so that hardly anything falls
//! outside: a network on bits would walk twice where the size is just above a power of two.
//! This is shuffling, not cryptography.

/// Rounds of the network; four are where a Feistel network begins to look random.
const ROUNDS: usize = 4;

/// A bijection of `0..size` onto itself.
#[derive(Clone, Debug)]
pub(crate) struct Permutation {
    size: u64,
    keys: [u64; ROUNDS],
    /// Range of the left digit.
    rows: u64,
    /// Range of the right digit.
    columns: u64,
}

impl Permutation {
    /// The permutation of `0..size` that `keys` select; `size` is from 1 to 2⁶².
    pub(crate) fn new(size: u64, keys: [u64; ROUNDS]) -> Self {
        let root = size.isqrt();
        let columns = if root * root < size { root + 1 } else { root };
        Self {
            size,
            keys,
            rows: size.div_ceil(columns),
            columns,
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
        let (mut left, mut right) = (value / self.columns, value % self.columns);
        for pair in self.keys.chunks_exact(2) {
            left = plus(left, lot(scramble(right, pair[0]), self.rows), self.rows);
            right = plus(
                right,
                lot(scramble(left, pair[1]), self.columns),
                self.columns,
            );
        }
        left * self.columns + right
    }

    #[inline]
    fn backward(&self, value: u64) -> u64 {
        let (mut left, mut right) = (value / self.columns, value % self.columns);
        for pair in self.keys.chunks_exact(2).rev() {
            right = minus(
                right,
                lot(scramble(left, pair[1]), self.columns),
                self.columns,
            );
            left = minus(left, lot(scramble(right, pair[0]), self.rows), self.rows);
        }
        left * self.columns + right
    }
}

/// A number below `range` (at most 2³²) from 64 scrambled bits, without a division.
#[inline]
pub(crate) const fn lot(scrambled: u64, range: u64) -> u64 {
    ((scrambled >> 32) * range) >> 32
}

/// `a + b` modulo `range`, where both are below it.
#[inline]
const fn plus(a: u64, b: u64, range: u64) -> u64 {
    let sum = a + b;
    if sum >= range { sum - range } else { sum }
}

/// `a − b` modulo `range`, where both are below it.
#[inline]
const fn minus(a: u64, b: u64, range: u64) -> u64 {
    if a >= b { a - b } else { a + range - b }
}

/// Spreads `value` over 64 bits under `key`, in the manner of SplitMix64.
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
