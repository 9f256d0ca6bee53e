//! Versions and cipher suites that one side of a connection offers and accepts.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{Error, SupportedCipherSuite, SupportedProtocolVersion, version};

use super::TlsSetupError;
use crate::config::{ExchangeSettings, TlsVersion};

/// Versions and cipher suites, with the library that has them.
#[derive(Clone, Debug)]
pub(crate) struct TlsOffer {
    provider: Arc<CryptoProvider>,
    versions: Vec<&'static SupportedProtocolVersion>,
}

impl TlsOffer {
    /// All that the library has of TLS 1.3 and 1.2.
    pub(crate) fn everything() -> Self {
        Self {
            provider: Arc::new(aws_lc_rs::default_provider()),
            versions: vec![&version::TLS13, &version::TLS12],
        }
    }

    /// What is configured towards other security servers.
    ///
    /// # Errors
    /// Where a suite is none that the library has.
    pub(crate) fn configured(settings: &ExchangeSettings) -> Result<Self, TlsSetupError> {
        let mut provider = aws_lc_rs::default_provider();
        if !settings.cipher_suites.is_empty() {
            let names = settings.cipher_suites.iter();
            provider.cipher_suites = names.map(|name| suite(name)).collect::<Result<_, _>>()?;
        }
        let versions = settings.tls.iter().map(|version| match version {
            TlsVersion::Tls12 => &version::TLS12,
            TlsVersion::Tls13 => &version::TLS13,
        });
        Ok(Self {
            provider: Arc::new(provider),
            versions: versions.collect(),
        })
    }

    pub(super) fn provider(&self) -> Arc<CryptoProvider> {
        Arc::clone(&self.provider)
    }

    pub(super) fn versions(&self) -> &[&'static SupportedProtocolVersion] {
        &self.versions
    }
}

/// The suite with this IANA name. The library names those of TLS 1.3 `TLS13_` where IANA has `TLS_`.
fn suite(name: &str) -> Result<SupportedCipherSuite, Error> {
    let known = aws_lc_rs::ALL_CIPHER_SUITES.iter().find(|suite| {
        let of_library = suite.suite().as_str().unwrap_or_default();
        of_library == name || of_library.replacen("TLS13_", "TLS_", 1) == name
    });
    known
        .copied()
        .ok_or_else(|| Error::General(format!("the TLS library has no cipher suite {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_go_by_their_iana_names() {
        for name in [
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        ] {
            assert!(suite(name).is_ok(), "{name}");
        }
        let absent = suite("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384").map(|_| ());
        assert!(absent.is_err());
    }
}
