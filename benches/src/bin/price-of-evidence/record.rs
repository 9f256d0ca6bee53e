//! What was measured, every single time, in the form in which it is kept.

use std::collections::BTreeMap;

use serde::Serialize;
use sim_metrics::{Machine, ProcessUse};

use crate::arm::Arm;
use crate::steady::Steady;
use crate::trial::Outcome;

/// Everything that figures can be computed from.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    pub(crate) started_at: String,
    pub(crate) machine: Machine,
    /// What asked.
    pub(crate) generator: String,
    /// What relayed.
    pub(crate) nginx: String,
    /// What was spoken between the relays and between the security servers.
    pub(crate) tls: &'static str,
    pub(crate) scenario: String,
    /// Seconds of each load that do not count.
    pub(crate) warm_up_s: u64,
    /// In the order in which they were taken.
    pub(crate) measurements: Vec<Measurement>,
}

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measurement {
    pub(crate) in_flight: u32,
    /// From 1.
    pub(crate) round: u32,
    /// Where in the round: each arm is measured once in the first half and once in the second.
    pub(crate) half: u32,
    pub(crate) arm: Arm,
    /// Exchanges of the whole load, warm-up included; all of them were answered with the truth.
    pub(crate) exchanges: u64,
    /// For how long was measured.
    pub(crate) seconds: f64,
    pub(crate) rate_per_s: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// Processor time of the arm's servers for an exchange, and of each; absent where the load was
    /// too short to tell.
    pub(crate) server_cpu_us: Option<f64>,
    pub(crate) cpu_us_by_server: BTreeMap<String, Option<f64>>,
    /// Processor time of the load generator for an exchange.
    pub(crate) generator_cpu_us: Option<f64>,
    /// What the audit verified, where there is evidence.
    pub(crate) evidence: Option<Evidence>,
}

/// What an audit without a finding went through.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Evidence {
    pub(crate) verified: u64,
    pub(crate) messages: u64,
    pub(crate) signatures: u64,
    pub(crate) time_stamps: u64,
}

/// When a measurement was taken, and of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    pub(crate) in_flight: u32,
    pub(crate) round: u32,
    pub(crate) half: u32,
    pub(crate) arm: Arm,
}

impl Measurement {
    pub(crate) fn new(turn: Turn, outcome: &Outcome, warm_up_s: u64) -> Self {
        let steady = Steady::of(&outcome.load, warm_up_s);
        let total = |processes: &[ProcessUse]| {
            let each = processes.iter().map(|process| steady.cpu_us(process));
            each.sum::<Option<f64>>()
        };
        let by_server = outcome
            .servers
            .iter()
            .map(|server| (server.name.clone(), steady.cpu_us(server)));
        Self {
            in_flight: turn.in_flight,
            round: turn.round,
            half: turn.half,
            arm: turn.arm,
            exchanges: outcome.load.started,
            seconds: steady.seconds(),
            rate_per_s: steady.rate_per_s,
            p50_us: steady.p50_us,
            p99_us: steady.p99_us,
            server_cpu_us: total(&outcome.servers),
            cpu_us_by_server: by_server.collect(),
            generator_cpu_us: total(&outcome.generator),
            evidence: outcome.audit.as_ref().map(|audit| Evidence {
                verified: audit.verified,
                messages: audit.messages,
                signatures: audit.signatures,
                time_stamps: audit.time_stamps,
            }),
        }
    }
}
