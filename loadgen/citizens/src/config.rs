//! What the citizens are told.

use serde::{Deserialize, Serialize};
use sim_population::PeopleConfig;
use sim_workload::CitizenPlan;

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
    /// How many people are at it at once.
    pub people_at_once: u32,
    /// For how long new journeys begin, in milliseconds.
    pub duration_ms: u64,
}
