//! How well the generator itself could work: the processor time of its workers, and how long they
//! waited for a processor.
//!
//! A worker that waits for a processor reads an answer later than it came, and counts the wait as
//! response time; one that is never idle is what limits the rate. Linux keeps the books of every
//! thread (`/proc/<pid>/task/<tid>/schedstat`: time on a processor, time runnable without one, and
//! how often it was put on one); they are read every [`LOOK_INTERVAL`].

use std::time::{Duration, Instant};

use procfs::process::{Process, Task};
use sim_metrics::{GeneratorHealth, Histogram};

/// How often the books are read: also the resolution of the delay's distribution.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Watches the workers of one load.
#[derive(Debug)]
pub(crate) struct Watch {
    tasks: Vec<Watched>,
    begun: Option<Instant>,
    /// Sums over all workers.
    busy: Duration,
    waiting: Duration,
    watched: Duration,
    /// Of every time a worker was put on a processor, how long it had waited, as the mean of its
    /// interval.
    delay: Histogram,
    in_flight: InFlight,
}

#[derive(Debug)]
struct Watched {
    task: Task,
    last: Books,
}

/// The kernel's books of a thread.
#[derive(Clone, Copy, Debug, Default)]
struct Books {
    busy: Duration,
    waiting: Duration,
    slices: u64,
}

/// How many exchanges were in flight whenever somebody looked.
#[derive(Clone, Copy, Debug, Default)]
struct InFlight {
    sum: u64,
    looks: u64,
}

// === impl Watch ===

impl Watch {
    pub(crate) fn new() -> Self {
        Self {
            tasks: Vec::new(),
            begun: None,
            busy: Duration::ZERO,
            waiting: Duration::ZERO,
            watched: Duration::ZERO,
            delay: Histogram::new(),
            in_flight: InFlight::default(),
        }
    }

    /// Finds the workers by their threads' numbers. Where the system keeps no such books there is
    /// nothing to watch.
    pub(crate) fn begin(&mut self, workers: &[i32], now: Instant) {
        let Ok(process) = Process::myself() else {
            return;
        };
        let tasks = workers
            .iter()
            .filter_map(|&tid| process.task_from_tid(tid).ok());
        self.tasks = tasks
            .filter_map(|task| {
                let last = Books::of(&task)?;
                Some(Watched { task, last })
            })
            .collect();
        self.begun = Some(now);
    }

    pub(crate) const fn has_begun(&self) -> bool {
        self.begun.is_some()
    }

    /// Adds what happened since the last look.
    pub(crate) fn look(&mut self, now: Instant, in_flight: u64) {
        let Some(last) = self.begun.replace(now) else {
            return;
        };
        let passed = now.saturating_duration_since(last);
        self.in_flight.sum += in_flight;
        self.in_flight.looks += 1;
        for watched in &mut self.tasks {
            // A worker that has ended has no books any more.
            let Some(books) = Books::of(&watched.task) else {
                continue;
            };
            let spent = books.since(&watched.last);
            watched.last = books;
            self.busy += spent.busy;
            self.waiting += spent.waiting;
            self.watched += passed;
            if let Some(slices) = u32::try_from(spent.slices)
                .ok()
                .filter(|slices| *slices > 0)
            {
                self.delay.record_many(spent.waiting / slices, spent.slices);
            }
        }
    }

    /// What came of it; none where nothing could be watched.
    pub(crate) fn health(&self) -> Option<GeneratorHealth> {
        if self.watched.is_zero() {
            return None;
        }
        let share = |of: Duration| of.as_secs_f64() / self.watched.as_secs_f64();
        let (busy, waiting) = (share(self.busy), share(self.waiting));
        Some(GeneratorHealth {
            busy,
            waiting,
            idle: (1.0 - busy - waiting).max(0.0),
            scheduling_delay: self.delay.summary(),
            looks: self.in_flight.looks,
            mean_in_flight: self.in_flight.sum as f64 / self.in_flight.looks.max(1) as f64,
        })
    }
}

// === impl Books ===

impl Books {
    fn of(task: &Task) -> Option<Self> {
        let books = task.schedstat().ok()?;
        Some(Self {
            busy: Duration::from_nanos(books.sum_exec_runtime),
            waiting: Duration::from_nanos(books.run_delay),
            slices: books.pcount,
        })
    }

    fn since(&self, earlier: &Self) -> Self {
        Self {
            busy: self.busy.saturating_sub(earlier.busy),
            waiting: self.waiting.saturating_sub(earlier.waiting),
            slices: self.slices.saturating_sub(earlier.slices),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use sim_clock::Clock;

    use super::*;

    fn now() -> Instant {
        Clock::wall().monotonic()
    }

    /// Watches a thread that does `work` again and again.
    fn watched(work: impl Fn() + Send + 'static) -> GeneratorHealth {
        let (tell, told) = channel();
        let (end, ended) = channel::<()>();
        let worker = thread::spawn(move || {
            tell.send(rustix::thread::gettid().as_raw_pid()).unwrap();
            while ended.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                work();
            }
        });
        let mut watch = Watch::new();
        watch.begin(&[told.recv().unwrap()], now());
        assert!(watch.has_begun());
        for _ in 0..5 {
            thread::sleep(LOOK_INTERVAL / 2);
            watch.look(now(), 7);
        }
        drop(end);
        worker.join().unwrap();
        watch.health().expect("it was watched")
    }

    #[test]
    fn a_thread_that_sleeps_is_idle_and_one_that_does_not_is_not() {
        let idle = watched(|| thread::sleep(Duration::from_millis(5)));
        assert!(idle.idle > 0.5, "{idle:?}");
        assert!(idle.scheduling_delay.count > 0, "{idle:?}");
        let busy = watched(|| ());
        assert!(busy.idle < 0.2, "{busy:?}");
        assert!((busy.mean_in_flight - 7.0).abs() < 1e-9, "{busy:?}");
    }

    #[test]
    fn what_cannot_be_watched_is_not_made_up() {
        let mut watch = Watch::new();
        watch.look(now(), 1);
        assert_eq!(watch.health(), None);
        watch.begin(&[-1], now());
        watch.look(now(), 1);
        assert_eq!(watch.health(), None);
    }
}
