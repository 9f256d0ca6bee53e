//! What of a load counts: its whole seconds after the warm-up.

use sim_metrics::{LoadResult, ProcessUse, SecondSlice};

use crate::spread::Spread;

/// A load, once connections were open and caches filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Steady {
    /// When it begins and ends, in seconds since the load began.
    from_s: f64,
    to_s: f64,
    /// Exchanges a second.
    pub(crate) rate_per_s: f64,
    /// Median over the seconds of each second's percentile.
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

impl Steady {
    /// The whole seconds after `warm_up_s`; a load that has none counts as it is, for there is
    /// nothing else to go by.
    pub(crate) fn of(load: &LoadResult, warm_up_s: u64) -> Self {
        let last_s = load.duration_s as u64;
        let seconds: Vec<&SecondSlice> = load
            .series
            .iter()
            .filter(|second| (warm_up_s..last_s).contains(&second.at_s))
            .collect();
        let median = |value: fn(&SecondSlice) -> u64| {
            Spread::of(seconds.iter().map(|second| value(second) as f64))
        };
        let (Some(p50), Some(p99)) = (median(|one| one.p50_us), median(|one| one.p99_us)) else {
            return Self {
                from_s: 0.0,
                to_s: load.duration_s,
                rate_per_s: load.throughput_per_s,
                p50_us: load.response_time.p50_us as f64,
                p99_us: load.response_time.p99_us as f64,
            };
        };
        let completed: u64 = seconds.iter().map(|second| second.completed).sum();
        Self {
            from_s: warm_up_s as f64,
            to_s: last_s as f64,
            rate_per_s: completed as f64 / seconds.len() as f64,
            p50_us: p50.median,
            p99_us: p99.median,
        }
    }

    /// How long it is.
    pub(crate) fn seconds(&self) -> f64 {
        self.to_s - self.from_s
    }

    /// Processor time that `process` took for an exchange, in microseconds; none where it was not
    /// looked at twice meanwhile.
    pub(crate) fn cpu_us(&self, process: &ProcessUse) -> Option<f64> {
        let (mut used_s, mut passed_s) = (0.0, 0.0);
        for pair in process.series.windows(2) {
            let [before, after] = pair else { continue };
            if before.at_s >= self.from_s && after.at_s <= self.to_s {
                let seconds = after.at_s - before.at_s;
                used_s += after.cpu_share * seconds;
                passed_s += seconds;
            }
        }
        (passed_s > 0.0).then(|| used_s / passed_s / self.rate_per_s * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use sim_metrics::{HistogramSummary, ProcessSample};

    use super::*;

    fn load(duration_s: f64, completed_per_s: &[u64]) -> LoadResult {
        let slice = |(at_s, completed): (usize, &u64)| SecondSlice {
            at_s: at_s as u64,
            completed: *completed,
            p50_us: *completed,
            p99_us: 2 * *completed,
            ..SecondSlice::default()
        };
        LoadResult {
            duration_s,
            throughput_per_s: 77.0,
            response_time: HistogramSummary {
                p50_us: 7,
                p99_us: 8,
                ..HistogramSummary::default()
            },
            series: completed_per_s.iter().enumerate().map(slice).collect(),
            ..LoadResult::default()
        }
    }

    #[test]
    fn the_first_seconds_and_the_last_piece_do_not_count() {
        let steady = Steady::of(&load(4.3, &[1, 100, 130, 400, 2]), 1);
        assert_eq!(steady.seconds(), 3.0);
        assert_eq!(steady.rate_per_s, 210.0);
        assert_eq!((steady.p50_us, steady.p99_us), (130.0, 260.0));
    }

    #[test]
    fn a_short_load_counts_whole() {
        let steady = Steady::of(&load(1.9, &[10, 90]), 1);
        assert_eq!(steady.seconds(), 1.9);
        assert_eq!(
            (steady.rate_per_s, steady.p50_us, steady.p99_us),
            (77.0, 7.0, 8.0)
        );
    }

    #[test]
    fn only_looks_within_those_seconds_tell_of_processor_time() {
        let steady = Steady::of(&load(3.5, &[1, 1_000, 1_000]), 1);
        let sample = |at_s, cpu_share| ProcessSample {
            at_s,
            cpu_share,
            rss_bytes: 0,
        };
        let mut process = ProcessUse {
            series: vec![
                sample(0.9, 0.0),
                sample(1.4, 9.0),
                sample(1.9, 0.5),
                sample(2.9, 0.2),
                sample(3.4, 9.0),
            ],
            ..ProcessUse::default()
        };
        // 0.25 s and 0.2 s of processor time in 1.5 s, at 1,000 exchanges a second.
        let cpu_us = steady.cpu_us(&process).unwrap();
        assert!((cpu_us - 300.0).abs() < 1e-9, "{cpu_us}");
        process.series.truncate(2);
        assert_eq!(steady.cpu_us(&process), None);
    }
}
