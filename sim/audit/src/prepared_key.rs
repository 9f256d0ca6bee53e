//! ECDSA on P-256 by keys that sign often.
//!
//! A gateway signs tens of thousands of times with one key. Once the multiples of that key by
//! every digit at every place are at hand, and those of the base point, the two products of the
//! verification equation are sums of table entries, without the 256 doublings that a key met for
//! the first time costs. Arithmetic is the library's, with its complete addition formulas; all of
//! it is public, so how long it takes may depend on what it is.

use std::sync::LazyLock;

use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::BatchNormalize;
use p256::elliptic_curve::ops::{Invert, Reduce};
use p256::elliptic_curve::point::AffineCoordinates;
use p256::{AffinePoint, FieldBytes, ProjectivePoint, Scalar};

use crate::digest::{Digest, half};

/// Digits of a scalar: its bytes.
const PLACES: usize = 32;

/// What a digit can be, other than zero.
const DIGITS: usize = 255;

/// A public key with its multiples, some 600 kilobytes.
pub(crate) struct PreparedKey(Multiples);

/// Multiples of a point: by each digit at the lowest place, then at the next, and so on.
struct Multiples(Vec<AffinePoint>);

static BASE_POINT: LazyLock<Multiples> =
    LazyLock::new(|| Multiples::of(ProjectivePoint::GENERATOR));

// === impl PreparedKey ===

impl PreparedKey {
    pub(crate) fn new(key: &VerifyingKey) -> Self {
        Self(Multiples::of(ProjectivePoint::from(*key.as_affine())))
    }

    /// Verifies r and s as XML signatures have them: one after another, 32 bytes each.
    pub(crate) fn verifies_raw(&self, digest: &Digest, signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.verifies(digest, &signature))
    }

    /// Verifies a signature over a digest, of which as many bits count as the curve has (FIPS
    /// 186-5, section 6.4.2).
    fn verifies(&self, digest: &Digest, signature: &Signature) -> bool {
        let (r, s) = signature.split_scalars();
        let inverse = *s.invert_vartime();
        let digest = Scalar::reduce(&FieldBytes::from(half(digest)));
        let mut sum = ProjectivePoint::IDENTITY;
        BASE_POINT.add_product(&(digest * inverse), &mut sum);
        self.0.add_product(&(*r * inverse), &mut sum);
        // The identity has no such coordinate; zero stands for it, and r is never zero.
        Scalar::reduce(&sum.to_affine().x()) == *r
    }
}

// === impl Multiples ===

impl Multiples {
    fn of(point: ProjectivePoint) -> Self {
        let mut multiples = Vec::with_capacity(PLACES * DIGITS);
        let mut at_place = point;
        for _ in 0..PLACES {
            let mut multiple = at_place;
            for _ in 0..DIGITS {
                multiples.push(multiple);
                multiple += at_place;
            }
            at_place = multiple;
        }
        Self(ProjectivePoint::batch_normalize(multiples.as_slice()))
    }

    /// Adds the product of the point and `scalar` to `sum`.
    fn add_product(&self, scalar: &Scalar, sum: &mut ProjectivePoint) {
        let digits = scalar.to_bytes();
        for (digit, multiples) in digits.iter().rev().zip(self.0.chunks_exact(DIGITS)) {
            if let Some(index) = usize::from(*digit).checked_sub(1) {
                *sum += multiples[index];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::SigningKey;
    use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
    use p256::elliptic_curve::PrimeField as _;

    use super::*;
    use crate::digest::sha512;

    fn signing_key(number: u8) -> SigningKey {
        SigningKey::from_bytes(&FieldBytes::from([number; 32])).unwrap()
    }

    /// A digest that begins like this.
    fn longer(beginning: [u8; 32]) -> Digest {
        let mut digest = [0x5a; 64];
        digest[..32].copy_from_slice(&beginning);
        digest
    }

    /// Both ways to verify; they must agree.
    fn verifies(key: &VerifyingKey, digest: &Digest, signature: &Signature) -> bool {
        let prepared = PreparedKey::new(key).verifies(digest, signature);
        assert_eq!(prepared, key.verify_prehash(digest, signature).is_ok());
        prepared
    }

    #[test]
    fn products_are_those_of_the_library() {
        let point = ProjectivePoint::GENERATOR * Scalar::from(7u64);
        let multiples = Multiples::of(point);
        let large = Scalar::reduce(&FieldBytes::from([0xfe; 32]));
        let scalars = [0, 1, 2, 255, 256, 257, 65_535, u64::MAX].map(Scalar::from);
        for scalar in scalars.into_iter().chain([large, -Scalar::ONE, -large]) {
            let mut product = ProjectivePoint::IDENTITY;
            multiples.add_product(&scalar, &mut product);
            assert_eq!(product, point * scalar);
            // The same points added and taken away meet the special cases of addition.
            multiples.add_product(&-scalar, &mut product);
            assert_eq!(product, ProjectivePoint::IDENTITY);
        }
    }

    #[test]
    fn signatures_verify_as_by_the_library() {
        for number in 1..6 {
            let signer = signing_key(number);
            let key = signer.verifying_key();
            let digest = sha512(&[number]);
            let signature: Signature = signer.sign_prehash(&digest).unwrap();
            assert!(verifies(key, &digest, &signature));
            assert!(!verifies(key, &sha512(b"another message"), &signature));
            assert!(!verifies(
                signing_key(number + 1).verifying_key(),
                &digest,
                &signature
            ));
            let bytes = signature.to_bytes();
            for place in 0..bytes.len() {
                let mut changed = bytes;
                changed[place] ^= 1;
                if let Ok(changed) = Signature::from_bytes(&changed) {
                    assert!(!verifies(key, &digest, &changed), "byte {place}");
                }
            }
        }
    }

    #[test]
    fn special_digests_and_signatures_are_no_exception() {
        let signer = signing_key(9);
        let key = signer.verifying_key();
        let order_less_one = (-Scalar::ONE).to_repr();
        for digest in [[0; 32], [0xff; 32], order_less_one.into()] {
            let digest = longer(digest);
            let signature: Signature = signer.sign_prehash(&digest).unwrap();
            assert!(verifies(key, &digest, &signature));
        }
        let one = Scalar::ONE.to_repr();
        for (r, s) in [(one, one), (one, order_less_one), (order_less_one, one)] {
            let signature = Signature::from_scalars(r, s).unwrap();
            assert!(!verifies(key, &sha512(b"message"), &signature));
        }
        // Here u1·G and u2·Q cancel: the sum is the identity. With Q = d·G and s free, it takes
        // z = -r·d.
        let secret = signer.as_nonzero_scalar();
        let r = Scalar::from(5u64);
        let digest = longer((-(r * secret.as_ref())).to_repr().into());
        let signature = Signature::from_scalars(r.to_repr(), one).unwrap();
        assert!(!verifies(key, &digest, &signature));
    }
}
