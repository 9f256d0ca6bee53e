//! What the carriers are told when they start.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use sim_population::PeopleConfig;

/// Configuration of the carriers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriersConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Country code, as certificates and Smart-ID name people: `EE` in `PNOEE-…`.
    pub country: String,
    /// Whose phones and cards they are.
    pub people: PeopleConfig,
    /// The certification authority for people.
    pub ca_url: String,
    /// With which certificates are asked for there.
    pub enrolment_token: String,
    /// Who may ask.
    pub relying_parties: Vec<RelyingParty>,
    /// What simulated people do.
    pub phones: PhoneBehaviour,
    /// National IDs of those whose phone nobody simulated answers: a person in the room does.
    #[serde(default)]
    pub human_phones: Vec<String>,
}

/// Somebody who may ask people to log in or to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelyingParty {
    /// Its identifier at both services.
    pub uuid: String,
    /// The name that stands on the phone.
    pub name: String,
}

/// What simulated people do when their phone asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneBehaviour {
    /// Half of them take no longer, in milliseconds.
    pub median_ms: u64,
    /// 99 of 100 take no longer, in milliseconds; above the median.
    pub p99_ms: u64,
    /// How many in 1,000 refuse.
    pub refuse_per_mille: u32,
    /// How many in 1,000 enter a wrong PIN or confirm a wrong code.
    pub mistype_per_mille: u32,
    /// How many in 1,000 have the phone off.
    pub absent_per_mille: u32,
}
