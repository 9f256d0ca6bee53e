//! Work that comes often and does little: a sample of it stands for all.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Stages;

/// Pieces of work of one kind, none of which waits.
#[derive(Default)]
pub(super) struct Calls {
    /// Those done while the accounting was on.
    all: AtomicU64,
    measured: AtomicU64,
    cpu_ns: AtomicU64,
}

// === impl Calls ===

impl Calls {
    /// Does `work`; its processor time is measured once in `one_in` calls.
    pub(super) fn timed<T>(&self, stages: &Stages, one_in: u64, work: impl FnOnce() -> T) -> T {
        let is_measured = stages.is_on()
            && self
                .all
                .fetch_add(1, Ordering::Relaxed)
                .is_multiple_of(one_in);
        if !is_measured {
            return work();
        }
        let before = stages.clock.thread_cpu();
        let done = work();
        let cpu = stages.cpu_since(before);
        let cpu_ns = u64::try_from(cpu.as_nanos()).unwrap_or(u64::MAX);
        self.cpu_ns.fetch_add(cpu_ns, Ordering::Relaxed);
        self.measured.fetch_add(1, Ordering::Relaxed);
        done
    }

    pub(super) fn all(&self) -> u64 {
        self.all.load(Ordering::Relaxed)
    }

    pub(super) fn measured(&self) -> u64 {
        self.measured.load(Ordering::Relaxed)
    }

    /// Scaled from the calls that were measured to all.
    pub(super) fn cpu_us(&self) -> f64 {
        match self.measured() as f64 {
            0.0 => 0.0,
            measured => {
                let sum_us = self.cpu_ns.load(Ordering::Relaxed) as f64 / 1e3;
                sum_us * self.all() as f64 / measured
            }
        }
    }
}
