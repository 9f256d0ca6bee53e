//! The verdict of a run on one screen.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use sim_metrics::stages::cpu_by_part;
use sim_metrics::{
    AuditResult, CitizensResult, JourneyResult, LoadResult, Questions, RunRecord, ServiceLoad,
};

use crate::show::{bytes, count, duration, micros, outcome};

/// Examples of findings that are shown; the rest is in the report.
const SHOWN_EXAMPLES: usize = 5;
/// Longest line of the parts of an exchange, in characters.
const LONGEST_LINE: usize = 98;

/// What a run found.
pub(crate) fn of(record: &RunRecord, folder: &Path) -> String {
    let mut text = String::from("\n");
    if let Some(result) = &record.load {
        text.push_str(&load(result));
    }
    if let Some(result) = &record.citizens {
        text.push_str(&citizens(result));
    }
    text.push_str(&stages(record));
    text.push_str(&evidence(record));
    if let Some(result) = &record.audit {
        text.push_str(&audit(result));
    }
    text.push_str(&memory(record));
    text.push_str(&time(record));
    text.push_str(&verdict(record));
    let page = folder.join("report.html");
    let _ = writeln!(text, "  report     {}", page.display());
    text
}

/// What was asked and answered. Writing to a String cannot fail; the results are let go throughout.
fn load(load: &LoadResult) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "  asked      {} people in {} exchanges, {} a second, {}",
        count(load.ids_asked),
        count(load.completed),
        count(load.throughput_per_s as u64),
        seconds(load.duration_s),
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
    if load.services.len() > 1 {
        load.services
            .iter()
            .for_each(|of| text.push_str(&service(of)));
    }
    let _ = writeln!(text, "  deceased   {} named", count(load.deceased_named));
    text
}

/// What people met at the portal.
fn citizens(citizens: &CitizensResult) -> String {
    let sum = |pick: fn(&JourneyResult) -> u64| citizens.journeys.iter().map(pick).sum();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "  citizens   {} journeys, {} done, {} not logged in, {} failed, {} untrue",
        count(citizens.begun),
        count(citizens.completed()),
        count(sum(|journey| journey.not_logged_in)),
        count(citizens.failed()),
        count(citizens.wrong()),
    );
    let pages = &citizens.pages;
    let _ = writeln!(
        text,
        "  pages      {}, median {}, 99 % within {}, longest {}",
        count(pages.count),
        micros(pages.p50_us),
        micros(pages.p99_us),
        micros(pages.max_us),
    );
    let Questions {
        justified,
        unjustified,
    } = citizens.questions;
    if justified + unjustified > 0 {
        let reasons = match unjustified {
            0 => "each had a reason".to_owned(),
            _ => format!(
                "{} had no reason, and whoever looked may look at nobody any more",
                count(unjustified)
            ),
        };
        let looks = count(justified + unjustified);
        let _ = writeln!(
            text,
            "  asked why  {looks} looks at people's data; {reasons}"
        );
    }
    for example in citizens.examples.iter().take(SHOWN_EXAMPLES) {
        let _ = writeln!(text, "             {example}");
    }
    text
}

/// How a service answered; who asked several sees which of them is slow.
fn service(load: &ServiceLoad) -> String {
    let name = load.service.rsplit('/').next().unwrap_or_default();
    let errors = match load.outcomes.errors() {
        0 => String::new(),
        errors => format!(", {} not ok", count(errors)),
    };
    let time = &load.response_time;
    format!(
        "  {name:<10} {} people in {} exchanges, median {}, 99 % within {}{errors}\n",
        count(load.ids_asked),
        count(load.started),
        micros(time.p50_us),
        micros(time.p99_us),
    )
}

/// What the message logs weigh.
fn evidence(record: &RunRecord) -> String {
    let servers = &record.evidence.servers;
    let weight: u64 = servers.iter().map(|server| server.bytes_on_disk).sum();
    let records: u64 = servers.iter().map(|server| server.records).sum();
    weight
        .checked_div(records)
        .map_or_else(String::new, |each| {
            format!(
                "  evidence   {} records, {} ({} each)\n",
                count(records),
                bytes(weight),
                bytes(each),
            )
        })
}

/// What all processes held at their peaks.
fn memory(record: &RunRecord) -> String {
    let audit = record
        .conductor
        .as_ref()
        .and_then(|conductor| conductor.peak_pss_bytes);
    match (sim_metrics::metric(record, "peak-pss"), audit) {
        (Some(all), Some(audit)) => format!(
            "  memory     {} at the peaks of all processes, of it {} of the one that audits\n",
            bytes(all as u64),
            bytes(audit),
        ),
        _ => String::new(),
    }
}

/// What the processor time of an exchange went to, the dearest parts first.
fn stages(record: &RunRecord) -> String {
    let Some(mut parts) = cpu_by_part(record) else {
        return String::new();
    };
    let whole_us: f64 = parts.iter().map(|part| part.us).sum();
    parts.sort_by(|a, b| b.us.total_cmp(&a.us));
    let mut line = format!("  processor  {} an exchange:", micros(whole_us as u64));
    for (index, part) in parts.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let percent = part.us / whole_us * 100.0;
        let told = format!("{comma} {} {percent:.0} %", part.part.name());
        if line.chars().count() + told.chars().count() > LONGEST_LINE {
            break;
        }
        line.push_str(&told);
    }
    line + "\n"
}

fn time(record: &RunRecord) -> String {
    let phases = record.phases.iter();
    let phases = phases.map(|phase| format!("{} {}", phase.name, seconds(phase.seconds)));
    format!("  time       {}\n", phases.collect::<Vec<_>>().join(", "))
}

fn verdict(record: &RunRecord) -> String {
    let verdict = outcome(record.verdict.outcome);
    let thresholds = &record.thresholds;
    let held = thresholds.iter().filter(|threshold| threshold.held).count();
    let of = thresholds.len();
    let mut text = format!("\n  {verdict}: {held} of {of} thresholds held\n");
    for reason in &record.verdict.reasons {
        let _ = writeln!(text, "    {reason}");
    }
    text
}

fn seconds(seconds: f64) -> String {
    duration(Duration::from_secs_f64(seconds))
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
