//! What the certification authority is told when it starts.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Configuration of the certification authority.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// X-Road instance whose members it certifies: C of every signing certificate.
    pub instance: String,
    /// Common name of its own certificate.
    pub name: String,
    /// Who knows it may have certificates issued and revoked.
    pub enrolment_token: String,
    /// Folder of its key, its certificate and its register; made where missing.
    pub folder: PathBuf,
    /// OCSP responder that certificates point to, until a responder announces itself.
    #[serde(default)]
    pub ocsp_url: Option<String>,
    /// Validity of the certificates it issues, in days, unless the request says otherwise.
    #[serde(default = "default_certificate_days")]
    pub certificate_days: u32,
    /// How far its clock is ahead of the machine's, in milliseconds.
    #[serde(default)]
    pub clock_offset_ms: i64,
}

const fn default_certificate_days() -> u32 {
    365
}
