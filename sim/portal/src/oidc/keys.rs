//! The provider's keys (RFC 7517), asked for when a token names one that is not known yet.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use parking_lot::Mutex;
use serde::Deserialize;
use sim_clock::UtcTime;
use sim_http_client::HttpClient;

use super::ProviderError;
use super::metadata::get;

/// How long after one look at the provider's keys there is no other: tokens that name keys that do
/// not exist must not become requests to the provider.
const REFETCH_REST: Duration = Duration::from_secs(5);
/// Keys that are read; a provider has two while it changes them.
const MAX_KEYS: usize = 16;
/// The shortest RSA modulus accepted, in bits (RFC 7518 section 3.3).
const MIN_RSA_BITS: usize = 2_048;

/// A public key.
pub(super) type Key = Arc<DecodingKey>;

/// The keys as known now.
#[derive(Default)]
pub(super) struct Keys {
    by_name: Mutex<BTreeMap<String, Key>>,
    /// When the provider was asked last. Held while it is asked, so that those who log in at the
    /// same time wait for one answer.
    asked: tokio::sync::Mutex<Option<UtcTime>>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<PublishedKey>,
}

#[derive(Deserialize)]
struct PublishedKey {
    kty: String,
    #[serde(default)]
    r#use: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
}

// === impl Keys ===

impl Keys {
    /// The key called `kid`; where it is not known, the provider is asked once.
    pub(super) async fn find(
        &self,
        kid: &str,
        http: &HttpClient,
        jwks_uri: &str,
        now: UtcTime,
    ) -> Result<Option<Key>, ProviderError> {
        if let Some(key) = self.known(kid) {
            return Ok(Some(key));
        }
        let mut asked = self.asked.lock().await;
        // Somebody else may have asked meanwhile.
        if let Some(key) = self.known(kid) {
            return Ok(Some(key));
        }
        if asked.is_some_and(|asked| now.since(asked) < REFETCH_REST) {
            return Ok(None);
        }
        let set: KeySet = get(http, jwks_uri).await?;
        *asked = Some(now);
        let by_name = set
            .keys
            .into_iter()
            .take(MAX_KEYS)
            .filter_map(PublishedKey::usable);
        // What the provider withdrew is not trusted any more.
        *self.by_name.lock() = by_name.collect();
        Ok(self.known(kid))
    }

    fn known(&self, kid: &str) -> Option<Key> {
        self.by_name.lock().get(kid).cloned()
    }
}

// === impl PublishedKey ===

impl PublishedKey {
    /// Its name and itself, where it is an RSA key for signatures; others are of no use here.
    fn usable(self) -> Option<(String, Key)> {
        let is_for = |what: &Option<String>, expected: &str| {
            what.as_deref().is_none_or(|what| what == expected)
        };
        if self.kty != "RSA" || !is_for(&self.r#use, "sig") || !is_for(&self.alg, "RS256") {
            return None;
        }
        let modulus = URL_SAFE_NO_PAD.decode(self.n?).ok()?;
        let exponent = URL_SAFE_NO_PAD.decode(self.e?).ok()?;
        let bits = modulus.iter().skip_while(|byte| **byte == 0).count() * 8;
        if bits < MIN_RSA_BITS {
            return None;
        }
        let key = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
        Some((self.kid?, Arc::new(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(kty: &str, r#use: &str, alg: &str, bytes: usize) -> Option<(String, Key)> {
        let n = URL_SAFE_NO_PAD.encode(vec![0xff; bytes]);
        let key = serde_json::json!({
            "kty": kty, "use": r#use, "alg": alg, "kid": "k", "n": n, "e": "AQAB"
        });
        serde_json::from_value::<PublishedKey>(key)
            .unwrap()
            .usable()
    }

    #[test]
    fn only_rsa_keys_for_signatures_of_a_decent_length_count() {
        assert!(published("RSA", "sig", "RS256", 256).is_some());
        assert!(published("oct", "sig", "RS256", 256).is_none());
        assert!(published("RSA", "enc", "RS256", 256).is_none());
        assert!(published("RSA", "sig", "HS256", 256).is_none());
        assert!(published("RSA", "sig", "RS256", 128).is_none());
    }
}
