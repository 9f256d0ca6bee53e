//! How the services do, measured where people feel it: the quality indicators of the catalogue.

use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;
use parking_lot::Mutex;

/// The longest time told apart, in milliseconds.
const MAX_MS: u64 = 60_000;
/// Digits of a time that are kept.
const DIGITS: u8 = 2;

/// What was measured of one service since the portal started.
pub(crate) struct Indicators(Mutex<Measured>);

struct Measured {
    asked: u64,
    answered: u64,
    /// Times of answers, in milliseconds.
    times: Histogram<u32>,
}

/// Indicators as they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quality {
    pub(crate) asked: u64,
    /// Of a thousand questions, rounded down, so that a thousand means all.
    pub(crate) answered_per_mille: u64,
    pub(crate) median_ms: u64,
}

// === impl Indicators ===

impl Default for Indicators {
    fn default() -> Self {
        let times = Histogram::new_with_bounds(1, MAX_MS, DIGITS);
        Self(Mutex::new(Measured {
            asked: 0,
            answered: 0,
            times: times.expect("the bounds are in order"),
        }))
    }
}

impl Indicators {
    pub(crate) fn note(&self, took: Duration, is_answer: bool) {
        let mut measured = self.0.lock();
        measured.asked += 1;
        if is_answer {
            measured.answered += 1;
            let ms = u64::try_from(took.as_millis()).unwrap_or(MAX_MS);
            measured.times.saturating_record(ms.max(1));
        }
    }

    /// The indicators of several services together, once one was asked.
    pub(crate) fn together(all: &[&Arc<Self>]) -> Option<Quality> {
        let (mut asked, mut answered) = (0, 0);
        let mut times = Histogram::<u32>::new_with_bounds(1, MAX_MS, DIGITS).ok()?;
        for indicators in all {
            let measured = indicators.0.lock();
            asked += measured.asked;
            answered += measured.answered;
            times.add(&measured.times).ok()?;
        }
        (asked > 0).then(|| Quality {
            asked,
            answered_per_mille: answered * 1_000 / asked,
            median_ms: times.value_at_quantile(0.5),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_has_no_indicators() {
        let (one, other) = (Arc::new(Indicators::default()), Arc::default());
        assert_eq!(Indicators::together(&[&one, &other]), None);
        one.note(Duration::from_millis(20), true);
        one.note(Duration::from_millis(30), true);
        other.note(Duration::from_millis(40), true);
        other.note(Duration::from_secs(4), false);
        let quality = Indicators::together(&[&one, &other]).unwrap();
        assert_eq!(quality.asked, 4);
        assert_eq!(quality.answered_per_mille, 750);
        assert_eq!(quality.median_ms, 30);
    }
}
