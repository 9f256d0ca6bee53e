//! Numbers as people write them: `500,000`, `4.32 ms`, `1.23 GB`, `99.9998 %`.
//!
//! A number and its unit are joined by a space that does not break. What is not a number is
//! shown as [`NOTHING`].

use sim_metrics::{Unit, metrics};

/// Stands where there is no figure.
pub(crate) const NOTHING: &str = "–";

/// Joins a number and its unit; lines do not break there.
const JOINT: char = '\u{a0}';

const MINUTE_S: f64 = 60.0;
const HOUR_S: f64 = 3_600.0;
const DAY_S: f64 = 86_400.0;

/// Most decimals of a share, so that one among millions is still seen.
const SHARE_DECIMALS: usize = 4;

/// `500,000`.
pub(crate) fn count(value: u64) -> String {
    group(&value.to_string())
}

/// `1 record`, `2,000 records`.
pub(crate) fn counted(value: u64, one: &str, many: &str) -> String {
    format!(
        "{}{JOINT}{}",
        count(value),
        if value == 1 { one } else { many }
    )
}

/// Whole microseconds with a unit that fits: `870 µs`, `4.32 ms`, `1.24 s`.
pub(crate) fn micros(value: u64) -> String {
    seconds(value as f64 / 1e6)
}

/// Seconds with a unit that fits, from `1.20 µs` to `2 d 4 h`.
pub(crate) fn seconds(value: f64) -> String {
    if !value.is_finite() || value < 0.0 {
        return NOTHING.to_owned();
    }
    // The limits are those below which three figures do not round up to the next unit.
    if value == 0.0 {
        format!("0{JOINT}s")
    } else if value < 0.999_5e-3 {
        format!("{}{JOINT}µs", three_figures(value * 1e6))
    } else if value < 0.999_5 {
        format!("{}{JOINT}ms", three_figures(value * 1e3))
    } else if value < 59.95 {
        format!("{}{JOINT}s", three_figures(value))
    } else if value < HOUR_S - 0.5 {
        in_two(value.round(), (MINUTE_S, "min"), (1.0, "s"))
    } else if value < 2.0 * DAY_S {
        in_two(
            (value / MINUTE_S).round() * MINUTE_S,
            (HOUR_S, "h"),
            (MINUTE_S, "min"),
        )
    } else {
        in_two(
            (value / HOUR_S).round() * HOUR_S,
            (DAY_S, "d"),
            (HOUR_S, "h"),
        )
    }
}

/// Bytes in decimal units: `512 B`, `1.21 kB`, `1.23 GB`.
pub(crate) fn bytes(value: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if value < 1_000 {
        return format!("{value}{JOINT}B");
    }
    let mut rest = value as f64 / 1e3;
    let mut unit = 0;
    while rest >= 999.5 && unit + 1 < UNITS.len() {
        rest /= 1e3;
        unit += 1;
    }
    format!("{}{JOINT}{}", three_figures(rest), UNITS[unit])
}

/// A number of things per second, without the unit: `3,421`, `34.2`, `0.34`.
pub(crate) fn rate(value: f64) -> String {
    decimal(value)
}

/// Any number, with as many decimals as three figures need: `3,421`, `34.2`, `0.34`.
pub(crate) fn decimal(value: f64) -> String {
    if !value.is_finite() {
        NOTHING.to_owned()
    } else if value.abs() < 9.995 {
        trimmed(&format!("{value:.2}"))
    } else if value.abs() < 99.95 {
        trimmed(&format!("{value:.1}"))
    } else {
        group(&format!("{value:.0}"))
    }
}

/// `part` of `whole`; neither is nothing rounded down to 0 % nor all but one up to 100 %.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return NOTHING.to_owned();
    }
    fraction(part as f64 / whole as f64)
}

/// A share from 0 to 1 as percent: `0 %`, `12.5 %`, `99.9998 %`, `100 %`.
pub(crate) fn fraction(value: f64) -> String {
    let percent = value * 100.0;
    if !percent.is_finite() {
        return NOTHING.to_owned();
    }
    let decimals = share_decimals(percent.min(100.0 - percent));
    let text = trimmed(&format!("{percent:.decimals$}"));
    if text == "0" && percent > 0.0 {
        format!("<{JOINT}0.0001{JOINT}%")
    } else if text == "100" && percent < 100.0 {
        format!(">{JOINT}99.9999{JOINT}%")
    } else {
        format!("{text}{JOINT}%")
    }
}

/// Decimals that show two figures of what is left to the nearer end.
fn share_decimals(from_end: f64) -> usize {
    match from_end {
        rest if rest >= 1.0 => 1,
        rest if rest >= 0.1 => 2,
        rest if rest >= 0.01 => 3,
        _ => SHARE_DECIMALS,
    }
}

/// A metric's figure in its unit; a plain number where the metric is not known.
pub(crate) fn of_metric(name: &str, value: f64) -> String {
    match metrics()
        .iter()
        .find(|metric| metric.name == name)
        .map(|metric| metric.unit)
    {
        Some(Unit::Share) => fraction(value),
        Some(Unit::PerSecond) => format!("{}{JOINT}per second", rate(value)),
        Some(Unit::Seconds) => seconds(value),
        Some(Unit::Bytes) if value.is_finite() && value >= 0.0 => bytes(value.round() as u64),
        Some(Unit::Bytes | Unit::Count) | None => decimal(value),
    }
}

