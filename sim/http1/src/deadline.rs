//! Bounding work in time without touching the timer each time.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use sim_clock::Clock;
use tokio::task::coop;
use tokio::time::{Sleep, sleep_until};

/// A timer that is set once and moved on only when it fires early.
///
/// Deadlines of successive exchanges only move away, so nearly always the work is done long before
/// the timer fires, and the timer need not be told.
#[derive(Debug)]
pub struct Deadline {
    clock: Clock,
    /// Set at the first wait.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    /// A timer that nothing waits for yet.
    #[must_use]
    pub const fn new(clock: Clock) -> Self {
        Self { clock, sleep: None }
    }

    /// Does `work` for at most `duration`; none where the time passed first.
    pub async fn within<F: Future>(&mut self, duration: Duration, work: F) -> Option<F::Output> {
        let deadline = self.clock.monotonic() + duration;
        self.until(deadline, work).await
    }

    /// Does `work` until `deadline`; none where the time passed first.
    pub async fn until<F: Future>(&mut self, deadline: Instant, work: F) -> Option<F::Output> {
        let mut work = pin!(work);
        poll_fn(|context| {
            if let Poll::Ready(output) = work.as_mut().poll(context) {
                return Poll::Ready(Some(output));
            }
            if self.poll_passed(deadline, context) {
                return Poll::Ready(None);
            }
            Poll::Pending
        })
        .await
    }

    fn poll_passed(&mut self, deadline: Instant, context: &mut Context<'_>) -> bool {
        // Work that is never short of input uses up what the runtime lets a task do in one turn;
        // the timer would then not be looked at either.
        if !coop::has_budget_remaining() && self.clock.monotonic() >= deadline {
            return true;
        }
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(sleep_until(deadline.into())));
        // A deadline that moved nearer cannot wait for the old one to fire.
        if deadline < sleep.deadline().into_std() {
            sleep.as_mut().reset(deadline.into());
        }
        while sleep.as_mut().poll(context).is_ready() {
            if sleep.deadline().into_std() >= deadline {
                return true;
            }
            sleep.as_mut().reset(deadline.into());
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::io::{AsyncReadExt as _, repeat};

    use super::*;

    #[tokio::test]
    async fn work_that_never_waits_is_given_up_too() {
        let endless = async {
            let mut source = repeat(1);
            let mut bytes = [0; 64];
            while source.read(&mut bytes).await.is_ok() {
                coop::consume_budget().await;
            }
        };
        let mut deadline = Deadline::new(Clock::wall());
        let never = deadline.within(Duration::from_millis(20), endless);
        assert_eq!(never.await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_never_ends_is_given_up_and_other_work_is_not() {
        let clock = Clock::wall();
        let mut deadline = Deadline::new(clock);
        let never = deadline.within(Duration::from_secs(30), pending::<()>());
        assert_eq!(never.await, None);
        assert_eq!(deadline.within(Duration::ZERO, async { 5 }).await, Some(5));
        // Nearer than the timer was set, then farther.
        for millis in [10, 2_000] {
            let never = deadline.within(Duration::from_millis(millis), pending::<()>());
            assert_eq!(never.await, None);
        }
    }
}
