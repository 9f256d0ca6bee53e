//! Values that only citizens need: how long people take, how many of them, and what money is.

use std::time::Duration;

use schemars::{Schema, json_schema};

use super::number::decimal_number;
use super::quantity::duration;
use super::{Scalar, ValueError};

/// Longest time that a spread may name: beyond it nobody waits.
const MAX_SPREAD: Duration = Duration::from_secs(3_600);
/// Letters of a currency's code (ISO 4217).
const CURRENCY_LETTERS: usize = 3;

/// How long people take: half of them no longer than the median, 99 of 100 no longer than the p99.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spread {
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
}

/// A share in tenths of a percent, 0 to 1,000: `1.5%` is 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Promille(pub(crate) u32);

/// A currency's code, such as `EUR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CurrencyCode(pub(crate) String);

// === impl Spread ===

impl Scalar for Spread {
    fn accepted() -> String {
        "how long people take, such as `median 4s, p99 30s`".to_owned()
    }

    fn schema() -> Schema {
        const TIME: &str = "[0-9_]+(\\.[0-9]+)? ?(ms|s|min|h)";
        json_schema!({ "type": "string", "pattern": format!("^median {TIME}, p99 {TIME}$") })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let not_one = || ValueError::new(format!("`{text}` does not say a median and a p99"));
        let rest = text.strip_prefix("median ").ok_or_else(not_one)?;
        let (median, p99) = rest.split_once(',').ok_or_else(not_one)?;
        let p99 = p99.trim().strip_prefix("p99 ").ok_or_else(not_one)?;
        let (median, p99) = (duration(median.trim())?, duration(p99.trim())?);
        if median.is_zero() {
            return Err(ValueError::new("nobody takes no time at all"));
        }
        if p99 <= median {
            return Err(ValueError::new(format!(
                "{p99:?} is not longer than {median:?}"
            )));
        }
        if p99 > MAX_SPREAD {
            return Err(ValueError::new(format!("{p99:?} is too long")));
        }
        Ok(Self { median, p99 })
    }
}

// === impl Promille ===

impl Scalar for Promille {
    fn accepted() -> String {
        "a share from `0%` to `100%`, with one decimal at most".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9])? ?%$" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let number = text
            .strip_suffix('%')
            .ok_or_else(|| ValueError::new(format!("`{text}` has no % behind it")))?;
        let tenths = decimal_number(number.trim())? * 10.0;
        if tenths > 1_000.0 {
            return Err(ValueError::new(format!("{text} is too large")));
        }
        if (tenths - tenths.round()).abs() > 1e-6 {
            return Err(ValueError::new(format!("{text} has too many decimals")));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 1,000, as was checked"
        )]
        let promille = tenths.round() as u32;
        Ok(Self(promille))
    }
}

// === impl CurrencyCode ===

impl Scalar for CurrencyCode {
    fn accepted() -> String {
        "a currency's code of three capital letters, such as `EUR`".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        let letters = text.bytes().all(|byte| byte.is_ascii_uppercase());
        if letters && text.len() == CURRENCY_LETTERS {
            return Ok(Self(text.to_owned()));
        }
        Err(ValueError::new(format!("`{text}` is no currency's code")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_are_read() {
        let spread = Spread::parse("median 4s, p99 30s").expect("a spread");
        assert_eq!(spread.median, Duration::from_secs(4));
        assert_eq!(spread.p99, Duration::from_secs(30));
        for (text, expected) in [
            ("4s", "does not say"),
            ("median 4s", "does not say"),
            ("median 4s, most 9s", "does not say"),
            ("median 4s, p99 4s", "is not longer"),
            ("median 0s, p99 4s", "nobody takes"),
            ("median 4s, p99 2h", "too long"),
            ("median four, p99 30s", "four"),
        ] {
            let said = Spread::parse(text).expect_err(text).message;
            assert!(said.contains(expected), "{text}: {said}");
        }
    }

    #[test]
    fn shares_have_one_decimal() {
        assert_eq!(Promille::parse("1.5%"), Ok(Promille(15)));
        assert_eq!(Promille::parse("100 %"), Ok(Promille(1_000)));
        assert_eq!(Promille::parse("0%"), Ok(Promille(0)));
        for text in ["1", "100.1%", "0.25%", "-1%", "some%"] {
            assert!(Promille::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn currencies_have_three_capitals() {
        assert!(CurrencyCode::parse("EUR").is_ok());
        for text in ["", "eur", "EURO", "E1R", "EÜR"] {
            assert!(CurrencyCode::parse(text).is_err(), "{text}");
        }
    }
}
