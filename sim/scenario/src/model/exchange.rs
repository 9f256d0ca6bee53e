//! How messages are signed, carried and kept: what a country decides once for all its servers.

use super::cipher_suite::CipherSuite;

/// Settings that are named together. What each profile sets stands in `profiles.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// What Roadtest would choose today.
    Modern,
    /// X-Road as it comes, without a country's package.
    XroadDefault,
    /// X-Road with Estonia's package.
    XroadEe,
    /// X-Road with Finland's package.
    XroadFi,
}

/// A key's algorithm and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// ECDSA on P-256.
    EcP256,
    /// RSA with 2,048 bits.
    Rsa2048,
    /// RSA with 3,072 bits.
    Rsa3072,
}

/// What becomes of a connection between two security servers after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionReuse {
    /// It is kept for the next one.
    Kept,
    /// It is closed: each message has a connection, and a handshake, of its own.
    PerMessage,
}

/// What one signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureScope {
    /// All messages that wait for the key.
    Batched,
    /// One message.
    PerMessage,
}

/// What the message log keeps of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLogging {
    /// The body.
    Logged,
    /// Its digest.
    NotLogged,
}

/// When what was logged is time-stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeStamping {
    /// Every interval, with one token for all that waits.
    InBatches,
    /// Before the message goes on: each signature document has a token of its own.
    AtOnce,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// How messages are signed, carried and kept; the same on every security server of the country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeSettings {
    /// The profile that the scenario names; settings of the scenario's own may differ from it.
    pub profile: Profile,
    /// Key that a member signs messages with.
    pub signing_key: KeyType,
    /// Key that a security server proves itself with to others.
    pub authentication_key: KeyType,
    /// Whether connections between security servers are kept.
    pub connections: ConnectionReuse,
    /// Most connections to other security servers that one keeps open at a time.
    pub max_connections: u32,
    /// Most idle connections that are kept to one other security server.
    pub idle_connections: u32,
    /// What one signature covers.
    pub signatures: SignatureScope,
    /// What the message log keeps of bodies.
    pub bodies: BodyLogging,
    /// When signatures are time-stamped.
    pub time_stamps: TimeStamping,
    /// Versions that security servers speak to each other; at least one.
    pub tls: Vec<TlsVersion>,
    /// Suites that security servers offer each other, best first; as asked for, which need not be
    /// what the TLS library has: see [`CipherSuite::used`].
    pub cipher_suites: Vec<CipherSuite>,
}

/// One suite in place of another that the TLS library does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Substitution {
    /// What the settings ask for.
    pub asked: CipherSuite,
    /// What is offered instead.
    pub used: CipherSuite,
}

// === impl Profile ===

impl Profile {
    /// Every profile, in the order in which comparisons have them.
    pub const ALL: [Self; 4] = [
        Self::Modern,
        Self::XroadDefault,
        Self::XroadEe,
        Self::XroadFi,
    ];
}

// === impl ExchangeSettings ===

impl ExchangeSettings {
    /// Every setting by its key in scenario files, with its value as it is written there.
    #[must_use]
    pub fn words(&self) -> Vec<(&'static str, String)> {
        let list = |words: Vec<&str>| words.join(", ");
        vec![
            ("signing-key", self.signing_key.word().to_owned()),
            (
                "authentication-key",
                self.authentication_key.word().to_owned(),
            ),
            ("connections", self.connections.word().to_owned()),
            ("max-connections", self.max_connections.to_string()),
            ("idle-connections", self.idle_connections.to_string()),
            ("signatures", self.signatures.word().to_owned()),
            ("bodies", self.bodies.word().to_owned()),
            ("time-stamps", self.time_stamps.word().to_owned()),
            (
                "tls",
                list(self.tls.iter().map(|version| version.word()).collect()),
            ),
            (
                "cipher-suites",
                list(
                    self.cipher_suites
                        .iter()
                        .map(|suite| suite.name())
                        .collect(),
                ),
            ),
        ]
    }

    /// The suites that are offered, best first, each once.
    #[must_use]
    pub fn offered_suites(&self) -> Vec<CipherSuite> {
        let mut offered = Vec::new();
        for suite in self.cipher_suites.iter().map(|suite| suite.used()) {
            if !offered.contains(&suite) {
                offered.push(suite);
            }
        }
        offered
    }

    /// Where another suite than the one asked for is offered.
    pub fn substitutions(&self) -> impl Iterator<Item = Substitution> {
        let suites = self.cipher_suites.iter();
        suites
            .map(|&asked| Substitution {
                asked,
                used: asked.used(),
            })
            .filter(|substitution| substitution.asked != substitution.used)
    }
}
