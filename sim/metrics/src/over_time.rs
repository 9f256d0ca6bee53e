//! How long answers took, and when: the durations of each slice of time, counted by their length.
//!
//! However long a load is, it has at most [`MAX_SLICES`] slices: where there would be more,
//! neighbours are put together, and each slice is twice as long from then on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most slices that are kept.
pub const MAX_SLICES: usize = 600;
/// Bins for each factor of ten.
pub const BINS_PER_DECADE: u32 = 10;
/// Bins there are at most; longer durations count in the last one, which ends at an hour.
pub const MAX_BINS: usize = 97;

/// Durations by the slice of time in which they ended, without gaps from the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimesOverTime {
    /// Length of a slice in whole seconds; the last one may not have been whole.
    pub slice_s: u64,
    /// The slices, in order; the first begins with the load.
    pub slices: Vec<TimesSlice>,
}

/// The durations that ended in one slice of time.
///
/// A bin holds what took longer than the bin before ends, up to its own end: bin `n` ends at
/// `10^(n / 10)` microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimesSlice {
    /// Number of the first bin that is counted here.
    pub first_bin: u32,
    /// How many fell into it and into those that follow; empty where nothing ended.
    pub counts: Vec<u64>,
}

// === impl TimesOverTime ===

impl TimesOverTime {
    /// True where no time has passed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.slices.is_empty()
    }

    /// Adds what ended in second `at_s` since the beginning: durations in microseconds, each with
    /// how many there were. Seconds that were left out count as empty ones.
    pub fn add_second(&mut self, at_s: u64, durations: impl IntoIterator<Item = (u64, u64)>) {
        self.slice_s = self.slice_s.max(1);
        while at_s / self.slice_s >= MAX_SLICES as u64 {
            self.halve();
        }
        // Below the limit, so it is an index.
        let index = (at_s / self.slice_s) as usize;
        if self.slices.len() <= index {
            self.slices.resize(index + 1, TimesSlice::default());
        }
        for (us, count) in durations {
            self.slices[index].add(bin_of(us), count);
        }
    }

    /// Puts neighbours together; each slice is then twice as long.
    fn halve(&mut self) {
        self.slice_s *= 2;
        let pairs = self.slices.chunks(2).map(TimesSlice::together);
        self.slices = pairs.collect();
    }
}

// === impl TimesSlice ===

impl TimesSlice {
    /// Bins that are counted here, by number, with their counts.
    pub fn bins(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let counts = (0..).zip(self.counts.iter().copied());
        // Only a record that nobody wrote has numbers so high.
        counts.map(|(index, count)| (self.first_bin.saturating_add(index), count))
    }

    fn add(&mut self, bin: u32, count: u64) {
        if count == 0 {
            return;
        }
        if self.counts.is_empty() {
            self.first_bin = bin;
        }
        if bin < self.first_bin {
            let missing = (self.first_bin - bin) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, missing));
            self.first_bin = bin;
        }
        let index = (bin - self.first_bin) as usize;
        if self.counts.len() <= index {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] = self.counts[index].saturating_add(count);
    }

    fn together(slices: &[Self]) -> Self {
        let mut sum = Self::default();
        for (bin, count) in slices.iter().flat_map(Self::bins) {
            sum.add(bin, count);
        }
        sum
    }
}

/// End of the bin of that number, in microseconds.
#[must_use]
pub fn bin_end_us(bin: u32) -> f64 {
    10_f64.powf(f64::from(bin) / f64::from(BINS_PER_DECADE))
}

/// Number of the bin that holds this duration.
fn bin_of(us: u64) -> u32 {
    // Logarithms of whole powers are whole, so that their bins end there.
    let bin = ((us.max(1) as f64).log10() * f64::from(BINS_PER_DECADE)).ceil();
    (bin as u32).min(MAX_BINS as u32 - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn total(times: &TimesOverTime) -> u64 {
        let counts = times.slices.iter().flat_map(|slice| &slice.counts);
        counts.sum()
    }

    #[test]
    fn a_bin_ends_where_the_next_begins() {
        let bins = [0, 1, 2, 1_000, 1_001, 3_600_000_000, u64::MAX].map(bin_of);
        assert_eq!(bins, [0, 0, 4, 30, 31, 96, 96]);
        assert!(bin_end_us(96) > 3.6e9);
        assert!((bin_end_us(30) - 1_000.0).abs() < 1e-6);
    }

    #[test]
    fn seconds_are_slices_until_there_are_too_many() {
        let mut times = TimesOverTime::default();
        times.add_second(0, [(1_000, 7), (10, 1)]);
        times.add_second(3, [(1_000_000, 2)]);
        assert_eq!((times.slice_s, times.slices.len()), (1, 4));
        assert_eq!(times.slices[0].first_bin, 10);
        assert_eq!(times.slices[0].counts.len(), 21);
        assert_eq!(times.slices[1], TimesSlice::default());
        times.add_second(MAX_SLICES as u64, [(1_000, 1)]);
        assert_eq!((times.slice_s, times.slices.len()), (2, 301));
        assert_eq!(total(&times), 11);
    }

    #[test]
    fn a_load_of_a_year_stays_small() {
        let mut times = TimesOverTime::default();
        times.add_second(365 * 86_400, [(1, 1), (u64::MAX, 1)]);
        assert!(times.slices.len() <= MAX_SLICES);
        assert_eq!(
            times.slices.last().map(|slice| slice.counts.len()),
            Some(MAX_BINS)
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_everything_is_in_its_slice(ended in prop::collection::vec((0_u64..5_000, 0_u64..9_000_000_000), 0..200)) {
            let mut times = TimesOverTime::default();
            let mut seconds = ended.clone();
            seconds.sort_unstable();
            for (at_s, us) in &seconds {
                times.add_second(*at_s, [(*us, 1)]);
            }
            prop_assert_eq!(total(&times), ended.len() as u64);
            prop_assert!(times.slices.len() <= MAX_SLICES);
            for (at_s, us) in ended {
                let slice = &times.slices[(at_s / times.slice_s) as usize];
                prop_assert!(slice.bins().any(|(bin, count)| bin == bin_of(us) && count > 0));
            }
        }
    }
}
