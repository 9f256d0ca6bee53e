//! Durations: recording them, and what is said about them afterwards.
//!
//! Values are kept in microseconds with three significant digits by `hdrhistogram`; sum and
//! maximum are kept exactly. Percentiles of several histograms come from merging, never averaging.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest duration told apart; longer ones count as this one.
pub const LONGEST: Duration = Duration::from_secs(3_600);

/// Bars of a distribution for each factor of ten.
const BARS_PER_DECADE: u32 = 20;

/// Points of a spectrum for each factor of ten in what lies beyond them.
const POINTS_PER_DECADE: u32 = 16;
/// Durations that must lie beyond a point of a spectrum: fewer are an accident.
pub const MIN_BEYOND: u64 = 10;

const LONGEST_US: u64 = 3_600_000_000;
const SIGNIFICANT_DIGITS: u8 = 3;

/// Durations from a microsecond to [`LONGEST`].
#[derive(Clone, Debug)]
pub struct Histogram {
    values: hdrhistogram::Histogram<u64>,
    sum_us: u64,
    max_us: u64,
}

/// What is said of many durations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HistogramSummary {
    /// How many there are; the rest is zero where none is.
    pub count: u64,
    /// Arithmetic mean.
    pub mean_us: f64,
    /// Median.
    pub p50_us: u64,
    /// 90th percentile.
    pub p90_us: u64,
    /// 99th percentile.
    pub p99_us: u64,
    /// 99.9th percentile.
    pub p999_us: u64,
    /// Longest.
    pub max_us: u64,
    /// Counts by duration on a logarithmic scale, for drawing; without gaps, in order.
    pub distribution: Vec<DistributionBar>,
    /// Percentiles for drawing, from the shortest up to the last that has ten durations beyond it;
    /// empty where there are too few, and in records of versions that did not keep them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spectrum: Vec<SpectrumPoint>,
}

/// One percentile of a spectrum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpectrumPoint {
    /// The part of all durations that is longer, above 0 and up to 1; each point has the same
    /// fraction of the one before.
    pub beyond: f64,
    /// What the others do not exceed.
    pub us: u64,
}

/// One bar of a distribution: the durations above the bar before and up to this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DistributionBar {
    /// Upper end, inclusive.
    pub up_to_us: u64,
    /// How many fall into it.
    pub count: u64,
}

// === impl Histogram ===

impl Histogram {
    /// Empty.
    #[must_use]
    pub fn new() -> Self {
        let values = hdrhistogram::Histogram::new_with_bounds(1, LONGEST_US, SIGNIFICANT_DIGITS)
            .expect("1 <= low, 2 * low <= high, and three digits are within the library's bounds");
        Self {
            values,
            sum_us: 0,
            max_us: 0,
        }
    }

    /// Records one duration, cut to whole microseconds.
    pub fn record(&mut self, duration: Duration) {
        self.record_many(duration, 1);
    }

    /// Records one duration as often as `count` says.
    pub fn record_many(&mut self, duration: Duration, count: u64) {
        if count == 0 {
            return;
        }
        let us = u64::try_from(duration.as_micros())
            .unwrap_or(LONGEST_US)
            .min(LONGEST_US);
        self.values.saturating_record_n(us, count);
        self.sum_us = self.sum_us.saturating_add(us.saturating_mul(count));
        self.max_us = self.max_us.max(us);
    }

    /// Adds everything `other` recorded.
    pub fn merge(&mut self, other: &Self) {
        self.values
            .add(&other.values)
            .expect("both have the same bounds");
        self.sum_us = self.sum_us.saturating_add(other.sum_us);
        self.max_us = self.max_us.max(other.max_us);
    }

