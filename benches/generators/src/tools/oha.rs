//! oha: its arguments, and its report.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::bare;
use crate::times::Times;
use crate::tools::{Task, header_arguments};

pub(super) fn arguments(command: &mut Command, task: Task<'_>, workers: u32, corrected: bool) {
    command
        .args(["--no-tui", "--output-format", "json"])
        // What is in flight at the end counts, as everywhere else.
        .arg("--wait-ongoing-requests-after-deadline")
        .args(["-z", &format!("{}s", task.duration.as_secs())])
        .args(["-c", &workers.to_string()])
        .args(["-q", &task.rate_per_s.to_string()])
        .args(["-m", "POST", "-d", bare::QUESTION]);
    if corrected {
        command.arg("--latency-correction");
    }
    header_arguments(command);
    command.arg(format!("http://{}/", task.address));
}

/// Reads the report.
///
/// # Errors
/// Where it is no such report, or tells of answers other than status 200.
pub(super) fn parse(report: &str) -> Result<Times> {
    let report: Value = serde_json::from_str(report).context("oha's report is no JSON")?;
    let errors = report["errorDistribution"].as_object();
    ensure!(
        errors.is_none_or(|errors| errors.is_empty()),
        "oha had errors: {report}"
    );
    let statuses = report["statusCodeDistribution"].as_object();
    ensure!(
        statuses.is_some_and(|statuses| statuses.len() == 1),
        "oha had errors: {report}"
    );
    let number = |pointer: &str| {
        let value = report.pointer(pointer).and_then(Value::as_f64);
        value.with_context(|| format!("oha's report has no {pointer}"))
    };
    Ok(Times {
        count: number("/statusCodeDistribution/200")? as u64,
        p50_us: number("/latencyPercentiles/p50")? * 1e6,
        p90_us: number("/latencyPercentiles/p90")? * 1e6,
        p99_us: number("/latencyPercentiles/p99")? * 1e6,
        max_us: number("/summary/slowest")? * 1e6,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{
        "summary": { "slowest": 0.5 },
        "latencyPercentiles": { "p50": 0.002, "p90": 0.003, "p99": 0.25 },
        "statusCodeDistribution": { "200": 12000 },
        "errorDistribution": {}
    }"#;

    #[test]
    fn a_report_is_read() {
        let times = parse(REPORT).unwrap();
        assert_eq!(times.count, 12_000);
        let all = [times.p50_us, times.p90_us, times.p99_us, times.max_us];
        assert_eq!(
            all.map(f64::round),
            [2_000.0, 3_000.0, 250_000.0, 500_000.0]
        );
    }

    #[test]
    fn errors_are_no_times() {
        let lost = r#""errorDistribution": { "timeout": 3 }"#;
        assert!(parse(&REPORT.replace(r#""errorDistribution": {}"#, lost)).is_err());
        assert!(parse(&REPORT.replace(r#""200": 12000"#, r#""200": 1, "500": 1"#)).is_err());
        assert!(parse("no JSON").is_err());
    }
}
