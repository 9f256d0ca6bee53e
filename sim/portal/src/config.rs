//! What a portal is told when it starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sim_domain::web::origin_of;
use sim_domain::{ClientId, ServiceId};

use crate::texts::Language;

/// A portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where browsers find it, without a slash at the end; `http://` and the address it listens on
    /// unless told. Requests for another host are refused, and cookies are marked `Secure` where
    /// this begins with `https://`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Country code, the prefix of national IDs in `sub` and `X-Road-UserId`, such as `EE`.
    pub country: String,
    /// What the portal or its country is called on the pages and on phones.
    pub name: String,
    /// What amounts are followed by, such as `EUR`.
    pub currency: String,
    /// Languages offered; the first is the default.
    pub languages: Vec<Language>,
    /// Issuer of the identity provider; its metadata is asked for below it. `http://` only.
    pub issuer: String,
    /// The portal's name at the provider.
    pub client_id: String,
    /// The portal's secret at the provider.
    pub client_secret: String,
    /// Its own security server, such as `http://127.0.0.1:8080`.
    pub exchange_url: String,
    /// The subsystem as which it asks.
    pub client: ClientId,
    /// Which services it asks, by what they are for.
    pub services: PortalServices,
    /// The registries whose data trackers are asked: `findUsage` services.
    #[serde(default)]
    pub trackers: Vec<RegisterService>,
    /// The registries at which a person can block their record: `blocking` services.
    #[serde(default)]
    pub blocking: Vec<RegisterService>,
    /// Those who look at people's data and answer for it: `inquiries` services.
    #[serde(default)]
    pub inquiries: Vec<InquiryService>,
    /// Where Mobile-ID and Smart-ID answer.
    pub carriers_url: String,
    /// As whom the portal asks the carriers.
    pub carrier_rp: RelyingPartyName,
    /// The time-stamping authority.
    pub tsa_url: String,
    /// The OCSP responder of people's certificates.
    pub people_ocsp_url: String,
    /// The authority that issues people's certificates.
    pub people_ca_pem: String,
    /// Folder of the ledger of everything that is asked over the exchange, made where missing; none
    /// is kept where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<PathBuf>,
}

/// The services of the registries, by what they are for; what is absent is not offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    missing_docs,
    reason = "each is named as in the registries' descriptions"
)]
pub struct PortalServices {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population_record: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population_relations: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benefits: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applications: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declaration: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declarations: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_record: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prescriptions: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointments: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub companies: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub studies: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consents: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insurance_offer: Option<ServiceId>,
}

/// One service of a registry, and what people call the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterService {
    /// The registry, as people call it who speak the first language.
    pub title: String,
    /// The service to ask.
    pub service: ServiceId,
}

/// Who answers questions about the looks of one system, as data trackers name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InquiryService {
    /// Who looks, as people call them.
    pub title: String,
    /// The service to ask.
    pub service: ServiceId,
    /// The `receiverCode` of its looks: the member's code.
    pub member_code: String,
    /// The `receiverSystem` of its looks: the subsystem's code.
    pub subsystem_code: String,
}

/// As whom a relying party asks a carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelyingPartyName {
    /// Given by the carrier.
    pub uuid: String,
    /// Shown on the phone.
    pub name: String,
}

/// Why a configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A URL names no host this portal can reach or be reached by.
    #[error("`{key}` is `{url}`: {expected} is needed")]
    Url {
        /// Which key.
        key: &'static str,
        /// Its value.
        url: String,
        /// What would be accepted.
        expected: &'static str,
    },
    /// A key that must say something is empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A text cannot be sent in an HTTP header.
    #[error("`{0}` must be letters and digits of ASCII")]
    NotAscii(&'static str),
}

// === impl PortalConfig ===

impl PortalConfig {
    /// Checks what serde cannot.
    ///
    /// # Errors
    /// [`ConfigError`] names the first key that cannot be used.
    pub fn check(&self) -> Result<(), ConfigError> {
        let texts = [
            ("country", &self.country),
            ("name", &self.name),
            ("client_id", &self.client_id),
        ];
        for (key, text) in texts {
            if text.is_empty() {
                return Err(ConfigError::Empty(key));
            }
        }
        if self.languages.is_empty() {
            return Err(ConfigError::Empty("languages"));
        }
        if !self
            .country
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric())
        {
            return Err(ConfigError::NotAscii("country"));
        }
        for (key, url) in [
            ("issuer", &self.issuer),
            ("exchange_url", &self.exchange_url),
            ("carriers_url", &self.carriers_url),
        ] {
            if authority_of(url, "http://").is_none() {
                return Err(ConfigError::Url {
                    key,
                    url: url.clone(),
                    expected: "http:// and a host",
                });
            }
        }
        match &self.public_url {
            Some(url) if origin_of(url).as_ref() != Some(url) => Err(ConfigError::Url {
                key: "public_url",
                url: url.clone(),
                expected: "http:// or https:// and a host, without a path",
            }),
            _ => Ok(()),
        }
    }
}

/// Host and port of `url`, which begins with `scheme`.
pub(crate) fn authority_of<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let rest = url.strip_prefix(scheme)?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    (!authority.is_empty() && authority.bytes().all(is_plain)).then_some(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_all_that_a_url_gives_away() {
        assert_eq!(
            authority_of("http://127.0.0.1:80/x?y", "http://"),
            Some("127.0.0.1:80")
        );
        assert_eq!(authority_of("http://[::1]:80", "http://"), Some("[::1]:80"));
        for odd in [
            "http://",
            "https://host",
            "http://user@host/",
            "host",
            "http://a b/",
        ] {
            assert_eq!(authority_of(odd, "http://"), None, "{odd}");
        }
        assert_eq!(
            origin_of("https://x.example/a").as_deref(),
            Some("https://x.example")
        );
    }

    #[test]
    fn the_example_is_a_configuration_and_a_misspelt_one_is_none() {
        let example = include_str!("../examples/portal.json");
        let config: PortalConfig = serde_json::from_str(example).unwrap();
        assert_eq!(config.check(), Ok(()));
        assert!(serde_json::from_str::<PortalConfig>(&example.replace("issuer", "isuer")).is_err());
        for (right, wrong, error) in [
            ("\"EE\"", "\"\"", "`country` is empty"),
            ("\"EE\"", "\"Õ\"", "`country` must be letters"),
            ("[\"en\", \"et\"]", "[]", "`languages` is empty"),
            (
                "http://127.0.0.1:8401",
                "https://idp",
                "`issuer` is `https://idp`",
            ),
            ("http://127.0.0.1:8080", "127.0.0.1", "`exchange_url` is"),
        ] {
            let config = example.replacen(right, wrong, 1);
            let config: PortalConfig = serde_json::from_str(&config).unwrap();
            let said = config.check().unwrap_err().to_string();
            assert!(said.starts_with(error), "{said}");
        }
    }
}
