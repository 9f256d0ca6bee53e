//! hey: its arguments, and its report.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::bare;
use crate::times::Times;
use crate::tools::{Task, header_arguments};

pub(super) fn arguments(command: &mut Command, task: Task<'_>, workers: u32) {
    command
        .args(["-z", &format!("{}s", task.duration.as_secs())])
        .args(["-c", &workers.to_string()])
        .args(["-q", &(task.rate_per_s / workers).to_string()])
        .args(["-m", "POST", "-d", bare::QUESTION]);
    header_arguments(command);
    command.arg(format!("http://{}/", task.address));
}

/// Reads the report.
///
/// # Errors
/// Where it is no such report, or tells of answers other than status 200.
pub(super) fn parse(report: &str) -> Result<Times> {
    ensure!(
        !report.contains("Error distribution"),
        "hey had errors: {report}"
    );
    let lines = || report.lines().map(str::trim);
    // The number that follows these words; hey tells seconds with four decimals.
    let number = |begin: &str| {
        let rest = lines().find_map(|line| line.strip_prefix(begin));
        rest.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok())
            .with_context(|| format!("hey's report has no `{begin}`: {report}"))
    };
    let mut statuses = lines().filter(|line| line.starts_with('[') && line.ends_with("responses"));
    let of_200 = statuses.next();
    ensure!(statuses.next().is_none(), "hey had errors: {report}");
    let count = of_200
        .and_then(|line| line.strip_prefix("[200]"))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .with_context(|| format!("hey's report has no count: {report}"))?;
    Ok(Times {
        count,
        p50_us: number("50% in ")? * 1e6,
        p90_us: number("90% in ")? * 1e6,
        p99_us: number("99% in ")? * 1e6,
        max_us: number("Slowest:")? * 1e6,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "
Summary:
  Total:\t1.0091 secs
  Slowest:\t0.0440 secs
  Fastest:\t0.0014 secs
  Average:\t0.0420 secs
  Requests/sec:\t45.5857

Latency distribution:
  10% in 0.0010 secs
  25% in 0.0015 secs
  50% in 0.0020 secs
  75% in 0.0021 secs
  90% in 0.0030 secs
  95% in 0.0040 secs
  99% in 0.0050 secs

Status code distribution:
  [200]\t460 responses

";

    #[test]
    fn a_report_is_read() {
        let times = parse(REPORT).unwrap();
        assert_eq!(times.count, 460);
        let all = [times.p50_us, times.p90_us, times.p99_us, times.max_us];
        assert_eq!(all.map(f64::round), [2_000.0, 3_000.0, 5_000.0, 44_000.0]);
    }

    #[test]
    fn errors_and_too_few_answers_are_no_times() {
        let with_500 = REPORT.replace("460 responses", "459 responses\n  [500]\t1 responses");
        assert!(parse(&with_500).is_err());
        // What it prints where it has no such percentile.
        assert!(parse(&REPORT.replace("99% in 0.0050", "0% in 0.0000")).is_err());
        assert!(parse(&format!("{REPORT}Error distribution:\n  [1]\tEOF")).is_err());
    }
}
