//! Makes exchanges due at absolute deadlines, from a thread of its own.
//!
//! An asynchronous timer is a millisecond or two late, and that would stand in every response
//! time. A thread that sleeps until an absolute time of the monotonic clock, with the kernel's
//! timer slack set to its least, is late by some ten microseconds. How late is measured.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::thread::{ClockId, clock_nanosleep_absolute, set_current_timer_slack};
use rustix::time::{Timespec, clock_gettime};
use sim_metrics::Histogram;
use sim_workload::Schedule;
use tokio::sync::mpsc::UnboundedSender;

use crate::config::WhenFull;
use crate::progress::Shared;
use crate::source::Due;

/// Longest sleep without a look at whether the load was stopped.
const MAX_NAP: Duration = Duration::from_millis(100);

/// Between the start of the threads and the first deadline.
pub(crate) const LEAD_TIME: Duration = Duration::from_millis(10);

/// What is to be paced.
#[derive(Debug)]
pub(crate) struct Pacer {
    pub(crate) schedule: Schedule,
    pub(crate) max_in_flight: usize,
    pub(crate) when_full: WhenFull,
    /// One for each worker, in turn, so that each gets an even share of the schedule.
    pub(crate) workers: Vec<UnboundedSender<Due>>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Paced {
    pub(crate) offered: u64,
    /// By the second they were meant to start in.
    pub(crate) offered_per_s: Vec<u64>,
    pub(crate) lag: Histogram,
}

// === impl Pacer ===

impl Pacer {
    /// Runs until everything was offered or the load is stopped. Dropping its senders tells the
    /// workers that nothing more will come.
    pub(crate) fn run(self, shared: &Arc<Shared>) -> Paced {
        // Where the kernel refuses, the pacer is a little later, and the lag says so.
        let _ = set_current_timer_slack(NonZeroU64::new(1));
        let alarm = Alarm::new(shared);
        let mut paced = Paced::default();
        for (index, scheduled) in (0..).zip(self.schedule.clone()) {
            if !alarm.sleep_until(scheduled, shared) {
                break;
            }
            paced.note(scheduled, shared.elapsed());
            self.offer(
                Due {
                    index,
                    scheduled: Some(scheduled),
                },
                shared,
            );
        }
        paced
    }

    fn offer(&self, due: Due, shared: &Shared) {
        let places = match self.when_full {
            WhenFull::Drop => self.max_in_flight,
            WhenFull::Queue => usize::MAX,
        };
        let worker = usize::try_from(due.index % self.workers.len() as u64)
            .expect("less than the number of workers");
        if !shared.take_place(places) || self.workers[worker].send(due).is_err() {
            shared.count_dropped(1);
        }
    }
}

// === impl Paced ===

impl Paced {
    fn note(&mut self, scheduled: Duration, now: Duration) {
        self.offered += 1;
        self.lag.record(now.saturating_sub(scheduled));
        let second = usize::try_from(scheduled.as_secs()).unwrap_or(usize::MAX - 1);
        if self.offered_per_s.len() <= second {
            self.offered_per_s.resize(second + 1, 0);
        }
        self.offered_per_s[second] += 1;
    }
}

/// The load's beginning as the kernel's monotonic clock has it.
struct Alarm {
    origin: Duration,
}

impl Alarm {
    /// Reads the same clock as [`sim_clock`] does: the kernel wants a deadline in its own form,
    /// which an `Instant` does not give away.
    fn new(shared: &Shared) -> Self {
        let kernel = clock_gettime(ClockId::Monotonic);
        let now: Instant = shared.clock.monotonic();
        let kernel = Duration::new(
            u64::try_from(kernel.tv_sec).unwrap_or(0),
            u32::try_from(kernel.tv_nsec).unwrap_or(0),
        );
        let origin = kernel + shared.origin.saturating_duration_since(now);
        Self {
            origin: origin.saturating_sub(now.saturating_duration_since(shared.origin)),
        }
    }

    /// True at `offset` from the beginning; false where the load was stopped before.
    fn sleep_until(&self, offset: Duration, shared: &Shared) -> bool {
        loop {
            if shared.stopping() {
                return false;
            }
            let now = shared.clock.monotonic();
            let left = (shared.origin + offset).saturating_duration_since(now);
            if left.is_zero() {
                return true;
            }
            let wake = self.origin + offset - left.saturating_sub(MAX_NAP);
            // An interrupted sleep is resumed by the loop.
            let _ = clock_nanosleep_absolute(ClockId::Monotonic, &timespec(wake));
        }
    }
}

fn timespec(time: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    }
}

#[cfg(test)]
mod tests {
    use sim_clock::Clock;
    use sim_workload::{ArrivalProcess, RateProfile};
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    fn schedule(per_second: f64) -> Schedule {
        let profile = RateProfile::constant(per_second).unwrap();
        Schedule::new(
            profile,
            ArrivalProcess::Uniform,
            sim_clock::rng(1, "arrivals"),
        )
    }

    #[test]
    fn exchanges_come_due_never_early_and_in_turn() {
        let clock = Clock::wall();
        let shared = Arc::new(Shared::new(clock, clock.monotonic() + LEAD_TIME));
        let (first, mut first_dues) = unbounded_channel();
        let (second, mut second_dues) = unbounded_channel();
        let pacer = Pacer {
            schedule: schedule(1_000.0).limited(21),
            max_in_flight: 20,
            when_full: WhenFull::Drop,
            workers: vec![first, second],
        };
        let paced = pacer.run(&shared);
        // Nothing ends here, so the last one finds no place.
        assert_eq!((paced.offered, shared.dropped()), (21, 1));
        assert_eq!(paced.offered_per_s, [21]);
        assert_eq!(paced.lag.count(), 21);
        assert!(
            shared.elapsed() >= Duration::from_millis(20),
            "the last deadline has passed"
        );
        let mut dues = Vec::new();
        while let Ok(due) = first_dues.try_recv() {
            dues.push(due);
            dues.extend(second_dues.try_recv().ok());
        }
        let expected: Vec<Due> = (0..20)
            .map(|index| Due {
                index,
                scheduled: Some(Duration::from_millis(index)),
            })
            .collect();
        assert_eq!(dues, expected);
    }

    #[test]
    fn a_stopped_pacer_does_not_wait_for_its_deadline() {
        let clock = Clock::wall();
        let shared = Arc::new(Shared::new(clock, clock.monotonic()));
        let (sender, _dues) = unbounded_channel();
        let pacer = Pacer {
            // The second deadline is days away.
            schedule: schedule(1e-6).limited(2),
            max_in_flight: 1,
            when_full: WhenFull::Queue,
            workers: vec![sender],
        };
        let stopper = Arc::clone(&shared);
        let paced = std::thread::spawn(move || pacer.run(&shared));
        stopper.stop("test");
        assert!(paced.join().unwrap().offered <= 1);
    }
}
