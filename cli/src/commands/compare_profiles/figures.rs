//! The figures of runs that belong together, and how they stand side by side.

use std::fmt::Write as _;

use serde::Serialize;
use sim_metrics::{ExchangeCounts, ExchangeFacts, RunRecord, VerdictOutcome};

use crate::show::{bytes, count, micros};

/// A count of the exchange and what it is called.
type Counted = (&'static str, fn(&ExchangeCounts) -> u64);

/// Version of the comparison's form.
const SCHEMA_VERSION: u32 = 1;
/// The kind of the processes that sign, check and log, in run records.
const SECURITY_SERVER: &str = "security-server";
/// Width of the column that names the figures.
const LABEL_WIDTH: usize = 32;
/// Least width of a profile's column.
const COLUMN_WIDTH: usize = 14;

/// One scenario under several profiles.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    schema_version: u32,
    /// Name of the scenario.
    scenario: String,
    /// A run each, in the order in which they were made.
    pub(super) profiles: Vec<ProfileFigures>,
}

/// One run's figures; what was not measured is absent.
#[derive(Debug, Serialize)]
pub(super) struct ProfileFigures {
    profile: String,
    /// The run's name; its folder is called after the profile.
    run_id: String,
    verdict: VerdictOutcome,
    /// What it was set up with.
    exchange: Option<ExchangeFacts>,
    exchanges: Option<u64>,
    exchanges_per_second: Option<f64>,
    response_time_p50_us: Option<u64>,
    response_time_p99_us: Option<u64>,
    /// Processor time of both sides' security servers.
    server_cpu_us_per_exchange: Option<f64>,
    /// Processor time of every part, the load generator's too.
    cpu_us_per_exchange: Option<f64>,
    /// Message logs and their indexes.
    evidence_bytes_per_record: Option<f64>,
    counts: Option<ExchangeCounts>,
}

// === impl Comparison ===

impl Comparison {
    pub(super) fn of(scenario: &str) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            scenario: scenario.to_owned(),
            profiles: Vec::new(),
        }
    }

    /// A line for each figure, a column for each profile.
    pub(super) fn table(&self) -> String {
        let mut text = String::new();
        self.line(&mut text, "", |figures| figures.profile.clone());
        self.line(&mut text, "exchanges a second", |figures| {
            whole(figures.exchanges_per_second)
        });
        self.line(&mut text, "response time, median", |figures| {
            shown(figures.response_time_p50_us, micros)
        });
        self.line(&mut text, "response time, 99 % within", |figures| {
            shown(figures.response_time_p99_us, micros)
        });
        self.line(&mut text, "CPU an exchange, servers, µs", |figures| {
            whole(figures.server_cpu_us_per_exchange)
        });
        self.line(&mut text, "CPU an exchange, all parts, µs", |figures| {
            whole(figures.cpu_us_per_exchange)
        });
        self.line(&mut text, "evidence a record", |figures| {
            shown(figures.evidence_bytes_per_record, |size| bytes(size as u64))
        });
        let counts: [Counted; 5] = [
            ("messages signed", |counts| counts.signed_messages),
            ("signatures made", |counts| counts.signatures_made),
            ("TLS handshakes between servers", |counts| {
                counts.peer_connections
            }),
            ("time-stamps", |counts| counts.time_stamps),
            ("OCSP statuses", |counts| counts.ocsp_statuses),
        ];
        for (label, pick) in counts {
            self.line(&mut text, label, |figures| {
                shown(figures.counts.as_ref().map(pick), count)
            });
        }
        self.line(&mut text, "verdict", |figures| {
            verdict(figures.verdict).to_owned()
        });
        text.push_str(&self.departures());
        text
    }

    fn line(&self, text: &mut String, label: &str, cell: impl Fn(&ProfileFigures) -> String) {
        // Writing to a String cannot fail.
        let _ = write!(text, "  {label:<LABEL_WIDTH$}");
        for figures in &self.profiles {
            let width = COLUMN_WIDTH.max(figures.profile.chars().count() + 2);
            let _ = write!(text, "{:>width$}", cell(figures));
        }
        text.push('\n');
    }

    /// Where runs do otherwise than their profile asks, each said once.
    fn departures(&self) -> String {
        let mut said: Vec<&str> = Vec::new();
        let facts = self.profiles.iter().filter_map(|f| f.exchange.as_ref());
        for departure in facts.flat_map(|facts| &facts.departures) {
            if !said.contains(&departure.as_str()) {
                said.push(departure);
            }
        }
        said.iter().fold(String::new(), |text, departure| {
            format!("{text}  * {departure}\n")
        })
    }
}

// === impl ProfileFigures ===

impl ProfileFigures {
    pub(super) fn of(profile: &str, run: &RunRecord) -> Self {
        let load = run.load.as_ref();
        let exchanges = load.map(|load| load.completed).filter(|&count| count > 0);
        let each = |seconds: f64| exchanges.map(|count| seconds * 1e6 / count as f64);
        let cpu = |of_kind: &dyn Fn(&str) -> bool| {
            let processes = run.processes.iter();
            let of_kind = processes.filter(|process| of_kind(&process.kind));
            each(of_kind.map(|process| process.cpu_seconds).sum())
        };
        let servers = &run.evidence.servers;
        let records: u64 = servers.iter().map(|server| server.records).sum();
        let weight: u64 = servers.iter().map(|server| server.bytes_on_disk).sum();
        Self {
            profile: profile.to_owned(),
            run_id: run.run_id.clone(),
            verdict: run.verdict.outcome,
            exchange: run.exchange.clone(),
            exchanges,
            exchanges_per_second: load.map(|load| load.throughput_per_s),
            response_time_p50_us: load.map(|load| load.response_time.p50_us),
            response_time_p99_us: load.map(|load| load.response_time.p99_us),
            server_cpu_us_per_exchange: cpu(&|kind| kind == SECURITY_SERVER),
            cpu_us_per_exchange: cpu(&|_| true),
            evidence_bytes_per_record: (records > 0).then(|| weight as f64 / records as f64),
            counts: run.exchange_counts,
        }
    }
}

fn shown<T>(value: Option<T>, show: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), show)
}

fn whole(value: Option<f64>) -> String {
    shown(value, |value| count(value.round() as u64))
}

const fn verdict(outcome: VerdictOutcome) -> &'static str {
    match outcome {
        VerdictOutcome::Passed => "passed",
        VerdictOutcome::Failed => "FAILED",
        VerdictOutcome::Inconclusive => "INCONCLUSIVE",
        VerdictOutcome::Invalid => "INVALID",
        VerdictOutcome::Interrupted => "INTERRUPTED",
        VerdictOutcome::Error => "BROKEN",
    }
}
