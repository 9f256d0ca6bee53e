//! What a measured value must satisfy: `0`, `at least 99.9%`, `below 500ms`.

use std::marker::PhantomData;
use std::time::Duration;

use schemars::{Schema, json_schema};

use super::number::{decimal_number, whole_number};
use super::pace::rate;
use super::quantity::{ByteSize, duration};
use super::{Scalar, ValueError};
use crate::model::{Comparison, Window};

/// Longest response time that a threshold may name.
pub const MAX_RESPONSE_TIME: Duration = Duration::from_secs(24 * 3_600);

/// A time since the load began, as a regular expression.
const TIME: &str = "[0-9_]+(\\.[0-9]+)? ?(ms|s|min|h|d)";
/// Longer words first, so that `<=` is not read as `<`.
const COMPARISONS: [(&str, Comparison); 10] = [
    ("at least ", Comparison::AtLeast),
    ("at most ", Comparison::AtMost),
    ("exactly ", Comparison::Equal),
    ("below ", Comparison::Below),
    ("above ", Comparison::Above),
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    ("<", Comparison::Below),
    (">", Comparison::Above),
    ("=", Comparison::Equal),
];

/// A comparison with a bound in the unit `U`; a bound alone means equality.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition<U> {
    pub(crate) comparison: Comparison,
    /// In the unit of the metric: a count, a share from 0 to 1, a number a second, seconds, or bytes.
    pub(crate) bound: f64,
    /// The part of the load that it is about; absent: all of it.
    pub(crate) window: Option<Window>,
    /// As it was written.
    pub(crate) text: String,
    unit: PhantomData<U>,
}

/// The unit of a condition.
pub(crate) trait Unit {
    /// What is accepted, for people.
    const ACCEPTED: &str;
    /// What the bound looks like, as a regular expression.
    const PATTERN: &str;

    /// The bound that `text` names.
    fn bound(text: &str) -> Result<f64, ValueError>;
}

/// Whole numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted;
/// Percentages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Share;
/// Rates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PerSecond;
/// Durations.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Timed;
/// Sizes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weighed;

// === impl Condition ===

impl<U: Unit> Scalar for Condition<U> {
    fn accepted() -> String {
        format!(
            "{}, perhaps of a part of the load: `… from 30s to 90s`, `… from 2min`",
            U::ACCEPTED
        )
    }

    fn schema() -> Schema {
        let words = "((at least|at most|exactly|below|above) |(>=|<=|<|>|=) ?)?";
        json_schema!({
            "type": ["integer", "string"],
            "pattern": format!("^{words}{}( from {TIME}( to {TIME})?)?$", U::PATTERN),
        })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let (condition, window) = match text.split_once(" from ") {
            Some((condition, window)) => (condition, Some(Window::parse(window)?)),
            None => (text, None),
        };
        let compared = COMPARISONS
            .iter()
            .find_map(|(word, comparison)| Some((*comparison, condition.strip_prefix(word)?)));
        let (comparison, bound) = compared.unwrap_or((Comparison::Equal, condition));
        let bound = U::bound(bound.trim())?;
        Ok(Self {
            comparison,
            bound,
            window,
            text: text.to_owned(),
            unit: PhantomData,
        })
    }
}

// === impl Window ===

impl Window {
    /// `30s to 90s`, or `30s`.
    fn parse(text: &str) -> Result<Self, ValueError> {
        let (from, until) = match text.split_once(" to ") {
            Some((from, until)) => (from, Some(until)),
            None => (text, None),
        };
        let from = duration(from.trim())?;
        let until = until.map(|until| duration(until.trim())).transpose()?;
        if until.is_some_and(|until| until <= from) {
            return Err(ValueError::new(format!(
                "`from {text}` ends before it begins"
            )));
        }
        Ok(Self { from, until })
    }
}

// === impl Unit ===

impl Unit for Counted {
    const ACCEPTED: &str = "a count such as `0`, `980` or `at most 5`";
    const PATTERN: &str = "[0-9]+(_[0-9]+)*";

    fn bound(text: &str) -> Result<f64, ValueError> {
        /// Largest whole number below which a float holds every one.
        const MAX: u64 = 1 << 53;
        match whole_number(text)? {
            #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
            count @ 0..=MAX => Ok(count as f64),
            _ => Err(ValueError::new(format!("{text} is too large"))),
        }
    }
}

impl Unit for Share {
    const ACCEPTED: &str = "a percentage such as `100%` or `at least 99.9%`";
    const PATTERN: &str = "[0-9_]+(\\.[0-9]+)? ?%";

