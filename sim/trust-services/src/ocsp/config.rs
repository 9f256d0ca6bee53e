//! What the OCSP responder is told when it starts.

use std::net::SocketAddr;

/// Configuration of the OCSP responder.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OcspConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The certification authority that it answers for.
    pub ca_url: String,
    /// With which it gets its certificate from the authority.
    pub enrolment_token: String,
    /// Common name of its certificate.
    #[serde(default = "default_name")]
    pub name: String,
    /// From `thisUpdate` to `nextUpdate`, in seconds.
    #[serde(default = "default_validity_s")]
    pub validity_s: u32,
    /// How long a cache may keep an answer to a GET, in seconds (RFC 5019 section 6.2); at most the
    /// validity counts.
    #[serde(default = "default_cache_s")]
    pub cache_s: u32,
    /// How far its clock is ahead of the machine's, in milliseconds: a large negative one gives
    /// stale responses.
    #[serde(default)]
    pub clock_offset_ms: i64,
}

fn default_name() -> String {
    "OCSP responder".to_owned()
}

const fn default_validity_s() -> u32 {
    3600
}

const fn default_cache_s() -> u32 {
    60
}
