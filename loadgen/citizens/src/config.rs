//! What the citizens are told.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sim_population::PeopleConfig;
use sim_workload::CitizenPlan;

/// How many people there are after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrowdStep {
    /// So many are at it at the end of the step; at least one.
    pub people: u32,
    /// How long the step takes, in milliseconds; goose counts whole seconds.
    pub within_ms: u64,
}

/// Who goes where, how many at once, and for how long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitizensConfig {
    /// The portal, nothing behind the port.
    pub portal_url: String,
    /// The carriers, for whoever puts an ID-card into the simulated reader.
    pub carriers_url: String,
    /// The certificate that the identity provider shows to ID-cards, PEM; absent where it takes none.
    pub id_card_certificate_pem: Option<String>,
    /// Who the people are.
    pub people: PeopleConfig,
    /// What they come for, with which carrier, and how long they think.
    pub plan: CitizenPlan,
    /// Folder in which the first documents that they sign are kept, made where missing; none are kept
    /// where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<PathBuf>,
    /// How many people are at it at once.
    pub people_at_once: u32,
    /// For how long new journeys begin, in milliseconds.
    pub duration_ms: u64,
    /// How many people are at it over that time, step by step; empty where it is all the time the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crowd: Vec<CrowdStep>,
}
