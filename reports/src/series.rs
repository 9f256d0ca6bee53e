//! Long series cut down to what a picture can show.
//!
//! Nothing is drawn from a sample of the data: every slice of time shown says something of all
//! that happened in it.

use std::collections::BTreeMap;

use sim_metrics::{LoadResult, ProcessSample, ProcessUse, SecondSlice};

/// Lengths of a slice in seconds that people find easy to read; longer ones are whole days.
const SLICE_LENGTHS_S: [u64; 16] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400,
];

/// A load's seconds, gathered into slices of equal length.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Timeline {
    /// Length of a slice in seconds; the last one may be shorter.
    pub(crate) slice_s: u64,
    /// The slices, without gaps, from the load's beginning.
    pub(crate) slices: Vec<Slice>,
    /// True where the last second was incomplete, and left out.
    pub(crate) cut_short: bool,
    /// Until when nothing counts in the figures of the whole load.
    pub(crate) warm_up_s: f64,
}

/// A slice of a load's time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Slice {
    /// Where it begins, in seconds since the load began.
    pub(crate) from_s: f64,
    /// Its middle.
    pub(crate) middle_s: f64,
    /// Exchanges that came due, a second.
    pub(crate) offered_per_s: f64,
    /// Answers that arrived, a second.
    pub(crate) completed_per_s: f64,
    /// Exchanges that ended otherwise than ok, a second.
    pub(crate) errors_per_s: f64,
    /// The middle one of its seconds' medians; absent where nothing ended.
    pub(crate) p50_us: Option<u64>,
    /// The highest of its seconds' 99th percentiles; absent where nothing ended.
    pub(crate) p99_us: Option<u64>,
}

/// Gathers a load's seconds into at most `limit` slices; none where it has no seconds.
pub(crate) fn timeline(load: &LoadResult, limit: usize) -> Option<Timeline> {
    let end_s = load
        .series
        .iter()
        .map(|second| second.at_s.saturating_add(1))
        .max()?;
    // A second that was cut short would look like a fall in throughput.
    let whole_s = whole_seconds(load.duration_s).min(end_s);
    let (end_s, cut_short) = if whole_s >= 2 {
        (whole_s, whole_s < end_s)
    } else {
        (end_s, false)
    };
    let slice_s = slice_length(end_s, limit.max(1));

    let mut gathered: BTreeMap<u64, Vec<&SecondSlice>> = BTreeMap::new();
    for second in load.series.iter().filter(|second| second.at_s < end_s) {
        gathered
            .entry(second.at_s / slice_s)
            .or_default()
            .push(second);
    }
    let slices = (0..end_s.div_ceil(slice_s))
        .map(|index| {
            let from_s = index * slice_s;
            let length_s = slice_s.min(end_s - from_s);
            let seconds = gathered.get(&index).map_or(&[][..], Vec::as_slice);
            slice_of(from_s, length_s, seconds)
        })
        .collect();
    Some(Timeline {
        slice_s,
        slices,
        cut_short,
        warm_up_s: load.warm_up_s,
    })
}

/// What the processes used together, as cores over time, in at most `limit` points.
pub(crate) fn together(processes: &[ProcessUse], limit: usize) -> Vec<(f64, f64)> {
    let end_s = processes
        .iter()
        .map(|process| end_of(&process.series))
        .fold(0.0, f64::max);
    let longest = processes
        .iter()
        .map(|process| process.series.len())
        .max()
        .unwrap_or(0);
    let bins = longest.min(limit);
    if bins == 0 || end_s <= 0.0 {
        return Vec::new();
    }
    let mut sums = vec![0.0; bins];
    for process in processes {
        let means = binned(&process.series, bins, end_s, |sample| sample.cpu_share);
        // A bin without a sample continues the one before, up to the process's last sample.
        let alive = bin_of(end_of(&process.series), bins, end_s);
        let mut latest = 0.0;
        for (bin, (sum, mean)) in sums.iter_mut().zip(means).enumerate() {
            latest = if bin > alive {
                0.0
            } else {
                mean.unwrap_or(latest)
            };
            *sum += latest;
        }
    }
    let width_s = end_s / bins as f64;
    sums.into_iter()
        .enumerate()
        .map(|(bin, sum)| ((bin as f64 + 0.5) * width_s, sum))
        .collect()
}

