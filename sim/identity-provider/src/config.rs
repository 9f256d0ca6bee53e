//! What the provider is told when it starts.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use sim_domain::web::origin_of;
use sim_domain::{BackChannelAddress, ReturnAddress};
use sim_population::PeopleConfig;

use crate::texts::Language;

/// An identity provider.
///
/// ```
/// let config: sim_identity_provider::IdentityProviderConfig = serde_json::from_str(r#"{
///   "listen": "127.0.0.1:0",
///   "country": "EE",
///   "country_name": "Estonia",
///   "languages": ["en", "et"],
///   "relying_parties": [{
///     "client_id": "portal",
///     "client_secret": "a long random text",
///     "name": "State portal",
///     "redirect_uris": ["http://127.0.0.1:8080/login/callback"]
///   }],
///   "carriers_url": "http://127.0.0.1:5000",
///   "carrier_rp": {"uuid": "00000000-0000-4000-8000-000000000001", "name": "TARA"},
///   "people_ca_pem": "-----BEGIN CERTIFICATE-----...",
///   "people_ocsp_url": "http://127.0.0.1:5001/",
///   "people": {"seed": 7, "plan": {"people": 1000, "deceased": 10, "reference_date": "2026-02-01"}}
/// }"#).unwrap();
/// assert!(config.check().is_ok());
/// assert_eq!(config.lifetimes.code_s, 30);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityProviderConfig {
    /// Where to listen for browsers and relying parties, over plain HTTP; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where to ask for ID-cards, over TLS with client certificates. Browsers come there under the
    /// issuer's host name, which its certificate is for. No ID-card where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_card_listen: Option<SocketAddr>,
    /// The country's code, two capital letters: prefix of `sub` and of numbers in certificates.
    pub country: String,
    /// What the country is called on pages; its code where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_name: Option<String>,
    /// Languages of the pages; the first one is for those who ask for none of them.
    pub languages: Vec<Language>,
    /// The provider's name in tokens, and the base of its addresses; `http://` and the address
    /// listened on where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Who may ask.
    pub relying_parties: Vec<OidcClient>,
    /// Where Mobile-ID and Smart-ID are.
    pub carriers_url: String,
    /// As whom the provider asks the carriers.
    pub carrier_rp: CarrierRelyingParty,
    /// The authority that issues the people's certificates.
    pub people_ca_pem: String,
    /// The responder that knows which of them are revoked, asked at every log-in.
    pub people_ocsp_url: String,
    /// The simulator's shortcut to dates of birth, which no certificate holds: a real provider has
    /// them from its copy of the population register. Tokens have no date where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<PeopleConfig>,
    /// How long things are good for.
    #[serde(default)]
    pub lifetimes: Lifetimes,
    /// Log-ins under way at a time; one more ends the oldest.
    #[serde(default = "default_max_open_flows")]
    pub max_open_flows: usize,
    /// How far the provider's clock is ahead, in milliseconds.
    #[serde(default)]
    pub clock_offset_ms: i64,
}

/// A relying party: somebody who may ask who a person is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcClient {
    /// Its name in requests.
    pub client_id: String,
    /// What it proves itself with at the token endpoint.
    pub client_secret: String,
    /// What people read on the log-in page.
    pub name: String,
    /// Where people may be sent back to, to the letter. Each is `https`, or `http` on a loopback
    /// address, so that a browser in the room needs no exception for a certificate.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after logging out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where the provider tells the relying party that a session ended, over plain HTTP: what it
    /// tells is signed, and no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
}

/// As whom the provider asks the carriers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierRelyingParty {
    /// `relyingPartyUUID`.
    pub uuid: String,
    /// `relyingPartyName`.
    pub name: String,
}

/// How long things are good for, in seconds; TARA's values unless told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lifetimes {
    /// A log-in under way.
    pub flow_s: u32,
    /// An authorization code.
    pub code_s: u32,
    /// ID token and access token of a log-in.
    pub token_s: u32,
    /// A single sign-on session that nobody uses, and its ID tokens (GovSSO's value).
    pub session_s: u32,
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not a country's code.
    #[error("the country `{0}` is not two capital letters")]
    Country(String),
    /// No page could be written.
    #[error("no language is given")]
    NoLanguage,
    /// Not the start of an address.
    #[error(
        "the issuer `{0}` is not `https://` or `http://` with a host, without a slash at the end"
    )]
    Issuer(String),
    /// Two relying parties with one name.
    #[error("two relying parties are called `{0}`")]
    SameClient(String),
    /// A relying party without a name or secret would be anybody.
    #[error("the relying party `{0}` has an empty name or secret")]
    EmptyClient(String),
    /// Nobody could be sent there safely.
    #[error(
        "`{client_id}` cannot be answered at `{uri}`: that takes https, or http on a loopback address, and no fragment"
    )]
    RedirectUri {
        /// Whose.
        client_id: String,
        /// Which.
        uri: String,
    },
    /// A limit of none.
    #[error("max_open_flows must be at least 1")]
    NoFlows,
    /// The provider calls others over plain HTTP alone.
    #[error("`{client_id}` cannot be told of logouts at `{uri}`: that takes `http://` and a host")]
    BackChannelUri {
        /// Whose.
        client_id: String,
        /// Which.
        uri: String,
    },
}

const fn default_max_open_flows() -> usize {
    DEFAULT_MAX_OPEN_FLOWS
}

// === impl IdentityProviderConfig ===

impl IdentityProviderConfig {
    /// Whether the provider can be started with it.
    ///
    /// # Errors
    ///
    /// What is wrong first.
    pub fn check(&self) -> Result<(), ConfigError> {
        let is_code =
            self.country.len() == 2 && self.country.bytes().all(|b| b.is_ascii_uppercase());
        if !is_code {
            return Err(ConfigError::Country(self.country.clone()));
        }
        if self.languages.is_empty() {
            return Err(ConfigError::NoLanguage);
        }
        if let Some(issuer) = &self.issuer
            && (origin_of(issuer).is_none() || issuer.ends_with('/') || issuer.contains(['?', '#']))
        {
            return Err(ConfigError::Issuer(issuer.clone()));
        }
        if self.max_open_flows == 0 {
            return Err(ConfigError::NoFlows);
        }
        let mut names = BTreeSet::new();
        for client in &self.relying_parties {
            if !names.insert(&client.client_id) {
                return Err(ConfigError::SameClient(client.client_id.clone()));
            }
            client.check()?;
        }
        Ok(())
    }
}

impl OidcClient {
    fn check(&self) -> Result<(), ConfigError> {
        if self.client_id.is_empty() || self.client_secret.is_empty() {
            return Err(ConfigError::EmptyClient(self.client_id.clone()));
        }
        let mut uris = self
            .redirect_uris
            .iter()
            .chain(&self.post_logout_redirect_uris);
        if let Some(uri) = uris.find(|uri| ReturnAddress::new(uri).is_err()) {
            return Err(ConfigError::RedirectUri {
                client_id: self.client_id.clone(),
                uri: uri.clone(),
            });
        }
        match &self.backchannel_logout_uri {
            Some(uri) if BackChannelAddress::new(uri).is_err() => {
                Err(ConfigError::BackChannelUri {
                    client_id: self.client_id.clone(),
                    uri: uri.clone(),
                })
            }
            _ => Ok(()),
        }
    }
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            flow_s: 30 * 60,
            code_s: 30,
            token_s: 40,
            session_s: 15 * 60,
        }
    }
}

/// Enough for half an hour of ten people a second.
const DEFAULT_MAX_OPEN_FLOWS: usize = 20_000;
