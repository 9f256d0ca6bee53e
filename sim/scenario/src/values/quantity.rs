//! Numbers with a unit: durations and sizes.

use std::time::Duration;

use schemars::{Schema, json_schema};

use super::number::{decimal_number, whole_number};
use super::{Scalar, ValueError};
use crate::suggest::one_of;

/// Shortest interval: below it a machine is busy with nothing but the interval.
pub const MIN_INTERVAL: Duration = Duration::from_millis(10);
/// Longest interval: longer than any run.
pub const MAX_INTERVAL: Duration = Duration::from_secs(366 * 24 * 3_600);
/// Largest size of one message or of its parts, in bytes.
pub const MAX_SIZE_BYTES: u64 = 1 << 30;

const DURATION_UNITS: [(&str, f64); 6] = [
    ("us", 0.000_001),
    ("ms", 0.001),
    ("s", 1.0),
    ("min", 60.0),
    ("h", 3_600.0),
    ("d", 86_400.0),
];
const SIZE_UNITS: [(&str, u64); 4] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// A duration from [`MIN_INTERVAL`] to [`MAX_INTERVAL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval(pub(crate) Duration);

/// A size of at least one byte and at most [`MAX_SIZE_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteSize(pub(crate) u64);

// === impl Interval ===

impl Scalar for Interval {
    fn accepted() -> String {
        "a duration from 10ms to 366d, such as `500ms`, `60s`, `20min` or `1h`".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9_]+(\\.[0-9]+)? ?(ms|s|min|h|d)$" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let interval = duration(text)?;
        if interval < MIN_INTERVAL {
            return Err(ValueError::new(format!("{text} is too short")));
        }
        if interval > MAX_INTERVAL {
            return Err(ValueError::new(format!("{text} is too long")));
        }
        Ok(Self(interval))
    }
}

/// A duration of any length: `500ms`, `1.5 h`.
pub(super) fn duration(text: &str) -> Result<Duration, ValueError> {
    let (number, unit) = number_and_unit(text)?;
    let seconds = unit_of(text, unit, &DURATION_UNITS)? * decimal_number(number)?;
    Duration::try_from_secs_f64(seconds).map_err(|_| ValueError::new(format!("{text} is too long")))
}

// === impl ByteSize ===

impl Scalar for ByteSize {
    fn accepted() -> String {
        "a size from 1 B to 1 GiB, such as `512 B`, `2 KiB` or `10 MiB`".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9_]+ ?(B|KiB|MiB|GiB)$" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let (number, unit) = number_and_unit(text)?;
        let unit_bytes = unit_of(text, unit, &SIZE_UNITS)?;
        match whole_number(number)?.checked_mul(unit_bytes) {
            Some(0) => Err(ValueError::new(format!("{text} is too small"))),
            Some(bytes) if bytes <= MAX_SIZE_BYTES => Ok(Self(bytes)),
            _ => Err(ValueError::new(format!("{text} is too large"))),
        }
    }
}

/// The number in front of a text, and what comes after it.
pub(super) fn number_and_unit(text: &str) -> Result<(&str, &str), ValueError> {
    if text.starts_with('-') && text[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return Err(ValueError::new(format!("{text} is negative")));
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '_' && c != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    if number.is_empty() {
        return Err(ValueError::new(format!(
            "`{text}` does not begin with a number"
        )));
    }
    Ok((number, unit.trim_start()))
}

fn unit_of<T: Copy>(text: &str, unit: &str, units: &[(&str, T)]) -> Result<T, ValueError> {
    if let Some((_, factor)) = units.iter().find(|(name, _)| *name == unit) {
        return Ok(*factor);
    }
    let message = if unit.is_empty() {
        format!("`{text}` has no unit")
    } else {
        format!("`{text}` has the unknown unit `{unit}`")
    };
    let help = format!("units: {}", one_of(units.iter().map(|(name, _)| *name)));
    Err(ValueError::with_help(message, Some(help)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        let check = |text, expected_ms| {
            assert_eq!(
                Interval::parse(text),
                Ok(Interval(Duration::from_millis(expected_ms)))
            );
        };
        check("500ms", 500);
        check("60s", 60_000);
        check("60 s", 60_000);
        check("1.5 min", 90_000);
        check("1h", 3_600_000);
        check("1_0s", 10_000);
        check("366d", 366 * 86_400_000);
    }

    #[test]
    fn durations_without_or_with_a_wrong_unit_are_refused() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Interval::parse(text).expect_err(text).message, expected);
        };
        check("60", "`60` has no unit");
        check("60 sec", "`60 sec` has the unknown unit `sec`");
        check("60 KiB", "`60 KiB` has the unknown unit `KiB`");
        check("-5s", "-5s is negative");
        check("soon", "`soon` does not begin with a number");
        check("", "`` does not begin with a number");
        check("1ms", "1ms is too short");
        check("0s", "0s is too short");
        check("367d", "367d is too long");
        check(
            &format!("{}d", "9".repeat(400)),
            &format!("{}d is too long", "9".repeat(400)),
        );
        check("1..5s", "`1..5` is not a number of this sort");
    }

    #[test]
    fn sizes_are_binary() {
        assert_eq!(ByteSize::parse("2 KiB"), Ok(ByteSize(2_048)));
        assert_eq!(ByteSize::parse("10MiB"), Ok(ByteSize(10 << 20)));
        assert_eq!(ByteSize::parse("1 GiB"), Ok(ByteSize(MAX_SIZE_BYTES)));
        let refused = |text: &str| ByteSize::parse(text).expect_err(text);
        assert_eq!(
            refused("2 KB").help.as_deref(),
            Some("units: `B`, `KiB`, `MiB` or `GiB`")
        );
        assert_eq!(
            refused("2 kib").message,
            "`2 kib` has the unknown unit `kib`"
        );
        assert_eq!(refused("0 B").message, "0 B is too small");
        assert_eq!(refused("2 GiB").message, "2 GiB is too large");
        assert_eq!(
            refused("99999999999999999 GiB").message,
            "99999999999999999 GiB is too large"
        );
        assert_eq!(
            refused("1.5 KiB").message,
            "`1.5` is not a number of this sort"
        );
    }
}
