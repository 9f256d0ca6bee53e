//! Where an exchange's time goes: the accounting of its stages.
//!
//! The proxies name each step once, around the work ([`Exchange::timed`]) or the wait
//! ([`Exchange::waited`]). One exchange in [`EXCHANGES_ONE_IN`] is measured; the others pay a
//! branch a step. Connections are wrapped by [`Metered`](streams::Metered), which measures one
//! call in so many. What comes of it is told in the server's last words.
//!
//! The clock of a thread is a system call of up to two microseconds, which is why it is
//! looked at so rarely, and why the cost of looking is taken off what was measured.
//!
//! | module | what |
//! |---|---|
//! | [`accounts`] | sums by role and stage |
//! | [`alternation`] | the accounting on and off in turn: what it costs itself |
//! | [`calls`] | work that is measured once in so many calls |
//! | [`streams`] | TLS and sockets |
//! | [`requests`] | requests to other parts, all of them |
//! | [`threads`] | processor time by thread |
//! | [`summary`] | all of it, for the run record |

mod accounts;
mod alternation;
mod calls;
pub(crate) mod requests;
pub(crate) mod streams;
mod summary;
mod threads;

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use pin_project_lite::pin_project;
use sim_clock::Clock;
use sim_metrics::{Role, Stage};

use crate::config::StageAccounting;
use accounts::Accounts;
use alternation::Comparison;
pub(crate) use alternation::alternate;
use calls::Calls;
use streams::Streams;
use threads::Threads;

/// One exchange in so many is measured. A prime: exchanges come in batches, and a round number
/// could meet the same place of every batch.
const EXCHANGES_ONE_IN: u64 = 101;
/// One batch of signatures in so many is measured: a prime again, and smaller, as batches are few
/// and differ in size.
const SIGNATURE_BATCHES_ONE_IN: u64 = 7;
/// Looks at the clocks from which their own cost is learnt.
const CALIBRATING_LOOKS: u32 = 64;

/// The accounting of one server.
pub(crate) struct Stages {
    clock: Clock,
    accounting: StageAccounting,
    /// Whether exchanges that begin now may be measured.
    is_on: AtomicBool,
    /// What two looks at the clocks add to what is measured between them.
    looking: Duration,
    begun: ByRole,
    /// Of these, the ones that began while the accounting was on.
    begun_on: ByRole,
    accounts: Mutex<Accounts>,
    comparison: Mutex<Comparison>,
    streams: Streams,
    signing: Calls,
    /// As the server began to take messages.
    threads_before: Threads,
}

/// Exchanges, counted by role.
#[derive(Default)]
struct ByRole([AtomicU64; 2]);

/// The stages of one exchange; it ends when this is dropped.
pub(crate) struct Exchange<'a> {
    sample: Option<Sample<'a>>,
}

struct Sample<'a> {
    stages: &'a Stages,
    role: Role,
    began: Instant,
    in_work: u64,
}

pin_project! {
    /// A wait that may be measured.
    pub(crate) struct Waited<'a, Work> {
        #[pin]
        work: Work,
        measured: Option<(&'a Sample<'a>, Stage, Instant)>,
    }
}

// === impl Stages ===

impl Stages {
    pub(crate) fn new(accounting: StageAccounting, clock: Clock) -> Self {
        Self {
            clock,
            accounting,
            is_on: AtomicBool::new(accounting != StageAccounting::Off),
            looking: looking(clock),
            begun: ByRole::default(),
            begun_on: ByRole::default(),
            accounts: Mutex::default(),
            comparison: Mutex::new(Comparison::new(clock.process_cpu())),
            streams: Streams::default(),
            signing: Calls::default(),
            threads_before: Threads::now(clock),
        }
    }

    /// An exchange begins in `role`, as one of `in_work` messages.
    pub(crate) fn exchange(&self, role: Role, in_work: usize) -> Exchange<'_> {
        self.begun.count(role);
        if !self.is_on() || !self.begun_on.count(role).is_multiple_of(EXCHANGES_ONE_IN) {
            return Exchange { sample: None };
        }
        Exchange {
            sample: Some(Sample {
                stages: self,
                role,
                began: self.clock.monotonic(),
                in_work: in_work as u64,
            }),
        }
    }

    /// Signs what waits for a signature: work of several exchanges at once.
    pub(crate) fn signing(&self, sign: impl FnOnce()) {
        self.signing.timed(self, SIGNATURE_BATCHES_ONE_IN, sign);
    }

    fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// Processor time of the calling thread since `before`, without what looking costs.
    fn cpu_since(&self, before: Duration) -> Duration {
        let passed = self.clock.thread_cpu().saturating_sub(before);
        passed.saturating_sub(self.looking)
    }
}

// === impl Exchange ===

impl<'a> Exchange<'a> {
    /// Does `work`, which belongs to `stage` and never waits.
    pub(crate) fn timed<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let Some(sample) = &self.sample else {
            return work();
        };
        let clock = sample.stages.clock;
        let cpu_before = clock.thread_cpu();
        let began = clock.monotonic();
        let done = work();
        let time = clock.monotonic().duration_since(began);
        let cpu = sample.stages.cpu_since(cpu_before);
        sample.add(stage, cpu, time);
        done
    }

    /// Waits for `work`, which belongs to `stage`. Only the time that passes is measured: what
    /// the thread does meanwhile is mostly work of other exchanges.
    pub(crate) fn waited<Work: Future>(&'a self, stage: Stage, work: Work) -> Waited<'a, Work> {
        let measured = self.sample.as_ref().map(|sample| {
            let began = sample.stages.clock.monotonic();
            (sample, stage, began)
        });
        Waited { work, measured }
    }
}

