//! What proves a message: its signature's chain and the time-stamp over the signature.

use sim_evidence::container::ContainerParts;
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::{HashChain, HashTree, Leaf, message_chain, time_stamp_chain};

use crate::reader::{LogReader, ReadError, StoredMessage};
use crate::record::{
    LoggedBody, LoggedChain, MessageRecord, SIGNATURE, TIME_STAMP, TimeStampRecord,
};

impl LogReader {
    /// What a container of evidence for this message holds; no attachment where the log kept no
    /// bodies.
    ///
    /// # Errors
    /// Where no token covers the message's signature yet, or the log is damaged.
    pub fn container_parts(&self, message: &StoredMessage) -> Result<ContainerParts, ReadError> {
        let sequence = message.signature_sequence;
        let stamp = self.stamp_over(sequence)?;
        let leaves = self.leaves_of(&stamp)?;
        let unstamped = ReadError::Unstamped { sequence };
        let tree = HashTree::build(&leaves.iter().map(|leaf| leaf.1).collect::<Vec<_>>());
        let index = leaves.iter().position(|leaf| leaf.0 == sequence);
        let (Some(tree), Some(index)) = (tree, index) else {
            return Err(unstamped);
        };
        let record = &message.record;
        Ok(ContainerParts {
            message: record.head.clone(),
            attachment: record.body.as_ref().and_then(LoggedBody::whole).cloned(),
            signature_document: record.signature.clone(),
            signature_chain: record.chain_documents(),
            time_stamp_chain: time_stamp_chain(leaves[index].1, &tree.path(index)),
            time_stamp_token: stamp.1.token,
        })
    }

    /// The time-stamp record that covers a signature, and its sequence.
    fn stamp_over(&self, signature: u64) -> Result<(u64, TimeStampRecord), ReadError> {
        for record in self.records_from(self.segment_with(signature)) {
            let record = record?;
            let sequence = record.position.sequence;
            if sequence < signature || record.kind != TIME_STAMP {
                continue;
            }
            let stamp = TimeStampRecord::decode(record.payload.into())
                .map_err(|source| ReadError::Foreign { sequence, source })?;
            if (stamp.first..=stamp.last).contains(&signature) {
                return Ok((sequence, stamp));
            }
        }
        Err(ReadError::Unstamped {
            sequence: signature,
        })
    }

    /// Sequence and digest of every signature document of a batch.
    fn leaves_of(
        &self,
        (sequence, stamp): &(u64, TimeStampRecord),
    ) -> Result<Vec<(u64, Sha512)>, ReadError> {
        let mut leaves = Vec::new();
        for record in self.records_from(self.segment_with(stamp.first)) {
            let record = record?;
            let at = record.position.sequence;
            if at > stamp.last {
                break;
            }
            if at >= stamp.first && record.kind == SIGNATURE {
                leaves.push((at, Sha512::of(&record.payload)));
            }
        }
        if u32::try_from(leaves.len()) != Ok(stamp.count) {
            return Err(ReadError::WrongBatch {
                sequence: *sequence,
            });
        }
        Ok(leaves)
    }
}

// === impl MessageRecord ===

impl MessageRecord {
    /// The two documents that lead from the signature to this message; a compact chain is written
    /// out again, byte for byte.
    #[must_use]
    pub fn chain_documents(&self) -> Option<HashChain> {
        match self.chain.as_ref()? {
            LoggedChain::Verbatim(chain) => Some(chain.clone()),
            LoggedChain::Compact(path) => {
                let leaf = Leaf {
                    message: Sha512::of(&self.head),
                    attachment: self.body.as_ref().map(LoggedBody::digest),
                };
                Some(message_chain(&leaf, path))
            }
        }
    }
}
