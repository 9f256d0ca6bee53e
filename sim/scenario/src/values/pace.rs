//! How fast exchanges are started: `64 in flight`, `120/s`, `500_000 per month`.

use schemars::{Schema, json_schema};

use super::number::{decimal_number, grouped, whole_number};
use super::quantity::number_and_unit;
use super::{Scalar, ValueError};
use crate::suggest::one_of;

/// Most exchanges in flight; each holds a connection.
pub const MAX_IN_FLIGHT: u32 = 20_000;
/// Highest rate, in exchanges a second.
pub const MAX_RATE: f64 = 1_000_000.0;

const RATE_UNITS: [(&str, f64); 3] = [("/s", 1.0), ("/min", 1.0 / 60.0), ("/h", 1.0 / 3_600.0)];
const IN_FLIGHT: &str = "in flight";
const PER_PERSON: &str = "per person";

const DAY_S: f64 = 86_400.0;
/// What volumes are stated for. A month is a twelfth of a year, and a year has 365.25 days.
const PERIODS: [(&str, f64); 7] = [
    ("second", 1.0),
    ("minute", 60.0),
    ("hour", 3_600.0),
    ("day", DAY_S),
    ("week", 7.0 * DAY_S),
    ("month", 365.25 / 12.0 * DAY_S),
    ("year", 365.25 * DAY_S),
];

/// How fast exchanges are started.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    /// As fast as it goes, so many at once.
    InFlight(u32),
    /// So many a second.
    PerSecond(f64),
    /// So many a second for each person of the population.
    PerPerson(f64),
}

impl Scalar for Pace {
    fn accepted() -> String {
        format!(
            "as fast as it goes with `64 in flight` (at most {}), a rate such as `120/s` or \
             `9_000/min` (at most 1_000_000/s), or a volume such as `500_000 per month` or \
             `3.9 per person per week`",
            grouped(MAX_IN_FLIGHT.into())
        )
    }

    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([0-9_]+ in flight|[0-9_]+(\\.[0-9]+)?( ?/(s|min|h)|( per person)? per \
                        (second|minute|hour|day|week|month|year)))$",
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
        if let Some(period) = unit.strip_prefix("per ") {
            return volume(text, number, period);
        }
        rate(text).map(Self::PerSecond)
    }
}

/// A volume over a period: `500_000 per month`, `3.9 per person per week`.
fn volume(text: &str, number: &str, period: &str) -> Result<Pace, ValueError> {
    let whole = format!("per {period}");
    let per_person = whole.strip_prefix(PER_PERSON).map(str::trim_start);
    let period = per_person
        .map_or(Some(period), |period| period.strip_prefix("per "))
        .map(str::trim);
    let known = PERIODS.iter().find(|(name, _)| Some(*name) == period);
    let Some((_, seconds)) = known else {
        let names = one_of(PERIODS.iter().map(|(name, _)| *name));
        return Err(ValueError::with_help(
            format!("`{text}` names no period that is known"),
            Some(format!("periods: {names}")),
        ));
    };
    let per_second = positive(text, decimal_number(number)? / seconds)?;
    Ok(match per_person {
        Some(_) => Pace::PerPerson(per_second),
        None => Pace::PerSecond(per_second),
    })
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
    let per_second = rate_or_none(text)?;
    positive(text, per_second)
}

/// A rate a second that may be zero: `0/s`.
pub(super) fn rate_or_none(text: &str) -> Result<f64, ValueError> {
    let (number, unit) = number_and_unit(text)?;
    let factor = RATE_UNITS.iter().find(|(name, _)| *name == unit);
    let Some((_, factor)) = factor else {
        let help = "units: `/s`, `/min` or `/h`".to_owned();
        return Err(ValueError::with_help(
            format!("`{text}` is not a rate"),
            Some(help),
        ));
    };
    sane(text, decimal_number(number)? * factor)
}

fn positive(text: &str, per_second: f64) -> Result<f64, ValueError> {
    if per_second <= 0.0 {
        return Err(ValueError::new(format!("at {text} nothing would happen")));
    }
    sane(text, per_second)
}

fn sane(text: &str, per_second: f64) -> Result<f64, ValueError> {
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
    fn volumes_are_read() {
        assert_eq!(Pace::parse("86_400 per day"), Ok(Pace::PerSecond(1.0)));
        assert_eq!(Pace::parse("52_596 per month"), Ok(Pace::PerSecond(0.02)));
        assert_eq!(
            Pace::parse("3.5 per person per week"),
            Ok(Pace::PerPerson(3.5 / 604_800.0))
        );
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
        check(
            "5 per fortnight",
            "`5 per fortnight` names no period that is known",
        );
        check(
            "5 per person",
            "`5 per person` names no period that is known",
        );
        check("0 per day", "at 0 per day nothing would happen");
        check("fast", "`fast` does not begin with a number");
    }
}
