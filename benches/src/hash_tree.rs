//! The hash tree of a batch, and what each message takes from it.

use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::{HashChain, HashTree, Leaf, PairMemo, message_chain, verify_chain};

use crate::exchange;

/// The messages of a batch, digests known.
pub struct Batch {
    leaves: Vec<Leaf>,
    digests: Vec<Sha512>,
}

impl Batch {
    /// Prepares a batch of `messages`, at least one.
    #[must_use]
    pub fn new(messages: usize) -> Self {
        let leaves = exchange::leaves(messages);
        let digests = leaves.iter().map(Leaf::digest).collect();
        Self { leaves, digests }
    }

    /// The tree alone.
    ///
    /// # Panics
    ///
    /// When the batch is empty.
    #[must_use]
    pub fn tree(&self) -> HashTree {
        HashTree::build(&self.digests).expect("a batch has at least one message")
    }

    /// The tree, and from it a path and the two chain documents for every message.
    #[must_use]
    pub fn chains(&self) -> Vec<HashChain> {
        let tree = self.tree();
        let leaves = self.leaves.iter().enumerate();
        leaves
            .map(|(index, leaf)| message_chain(leaf, &tree.path(index)))
            .collect()
    }

    /// Verifies all `chains`, as a server does that nothing of the batch has reached yet; how many
    /// lead from their messages to their results.
    #[must_use]
    pub fn verify(&self, chains: &[HashChain]) -> usize {
        let memo = PairMemo::new();
        let pairs = chains.iter().zip(&self.leaves);
        pairs
            .filter(|(chain, leaf)| verify_chain(chain, leaf, &memo).is_ok())
            .count()
    }
}

#[cfg(test)]
mod tests {
    use sim_evidence::hash_chain::{ChainForm, PairMemo, verify_chain};

    use super::Batch;

    #[test]
    fn every_chain_leads_from_its_own_message_to_the_one_top() {
        let batch = Batch::new(5);
        let (tree, chains) = (batch.tree(), batch.chains());
        assert_eq!(chains.len(), 5);
        let top = tree.top().to_base64();
        for (index, chain) in chains.iter().enumerate() {
            let form = verify_chain(chain, &batch.leaves[index], &PairMemo::new()).unwrap();
            assert_eq!(form, ChainForm::Compact(tree.path(index)));
            assert!(std::str::from_utf8(&chain.result).unwrap().contains(&top));
            verify_chain(chain, &batch.leaves[(index + 1) % 5], &PairMemo::new()).unwrap_err();
        }
        assert_eq!(batch.verify(&chains), 5);
        assert_eq!(Batch::new(3).verify(&chains[2..]), 0);
    }
}
