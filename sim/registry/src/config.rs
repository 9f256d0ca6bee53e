//! What a register is told when it starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sim_population::PopulationPlan;

/// A population register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Folder of the database, made where missing. A register left there by an earlier start is
    /// replaced: the population decides what is in it.
    pub database: PathBuf,
    /// Who is registered.
    pub population: RegisteredPopulation,
    /// Planted falsehoods; none unless told.
    #[serde(default)]
    pub lies: Lies,
}

/// Who is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredPopulation {
    /// The seed that decides who the people are.
    pub seed: u64,
    /// How many there are and how many of them have died.
    pub plan: PopulationPlan,
}

/// Falsehoods planted to see whether an audit finds them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lies {
    /// Every so many registered persons asked about, one is reported wrongly: someone living as
    /// deceased, someone deceased not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_answer_every: Option<u64>,
    /// After every so many requests, the answers of two different requests are exchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swap_answers_every: Option<u64>,
}