/// `2025-01-17T12:04:31.123Z` as `2025-01-17, 12:04:31 UTC`; anything else as it is.
pub(crate) fn moment(rfc3339: &str) -> String {
    let shape = |text: &str| -> String {
        text.chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect()
    };
    let whole_seconds = rfc3339
        .get(..19)
        .filter(|head| shape(head) == "0000-00-00T00:00:00");
    match whole_seconds {
        Some(head) if rfc3339.ends_with('Z') => format!("{}, {} UTC", &head[..10], &head[11..]),
        _ => cut(rfc3339, 64),
    }
}

/// Text of at most `limit` characters; what is cut off shows as an ellipsis.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Text, or [`NOTHING`] where there is none.
pub(crate) fn or_nothing(text: &str) -> String {
    if text.trim().is_empty() {
        NOTHING.to_owned()
    } else {
        text.to_owned()
    }
}

fn three_figures(value: f64) -> String {
    if value < 9.995 {
        format!("{value:.2}")
    } else if value < 99.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// `4 min 12 s`: `value`, a multiple of the small unit, in a large unit and the small one.
fn in_two(value: f64, large: (f64, &str), small: (f64, &str)) -> String {
    let whole = (value / large.0).floor();
    let rest = ((value - whole * large.0) / small.0).round();
    let head = group(&format!("{whole:.0}"));
    format!("{head}{JOINT}{}{JOINT}{rest:.0}{JOINT}{}", large.1, small.1)
}

/// Commas between groups of three digits; `digits` may begin with a sign.
fn group(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", digits),
    };
    let mut text = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Without zeros at the end of its decimals.
fn trimmed(text: &str) -> String {
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    };
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(actual: &str, expected: &str) {
        assert_eq!(actual.replace(JOINT, " "), expected);
    }

    #[test]
    fn counts_are_grouped() {
        check(&count(0), "0");
        check(&count(999), "999");
        check(&count(500_000), "500,000");
        check(&count(u64::MAX), "18,446,744,073,709,551,615");
        check(&counted(1, "record", "records"), "1 record");
        check(&counted(0, "record", "records"), "0 records");
    }

    #[test]
    fn durations_have_three_figures_and_a_unit_that_fits() {
        check(&micros(0), "0 s");
        check(&micros(7), "7.00 µs");
        check(&micros(870), "870 µs");
        check(&micros(4_321), "4.32 ms");
        check(&micros(999_499), "999 ms");
        check(&micros(999_500), "1.00 s");
        check(&seconds(59.94), "59.9 s");
        check(&seconds(59.96), "1 min 0 s");
        check(&seconds(252.2), "4 min 12 s");
        check(&seconds(3_599.9), "1 h 0 min");
        check(&seconds(11_040.0), "3 h 4 min");
        check(&seconds(200_000.0), "2 d 8 h");
        check(&micros(u64::MAX), "213,503,982 d 8 h");
    }

    #[test]
    fn bytes_are_decimal() {
        check(&bytes(512), "512 B");
        check(&bytes(1_210), "1.21 kB");
        check(&bytes(999_600), "1.00 MB");
        check(&bytes(1_234_000_000), "1.23 GB");
        check(&bytes(u64::MAX), "18.4 EB");
    }

    #[test]
    fn a_share_is_all_or_nothing_only_if_it_is() {
        check(&share(3, 3), "100 %");
        check(&share(0, 3), "0 %");
        check(&share(499_999, 500_000), "99.9998 %");
        check(&share(9_999_999, 10_000_000), "> 99.9999 %");
        check(&share(1, 10_000_000), "< 0.0001 %");
        check(&share(1, 8), "12.5 %");
        check(&share(57, 10_000), "0.57 %");
        check(&share(9_999, 10_000), "99.99 %");
        check(&share(0, 0), "–");
        check(&fraction(0.25), "25 %");
    }

    #[test]
    fn what_is_no_number_is_not_shown_as_one() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            check(&seconds(value), "–");
            check(&rate(value), "–");
            check(&fraction(value), "–");
            for metric in metrics() {
                let text = of_metric(metric.name, value);
                assert!(text.starts_with('–'), "{}: {text}", metric.name);
            }
        }
        check(&seconds(-1.0), "–");
    }

    #[test]
    fn metrics_are_shown_in_their_unit() {
        check(&of_metric("response-time-p99", 0.012_3), "12.3 ms");
        check(&of_metric("verified", 1.0), "100 %");
        check(&of_metric("throughput", 3_421.4), "3,421 per second");
        check(&of_metric("peak-memory", 1.5e9), "1.50 GB");
        check(&of_metric("wrong", 0.0), "0");
        check(&of_metric("no-such-metric", -12_345.0), "-12,345");
    }

    #[test]
    fn moments_are_readable_and_odd_ones_stay() {
        check(
            &moment("2025-01-17T12:04:31.123Z"),
            "2025-01-17, 12:04:31 UTC",
        );
        check(
            &moment("2025-01-17T12:04:31+02:00"),
            "2025-01-17T12:04:31+02:00",
        );
        check(&moment("yesterdäy"), "yesterdäy");
        check(&moment(""), "");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüõ", 3), "äöü…");
    }
}