    /// How many were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.values.len()
    }

    /// The smallest duration, in microseconds, that at least `quantile` (0 to 1) of all do not
    /// exceed, within 0.1 %; zero where nothing was recorded.
    #[must_use]
    pub fn quantile_us(&self, quantile: f64) -> u64 {
        self.values.value_at_quantile(quantile).min(self.max_us)
    }

    /// What is said of them.
    #[must_use]
    pub fn summary(&self) -> HistogramSummary {
        let count = self.count();
        HistogramSummary {
            count,
            mean_us: if count == 0 {
                0.0
            } else {
                self.sum_us as f64 / count as f64
            },
            p50_us: self.quantile_us(0.5),
            p90_us: self.quantile_us(0.9),
            p99_us: self.quantile_us(0.99),
            p999_us: self.quantile_us(0.999),
            max_us: self.max_us,
            distribution: self.distribution(),
            spectrum: self.spectrum(),
        }
    }

    /// Percentiles in equal steps of the logarithm of what lies beyond them.
    fn spectrum(&self) -> Vec<SpectrumPoint> {
        let count = self.count() as f64;
        let beyond = |point: u32| 10_f64.powf(-f64::from(point) / f64::from(POINTS_PER_DECADE));
        (0..)
            .map(beyond)
            .take_while(|beyond| count * beyond >= MIN_BEYOND as f64)
            .map(|beyond| SpectrumPoint {
                beyond,
                us: self.quantile_us(1.0 - beyond),
            })
            .collect()
    }

    /// Bars from the shortest recorded duration to the longest.
    fn distribution(&self) -> Vec<DistributionBar> {
        let mut bars: Vec<DistributionBar> = Vec::new();
        let mut rank = 0;
        for recorded in self.values.iter_recorded() {
            let value = recorded.value_iterated_to();
            while bars.last().is_none_or(|bar| bar.up_to_us < value) {
                let up_to_us = bar_end(rank);
                rank += 1;
                // Before the first value there is nothing to draw; after it, gaps are drawn.
                let repeated = bars.last().is_some_and(|bar| bar.up_to_us == up_to_us);
                if !repeated && (up_to_us >= value || !bars.is_empty()) {
                    bars.push(DistributionBar { up_to_us, count: 0 });
                }
            }
            let last = bars
                .last_mut()
                .expect("the loop above ends at a bar that holds the value");
            last.count += recorded.count_since_last_iteration();
        }
        bars
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

/// Upper end of the bar of that rank, in microseconds.
fn bar_end(rank: u32) -> u64 {
    10_f64
        .powf(f64::from(rank) / f64::from(BARS_PER_DECADE))
        .round() as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn histogram_of(micros: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        for &us in micros {
            histogram.record(Duration::from_micros(us));
        }
        histogram
    }

    #[test]
    fn nothing_recorded_is_all_zero() {
        assert_eq!(Histogram::new().summary(), HistogramSummary::default());
    }

    #[test]
    fn a_stall_stands_in_the_high_percentiles_only() {
        let mut values = vec![1_000; 985];
        values.extend([2_000_000; 15]);
        let summary = histogram_of(&values).summary();
        assert_eq!(summary.p50_us, 1_000);
        assert_eq!(summary.p90_us, 1_000);
        assert_eq!(summary.p99_us, 2_000_000);
        assert_eq!(summary.max_us, 2_000_000);
        assert!((summary.mean_us - 30_985.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_too_long_counts_as_the_longest() {
        let mut histogram = Histogram::new();
        histogram.record(Duration::from_secs(1_000_000));
        assert_eq!(histogram.summary().max_us, LONGEST_US);
        assert_eq!(u128::from(LONGEST_US), LONGEST.as_micros());
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_sorted_values(mut micros in prop::collection::vec(1_u64..50_000_000, 1..300)) {
            let histogram = histogram_of(&micros);
            micros.sort_unstable();
            for quantile in [0.5, 0.9, 0.99, 1.0] {
                let rank = ((quantile * micros.len() as f64).ceil() as usize).max(1);
                let exact = micros[rank - 1] as f64;
                let told = histogram.quantile_us(quantile) as f64;
                prop_assert!((told - exact).abs() <= exact * 0.001 + 1.0, "{told} for {exact}");
            }
        }

        #[test]
        fn a_spectrum_ends_where_ten_are_left(micros in prop::collection::vec(1_u64..50_000_000, 0..500)) {
            let spectrum = histogram_of(&micros).summary().spectrum;
            prop_assert_eq!(spectrum.is_empty(), micros.len() < MIN_BEYOND as usize);
            prop_assert!(spectrum.windows(2).all(|pair| pair[0].us <= pair[1].us && pair[0].beyond > pair[1].beyond));
            for point in spectrum {
                let longer = micros.iter().filter(|&&us| us as f64 > point.us as f64 * 0.999).count();
                prop_assert!(longer as f64 >= (micros.len() as f64 * point.beyond).floor());
            }
        }

        #[test]
        fn merging_is_recording_in_one(a in prop::collection::vec(0_u64..9_000_000, 0..80), b in prop::collection::vec(0_u64..9_000_000, 0..80)) {
            let mut merged = histogram_of(&a);
            merged.merge(&histogram_of(&b));
            let together: Vec<u64> = a.iter().chain(&b).copied().collect();
            prop_assert_eq!(merged.summary(), histogram_of(&together).summary());
        }

        #[test]
        fn the_distribution_holds_every_value_once_and_in_order(micros in prop::collection::vec(0_u64..3_600_000_000, 1..200)) {
            let bars = histogram_of(&micros).summary().distribution;
            prop_assert_eq!(bars.iter().map(|bar| bar.count).sum::<u64>(), micros.len() as u64);
            prop_assert!(bars.windows(2).all(|pair| pair[0].up_to_us < pair[1].up_to_us));
            prop_assert!(bars[0].count > 0 && bars[bars.len() - 1].count > 0);
            prop_assert!(bars.len() <= 200);
        }
    }
}
