//! Which signatures of a log are time-stamped.

/// Batches of a log, in order.
#[derive(Debug, Default)]
pub(crate) struct Stamped {
    batches: Vec<Batch>,
}

/// Batches that follow one another and have the same to say: one or two in a run without faults,
/// however many tokens it took.
#[derive(Debug)]
struct Batch {
    first: u64,
    last: u64,
    proven: bool,
}

/// What is known of one signature's time-stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamping {
    /// A token covers it and verifies.
    Proven,
    /// A token covers it that does not verify.
    Unproven,
    /// No token covers it.
    None,
}

impl Stamped {
    /// Adds a batch of the sequences `first` to `last`.
    pub(crate) fn add(&mut self, first: u64, last: u64, proven: bool) {
        let follows = self.next_first() == first && last >= first;
        match self.batches.last_mut() {
            Some(before) if follows && before.proven == proven => before.last = last,
            _ => self.batches.push(Batch {
                first,
                last,
                proven,
            }),
        }
    }

    /// After the last batch: makes the batches searchable.
    pub(crate) fn finish(&mut self) {
        self.batches.sort_by_key(|batch| batch.first);
    }

    /// The sequence that the next batch must begin with.
    pub(crate) fn next_first(&self) -> u64 {
        self.batches
            .last()
            .map_or(0, |batch| batch.last.saturating_add(1))
    }

    /// The time-stamp of the signature record with this sequence.
    pub(crate) fn of(&self, sequence: u64) -> Stamping {
        let end = self
            .batches
            .partition_point(|batch| batch.first <= sequence);
        match self.batches[..end].last() {
            Some(batch) if sequence <= batch.last && batch.proven => Stamping::Proven,
            Some(batch) if sequence <= batch.last => Stamping::Unproven,
            _ => Stamping::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_found_in_their_batches() {
        let mut stamped = Stamped::default();
        assert_eq!(stamped.next_first(), 0);
        assert_eq!(stamped.of(0), Stamping::None);
        stamped.add(0, 9, true);
        stamped.add(20, 29, false);
        stamped.finish();
        assert_eq!(stamped.next_first(), 30);
        let found = [0, 9, 10, 19, 20, 29, 30].map(|sequence| stamped.of(sequence));
        let [proven, unproven, none] = [Stamping::Proven, Stamping::Unproven, Stamping::None];
        assert_eq!(
            found,
            [proven, proven, none, none, unproven, unproven, none]
        );
    }
}
