//! Amounts, times and durations as people read them.

use std::time::Duration;

use sim_clock::UtcTime;

use crate::texts::Language;

/// Keeps an amount on one line.
const NO_BREAK_SPACE: char = '\u{a0}';

/// `1 234.50 EUR`, with the language's decimal sign.
pub(crate) fn money(cents: i64, currency: &str, language: Language) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let whole = (cents / 100).unsigned_abs().to_string();
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(NO_BREAK_SPACE);
        }
        grouped.push(digit);
    }
    let decimal = language.decimal_sign();
    let rest = (cents % 100).unsigned_abs();
    format!("{sign}{grouped}{decimal}{rest:02}{NO_BREAK_SPACE}{currency}")
}

/// A duration in whole milliseconds, at least one.
pub(crate) fn milliseconds(duration: Duration) -> u128 {
    duration.as_millis().max(1)
}

/// `2026-02-02 07:34:12`, for tables; the zone is said once beside it.
pub(crate) fn table_time(time: UtcTime) -> String {
    time.rfc3339_seconds()
        .replace('T', " ")
        .trim_end_matches('Z')
        .to_owned()
}

/// A registry's time (RFC 3339) as [`table_time`], or as it came where it is none.
pub(crate) fn readable(time: &str) -> String {
    UtcTime::parse_rfc3339(time).map_or_else(|| time.to_owned(), table_time)
}

/// Tenths of a percent: `99.9`.
pub(crate) fn percent(per_mille: u64, language: Language) -> String {
    let (whole, tenths) = (per_mille / 10, per_mille % 10);
    if tenths == 0 {
        whole.to_string()
    } else {
        format!("{whole}{}{tenths}", language.decimal_sign())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_keep_their_cents() {
        let money = |cents| money(cents, "EUR", Language::English).replace(NO_BREAK_SPACE, " ");
        assert_eq!(money(0), "0.00 EUR");
        assert_eq!(money(123_456_789), "1 234 567.89 EUR");
        assert_eq!(money(-5), "−0.05 EUR");
        assert_eq!(money(100_000), "1 000.00 EUR");
    }

    #[test]
    fn times_are_read_in_one_zone_and_anything_else_stays_as_it_came() {
        assert_eq!(readable("2026-02-02T10:00:00+02:00"), "2026-02-02 08:00:00");
        assert_eq!(readable("yesterday"), "yesterday");
    }

    #[test]
    fn a_rounded_share_never_claims_more() {
        assert_eq!(percent(1_000, Language::English), "100");
        assert_eq!(percent(999, Language::Estonian), "99,9");
    }
}