/// One process's samples as at most `limit` points of (seconds, figure), each a mean.
pub(crate) fn thinned(
    samples: &[ProcessSample],
    limit: usize,
    figure: impl Fn(&ProcessSample) -> f64,
) -> Vec<(f64, f64)> {
    let end_s = end_of(samples);
    let bins = samples.len().min(limit);
    if bins == 0 || end_s <= 0.0 {
        return Vec::new();
    }
    let width_s = end_s / bins as f64;
    binned(samples, bins, end_s, figure)
        .into_iter()
        .enumerate()
        .filter_map(|(bin, mean)| Some(((bin as f64 + 0.5) * width_s, mean?)))
        .collect()
}

/// When the last sample was taken; zero where none was.
pub(crate) fn end_of(samples: &[ProcessSample]) -> f64 {
    samples
        .iter()
        .map(|sample| sample.at_s)
        .filter(|at_s| at_s.is_finite())
        .fold(0.0, f64::max)
}

fn slice_of(from_s: u64, length_s: u64, seconds: &[&SecondSlice]) -> Slice {
    let per_second = |figure: fn(&SecondSlice) -> u64| {
        seconds
            .iter()
            .map(|second| figure(second) as f64)
            .sum::<f64>()
            / length_s.max(1) as f64
    };
    // A second in which nothing ended has percentiles of zero.
    let mut medians: Vec<u64> = seconds
        .iter()
        .map(|second| second.p50_us)
        .filter(|&us| us > 0)
        .collect();
    medians.sort_unstable();
    Slice {
        from_s: from_s as f64,
        middle_s: from_s as f64 + length_s as f64 / 2.0,
        offered_per_s: per_second(|second| second.offered),
        completed_per_s: per_second(|second| second.completed),
        errors_per_s: per_second(|second| second.errors),
        p50_us: medians.get(medians.len() / 2).copied(),
        p99_us: seconds
            .iter()
            .map(|second| second.p99_us)
            .filter(|&us| us > 0)
            .max(),
    }
}

/// Whole seconds of a duration; all of them where it is not known.
fn whole_seconds(duration_s: f64) -> u64 {
    // A float too large for an integer becomes the greatest one.
    if duration_s.is_finite() && duration_s > 0.0 {
        duration_s as u64
    } else {
        u64::MAX
    }
}

fn slice_length(span_s: u64, limit: usize) -> u64 {
    let least = span_s.div_ceil(limit as u64).max(1);
    SLICE_LENGTHS_S
        .into_iter()
        .find(|&length| length >= least)
        .unwrap_or_else(|| least.div_ceil(86_400).saturating_mul(86_400))
}

fn bin_of(at_s: f64, bins: usize, end_s: f64) -> usize {
    ((at_s / end_s * bins as f64) as usize).min(bins - 1)
}

