//! wrk 4: its arguments, and its report.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::times::Times;
use crate::tools::Task;

pub(super) fn arguments(command: &mut Command, script: &Path, task: Task<'_>, connections: u32) {
    command
        .args(["--threads", "1", "--latency"])
        .args(["--connections", &connections.to_string()])
        .args(["--duration", &format!("{}s", task.duration.as_secs())])
        .arg("--script")
        .arg(script)
        .arg(format!("http://{}/", task.address));
}

/// Reads the report.
///
/// # Errors
/// Where it is no such report, or tells of errors.
pub(super) fn parse(report: &str) -> Result<Times> {
    for trouble in ["Socket errors", "Non-2xx"] {
        ensure!(!report.contains(trouble), "wrk had errors: {report}");
    }
    let words = |line: &str| {
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let lines: Vec<Vec<String>> = report.lines().map(words).collect();
    // The n-th word of the line that begins with these.
    let word = |begin: &str, place: usize| {
        let mut lines = lines.iter();
        let line = lines.find(|line| line.first().is_some_and(|first| first == begin));
        line.and_then(|line| line.get(place).cloned())
            .with_context(|| format!("wrk's report has no {begin}: {report}"))
    };
    let count = lines
        .iter()
        .find(|line| line.get(1).is_some_and(|word| word == "requests"))
        .and_then(|line| line[0].parse().ok())
        .with_context(|| format!("wrk's report has no count: {report}"))?;
    Ok(Times {
        count,
        p50_us: microseconds(&word("50%", 1)?)?,
        p90_us: microseconds(&word("90%", 1)?)?,
        p99_us: microseconds(&word("99%", 1)?)?,
        // `Latency  average  deviation  maximum`.
        max_us: microseconds(&word("Latency", 3)?)?,
    })
}

fn microseconds(text: &str) -> Result<f64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let value: f64 = digits
        .parse()
        .with_context(|| format!("wrk's time `{text}`"))?;
    let factor = match &text[digits.len()..] {
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" => 60e6,
        unit => anyhow::bail!("wrk's unit `{unit}` in `{text}`"),
    };
    Ok(value * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "\
Running 12s test @ http://127.0.0.1:40000/
  1 threads and 2 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.60ms   18.77ms   1.01s    95.65%
    Req/Sec    46.00      9.66    60.00     70.00%
  Latency Distribution
     50%  950.00us
     75%    2.11ms
     90%    2.14ms
     99%    2.31ms
  10460 requests in 12.00s, 5.29KB read
Requests/sec:     45.97
Transfer/sec:      5.29KB
";

    #[test]
    fn a_report_is_read_in_all_its_units() {
        let times = Times {
            count: 10_460,
            p50_us: 950.0,
            p90_us: 2_140.0,
            p99_us: 2_310.0,
            max_us: 1_010_000.0,
        };
        assert_eq!(parse(REPORT).unwrap(), times);
    }

    #[test]
    fn errors_and_other_reports_are_no_times() {
        let with_errors = format!("{REPORT}  Socket errors: connect 0, read 1, write 0, timeout 0");
        assert!(parse(&with_errors).is_err());
        assert!(parse(&REPORT.replace("99%", "98%")).is_err());
        assert!(parse(&REPORT.replace("1.01s", "1.01h")).is_err());
    }
}
