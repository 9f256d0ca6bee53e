//! How the exchange was set up: what a run's figures depend on most.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Keys, connections, signatures and so on, as they were in the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeFacts {
    /// The profile that the scenario names.
    pub profile: String,
    /// Every setting in effect, in the order of the scenario's reference.
    pub settings: Vec<ExchangeSetting>,
    /// Where the run does otherwise than the settings ask, a sentence each.
    pub departures: Vec<String>,
}

/// One setting in effect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeSetting {
    /// Its key in scenario files.
    pub name: String,
    /// Its value, as scenario files write it.
    pub value: String,
    /// Whether it differs from what the profile sets.
    pub differs_from_profile: bool,
}

/// What the exchange took, in whole run, of keys, connections and the trust services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeCounts {
    /// Messages that security servers signed.
    pub signed_messages: u64,
    /// Signatures that this took: operations with members' private keys.
    pub signatures_made: u64,
    /// Connections between security servers, each with a full TLS handshake.
    pub peer_connections: u64,
    /// Statuses of certificates that the OCSP responder gave.
    pub ocsp_statuses: u64,
    /// Tokens that the time-stamping authority gave.
    pub time_stamps: u64,
}

// === impl ExchangeFacts ===

impl ExchangeFacts {
    /// The value of the setting called `name`.
    #[must_use]
    pub fn value_of(&self, name: &str) -> Option<&str> {
        let setting = self.settings.iter().find(|setting| setting.name == name)?;
        Some(&setting.value)
    }
}