/// The mean of each bin's samples; absent where a bin has none.
fn binned(
    samples: &[ProcessSample],
    bins: usize,
    end_s: f64,
    figure: impl Fn(&ProcessSample) -> f64,
) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0_u32); bins];
    for sample in samples {
        let value = figure(sample);
        if sample.at_s.is_finite() && value.is_finite() {
            let (sum, count) = &mut sums[bin_of(sample.at_s, bins, end_s)];
            *sum += value.max(0.0);
            *count += 1;
        }
    }
    sums.into_iter()
        .map(|(sum, count)| (count > 0).then(|| sum / f64::from(count)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(seconds: u64, duration_s: f64) -> LoadResult {
        let second = |at_s| SecondSlice {
            at_s,
            offered: 10,
            completed: 10,
            errors: 1,
            p50_us: 100 + at_s,
            p99_us: 1_000 + at_s,
            max_us: 2_000 + at_s,
        };
        LoadResult {
            duration_s,
            series: (0..seconds).map(second).collect(),
            ..LoadResult::default()
        }
    }

    #[test]
    fn short_loads_stay_as_they_are() {
        let timeline = timeline(&load(5, 5.0), 240).unwrap();
        assert_eq!((timeline.slice_s, timeline.slices.len()), (1, 5));
        assert!(!timeline.cut_short);
        assert_eq!(timeline.slices[3].p50_us, Some(103));
        assert_eq!(timeline.slices[3].middle_s, 3.5);
    }

    #[test]
    fn an_incomplete_last_second_is_left_out() {
        let timeline = timeline(&load(5, 4.2), 240).unwrap();
        assert_eq!(timeline.slices.len(), 4);
        assert!(timeline.cut_short);
    }

    #[test]
    fn a_load_of_seconds_only_just_begun_is_shown_whole() {
        let timeline = timeline(&load(1, 0.3), 240).unwrap();
        assert_eq!(timeline.slices.len(), 1);
    }

    #[test]
    fn long_loads_are_gathered_and_nothing_is_lost() {
        let timeline = timeline(&load(86_400, 86_400.0), 240).unwrap();
        assert_eq!((timeline.slice_s, timeline.slices.len()), (600, 144));
        let slice = &timeline.slices[1];
        assert_eq!((slice.completed_per_s, slice.errors_per_s), (10.0, 1.0));
        assert_eq!(slice.p99_us, Some(1_000 + 1_199), "the worst second counts");
        assert_eq!(slice.p50_us, Some(100 + 900), "the middle second counts");
    }

    #[test]
    fn gaps_are_seconds_without_answers() {
        let mut load = load(10, 10.0);
        load.series.retain(|second| !(3..6).contains(&second.at_s));
        let timeline = timeline(&load, 240).unwrap();
        assert_eq!(timeline.slices.len(), 10);
        assert_eq!(
            timeline.slices[4],
            Slice {
                from_s: 4.0,
                middle_s: 4.5,
                ..Slice::default()
            }
        );
    }

    #[test]
    fn absurd_times_do_not_make_many_slices() {
        let mut load = load(2, f64::NAN);
        load.series[1].at_s = u64::MAX;
        let timeline = timeline(&load, 240).unwrap();
        assert!(timeline.slices.len() <= 240);
        assert_eq!(timeline_of_nothing(), None);
    }

    fn timeline_of_nothing() -> Option<Timeline> {
        timeline(&LoadResult::default(), 240)
    }

    fn process(shares: &[f64]) -> ProcessUse {
        let sample = |(index, &cpu_share): (usize, &f64)| ProcessSample {
            at_s: index as f64 + 1.0,
            cpu_share,
            rss_bytes: 1_000,
        };
        let series = shares.iter().enumerate().map(sample).collect();
        ProcessUse {
            series,
            ..ProcessUse::default()
        }
    }

    #[test]
    fn processes_add_up() {
        let sums = together(&[process(&[0.5; 8]), process(&[0.25; 8])], 100);
        assert_eq!(sums.len(), 8);
        assert!(
            sums.iter()
                .skip(1)
                .all(|&(_, cores)| (cores - 0.75).abs() < 1e-9),
            "{sums:?}"
        );
    }

    #[test]
    fn a_process_that_ended_uses_nothing() {
        let sums = together(&[process(&[0.5; 8]), process(&[1.0; 4])], 8);
        assert!((sums[7].1 - 0.5).abs() < 1e-9, "{sums:?}");
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let sums = together(&[process(&[f64::NAN, f64::INFINITY, 0.5])], 100);
        assert!(
            sums.iter()
                .all(|(at, cores)| at.is_finite() && cores.is_finite())
        );
        let points = thinned(&process(&[f64::NAN; 3]).series, 60, |sample| {
            sample.cpu_share
        });
        assert_eq!(points, []);
        assert_eq!(together(&[], 10), []);
    }
}
