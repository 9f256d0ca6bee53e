//! How this server signs, sends and keeps messages.

use super::KeyType;
use serde::{Deserialize, Serialize};

/// What X-Road leaves to those who install a security server; left out, what is fastest today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExchangeSettings {
    /// Kind of the keys that members sign with (X-Road: `signing-key-algorithm`, `key-length`).
    pub signing_key: KeyType,
    /// Kind of the key that this server proves itself with to others (X-Road:
    /// `authentication-key-algorithm`, `key-length`).
    pub authentication_key: KeyType,
    /// Whether a connection to another server is kept for the next message (X-Road:
    /// `pool-enable-connection-reuse`).
    pub connections: ConnectionReuse,
    /// Most connections to other servers open at a time (X-Road: `pool-total-max-connections`).
    pub max_connections: usize,
    /// Most idle connections kept to one server (X-Road:
    /// `pool-total-default-max-connections-per-route`).
    pub idle_connections: usize,
    /// What one signature covers (X-Road: `batch-signing-enabled`).
    pub signatures: SignatureScope,
    /// What the message log keeps of bodies (X-Road: `message-body-logging`).
    pub bodies: BodyLogging,
    /// When signatures are time-stamped (X-Road: `timestamp-immediately`).
    pub time_stamps: TimeStamping,
    /// Versions of TLS towards other servers.
    pub tls: Vec<TlsVersion>,
    /// Suites of TLS towards other servers by their IANA names, best first (X-Road:
    /// `xroad-tls-ciphers`); empty means all that the TLS library has.
    pub cipher_suites: Vec<String>,
}

/// What becomes of a connection after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionReuse {
    /// It is kept for the next one.
    Kept,
    /// It is closed.
    PerMessage,
}

/// What one signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureScope {
    /// All messages that wait for the key.
    Batched,
    /// One message.
    PerMessage,
}

/// What the message log keeps of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyLogging {
    /// The body.
    Logged,
    /// Its digest.
    NotLogged,
}

/// When what was logged is time-stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeStamping {
    /// Every interval, with one token for all that waits.
    InBatches,
    /// Before the message goes on.
    AtOnce,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TlsVersion {
    /// TLS 1.2.
    #[serde(rename = "1.2")]
    Tls12,
    /// TLS 1.3.
    #[serde(rename = "1.3")]
    Tls13,
}

// === impl ExchangeSettings ===

impl Default for ExchangeSettings {
    fn default() -> Self {
        Self {
            signing_key: KeyType::EcP256,
            authentication_key: KeyType::EcP256,
            connections: ConnectionReuse::Kept,
            max_connections: 10_000,
            idle_connections: 2_500,
            signatures: SignatureScope::Batched,
            bodies: BodyLogging::Logged,
            time_stamps: TimeStamping::InBatches,
            tls: vec![TlsVersion::Tls13, TlsVersion::Tls12],
            cipher_suites: Vec::new(),
        }
    }
}
