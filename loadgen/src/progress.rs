//! How far the load is: counters that all threads share, and snapshots of them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sim_clock::Clock;
use sim_metrics::{Outcome, OutcomeCounts};

use crate::plan::Plan;
use crate::series::Series;

/// How often progress is told.
pub const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// The rate is that of the last so many intervals.
const RATE_WINDOW: usize = 5;

/// How far the load is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Since the load began.
    pub elapsed_s: f64,
    /// Exchanges planned.
    pub total: u64,
    /// Exchanges begun.
    pub started: u64,
    /// Exchanges that ended, however they did.
    pub completed: u64,
    /// Exchanges that came due and were not begun.
    pub dropped: u64,
    /// Exchanges that ended, a second, over the last second.
    pub rate_per_s: f64,
    /// How they ended.
    pub outcomes: OutcomeCounts,
    /// What it is at.
    #[serde(default)]
    pub phase: LoadPhase,
    /// Median response time of the last whole second, in microseconds; 0 where nothing ended in it.
    #[serde(default)]
    pub p50_us: u64,
    /// The 99th percentile of the same.
    #[serde(default)]
    pub p99_us: u64,
}

/// A part of a load's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadPhase {
    /// Asking, but nothing is timed yet.
    WarmUp,
    /// Everything counts.
    #[default]
    Measure,
    /// Nothing more is asked; what is in flight may end.
    Drain,
}

/// What the threads share. All counters are independent of each other, hence relaxed.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    /// When the load began.
    pub(crate) origin: Instant,
    next: AtomicU64,
    started: AtomicU64,
    dropped: AtomicU64,
    in_flight: AtomicUsize,
    outcomes: [AtomicU64; 5],
    last_contact_ns: AtomicU64,
    stopping: AtomicBool,
    stop_reason: Mutex<Option<String>>,
    stop_signal: tokio::sync::watch::Sender<bool>,
    /// Numbers of the workers' threads, as the system has them.
    workers: Mutex<Vec<i32>>,
}

/// Turns snapshots into progress.
#[derive(Debug)]
pub(crate) struct ProgressMeter {
    total: u64,
    recent: VecDeque<(Duration, u64)>,
}

// === impl Shared ===

impl Shared {
    pub(crate) fn new(clock: Clock, origin: Instant) -> Self {
        Self {
            clock,
            origin,
            next: AtomicU64::new(0),
            started: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            outcomes: Default::default(),
            last_contact_ns: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            stop_reason: Mutex::new(None),
            stop_signal: tokio::sync::watch::Sender::new(false),
            workers: Mutex::default(),
        }
    }

    /// The calling thread is a worker.
    pub(crate) fn register_worker(&self) {
        let thread = rustix::thread::gettid();
        self.workers.lock().push(thread.as_raw_pid());
    }

    /// The threads that have registered.
    pub(crate) fn workers(&self) -> Vec<i32> {
        self.workers.lock().clone()
    }

    /// Exchanges that have begun and not ended.
    pub(crate) fn now_in_flight(&self) -> u64 {
        // Ended first: one that begins in between is then counted, none that ended.
        let ended = self.outcomes().total();
        self.started.load(Ordering::Relaxed).saturating_sub(ended)
    }

    /// Time since the load began; zero before.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock
            .monotonic()
            .saturating_duration_since(self.origin)
    }

    /// The next exchange of a closed load.
    pub(crate) fn take_index(&self, exchanges: u64, stop_after: Option<Duration>) -> Option<u64> {
        let is_over = stop_after.is_some_and(|stop_after| self.elapsed() >= stop_after);
        if is_over || self.stopping() {
            return None;
        }
        // Counts beyond the end once a lane, which is harmless.
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        (index < exchanges).then_some(index)
    }

    pub(crate) fn count_started(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_outcome(&self, outcome: Outcome) {
        self.outcomes[usize::from(outcome.code())].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_dropped(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Takes a place among those in flight, if one is free. Only the pacer takes places, so that
    /// looking first is no race.
    pub(crate) fn take_place(&self, max_in_flight: usize) -> bool {
        let free = self.in_flight.load(Ordering::Relaxed) < max_in_flight;
        if free {
            self.in_flight.fetch_add(1, Ordering::Relaxed);
        }
        free
    }

    pub(crate) fn leave_place(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// A server was reached at `now`.
    pub(crate) fn note_contact(&self, now: Duration) {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        self.last_contact_ns.store(now, Ordering::Relaxed);
    }

    pub(crate) fn without_contact_for(&self) -> Duration {
        let last = Duration::from_nanos(self.last_contact_ns.load(Ordering::Relaxed));
        self.elapsed().saturating_sub(last)
    }

    /// Starts no further exchange. The first reason counts.
    pub(crate) fn stop(&self, reason: &str) {
        self.stop_reason
            .lock()
            .get_or_insert_with(|| reason.to_owned());
        self.stopping.store(true, Ordering::Release);
        self.stop_signal.send_replace(true);
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Resolves once [`Self::stop`] was called.
    pub(crate) async fn stopped(&self) {
        let mut signal = self.stop_signal.subscribe();
        signal
            .wait_for(|stopped| *stopped)
            .await
            .expect("the sender lives in self");
    }

    pub(crate) fn stop_reason(&self) -> Option<String> {
        self.stop_reason.lock().clone()
    }

    fn outcomes(&self) -> OutcomeCounts {
        let count =
            |outcome: Outcome| self.outcomes[usize::from(outcome.code())].load(Ordering::Relaxed);
        OutcomeCounts {
            ok: count(Outcome::Ok),
            refused: count(Outcome::Refused),
            failed: count(Outcome::Failed),
            unknown: count(Outcome::Unknown),
            wrong: count(Outcome::Wrong),
        }
    }
}

// === impl ProgressMeter ===

impl ProgressMeter {
    pub(crate) fn new(total: u64) -> Self {
        Self {
            total,
            recent: VecDeque::from([(Duration::ZERO, 0)]),
        }
    }

    pub(crate) fn tell(&mut self, shared: &Shared, plan: &Plan, series: &Series) -> Progress {
        let elapsed = shared.elapsed();
        let outcomes = shared.outcomes();
        let (p50_us, p99_us) = series.latest();
        let completed = outcomes.total();
        let (since, before) = *self.recent.front().expect("never left empty");
        self.recent.push_back((elapsed, completed));
        if self.recent.len() > RATE_WINDOW {
            self.recent.pop_front();
        }
        let seconds = elapsed.saturating_sub(since).as_secs_f64();
        Progress {
            elapsed_s: elapsed.as_secs_f64(),
            total: self.total,
            started: shared.started.load(Ordering::Relaxed),
            completed,
            dropped: shared.dropped(),
            rate_per_s: if seconds > 0.0 {
                (completed - before) as f64 / seconds
            } else {
                0.0
            },
            outcomes,
            phase: if shared.stopping() || plan.stop_after.is_some_and(|after| elapsed >= after) {
                LoadPhase::Drain
            } else if elapsed < plan.warm_up {
                LoadPhase::WarmUp
            } else {
                LoadPhase::Measure
            },
            p50_us,
            p99_us,
        }
    }
}
