//! The load second by second, put together from what each worker saw.
//!
//! A second is summarised as soon as every worker is past it, so that a long load holds few
//! histograms at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use parking_lot::Mutex;
use sim_metrics::{SecondSlice, TimesOverTime};

use crate::interval_log;

/// Longest time told apart within a second.
const LONGEST_US: u64 = 3_600_000_000;

/// As in the histograms of the whole load; a second's two then take two hundred kilobytes.
const SIGNIFICANT_DIGITS: u8 = 3;

/// What one worker saw in one second.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) offered: u64,
    pub(crate) completed: u64,
    pub(crate) errors: u64,
    pub(crate) response_time_us: Histogram<u32>,
    pub(crate) service_time_us: Histogram<u32>,
}

/// All seconds of a load.
#[derive(Debug)]
pub(crate) struct Series(Mutex<Seconds>);

#[derive(Debug)]
struct Seconds {
    /// Seconds that some worker may still add to.
    open: BTreeMap<u64, Cell>,
    /// The second each worker is in.
    reached: Vec<u64>,
    done: Vec<SecondSlice>,
    times: TimesOverTime,
    /// Gets every second that is done.
    log: Option<interval_log::Seconds>,
}

// === impl Cell ===

impl Cell {
    pub(crate) fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, LONGEST_US, SIGNIFICANT_DIGITS)
            .expect("1 <= low, 2 * low <= high, and three digits are within the library's bounds");
        Self {
            offered: 0,
            completed: 0,
            errors: 0,
            service_time_us: histogram.clone(),
            response_time_us: histogram,
        }
    }

    pub(crate) fn record(&mut self, response_time: Duration) {
        self.response_time_us
            .saturating_record(micros(response_time));
    }

    pub(crate) fn record_service(&mut self, service_time: Duration) {
        self.service_time_us.saturating_record(micros(service_time));
    }

    pub(crate) fn clear(&mut self) {
        self.offered = 0;
        self.completed = 0;
        self.errors = 0;
        self.response_time_us.reset();
        self.service_time_us.reset();
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.offered += other.offered;
        self.completed += other.completed;
        self.errors += other.errors;
        for (own, theirs) in [
            (&mut self.response_time_us, &other.response_time_us),
            (&mut self.service_time_us, &other.service_time_us),
        ] {
            own.add(theirs).expect("both have the same bounds");
        }
    }

    fn summary(&self, at_s: u64) -> SecondSlice {
        SecondSlice {
            at_s,
            offered: self.offered,
            completed: self.completed,
            errors: self.errors,
            p50_us: self.response_time_us.value_at_quantile(0.5),
            p99_us: self.response_time_us.value_at_quantile(0.99),
            max_us: self.response_time_us.max(),
        }
    }

    /// Response times in microseconds, with how many there are of each.
    fn response_times(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.response_time_us.iter_recorded().map(|value| {
            (
                value.value_iterated_to(),
                value.count_since_last_iteration(),
            )
        })
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(LONGEST_US)
}

// === impl Series ===

impl Series {
    /// Of so many workers; `log` gets every second that all of them are past.
    pub(crate) fn new(workers: usize, log: Option<interval_log::Seconds>) -> Self {
        let seconds = Seconds {
            open: BTreeMap::new(),
            reached: vec![0; workers],
            done: Vec::new(),
            times: TimesOverTime::default(),
            log,
        };
        Self(Mutex::new(seconds))
    }

    /// Adds what `worker` saw in second `at_s`, which it has left for second `next_s`.
    pub(crate) fn add(&self, worker: usize, at_s: u64, cell: &Cell, next_s: u64) {
        let mut seconds = self.0.lock();
        seconds
            .open
            .entry(at_s)
            .or_insert_with(Cell::new)
            .merge(cell);
        seconds.reached[worker] = next_s;
        // A worker that has ended is past everything; seconds nobody saw are not made up for it.
        let last = seconds
            .open
            .last_key_value()
            .map_or(0, |(at_s, _)| at_s + 1);
        let past = seconds
            .reached
            .iter()
            .fold(last, |past, &reached| past.min(reached));
        seconds.summarise_before(past);
    }

    /// Median and 99th percentile of the last second that every worker is past, in microseconds.
    pub(crate) fn latest(&self) -> (u64, u64) {
        let seconds = self.0.lock();
        let last = seconds.done.last();
        last.map_or((0, 0), |slice| (slice.p50_us, slice.p99_us))
    }

    /// Everything, with the arrivals that a pacer counted for itself; ends the log.
    pub(crate) fn finish(&self, offered_per_s: &[u64]) -> (Vec<SecondSlice>, TimesOverTime) {
        let mut seconds = self.0.lock();
        let last = seconds
            .open
            .last_key_value()
            .map_or(0, |(at_s, _)| at_s + 1);
        seconds.summarise_before(last.max(offered_per_s.len() as u64));
        let mut done = std::mem::take(&mut seconds.done);
        for (slice, offered) in done.iter_mut().zip(offered_per_s) {
            slice.offered += offered;
        }
        seconds.log = None;
        (done, std::mem::take(&mut seconds.times))
    }
}

// === impl Seconds ===

impl Seconds {
    fn summarise_before(&mut self, end_s: u64) {
        while (self.done.len() as u64) < end_s {
            let at_s = self.done.len() as u64;
            let cell = self.open.remove(&at_s);
            // Where it is absent nobody saw anything in it.
            let slice = cell.as_ref().map_or_else(
                || SecondSlice {
                    at_s,
                    ..SecondSlice::default()
                },
                |cell| cell.summary(at_s),
            );
            let times = cell.iter().flat_map(Cell::response_times);
            self.times.add_second(at_s, times);
            if let Some(log) = &self.log {
                // The writer ends before its sender does only by a panic, which its end reports.
                let _ = log.send(cell);
            }
            self.done.push(slice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(completed: u64, micros: u64) -> Cell {
        let mut cell = Cell::new();
        for _ in 0..completed {
            cell.completed += 1;
            cell.record(Duration::from_micros(micros));
        }
        cell
    }

    #[test]
    fn seconds_wait_for_the_slowest_worker_and_gaps_are_shown() {
        let series = Series::new(2, None);
        series.add(0, 0, &cell(9, 100), 3);
        series.add(0, 3, &cell(1, 100), 4);
        assert!(
            series.0.lock().done.is_empty(),
            "worker 1 is still in second 0"
        );
        series.add(1, 0, &cell(1, 900), 1);
        assert_eq!(series.0.lock().done.len(), 1);
        series.add(1, 1, &cell(2, 100), 2);
        let (done, times) = series.finish(&[5, 0, 0, 0, 7]);
        let columns = |value: fn(&SecondSlice) -> u64| done.iter().map(value).collect::<Vec<_>>();
        assert_eq!(columns(|slice| slice.at_s), [0, 1, 2, 3, 4]);
        assert_eq!(columns(|slice| slice.completed), [10, 2, 0, 1, 0]);
        assert_eq!(columns(|slice| slice.offered), [5, 0, 0, 0, 7]);
        assert_eq!((done[0].p50_us, done[0].p99_us / 100), (100, 9));
        assert_eq!(done[0].max_us / 100, 9);
        assert_eq!(times.slices.len(), 5);
        let first: u64 = times.slices[0].counts.iter().sum();
        assert_eq!((first, times.slices[2].counts.len()), (10, 0));
    }

    #[test]
    fn an_empty_load_has_no_seconds() {
        let (done, times) = Series::new(1, None).finish(&[]);
        assert!(done.is_empty() && times.is_empty());
    }
}
