//! A course of rates out of a table: `time,rate` lines, as people export them.
//!
//! The first column is seconds since the beginning, or a clock time `h:mm` or `h:mm:ss`; the
//! second is arrivals a second. A first line of words is taken for headings; empty lines and
//! comments (`#`) are left out. Between two lines the rate changes steadily.

use std::time::Duration;

use thiserror::Error;

use crate::rate::{MAX_POINTS, RatePoint};

/// A line that is none of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {what}")]
pub struct TraceError {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// Reads the table in `text`. The first line's time is the beginning, whatever it is.
///
/// # Errors
///
/// The first line that says neither a time nor a rate, goes back in time, or is one too many.
pub fn points(text: &str) -> Result<Vec<RatePoint>, TraceError> {
    let mut points: Vec<RatePoint> = Vec::new();
    let mut begins = None;
    let mut may_be_headings = true;
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim().trim_start_matches('\u{feff}');
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let is_first = std::mem::take(&mut may_be_headings);
        if is_first && !content.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let wrong = |what: String| TraceError { line, what };
        let (at, per_second) = row(content).map_err(wrong)?;
        let begins = *begins.get_or_insert(at);
        let last = points.last().map_or(Duration::ZERO, |point| point.at);
        let at = at
            .checked_sub(begins)
            .filter(|at| *at >= last)
            .ok_or_else(|| wrong(format!("`{content}` is before the line above it")))?;
        if points.len() == MAX_POINTS {
            return Err(wrong(format!("more than {MAX_POINTS} lines")));
        }
        points.push(RatePoint { at, per_second });
    }
    Ok(points)
}

fn row(content: &str) -> Result<(Duration, f64), String> {
    let mut columns = content.split([',', ';', '\t']).map(str::trim);
    let (Some(time), Some(rate), None) = (columns.next(), columns.next(), columns.next()) else {
        return Err(format!("`{content}` is not `time,rate`: two columns"));
    };
    let at = time_of_row(time).ok_or_else(|| {
        format!("`{time}` is no time: seconds such as `90`, or a clock time such as `13:30`")
    })?;
    let per_second = rate
        .parse::<f64>()
        .ok()
        .filter(|rate| rate.is_finite() && *rate >= 0.0)
        .ok_or_else(|| format!("`{rate}` is no rate: arrivals a second such as `120` or `0.5`"))?;
    Ok((at, per_second))
}

fn time_of_row(text: &str) -> Option<Duration> {
    if !text.contains(':') {
        return Duration::try_from_secs_f64(text.parse().ok()?).ok();
    }
    let parts: Vec<u64> = text
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes] => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let is_clock = minutes < 60 && seconds < 60;
    let all = hours
        .checked_mul(3_600)?
        .checked_add(minutes * 60 + seconds)?;
    is_clock.then(|| Duration::from_secs(all))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(text: &str) -> Result<Vec<(u64, f64)>, String> {
        let points = points(text).map_err(|error| error.to_string())?;
        let pair = |point: &RatePoint| (point.at.as_secs(), point.per_second);
        Ok(points.iter().map(pair).collect())
    }

    #[test]
    fn seconds_and_clock_times_are_read() {
        let expected = Ok(vec![(0, 5.0), (90, 120.5), (90, 0.0)]);
        assert_eq!(table("0,5\n90,120.5\n90,0\n"), expected);
        let export =
            "\u{feff}time;rate\r\n# a morning\r\n7:58:30;5\r\n\r\n8:00;120.5\r\n8:00;0\r\n";
        assert_eq!(table(export), expected);
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        for (text, expected) in [
            ("0,5\n10", "line 2: `10` is not `time,rate`: two columns"),
            (
                "0,5\n10,\n",
                "line 2: `` is no rate: arrivals a second such as `120` or `0.5`",
            ),
            (
                "0,5\n10,many\n",
                "line 2: `many` is no rate: arrivals a second such as `120` or `0.5`",
            ),
            (
                "0,5\n10,-1\n",
                "line 2: `-1` is no rate: arrivals a second such as `120` or `0.5`",
            ),
            (
                "0,5\n10,NaN\n",
                "line 2: `NaN` is no rate: arrivals a second such as `120` or `0.5`",
            ),
            (
                "time,rate\nsoon,5\n",
                "line 2: `soon` is no time: seconds such as `90`, or a clock time such as `13:30`",
            ),
            (
                "0,5\n8:60,5\n",
                "line 2: `8:60` is no time: seconds such as `90`, or a clock time such as `13:30`",
            ),
            (
                "0,5\n10,5\n9,5\n",
                "line 3: `9,5` is before the line above it",
            ),
            ("10,5\n9,5\n", "line 2: `9,5` is before the line above it"),
            ("0,5,7\n", "line 1: `0,5,7` is not `time,rate`: two columns"),
        ] {
            assert_eq!(table(text), Err(expected.to_owned()), "{text}");
        }
        assert_eq!(table("time,rate\n"), Ok(vec![]));
    }

    proptest! {
        #[test]
        fn anything_is_read_or_refused(text in "\\PC*") {
            let _ = points(&text);
        }
    }
}