    fn bound(text: &str) -> Result<f64, ValueError> {
        let Some(number) = text.strip_suffix('%') else {
            return Err(ValueError::new(format!("`{text}` is not a percentage")));
        };
        let percent = decimal_number(number.trim_end())?;
        if percent > 100.0 {
            return Err(ValueError::new(format!("{text} is more than everything")));
        }
        Ok(percent / 100.0)
    }
}

impl Unit for PerSecond {
    const ACCEPTED: &str = "a rate such as `at least 1_500/s`";
    const PATTERN: &str = "[0-9_]+(\\.[0-9]+)? ?/(s|min|h)";

    fn bound(text: &str) -> Result<f64, ValueError> {
        rate(text)
    }
}

impl Unit for Timed {
    const ACCEPTED: &str = "a duration such as `below 500ms` or `at most 300us`";
    const PATTERN: &str = "[0-9_]+(\\.[0-9]+)? ?(us|ms|s|min|h|d)";

    fn bound(text: &str) -> Result<f64, ValueError> {
        let bound = duration(text)?;
        if bound > MAX_RESPONSE_TIME {
            return Err(ValueError::new(format!("{text} is too long")));
        }
        Ok(bound.as_secs_f64())
    }
}

impl Unit for Weighed {
    const ACCEPTED: &str = "a size such as `at most 600 MiB`";
    const PATTERN: &str = "[0-9_]+ ?(B|KiB|MiB|GiB)";

    fn bound(text: &str) -> Result<f64, ValueError> {
        Ok(ByteSize::parse(text)?.0 as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<U: Unit>(text: &str, comparison: Comparison, bound: f64) {
        let condition = Condition::<U>::parse(text).expect(text);
        assert_eq!(
            (condition.comparison, condition.bound),
            (comparison, bound),
            "{text}"
        );
        assert_eq!(condition.text, text);
    }

    fn refused<U: Unit>(text: &str, message: &str) {
        let condition = Condition::<U>::parse(text).map(|condition| condition.bound);
        assert_eq!(condition.expect_err(text).message, message);
    }

    #[test]
    fn every_comparison_has_a_word_and_a_sign() {
        check::<Counted>("980", Comparison::Equal, 980.0);
        check::<Counted>("exactly 980", Comparison::Equal, 980.0);
        check::<Counted>("= 980", Comparison::Equal, 980.0);
        check::<Counted>("at most 5", Comparison::AtMost, 5.0);
        check::<Counted>("<= 5", Comparison::AtMost, 5.0);
        check::<Counted>("<5", Comparison::Below, 5.0);
        check::<Counted>("above 1_000", Comparison::Above, 1_000.0);
        check::<Counted>(">1", Comparison::Above, 1.0);
        check::<Counted>(">=1", Comparison::AtLeast, 1.0);
    }

    #[test]
    fn every_unit_is_read() {
        check::<Share>("100%", Comparison::Equal, 1.0);
        check::<Share>("at least 99.5 %", Comparison::AtLeast, 0.995);
        check::<PerSecond>("at least 6_000/min", Comparison::AtLeast, 100.0);
        check::<Timed>("below 500ms", Comparison::Below, 0.5);
    }

    #[test]
    fn windows_are_read() {
        let window = |text| Condition::<Timed>::parse(text).map(|condition| condition.window);
        let seconds = Duration::from_secs;
        assert_eq!(window("below 2s"), Ok(None));
        let from = seconds(30);
        let until = Some(seconds(90));
        assert_eq!(
            window("below 2s from 30s to 1.5min"),
            Ok(Some(Window { from, until }))
        );
        assert_eq!(
            window("below 2s from 30s"),
            Ok(Some(Window { from, until: None }))
        );
        for (text, said) in [
            ("below 2s from 30s to 30s", "ends before it begins"),
            ("below 2s from 30s to 10s", "ends before it begins"),
            ("below 2s from now", "`now`"),
            ("below 2s from 3 to 4", "has no unit"),
        ] {
            let refused = window(text).expect_err(text).message;
            assert!(refused.contains(said), "{text}: {refused}");
        }
    }

    #[test]
    fn wrong_units_are_refused() {
        refused::<Counted>("5%", "`5%` is not a number of this sort");
        refused::<Counted>("-1", "-1 is negative");
        refused::<Counted>("99999999999999999", "99999999999999999 is too large");
        refused::<Share>("1", "`1` is not a percentage");
        refused::<Share>("100.1%", "100.1% is more than everything");
        refused::<PerSecond>("500ms", "`500ms` is not a rate");
        refused::<Timed>("below 500", "`500` has no unit");
        refused::<Timed>("below 25h", "25h is too long");
        refused::<Timed>("under 5s", "`under 5s` does not begin with a number");
    }
}
