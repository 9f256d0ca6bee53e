//! The signature documents that wait for a time-stamp: a sequence and a digest each.

use std::collections::VecDeque;

use sim_evidence::digest::Sha512;

use crate::record::TimeStampRecord;

/// Signature documents that no token covers yet, in the order of their records.
#[derive(Debug, Default)]
pub(crate) struct Unstamped {
    /// Where the next batch begins: behind the last one.
    next_first: u64,
    waiting: VecDeque<(u64, Sha512)>,
}

/// The documents that one token shall cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) leaves: Vec<Sha512>,
}

impl Unstamped {
    pub(crate) fn push(&mut self, sequence: u64, document: Sha512) {
        self.waiting.push_back((sequence, document));
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The oldest `limit` documents at most; `None` where nothing waits.
    pub(crate) fn batch(&self, limit: usize) -> Option<Batch> {
        let count = self.waiting.len().min(limit);
        let (last, _) = *self.waiting.get(count.checked_sub(1)?)?;
        let leaves = self
            .waiting
            .iter()
            .take(count)
            .map(|(_, document)| *document)
            .collect();
        Some(Batch {
            first: self.next_first,
            last,
            leaves,
        })
    }

    /// The document that waits longest behind `after`, alone; its batch begins right behind the
    /// document before it.
    pub(crate) fn single_behind(&self, after: Option<u64>) -> Option<Batch> {
        let at = after.map_or(0, |after| {
            self.waiting
                .partition_point(|(sequence, _)| *sequence <= after)
        });
        let (last, document) = *self.waiting.get(at)?;
        let first = match at.checked_sub(1) {
            None => self.next_first,
            Some(before) => self.waiting[before].0 + 1,
        };
        Some(Batch {
            first,
            last,
            leaves: vec![document],
        })
    }

    /// The sequence of a document that waits.
    pub(crate) fn sequence_of(&self, document: &Sha512) -> Option<u64> {
        let mut waiting = self.waiting.iter();
        let found = waiting.find(|(_, digest)| digest == document);
        found.map(|(sequence, _)| *sequence)
    }

    /// The document that came last.
    pub(crate) fn last(&self) -> Option<u64> {
        self.waiting.back().map(|(sequence, _)| *sequence)
    }

    /// Whether a token for this batch is the one that is due.
    pub(crate) fn is_next(&self, stamp: &TimeStampRecord) -> bool {
        stamp.first == self.next_first
    }

    /// Takes out what a token covers.
    pub(crate) fn cover(&mut self, stamp: &TimeStampRecord) {
        while self
            .waiting
            .front()
            .is_some_and(|(sequence, _)| *sequence <= stamp.last)
        {
            self.waiting.pop_front();
        }
        self.next_first = stamp.last.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use sim_clock::UtcTime;

    use super::*;

    fn stamp(batch: &Batch) -> TimeStampRecord {
        TimeStampRecord {
            stamped_at: UtcTime::from_millis(0),
            first: batch.first,
            last: batch.last,
            count: u32::try_from(batch.leaves.len()).unwrap(),
            token: Bytes::new(),
        }
    }

    #[test]
    fn batches_follow_each_other_without_gaps() {
        let mut unstamped = Unstamped::default();
        assert_eq!(unstamped.batch(10), None);
        let digests: Vec<Sha512> = (0..5_u8).map(|index| Sha512::of(&[index])).collect();
        for (digest, sequence) in digests.iter().zip([0, 3, 4, 9, 11]) {
            unstamped.push(sequence, *digest);
        }
        let first = unstamped.batch(3).unwrap();
        assert_eq!(
            first,
            Batch {
                first: 0,
                last: 4,
                leaves: digests[..3].to_vec()
            }
        );
        assert!(unstamped.is_next(&stamp(&first)));
        unstamped.cover(&stamp(&first));
        assert!(!unstamped.is_next(&stamp(&first)));
        let second = unstamped.batch(3).unwrap();
        assert_eq!(
            second,
            Batch {
                first: 5,
                last: 11,
                leaves: digests[3..].to_vec()
            }
        );
        unstamped.cover(&stamp(&second));
        assert_eq!((unstamped.len(), unstamped.batch(3)), (0, None));
    }
}