// === impl Sample ===

impl Sample<'_> {
    fn add(&self, stage: Stage, cpu: Duration, time: Duration) {
        let mut accounts = self.stages.accounts.lock();
        accounts.of(self.role).add(stage, cpu, time);
    }
}

impl Drop for Sample<'_> {
    fn drop(&mut self) {
        let ended = self.stages.clock.monotonic();
        let mut accounts = self.stages.accounts.lock();
        accounts.of(self.role).end(self.began, ended, self.in_work);
    }
}

// === impl Waited ===

impl<Work: Future> Future for Waited<'_, Work> {
    type Output = Work::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let done = ready!(this.work.poll(context));
        if let Some((sample, stage, began)) = this.measured.take() {
            let time = sample.stages.clock.monotonic().duration_since(began);
            sample.add(stage, Duration::ZERO, time);
        }
        Poll::Ready(done)
    }
}

// === impl ByRole ===

impl ByRole {
    /// Counts one more; how many there were before.
    fn count(&self, role: Role) -> u64 {
        self.0[role as usize].fetch_add(1, Ordering::Relaxed)
    }

    fn of(&self, role: Role) -> u64 {
        self.0[role as usize].load(Ordering::Relaxed)
    }

    fn sum(&self) -> u64 {
        self.of(Role::ClientProxy) + self.of(Role::ServerProxy)
    }
}

/// What [`Exchange::timed`] adds to the processor time of its work: the least of many looks, as
/// the others were disturbed.
fn looking(clock: Clock) -> Duration {
    let look = |_| {
        let before = clock.thread_cpu();
        let began = clock.monotonic();
        let ended = clock.monotonic();
        debug_assert!(ended >= began);
        clock.thread_cpu().saturating_sub(before)
    };
    (0..CALIBRATING_LOOKS).map(look).min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(accounting: StageAccounting) -> Stages {
        Stages::new(accounting, Clock::wall())
    }

    #[tokio::test]
    async fn one_in_so_many_is_measured_and_all_are_counted() {
        let stages = stages(StageAccounting::On);
        for number in 0..3 * EXCHANGES_ONE_IN + 1 {
            let exchange = stages.exchange(Role::ClientProxy, 2);
            assert_eq!(exchange.timed(Stage::Parse, || number), number);
            let waited = exchange.waited(Stage::Sign, async { number });
            assert_eq!(waited.await, number);
        }
        drop(stages.exchange(Role::ServerProxy, 1));
        let role = stages.role(Role::ClientProxy);
        assert_eq!(
            (role.exchanges, role.sampled),
            (3 * EXCHANGES_ONE_IN + 1, 4)
        );
        assert_eq!(role.of(Stage::Parse).map(|used| used.measured), Some(4));
        assert_eq!(role.of(Stage::Sign).map(|used| used.measured), Some(4));
        assert_eq!(role.of(Stage::Log), None);
        assert_eq!((role.mean_in_work, role.most_in_work), (2.0, 2));
        let role = stages.role(Role::ServerProxy);
        assert_eq!((role.exchanges, role.sampled, role.stages.len()), (1, 1, 0));
    }

    #[test]
    fn signing_is_measured_once_in_so_many_batches_and_scaled_to_all() {
        let stages = stages(StageAccounting::On);
        let busy = Duration::from_micros(200);
        let clock = stages.clock;
        // Shares are scaled by the exchanges that began.
        drop(stages.exchange(Role::ClientProxy, 1));
        for _ in 0..2 * SIGNATURE_BATCHES_ONE_IN {
            stages.signing(|| {
                let before = clock.thread_cpu();
                while clock.thread_cpu() - before < busy {}
            });
        }
        assert_eq!(stages.signing.measured(), 2);
        let signing_us = stages.measured().signing_us;
        let least_us = accounts::micros(busy) * stages.signing.all() as f64;
        assert!(signing_us > 0.9 * least_us, "{signing_us} of {least_us}");
    }

    #[test]
    fn nothing_is_measured_where_it_is_off() {
        let stages = stages(StageAccounting::Off);
        for _ in 0..2 * EXCHANGES_ONE_IN {
            let exchange = stages.exchange(Role::ClientProxy, 1);
            exchange.timed(Stage::Parse, || ());
        }
        let role = stages.role(Role::ClientProxy);
        assert_eq!((role.exchanges, role.sampled), (2 * EXCHANGES_ONE_IN, 0));
        assert!(role.stages.is_empty());
    }

    #[test]
    fn work_counts_as_processor_time_and_a_wait_as_time_alone() {
        let stages = stages(StageAccounting::On);
        let clock = Clock::wall();
        let exchange = stages.exchange(Role::ClientProxy, 1);
        let busy = Duration::from_millis(2);
        exchange.timed(Stage::Verify, || {
            let before = clock.thread_cpu();
            while clock.thread_cpu() - before < busy {}
        });
        exchange.timed(Stage::Admit, || std::thread::park_timeout(busy));
        drop(exchange);
        let role = stages.role(Role::ClientProxy);
        let verify = role.of(Stage::Verify).expect("it was measured");
        assert!(verify.cpu_us > 1_000.0, "{verify:?}");
        let admit = role.of(Stage::Admit).expect("it was measured");
        assert!(admit.cpu_us < admit.time_us, "{admit:?}");
        assert!(role.time_us >= verify.time_us + admit.time_us, "{role:?}");
    }
}
