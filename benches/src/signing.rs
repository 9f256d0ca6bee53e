//! Signing a batch.

use sim_evidence::hash_chain::Leaf;
use sim_evidence::signature::SignedBatch;

use crate::country::{Country, NOW};
use crate::exchange;

/// A batch of messages that is to be signed.
pub struct Signing {
    country: Country,
    leaves: Vec<Leaf>,
}

impl Signing {
    /// Prepares a batch of `messages`.
    #[must_use]
    pub fn new(messages: usize) -> Self {
        Self {
            country: Country::new(),
            leaves: exchange::leaves(messages),
        }
    }

    /// Signs it: hash tree, one chain a message, one document with one signature.
    #[must_use]
    pub fn run(&self) -> SignedBatch {
        let Country {
            signer,
            ocsp_response,
            ..
        } = &self.country;
        signer.sign_batch(&self.leaves, ocsp_response, NOW)
    }
}

#[cfg(test)]
mod tests {
    use sim_evidence::signature::SignatureVerifier;

    use super::{NOW, Signing};

    #[test]
    fn every_message_of_the_batch_is_signed_and_no_other() {
        for messages in [1, 3] {
            let signing = Signing::new(messages);
            let batch = signing.run();
            assert_eq!(batch.messages.len(), messages);
            let country = &signing.country;
            let verify = |index: usize, leaf| {
                SignatureVerifier::new().verify(
                    &batch.document,
                    batch.messages[index].chain.as_ref(),
                    leaf,
                    &country.member,
                    &country.anchors,
                    NOW,
                )
            };
            for (index, leaf) in signing.leaves.iter().enumerate() {
                let verified = verify(index, leaf).unwrap();
                assert_eq!(verified.certificate, *country.signer.certificate());
            }
            let other = crate::exchange::leaf(1_000_000);
            verify(0, &other).unwrap_err();
        }
    }
}
