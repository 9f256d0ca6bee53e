//! The run record: everything that is kept of one run, in one versioned JSON document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::citizens::CitizensResult;
use crate::exchange::{ExchangeCounts, ExchangeFacts};
use crate::findings::{AuditResult, Evidence, ProcessUse};
use crate::laws::LawCheck;
use crate::load::LoadResult;
use crate::stages::ServerStages;
use crate::verdict::{ThresholdResult, Verdict};

/// Version of the run record's form. It changes whenever a reader of the old form would
/// misunderstand the new one.
pub const SCHEMA_VERSION: u32 = 1;

/// One run: what was asked of whom on which machine, what was measured, proven and concluded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// The [`SCHEMA_VERSION`] of the program that wrote the record.
    pub schema_version: u32,
    /// Names the run and its folder; the prefix of every message ID it sent.
    pub run_id: String,
    /// Version of Roadtest that made the run.
    pub roadtest_version: String,
    /// When the run began, RFC 3339.
    pub started_at: String,
    /// When the run ended, RFC 3339.
    pub finished_at: String,
    /// The question and the country it was asked in.
    pub scenario: ScenarioFacts,
    /// How messages were signed, carried and kept; absent in records from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeFacts>,
    /// Where the run was made; figures of different machines are not compared.
    pub machine: Machine,
    /// What the run spent its time on, in order.
    pub phases: Vec<Phase>,
    /// What the load generator saw; absent where the run ended before it was asked to begin.
    pub load: Option<LoadResult>,
    /// What the simulated citizens met; absent where there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizens: Option<CitizensResult>,
    /// Processor and memory use of each part of the country.
    pub processes: Vec<ProcessUse>,
    /// The same of the program itself, which drives the run and audits it: from the load's
    /// beginning to the audit's end. Absent where nothing was driven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conductor: Option<ProcessUse>,
    /// What each security server measured of its own steps; empty in records of versions that did
    /// not, and where they were told not to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<ServerStages>,
    /// Size of what was kept as evidence.
    pub evidence: Evidence,
    /// What the exchange took of keys, connections and the trust services; absent where the country
    /// was not drained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_counts: Option<ExchangeCounts>,
    /// What the audit found; absent where none was made.
    pub audit: Option<AuditResult>,
    /// What holds of every run; where one does not, the measurement is at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub laws: Vec<LawCheck>,
    /// Each threshold of the scenario with what was measured.
    pub thresholds: Vec<ThresholdResult>,
    /// What it all comes to.
    pub verdict: Verdict,
}

/// The scenario as far as readers of the record need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioFacts {
    /// Name of the scenario.
    pub name: String,
    /// The question it answers, one sentence.
    pub question: String,
    /// Decides everything that is drawn at random.
    pub seed: u64,
    /// The scenario file, as given.
    pub text: String,
    /// Persons in the population that is asked about.
    pub people: u64,
    /// How many of them have died: the truth.
    pub deceased: u64,
    /// Exchanges planned; 0 where time alone ends the load.
    pub exchanges: u64,
    /// National IDs in each question; 0 where questions differ in that.
    pub ids_per_exchange: u64,
    /// The organisations that take part, in the order of the scenario; empty in records of
    /// versions that did not keep them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberFacts>,
}

/// An organisation that takes part in the exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberFacts {
    /// Its X-Road identifier: `EE/GOV/00000001`. Those of its subsystems begin with it.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// Codes of the security servers that serve a subsystem of it: so the evidence and the
    /// processes name them. Other members may share them.
    pub security_servers: Vec<String>,
}

/// The machine a run was made on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Machine {
    /// Processor cores the run could use.
    pub cores: u32,
    /// Name the processor gives itself.
    pub cpu_model: String,
    /// Main memory.
    pub memory_bytes: u64,
    /// Kernel release.
    pub kernel: String,
    /// Operating system's own name.
    pub os: String,
}

/// A part of the run's time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Phase {
    /// For example `start`, `load`, `drain`, `audit`.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
}
