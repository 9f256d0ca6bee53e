//! How a rate goes over time: the steps of a course, the busiest hour of a day, a table's file.

use std::time::Duration;

use schemars::{Schema, json_schema};

use super::number::decimal_number;
use super::pace::rate_or_none;
use super::quantity::{Interval, number_and_unit};
use super::{Scalar, ValueError};

/// Longest name of a table's file, in bytes.
const MAX_FILE_NAME_BYTES: usize = 100;

/// A part of a course: `120/s for 30s`, or `10/s to 500/s over 2min`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// Exchanges a second as it begins.
    pub(crate) from: f64,
    /// As it ends.
    pub(crate) to: f64,
    pub(crate) lasts: Duration,
}

/// A part of a day's volume, 0 to 1: `40 % of the day`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DayShare(pub(crate) f64);

/// The name of a file beside the scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileName(pub(crate) String);

// === impl Step ===

impl Scalar for Step {
    fn accepted() -> String {
        "a rate that stays, such as `120/s for 30s`, or one that changes steadily, such as \
         `10/s to 500/s over 2min`"
            .to_owned()
    }

    fn schema() -> Schema {
        const RATE: &str = "[0-9_]+(\\.[0-9]+)? ?/(s|min|h)";
        const TIME: &str = "[0-9_]+(\\.[0-9]+)? ?(ms|s|min|h|d)";
        json_schema!({
            "type": "string",
            "pattern": format!("^{RATE} (for|to {RATE} over) {TIME}$"),
        })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let (rates, lasts) = match (text.split_once(" for "), text.split_once(" over ")) {
            (Some((rate, lasts)), None) => ((rate, rate), lasts),
            (None, Some((rates, lasts))) => {
                let ends = rates.split_once(" to ").ok_or_else(|| {
                    ValueError::new(format!("`{rates}` does not say from where to where"))
                })?;
                (ends, lasts)
            }
            _ => {
                return Err(ValueError::new(format!(
                    "`{text}` does not say for how long"
                )));
            }
        };
        Ok(Self {
            from: rate_or_none(rates.0.trim())?,
            to: rate_or_none(rates.1.trim())?,
            lasts: Interval::parse(lasts.trim())?.0,
        })
    }
}

// === impl DayShare ===

impl Scalar for DayShare {
    fn accepted() -> String {
        "a part of the day's volume such as `12.5%` or `40 % of the day`".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?%( of the day)?$" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let (number, unit) = number_and_unit(text)?;
        if !matches!(unit, "%" | "% of the day") {
            return Err(ValueError::new(format!("`{text}` is not a percentage")));
        }
        Ok(Self(decimal_number(number)? / 100.0))
    }
}

// === impl FileName ===

impl Scalar for FileName {
    fn accepted() -> String {
        "the name of a file in the scenario's own folder, such as `traffic.csv`".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[^/\\\\]+$" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let leads_away = text.contains(['/', '\\']) || matches!(text, "" | "." | "..");
        if leads_away {
            return Err(ValueError::new(format!(
                "`{text}` is not the name of a file"
            )));
        }
        if text.len() > MAX_FILE_NAME_BYTES {
            return Err(ValueError::new(format!("`{text}` is too long for a name")));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_or_change_steadily() {
        let step = |from, to, seconds| Step {
            from,
            to,
            lasts: Duration::from_secs(seconds),
        };
        assert_eq!(Step::parse("120/s for 30s"), Ok(step(120.0, 120.0, 30)));
        assert_eq!(Step::parse("0/s for 1min"), Ok(step(0.0, 0.0, 60)));
        assert_eq!(
            Step::parse("60/min to 500/s over 2min"),
            Ok(step(1.0, 500.0, 120))
        );
    }

    #[test]
    fn steps_that_say_too_little_are_refused() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Step::parse(text).expect_err(text).message, expected);
        };
        check("120/s", "`120/s` does not say for how long");
        check("120/s over 30s", "`120/s` does not say from where to where");
        check("120 for 30s", "`120` is not a rate");
        check("1_000_001/s for 30s", "1_000_001/s is too fast");
        check("120/s for 30", "`30` has no unit");
        check("120/s for 0s", "0s is too short");
    }

    #[test]
    fn shares_and_file_names() {
        assert_eq!(DayShare::parse("12.5%"), Ok(DayShare(0.125)));
        assert_eq!(DayShare::parse("40 % of the day"), Ok(DayShare(0.4)));
        assert!(DayShare::parse("0.4").is_err());
        assert_eq!(
            FileName::parse("traffic.csv"),
            Ok(FileName("traffic.csv".to_owned()))
        );
        for elsewhere in ["../traffic.csv", "/etc/passwd", "..", "a\\b"] {
            assert!(FileName::parse(elsewhere).is_err(), "{elsewhere}");
        }
    }
}
