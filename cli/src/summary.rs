//! The verdict of a run on one screen.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use sim_metrics::{AuditResult, RunRecord, VerdictOutcome};

use crate::show::{bytes, count, duration, micros};

/// Examples of findings that are shown; the rest is in the report.
const SHOWN_EXAMPLES: usize = 5;

/// What a run found.
pub(crate) fn of(record: &RunRecord, folder: &Path) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail; the results are let go throughout.
    if let Some(load) = &record.load {
        let _ = writeln!(
            text,
            "\n  asked      {} people in {} exchanges, {} a second, {}",
            count(load.ids_asked),
            count(load.completed),
            count(load.throughput_per_s as u64),
            duration(Duration::from_secs_f64(load.duration_s)),
        );
        let outcomes = &load.outcomes;
        let _ = writeln!(
            text,
            "  answers    {} ok, {} refused, {} failed, {} unknown, {} wrong",
            count(outcomes.ok),
            count(outcomes.refused),
            count(outcomes.failed),
            count(outcomes.unknown),
            count(outcomes.wrong),
        );
        let time = &load.response_time;
        let _ = writeln!(
            text,
            "  response   median {}, 99 % within {}, longest {}",
            micros(time.p50_us),
            micros(time.p99_us),
            micros(time.max_us),
        );
        let _ = writeln!(text, "  deceased   {} named", count(load.deceased_named));
    }
    let evidence: u64 = record
        .evidence
        .servers
        .iter()
        .map(|server| server.bytes_on_disk)
        .sum();
    let records: u64 = record
        .evidence
        .servers
        .iter()
        .map(|server| server.records)
        .sum();
    if let Some(each) = evidence.checked_div(records) {
        let _ = writeln!(
            text,
            "  evidence   {} records, {} ({} each)",
            count(records),
            bytes(evidence),
            bytes(each),
        );
    }
    if let Some(result) = &record.audit {
        text.push_str(&audit(result));
    }
    let verdict = match record.verdict.outcome {
        VerdictOutcome::Passed => "PASSED",
        VerdictOutcome::Failed => "FAILED",
        VerdictOutcome::Interrupted => "INTERRUPTED",
        VerdictOutcome::Error => "BROKEN",
    };
    let held = record
        .thresholds
        .iter()
        .filter(|threshold| threshold.held)
        .count();
    let phases: Vec<String> = record
        .phases
        .iter()
        .map(|phase| {
            format!(
                "{} {}",
                phase.name,
                duration(Duration::from_secs_f64(phase.seconds))
            )
        })
        .collect();
    let _ = writeln!(text, "  time       {}", phases.join(", "));
    let _ = writeln!(
        text,
        "\n  {verdict}: {held} of {} thresholds held",
        record.thresholds.len(),
    );
    for reason in &record.verdict.reasons {
        let _ = writeln!(text, "    {reason}");
    }
    let _ = writeln!(
        text,
        "  report     {}",
        folder.join("report.html").display()
    );
    text
}

/// What an audit found.
pub(crate) fn audit(result: &AuditResult) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "  proven     {} of {} exchanges: {} signatures, {} time-stamps, {} messages in the logs",
        count(result.verified),
        count(result.exchanges),
        count(result.signatures),
        count(result.time_stamps),
        count(result.messages),
    );
    if !result.is_clean() {
        let _ = writeln!(
            text,
            "  not proven {} wrong, {} missing, {} extra, {} unproven, {} unknown, {} unstamped",
            count(result.wrong),
            count(result.missing),
            count(result.extra),
            count(result.unproven),
            count(result.unknown),
            count(result.unstamped),
        );
        for example in result.examples.iter().take(SHOWN_EXAMPLES) {
            let _ = writeln!(text, "             {}: {}", example.kind, example.text);
        }
    }
    text
}
