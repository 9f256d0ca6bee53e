//! How a security server's threads share the machine's cores.
//!
//! Two security servers that talk to each other wake each other with every message. Left to
//! itself, Linux takes the one that is woken to the core of the one that wakes it, in whose place
//! it then runs: the two take turns message by message on one core while another has nothing to
//! do, and neither ever finds a whole batch (`docs/figures.md`, "Two servers, two cores").
//!
//! So a server tells the system two things. Whoever it wakes need not run at once: its threads are
//! scheduled as a batch (`SCHED_BATCH`, sched(7)). And its own thread, which has all sockets, stays
//! on a core where whoever starts the server has given it one. Threads that only now and then have
//! something to do, as the log's, go where there is room.

use std::io;

use rustix::thread::{CpuSet, sched_setaffinity};

/// The calling thread, and those that it starts from now on, do not interrupt those that run.
pub(crate) fn do_not_interrupt() {
    let parameters = libc::sched_param { sched_priority: 0 };
    #[expect(unsafe_code, reason = "no library has this call")]
    // SAFETY: thread 0 is the calling one, and the parameters outlive the call, which only reads.
    let set = unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const parameters) };
    if set != 0 {
        // It works without, only slower.
        let error = io::Error::last_os_error();
        tracing::warn!(%error, "threads cannot be scheduled as a batch");
    }
}

/// The calling thread, and those that it starts from now on, run on this core only.
pub(crate) fn stay_on(core: usize) {
    if core >= CpuSet::MAX_CPU {
        tracing::warn!(core, "there is no such core");
        return;
    }
    let mut cores = CpuSet::new();
    cores.set(core);
    if let Err(error) = sched_setaffinity(None, &cores) {
        // It works without, only slower.
        tracing::warn!(core, %error, "cannot stay on a core");
    }
}

#[cfg(test)]
mod tests {
    use rustix::thread::sched_getaffinity;

    use super::*;

    #[test]
    fn a_thread_and_those_it_starts_later_stay_where_they_are_told() {
        let all = sched_getaffinity(None).unwrap();
        let last = (0..CpuSet::MAX_CPU)
            .rfind(|core| all.is_set(*core))
            .unwrap();
        let outside = std::thread::spawn(move || {
            stay_on(last);
            std::thread::spawn(|| sched_getaffinity(None).unwrap())
                .join()
                .unwrap()
        });
        let cores = outside.join().unwrap();
        assert_eq!((cores.count(), cores.is_set(last)), (1, true));
        assert_eq!(sched_getaffinity(None).unwrap(), all, "others are free");
    }

    #[test]
    fn a_core_that_is_not_there_changes_nothing() {
        let before = sched_getaffinity(None).unwrap();
        stay_on(CpuSet::MAX_CPU - 1);
        stay_on(usize::MAX);
        assert_eq!(sched_getaffinity(None).unwrap(), before);
    }

    #[test]
    fn a_thread_and_those_it_starts_later_do_not_interrupt() {
        let policy = || {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            // The 41st field, of which the first two are before the last bracket (proc(5)).
            let fields = stat.rsplit_once(')').unwrap().1;
            fields.split_whitespace().nth(38).unwrap().to_owned()
        };
        let told = std::thread::spawn(move || {
            do_not_interrupt();
            std::thread::spawn(policy).join().unwrap()
        });
        assert_eq!(told.join().unwrap(), libc::SCHED_BATCH.to_string());
    }
}
