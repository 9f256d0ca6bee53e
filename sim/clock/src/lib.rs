//! The only source of time and randomness.
//!
//! Every other crate takes the time from a [`Clock`] and its random numbers from [`rng`], so that
//! a test can shift a server's clock and a seed decides everything that is drawn.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rustix::time::{ClockId, clock_gettime};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// An instant of civil time, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime(i64);

/// Wall time, shifted by a fixed offset: a server whose clock is wrong has a non-zero one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    offset_ms: i64,
}

/// The random stream named `stream` of `seed`.
///
/// Streams of different names are independent, so a part that starts to draw more numbers does
/// not change what the others draw.
#[must_use]
pub fn rng(seed: u64, stream: &str) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(fnv1a(stream));
    rng
}

/// FNV-1a, 64 bits: any fixed spread of names over stream numbers would do.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

// === impl Clock ===

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub const fn wall() -> Self {
        Self { offset_ms: 0 }
    }

    /// The machine's clock, ahead by `offset_ms` milliseconds (behind, where negative).
    #[must_use]
    pub const fn wall_shifted(offset_ms: i64) -> Self {
        Self { offset_ms }
    }

    /// Civil time now.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this crate is the one that reads clocks"
    )]
    pub fn now(&self) -> UtcTime {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        UtcTime(millis(since_epoch).saturating_add(self.offset_ms))
    }

    /// Monotonic time now; it never goes back and knows no offset.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this crate is the one that reads clocks"
    )]
    pub fn monotonic(&self) -> Instant {
        Instant::now()
    }

    /// Processor time that the calling thread has used, in user and kernel mode together. A look
    /// is a system call: some tenths of a microsecond to two, by machine.
    #[must_use]
    pub fn thread_cpu(&self) -> Duration {
        cpu(ClockId::ThreadCPUTime)
    }

    /// Processor time that all threads of this process have used, those that ended included.
    #[must_use]
    pub fn process_cpu(&self) -> Duration {
        cpu(ClockId::ProcessCPUTime)
    }
}

// === impl UtcTime ===

/// `2026-02-02T07:34:12.314Z`.
const RFC3339_MILLIS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
/// `2026-02-02T07:34:12Z`.
const RFC3339_SECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

impl UtcTime {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// RFC 3339 with three digits of fraction and `Z`.
    #[must_use]
    pub fn rfc3339_millis(self) -> String {
        self.formatted(RFC3339_MILLIS)
    }

    /// RFC 3339 with whole seconds and `Z`.
    #[must_use]
    pub fn rfc3339_seconds(self) -> String {
        self.formatted(RFC3339_SECONDS)
    }

    /// Reads any RFC 3339 time; fractions below a millisecond are cut.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .map(Self::from_offset_date_time)
    }

    /// This time later by `duration`.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// This time earlier by `duration`.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// Time passed since `earlier`; zero where that lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same instant for the `time` crate.
    #[must_use]
    pub fn to_offset_date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// From the `time` crate; fractions below a millisecond are cut.
    #[must_use]
    pub fn from_offset_date_time(time: OffsetDateTime) -> Self {
        let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
        Self(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    fn formatted(self, format: &[BorrowedFormatItem<'_>]) -> String {
        self.to_offset_date_time()
            .format(format)
            .expect("the format names only parts every time has")
    }
}

fn cpu(clock: ClockId) -> Duration {
    Duration::try_from(clock_gettime(clock)).unwrap_or_default()
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::Rng;

    use super::*;

    #[test]
    fn streams_of_one_seed_are_repeatable_and_differ() {
        let draw = |seed, name| rng(seed, name).next_u64();
        assert_eq!(draw(7, "arrivals"), draw(7, "arrivals"));
        assert_ne!(draw(7, "arrivals"), draw(7, "faults"));
        assert_ne!(draw(7, "arrivals"), draw(8, "arrivals"));
    }

    #[test]
    fn processor_time_grows_with_work_and_a_thread_is_part_of_its_process() {
        let clock = Clock::wall();
        let (thread, process) = (clock.thread_cpu(), clock.process_cpu());
        let mut digest = 0;
        while clock.thread_cpu() == thread {
            digest = fnv1a(&format!("{digest}"));
        }
        let of_process = clock.process_cpu().saturating_sub(process);
        assert!(of_process > Duration::ZERO, "{of_process:?}");
        assert!(clock.process_cpu() >= clock.thread_cpu());
    }

    #[test]
    fn text_forms_are_those_of_the_protocols() {
        let time = UtcTime::from_millis(1_733_384_052_314);
        assert_eq!(time.rfc3339_millis(), "2024-12-05T07:34:12.314Z");
        assert_eq!(time.rfc3339_seconds(), "2024-12-05T07:34:12Z");
        assert_eq!(
            UtcTime::parse_rfc3339("2024-12-05T09:34:12.3149+02:00"),
            Some(time)
        );
    }

    proptest! {
        #[test]
        fn text_round_trips(millis in 0_i64..4_000_000_000_000) {
            let time = UtcTime::from_millis(millis);
            prop_assert_eq!(UtcTime::parse_rfc3339(&time.rfc3339_millis()), Some(time));
        }
    }
}
