//! Cipher suites, and which of them the TLS library has.

use std::fmt;

use super::exchange::{KeyType, TlsVersion};

/// A cipher suite that a scenario may name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CipherSuite(&'static Suite);

#[derive(PartialEq, Eq)]
struct Suite {
    name: &'static str,
    version: TlsVersion,
    /// The kind of key that it needs; suites of TLS 1.3 take any.
    key: Option<KeyKind>,
    /// What is offered in its place, where the TLS library does not have it.
    substitute: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Ec,
    Rsa,
}

const fn tls13(name: &'static str) -> Suite {
    Suite {
        name,
        version: TlsVersion::Tls13,
        key: None,
        substitute: None,
    }
}

const fn tls12(name: &'static str, key: KeyKind) -> Suite {
    Suite {
        name,
        version: TlsVersion::Tls12,
        key: Some(key),
        substitute: None,
    }
}

/// A suite that the TLS library does not have: CBC, or Diffie-Hellman without curves.
const fn absent(name: &'static str, key: KeyKind, substitute: &'static str) -> Suite {
    Suite {
        substitute: Some(substitute),
        ..tls12(name, key)
    }
}

/// Best first: the order of the TLS library, then what it does not have. A substitute has the key
/// length, and where it exists the digest, of what it stands for.
const SUITES: [Suite; 17] = [
    tls13("TLS_AES_256_GCM_SHA384"),
    tls13("TLS_AES_128_GCM_SHA256"),
    tls13("TLS_CHACHA20_POLY1305_SHA256"),
    tls12("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", KeyKind::Ec),
    tls12("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", KeyKind::Ec),
    tls12("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", KeyKind::Ec),
    tls12("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", KeyKind::Rsa),
    tls12("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", KeyKind::Rsa),
    tls12("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", KeyKind::Rsa),
    absent(
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
        KeyKind::Ec,
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    ),
    absent(
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        KeyKind::Ec,
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    ),
    absent(
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
        KeyKind::Rsa,
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ),
    absent(
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
        KeyKind::Rsa,
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ),
    absent(
        "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
        KeyKind::Rsa,
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ),
    absent(
        "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
        KeyKind::Rsa,
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ),
    absent(
        "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
        KeyKind::Rsa,
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ),
    absent(
        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
        KeyKind::Rsa,
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ),
];

// === impl CipherSuite ===

impl CipherSuite {
    /// The suite with this name, as IANA and X-Road write it.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        SUITES.iter().find(|suite| suite.name == name).map(Self)
    }

    /// Every suite that can be named.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        SUITES.iter().map(Self)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The version of TLS that it belongs to.
    #[must_use]
    pub const fn version(self) -> TlsVersion {
        self.0.version
    }

    /// Whether a server with a key of this type can use it.
    #[must_use]
    pub fn fits(self, key: KeyType) -> bool {
        let kind = match key {
            KeyType::EcP256 => KeyKind::Ec,
            KeyType::Rsa2048 | KeyType::Rsa3072 => KeyKind::Rsa,
        };
        self.0.key.is_none_or(|needed| needed == kind)
    }

    /// Itself where the TLS library has it, else what is offered in its place.
    #[must_use]
    pub fn used(self) -> Self {
        self.0.substitute.and_then(Self::of_name).unwrap_or(self)
    }
}

impl fmt::Debug for CipherSuite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_substitute_exists_and_takes_the_same_keys() {
        for suite in CipherSuite::all() {
            let used = suite.used();
            assert_eq!(used.0.substitute, None, "{suite:?}");
            assert_eq!(suite.0.substitute.is_some(), used != suite, "{suite:?}");
            for key in [KeyType::EcP256, KeyType::Rsa2048, KeyType::Rsa3072] {
                assert_eq!(used.fits(key), suite.fits(key), "{suite:?}");
            }
        }
    }
}
