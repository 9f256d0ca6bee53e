//! Counts: `500_000`.

use schemars::{Schema, json_schema};

use super::{Scalar, ValueError};

/// A whole number from `MIN` to `MAX`. Underscores may separate digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count<const MIN: u64, const MAX: u64>(pub(crate) u64);

impl<const MIN: u64, const MAX: u64> Scalar for Count<MIN, MAX> {
    fn accepted() -> String {
        match (MIN, MAX) {
            (0, u64::MAX) => "a whole number such as `500_000`".to_owned(),
            _ => format!("a whole number from {} to {}", grouped(MIN), grouped(MAX)),
        }
    }

    fn schema() -> Schema {
        json_schema!({
            "type": ["integer", "string"],
            "minimum": MIN,
            "maximum": MAX,
            "pattern": "^[0-9]+(_[0-9]+)*$",
        })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let number = whole_number(text)?;
        if number < MIN {
            return Err(ValueError::new(format!("{text} is too small")));
        }
        if number > MAX {
            return Err(ValueError::new(format!("{text} is too large")));
        }
        Ok(Self(number))
    }
}

/// A whole number, digits perhaps separated by single underscores.
pub(super) fn whole_number(text: &str) -> Result<u64, ValueError> {
    if let Some(positive) = text.strip_prefix('-')
        && whole_number(positive).is_ok()
    {
        return Err(ValueError::new(format!("{text} is negative")));
    }
    let digits = digits(text).ok_or_else(|| not_a_number(text))?;
    digits
        .parse()
        .map_err(|_| ValueError::new(format!("{text} is too large")))
}

/// A number that may have decimals: `0.5`, `1_000.25`.
pub(super) fn decimal_number(text: &str) -> Result<f64, ValueError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let only_digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits(whole)
        .filter(|_| only_digits)
        .map(|whole| format!("{whole}.{fraction}"));
    number
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| not_a_number(text))
}

/// The digits of `text` without separators, if it is nothing but digits between which single
/// underscores stand.
fn digits(text: &str) -> Option<String> {
    let groups_are_digits = text
        .split('_')
        .all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    groups_are_digits.then(|| text.replace('_', ""))
}

fn not_a_number(text: &str) -> ValueError {
    let help = if text.contains([',', ' ', '\'']) {
        Some("digits are separated by underscores: `500_000`".to_owned())
    } else {
        None
    };
    ValueError::with_help(format!("`{text}` is not a number of this sort"), help)
}

/// `number` with an underscore before every third digit from the right.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Small = Count<1, 10_000>;

    fn refused(text: &str) -> String {
        Small::parse(text).expect_err(text).message
    }

    #[test]
    fn underscores_separate_digits() {
        assert_eq!(Small::parse("1_000"), Ok(Count(1_000)));
        assert_eq!(Small::parse("10_000"), Ok(Count(10_000)));
        for text in [
            "_1", "1_", "1__0", "_", "", "1 000", "1,000", "1e3", "0x10", "+5", "1.0", "٣",
        ] {
            assert!(refused(text).contains("not a number"), "{text}");
        }
    }

    #[test]
    fn bounds_hold() {
        assert_eq!(refused("0"), "0 is too small");
        assert_eq!(refused("10_001"), "10_001 is too large");
        assert_eq!(
            refused("99999999999999999999"),
            "99999999999999999999 is too large"
        );
        assert_eq!(refused("-3"), "-3 is negative");
        assert_eq!(
            Count::<0, { u64::MAX }>::parse("18446744073709551615"),
            Ok(Count(u64::MAX))
        );
    }

    #[test]
    fn decimals_are_plain() {
        assert_eq!(decimal_number("1_000.25"), Ok(1_000.25));
        assert_eq!(decimal_number("7"), Ok(7.0));
        for text in ["1.", ".5", "1.5.2", "1e3", "inf", "NaN", "-1", "1.2_3"] {
            assert!(decimal_number(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_grouped_is_read_back(number in 0_u64..) {
            prop_assert_eq!(whole_number(&grouped(number)), Ok(number));
        }
    }
}
