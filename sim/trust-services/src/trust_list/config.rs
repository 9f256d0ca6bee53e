//! What the supervisory body is told when it starts.

use std::net::SocketAddr;

/// Configuration of the supervisory body.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustListConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Who keeps the list, as people read it.
    pub operator: String,
    /// The country of the list, such as `EE`.
    pub territory: String,
    /// Who is on it.
    pub services: Vec<ListedService>,
    /// How far its clock is ahead of the machine's, in milliseconds.
    #[serde(default)]
    pub clock_offset_ms: i64,
}

/// A service on the list.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedService {
    /// Its name.
    pub name: String,
    /// What it is trusted for.
    pub listed_for: ListedFor,
    /// By which it is known.
    pub certificate_pem: String,
}

/// What a service is trusted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListedFor {
    /// Qualified certificates for signatures.
    Certificates,
    /// Whether those are good.
    CertificateStatus,
    /// Qualified time-stamps.
    TimeStamps,
}
