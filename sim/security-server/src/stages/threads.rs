//! Processor time by thread, as the system counts it.

use std::time::Duration;

use procfs::ProcError;
use procfs::process::{Process, Task};
use sim_clock::Clock;
use sim_metrics::stages::ThreadsCpu;

use super::accounts::micros;

/// Name of the message log's thread.
const MESSAGE_LOG: &str = "message-log";

/// What the threads had used at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Threads {
    /// The first thread of the process, which serves.
    main: Duration,
    message_log: Duration,
    /// All of them, those that have ended included.
    process: Duration,
}

// === impl Threads ===

impl Threads {
    pub(super) fn now(clock: Clock) -> Self {
        Self::read(clock).unwrap_or_else(|error| {
            tracing::warn!(%error, "the system does not tell the threads' processor time");
            Self::default()
        })
    }

    fn read(clock: Clock) -> Result<Self, ProcError> {
        let mut threads = Self::default();
        for task in Process::myself()?.tasks()? {
            let task = task?;
            // A thread may end while it is looked at.
            let (Ok(stat), Ok(used)) = (task.stat(), used(&task)) else {
                continue;
            };
            match stat.comm.as_str() {
                _ if task.tid == task.pid => threads.main += used,
                MESSAGE_LOG => threads.message_log += used,
                _ => {}
            }
        }
        // Last, so that it is no less than the sum of the others.
        threads.process = clock.process_cpu();
        Ok(threads)
    }

    /// What was used since `earlier`.
    pub(super) fn since(&self, earlier: &Self) -> ThreadsCpu {
        let passed = |of: fn(&Self) -> Duration| of(self).saturating_sub(of(earlier));
        let (main, message_log) = (passed(|t| t.main), passed(|t| t.message_log));
        ThreadsCpu {
            event_loop_us: micros(main),
            message_log_us: micros(message_log),
            other_us: micros(passed(|t| t.process).saturating_sub(main + message_log)),
        }
    }
}

/// To the nanosecond where the system keeps such books, else in ticks.
fn used(task: &Task) -> Result<Duration, ProcError> {
    if let Ok(stat) = task.schedstat() {
        return Ok(Duration::from_nanos(stat.sum_exec_runtime));
    }
    let stat = task.stat()?;
    let ticks = (stat.utime + stat.stime) as f64;
    Ok(Duration::from_secs_f64(
        ticks / procfs::ticks_per_second().max(1) as f64,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_found_by_its_name_and_counts_once() {
        let clock = Clock::wall();
        let before = Threads::now(clock);
        let busy = Duration::from_millis(20);
        let (used, spent) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::Builder::new().name(MESSAGE_LOG.to_owned());
        let thread = thread.spawn(move || {
            while clock.thread_cpu() < busy {}
            used.send(()).expect("the test waits");
            // It stays until it was looked at.
            let _ = ended.recv();
        });
        let thread = thread.expect("a thread can be started");
        spent.recv().expect("the thread works");
        let threads = Threads::now(clock).since(&before);
        drop(end);
        thread.join().expect("the thread ends");
        // The books may lag behind by a tick.
        assert!(threads.message_log_us > 5_000.0, "{threads:?}");
        let sum = threads.event_loop_us + threads.message_log_us + threads.other_us;
        let process_us = micros(clock.process_cpu());
        assert!(sum <= process_us, "{threads:?} of {process_us}");
    }
}
