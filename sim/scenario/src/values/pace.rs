//! How fast exchanges are started: `64 in flight`, `120/s`.

use schemars::{Schema, json_schema};

use super::number::{decimal_number, grouped, whole_number};
use super::quantity::number_and_unit;
use super::{Scalar, ValueError};

/// Most exchanges in flight; each holds a connection.
pub const MAX_IN_FLIGHT: u32 = 20_000;
/// Highest rate, in exchanges a second.
pub const MAX_RATE: f64 = 1_000_000.0;

const RATE_UNITS: [(&str, f64); 3] = [("/s", 1.0), ("/min", 1.0 / 60.0), ("/h", 1.0 / 3_600.0)];
const IN_FLIGHT: &str = "in flight";

/// How fast exchanges are started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    /// As fast as it goes, so many at once.
    InFlight(u32),
    /// So many a second.
    PerSecond(f64),
}

impl Scalar for Pace {
    fn accepted() -> String {
        format!(
            "as fast as it goes with `64 in flight` (at most {}), or a rate such as `120/s` or \
             `9_000/min` (at most 1_000_000/s)",
            grouped(MAX_IN_FLIGHT.into())
        )
    }

    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([0-9_]+ in flight|[0-9_]+(\\.[0-9]+)? ?/(s|min|h))$",
        })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let (number, unit) = number_and_unit(text)?;
        if unit.split_whitespace().eq(IN_FLIGHT.split(' ')) {
            return in_flight(text, number).map(Self::InFlight);
        }
        if unit.is_empty() {
            return Err(ValueError::new(format!(
                "`{text}` says neither how many at once nor how often"
            )));
        }
        rate(text).map(Self::PerSecond)
    }
}

fn in_flight(text: &str, number: &str) -> Result<u32, ValueError> {
    let count = u32::try_from(whole_number(number)?).unwrap_or(u32::MAX);
    match count {
        0 => Err(ValueError::new(format!("with {text} nothing would happen"))),
        1..=MAX_IN_FLIGHT => Ok(count),
        _ => Err(ValueError::new(format!("{text} are too many"))),
    }
}

/// A positive rate a second: `120/s`, `9_000/min`.
pub(super) fn rate(text: &str) -> Result<f64, ValueError> {
    let (number, unit) = number_and_unit(text)?;
    let factor = RATE_UNITS.iter().find(|(name, _)| *name == unit);
    let Some((_, factor)) = factor else {
        let help = "units: `/s`, `/min` or `/h`".to_owned();
        return Err(ValueError::with_help(
            format!("`{text}` is not a rate"),
            Some(help),
        ));
    };
    let per_second = decimal_number(number)? * factor;
    if per_second <= 0.0 {
        return Err(ValueError::new(format!("at {text} nothing would happen")));
    }
    if per_second > MAX_RATE {
        return Err(ValueError::new(format!("{text} is too fast")));
    }
    Ok(per_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_models_are_read() {
        assert_eq!(Pace::parse("64 in flight"), Ok(Pace::InFlight(64)));
        assert_eq!(Pace::parse("1_000  in  flight"), Ok(Pace::InFlight(1_000)));
        assert_eq!(Pace::parse("120/s"), Ok(Pace::PerSecond(120.0)));
        assert_eq!(Pace::parse("0.5 /s"), Ok(Pace::PerSecond(0.5)));
        assert_eq!(Pace::parse("9_000/min"), Ok(Pace::PerSecond(150.0)));
    }

    #[test]
    fn senseless_paces_are_refused() {
        let check =
            |text, expected| assert_eq!(Pace::parse(text).expect_err(text).message, expected);
        check("64", "`64` says neither how many at once nor how often");
        check("0 in flight", "with 0 in flight nothing would happen");
        check("20_001 in flight", "20_001 in flight are too many");
        check(
            "5_000_000_000 in flight",
            "5_000_000_000 in flight are too many",
        );
        check("0/s", "at 0/s nothing would happen");
        check("1_000_001/s", "1_000_001/s is too fast");
        check("-5/s", "-5/s is negative");
        check("120/sec", "`120/sec` is not a rate");
        check("120 rps", "`120 rps` is not a rate");
        check("fast", "`fast` does not begin with a number");
    }
}
