//! Wakes answers when they are due, by a timer of the kernel.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use sim_clock::Clock;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::{Notify, oneshot};

/// Those who wait, in the order in which they are due: everybody waits equally long, and a stall
/// keeps the order.
pub(super) struct Alarm {
    clock: Clock,
    timer: AsyncFd<OwnedFd>,
    waiting: RefCell<VecDeque<(Instant, oneshot::Sender<()>)>>,
    filled: Notify,
}

// === impl Alarm ===

impl Alarm {
    /// An alarm for which nobody waits.
    pub(super) fn new(clock: Clock) -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe; this descriptor is owned, and never replaced"
        )]
        let timer = AsyncFd::with_interest(timer, Interest::READABLE)?;
        Ok(Self {
            clock,
            timer,
            waiting: RefCell::default(),
            filled: Notify::new(),
        })
    }

    /// Waits until `due`, which is not before what others wait for.
    pub(super) async fn until(&self, due: Instant) {
        let (wake, woken) = oneshot::channel();
        self.waiting.borrow_mut().push_back((due, wake));
        self.filled.notify_one();
        // The alarm ends only with the server.
        let _ = woken.await;
    }

    /// Wakes one after the other, without end.
    pub(super) async fn run(&self) -> io::Result<()> {
        loop {
            let next = self.waiting.borrow().front().map(|(due, _)| *due);
            let Some(due) = next else {
                self.filled.notified().await;
                continue;
            };
            let left = due.saturating_duration_since(self.clock.monotonic());
            if !left.is_zero() {
                self.sleep(left).await?;
            }
            self.wake_due();
        }
    }

    fn wake_due(&self) {
        let now = self.clock.monotonic();
        let mut waiting = self.waiting.borrow_mut();
        while let Some((_, wake)) = waiting.pop_front_if(|(due, _)| *due <= now) {
            // A connection that was lost waits no more.
            let _ = wake.send(());
        }
    }

    async fn sleep(&self, duration: Duration) -> io::Result<()> {
        let time = Itimerspec {
            it_interval: Timespec::default(),
            it_value: timespec(duration),
        };
        timerfd_settime(self.timer.get_ref(), TimerfdTimerFlags::empty(), &time)?;
        let mut expirations = [0; 8];
        let read = |timer: &OwnedFd| Ok(rustix::io::read(timer, &mut expirations)?);
        self.timer
            .async_io(Interest::READABLE, read)
            .await
            .map(drop)
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_is_woken_early_and_those_due_together_wake_together() {
        let clock = Clock::wall();
        let alarm = Alarm::new(clock).unwrap();
        let now = clock.monotonic();
        let [first, second] = [2, 5].map(|ms| now + Duration::from_millis(ms));
        let all =
            async { tokio::join!(alarm.until(first), alarm.until(second), alarm.until(second)) };
        tokio::select! {
            _ = all => assert!(clock.monotonic() >= second),
            ended = alarm.run() => panic!("it has no end: {ended:?}"),
        }
        assert!(alarm.waiting.borrow().is_empty());
    }
}
