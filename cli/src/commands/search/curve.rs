//! What a search found, as a table and as JSON.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;
use sim_metrics::saturation::{SATURATED, Utilisation, utilisations};
use sim_metrics::{RunRecord, VerdictOutcome, metric};

use crate::show::count;

/// Version of the form of `search.json`.
const SCHEMA_VERSION: u32 = 1;
/// Resources that are told of.
const SHOWN_RESOURCES: usize = 4;
/// Width of the longest bar, in characters.
const BAR: usize = 32;

/// A search: every try, and the answer.
#[derive(Debug, Serialize)]
pub(super) struct Curve {
    schema_version: u32,
    scenario: String,
    /// The highest rate that was confirmed, exchanges a second; absent where none was.
    pub(super) highest_rate: Option<f64>,
    /// In the order in which they were made.
    pub(super) probes: Vec<Probe>,
}

/// One try.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Probe {
    /// Exchanges a second that came due.
    pub(super) rate: f64,
    /// A longer run at a rate that had held.
    pub(super) confirming: bool,
    /// Every threshold held.
    pub(super) held: bool,
    /// Why not.
    pub(super) why: Option<String>,
    /// Answers a second.
    throughput: Option<f64>,
    /// Seconds.
    response_time_p50: Option<f64>,
    response_time_p99: Option<f64>,
    /// How full each resource was, the fullest first.
    utilisations: Vec<Utilisation>,
    run_id: String,
}

// === impl Curve ===

impl Curve {
    pub(super) fn of(scenario: &str) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            scenario: scenario.to_owned(),
            highest_rate: None,
            probes: Vec::new(),
        }
    }

    pub(super) fn save(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// The curve, the answer, and what gave way first.
    pub(super) fn told(&self) -> String {
        let mut text = String::from("\n  offered      answered     99 % within\n");
        let mut sorted: Vec<&Probe> = self.probes.iter().collect();
        sorted.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        let most = sorted.iter().filter_map(|probe| probe.throughput);
        let most = most.fold(0.0, f64::max).max(1.0);
        for probe in sorted {
            let answered = probe.throughput.unwrap_or(0.0);
            let width = (answered / most * BAR as f64).round() as usize;
            let p99 = probe.response_time_p99.map_or_else(
                || "-".to_owned(),
                |p99| crate::show::figure("response-time-p99", p99),
            );
            let mark = if probe.held { ' ' } else { '×' };
            let _ = writeln!(
                text,
                "  {:>8}/s {mark} {:>8}/s  {p99:>9}  {}",
                count(probe.rate.round() as u64),
                count(answered.round() as u64),
                "█".repeat(width),
            );
        }
        match self.highest_rate {
            Some(rate) => {
                let _ = writeln!(
                    text,
                    "\n  FOUND: {} a second, confirmed by a longer run",
                    count(rate as u64)
                );
            }
            None => text.push_str("\n  NOT FOUND: no rate held and was confirmed\n"),
        }
        if let Some(first) = self.first_to_break() {
            text.push_str(&gave_way(first));
        }
        text
    }

    /// The lowest rate that did not hold.
    fn first_to_break(&self) -> Option<&Probe> {
        let broken = self.probes.iter().filter(|probe| !probe.held);
        broken.min_by(|a, b| a.rate.total_cmp(&b.rate))
    }
}

/// What was fullest as the rate broke.
fn gave_way(probe: &Probe) -> String {
    let mut text = String::new();
    let rate = count(probe.rate.round() as u64);
    let full = probe.utilisations.iter();
    let full = full.take_while(|one| one.share >= SATURATED).count();
    let _ = match (full, probe.utilisations.first()) {
        (_, None) => return text,
        (0, Some(_)) => writeln!(
            text,
            "  at {rate}/s nothing was full: messages wait for one another, in batches or behind locks"
        ),
        (_, Some(first)) => writeln!(
            text,
            "  at {rate}/s it is {} that gives way first, {:.0} % full",
            first.what,
            first.share * 100.0
        ),
    };
    for one in probe.utilisations.iter().take(SHOWN_RESOURCES) {
        let _ = writeln!(text, "    {:>3.0} %  {}", one.share * 100.0, one.what);
    }
    text
}

// === impl Probe ===

impl Probe {
    pub(super) fn of(rate: f64, confirming: bool, record: &RunRecord) -> Self {
        let held = record.verdict.outcome == VerdictOutcome::Passed;
        Self {
            rate,
            confirming,
            held,
            why: (!held).then(|| record.verdict.reasons.first().cloned()).flatten(),
            throughput: metric(record, "throughput"),
            response_time_p50: metric(record, "response-time-p50"),
            response_time_p99: metric(record, "response-time-p99"),
            utilisations: utilisations(record),
            run_id: record.run_id.clone(),
        }
    }
}
