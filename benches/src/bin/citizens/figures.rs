//! What of a run is told.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use sim_metrics::RunRecord;

/// Parts that a log-in needs; the rest belongs to the exchange.
const OF_LOG_IN: [&str; 5] = [
    "identity-provider",
    "portal",
    "carriers",
    "people-ca",
    "people-ocsp",
];
const PAGE: &str = "my-data";
const MEGABYTE: f64 = 1_000_000.0;

/// The figures of one run.
#[derive(Debug)]
pub(crate) struct Figures {
    journey: &'static str,
    ready_s: f64,
    log_ins: u64,
    per_second: f64,
    /// Milliseconds of processor time of a log-in, by part.
    cpu_ms: Vec<(&'static str, f64)>,
    /// Median, p90 and p99 of the page, in milliseconds, where it was asked for.
    page_ms: Option<[f64; 3]>,
    pages: u64,
    memory_mb: f64,
    cores_busy: f64,
    proven: u64,
}

impl Figures {
    /// Reads them from a record; a run with a finding or a failed journey has none.
    pub(crate) fn of(journey: &'static str, record: &RunRecord) -> Result<Self> {
        let citizens = record
            .citizens
            .as_ref()
            .context("the run had no citizens")?;
        let audit = record.audit.as_ref().context("the run was not audited")?;
        if citizens.failed() + citizens.wrong() > 0 || !audit.findings.is_empty() {
            bail!(
                "no figures: {} journeys failed, {} showed something untrue, the audit found {:?}; {:?}",
                citizens.failed(),
                citizens.wrong(),
                audit.findings.keys(),
                citizens.examples
            );
        }
        let log_ins = citizens.completed();
        let mut cpu_ms = Vec::new();
        for part in OF_LOG_IN {
            let mut processes = record.processes.iter();
            let process = processes.find(|process| process.name == part);
            let process = process.with_context(|| format!("the run had no {part}"))?;
            let used = process.cpu_seconds - process.start_cpu_seconds;
            cpu_ms.push((part, used * 1_000.0 / log_ins.max(1) as f64));
        }
        let steps = citizens.steps.iter();
        let page = steps.clone().find(|step| step.step == PAGE);
        let ready = record.phases.iter().find(|phase| phase.name == "stand up");
        let busy: f64 = record
            .processes
            .iter()
            .map(|process| process.cpu_seconds - process.start_cpu_seconds)
            .sum();
        let memory: u64 = record
            .processes
            .iter()
            .map(|process| process.peak_rss_bytes)
            .sum();
        Ok(Self {
            journey,
            ready_s: ready.map_or(0.0, |phase| phase.seconds),
            log_ins,
            per_second: log_ins as f64 / citizens.seconds,
            cpu_ms,
            page_ms: page.map(|step| {
                let of = &step.response_time;
                [of.p50_us, of.p90_us, of.p99_us].map(|us| us as f64 / 1_000.0)
            }),
            pages: citizens.pages.count,
            memory_mb: memory as f64 / MEGABYTE,
            cores_busy: busy / citizens.seconds,
            proven: audit.verified,
        })
    }
}

/// All runs, for people.
pub(crate) fn table(all: &[Figures]) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail; the results are let go throughout.
    for figures in all {
        let _ = writeln!(
            text,
            "\n{}: {} log-ins, {:.1} a second; {} pages; {} exchanges proven\n  \
             ready after        {:.2} s\n  \
             memory             {:.0} MB, summed over all processes at their greatest\n  \
             cores busy         {:.2}",
            figures.journey,
            figures.log_ins,
            figures.per_second,
            figures.pages,
            figures.proven,
            figures.ready_s,
            figures.memory_mb,
            figures.cores_busy,
        );
        let sum: f64 = figures.cpu_ms.iter().map(|(_, ms)| ms).sum();
        let _ = writeln!(text, "  processor time     {sum:.2} ms a log-in:");
        for (part, ms) in &figures.cpu_ms {
            let _ = writeln!(text, "    {part:<19}{ms:.2} ms");
        }
        if let Some([p50, p90, p99]) = figures.page_ms {
            let _ = writeln!(
                text,
                "  page \"my data\"     median {p50:.1} ms, p90 {p90:.1} ms, p99 {p99:.1} ms"
            );
        }
    }
    text
}
