//! Which signature documents were stored lately, so that one shared by a batch is stored once.
//!
//! Found by CRC-32C, which costs next to nothing, and then compared in full: two documents are
//! never taken for one, whatever their checksums.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

/// Documents remembered at most. A batch's messages arrive close together.
const MAX_DOCUMENTS: usize = 512;
/// Their bytes at most.
const MAX_BYTES: usize = 8 << 20;
/// Documents that are known by where they are in memory: those of the batches under way.
const MAX_HELD: usize = 8;

/// Signature documents stored lately and the sequences of their records.
#[derive(Debug, Default)]
pub(crate) struct SignatureCache {
    /// By checksum; of two documents with one checksum, only the later is remembered.
    documents: BTreeMap<u32, Stored>,
    /// The documents that were asked for last, kept in memory, so that another message with the
    /// same bytes in the same place needs no look at them.
    held: VecDeque<(Bytes, u64)>,
    /// Checksums and sequences in the order of storing, for eviction.
    order: VecDeque<(u32, u64)>,
    bytes: usize,
}

#[derive(Debug)]
struct Stored {
    sequence: u64,
    /// A copy: the caller's bytes may be a small slice that keeps a large message in memory.
    document: Box<[u8]>,
}

impl SignatureCache {
    /// The sequence of the record that holds exactly this document.
    pub(crate) fn find(&mut self, document: &Bytes) -> Option<u64> {
        if let Some((_, sequence)) = self.held.iter().find(|(held, _)| is_same(held, document)) {
            return Some(*sequence);
        }
        let stored = self.documents.get(&crc32c::crc32c(document))?;
        let sequence = (*stored.document == *document).then_some(stored.sequence)?;
        self.hold(document, sequence);
        Some(sequence)
    }

    fn hold(&mut self, document: &Bytes, sequence: u64) {
        if self.held.len() == MAX_HELD {
            self.held.pop_front();
        }
        self.held.push_back((document.clone(), sequence));
    }

    /// Remembers a document that was stored as record `sequence`.
    pub(crate) fn insert(&mut self, document: &[u8], sequence: u64) {
        let checksum = crc32c::crc32c(document);
        self.bytes += document.len();
        let stored = Stored {
            sequence,
            document: document.into(),
        };
        if let Some(replaced) = self.documents.insert(checksum, stored) {
            self.bytes -= replaced.document.len();
        }
        self.order.push_back((checksum, sequence));
        while self.order.len() > MAX_DOCUMENTS || self.bytes > MAX_BYTES {
            let Some((checksum, sequence)) = self.order.pop_front() else {
                break;
            };
            self.evict(checksum, sequence);
        }
    }

    fn evict(&mut self, checksum: u32, sequence: u64) {
        // The entry may since belong to a later document.
        if self
            .documents
            .get(&checksum)
            .is_some_and(|stored| stored.sequence == sequence)
            && let Some(stored) = self.documents.remove(&checksum)
        {
            self.bytes -= stored.document.len();
        }
    }
}

/// Whether both are the same bytes in the same place. Neither is freed meanwhile, so nothing else
/// can have taken their place.
fn is_same(one: &Bytes, other: &Bytes) -> bool {
    one.len() == other.len() && one.as_ptr() == other.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_stored_lately_and_forgets_the_oldest() {
        let mut cache = SignatureCache::default();
        let document = |index: usize| Bytes::from(format!("document {index}"));
        for index in 0..=MAX_DOCUMENTS {
            cache.insert(&document(index), index as u64);
        }
        assert_eq!(cache.find(&document(0)), None);
        assert_eq!(cache.find(&document(1)), Some(1));
        assert_eq!(
            cache.find(&document(MAX_DOCUMENTS)),
            Some(MAX_DOCUMENTS as u64)
        );
        assert_eq!(cache.find(&Bytes::from_static(b"another")), None);
    }

    #[test]
    fn one_checksum_for_two_documents_does_not_confuse_them() {
        let mut cache = SignatureCache::default();
        cache.insert(b"one", 1);
        let stored = cache.documents.pop_first().unwrap().1;
        cache.documents.insert(crc32c::crc32c(b"two"), stored);
        assert_eq!(cache.find(&Bytes::from_static(b"two")), None);
    }

    #[test]
    fn memory_is_bounded_by_bytes_too() {
        let mut cache = SignatureCache::default();
        for index in 0..20 {
            cache.insert(&vec![index; MAX_BYTES / 10], u64::from(index));
            assert!(cache.bytes <= MAX_BYTES);
        }
        assert_eq!(cache.documents.len(), 10);
    }
}
