//! What the time-stamping authority is told when it starts.

use std::net::SocketAddr;

/// Configuration of the time-stamping authority.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TsaConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The certification authority that certifies it.
    pub ca_url: String,
    /// With which it gets its certificate from that authority.
    pub enrolment_token: String,
    /// Common name of its certificate.
    #[serde(default = "default_name")]
    pub name: String,
    /// Policy it stamps under, as dotted numbers; without one, the best practices policy of ETSI
    /// EN 319 421.
    #[serde(default)]
    pub policy: Option<String>,
    /// How far its clock is ahead of the machine's, in milliseconds.
    #[serde(default)]
    pub clock_offset_ms: i64,
}

fn default_name() -> String {
    "Time-stamping authority".to_owned()
}
