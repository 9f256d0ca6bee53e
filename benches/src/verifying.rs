//! Verifying the messages of one batch, with more or less remembered.

use sim_evidence::hash_chain::Leaf;
use sim_evidence::signature::{SignatureError, SignatureVerifier, SignedBatch, Verified};

use crate::country::{Country, NOW};
use crate::exchange;

/// A signed batch, and an older one by the same signer.
pub struct Verifying {
    country: Country,
    leaves: Vec<Leaf>,
    batch: SignedBatch,
    older_leaf: Leaf,
    older: SignedBatch,
}

impl Verifying {
    /// Prepares a signed batch of `messages`.
    #[must_use]
    pub fn new(messages: usize) -> Self {
        let country = Country::new();
        let leaves = exchange::leaves(messages);
        let older_leaf = exchange::leaf(u64::MAX >> 32);
        let sign = |leaves: &[Leaf]| {
            country
                .signer
                .sign_batch(leaves, &country.ocsp_response, NOW)
        };
        Self {
            batch: sign(&leaves),
            older: sign(&[older_leaf]),
            country,
            leaves,
            older_leaf,
        }
    }

    /// A verifier that never met the signer.
    #[must_use]
    pub fn stranger(&self) -> SignatureVerifier {
        SignatureVerifier::new()
    }

    /// A verifier that knows the signer, its certificate and its OCSP response, from another
    /// batch.
    ///
    /// # Panics
    ///
    /// When the other batch does not verify.
    #[must_use]
    pub fn acquainted(&self) -> SignatureVerifier {
        let verifier = SignatureVerifier::new();
        let verified = self.verify(&verifier, &self.older, &self.older_leaf, 0);
        verified.expect("the older batch verifies");
        verifier
    }

    /// A verifier that has verified the first message of this batch.
    ///
    /// # Panics
    ///
    /// When that does not verify.
    #[must_use]
    pub fn informed(&self) -> SignatureVerifier {
        let verifier = self.acquainted();
        self.run(&verifier, 0).expect("the batch verifies");
        verifier
    }

    /// Verifies the message with this index, counted around the batch.
    ///
    /// # Errors
    ///
    /// None, unless something is broken.
    pub fn run(
        &self,
        verifier: &SignatureVerifier,
        index: usize,
    ) -> Result<Verified, SignatureError> {
        let index = index % self.leaves.len();
        self.verify(verifier, &self.batch, &self.leaves[index], index)
    }

    fn verify(
        &self,
        verifier: &SignatureVerifier,
        batch: &SignedBatch,
        leaf: &Leaf,
        index: usize,
    ) -> Result<Verified, SignatureError> {
        let message = &batch.messages[index];
        verifier.verify(
            &message.document,
            message.chain.as_ref(),
            leaf,
            &self.country.member,
            &self.country.anchors,
            NOW,
        )
    }
}

#[cfg(test)]
mod tests {
    use sim_evidence::hash_chain::ChainForm;

    use super::Verifying;

    #[test]
    fn every_verifier_accepts_the_message_and_refuses_it_under_another_signature() {
        let verifying = Verifying::new(3);
        for verifier in [
            verifying.stranger(),
            verifying.acquainted(),
            verifying.informed(),
        ] {
            for index in 0..4 {
                let verified = verifying.run(&verifier, index).unwrap();
                let path = verifying.batch.messages[index % 3].path.clone();
                assert_eq!(verified.chain_form, Some(ChainForm::Compact(path)));
            }
            let (other, leaf) = (&verifying.older, &verifying.leaves[0]);
            verifying.verify(&verifier, other, leaf, 0).unwrap_err();
        }
    }
}
