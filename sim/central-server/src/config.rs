//! What a central server is told when it starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sim_domain::{ClientId, IdentifierError, MemberId};
use sim_evidence::certificate::{Certificate, CertificateError};
use thiserror::Error;

/// Everything a central server needs to know.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CentralServerConfig {
    /// The country's instance identifier.
    pub instance: String,
    /// Where to listen; port 0 takes a free one. Clients are told this very address.
    pub listen: SocketAddr,
    /// Where registrations and the signing key are kept.
    pub data_folder: PathBuf,
    /// Members registered from the beginning; looked at only when the data folder holds no
    /// registrations yet. The first one is named as the provider of the management services.
    pub members: Vec<MemberConfig>,
    /// Approved certification authorities.
    pub authorities: Vec<AuthorityConfig>,
    /// Approved time-stamping authorities, the preferred one first.
    pub time_stamping: Vec<TimeStampingConfig>,
    /// Intervals.
    #[serde(default)]
    pub settings: Settings,
    /// What a management request must show.
    pub management_token: String,
    /// How far this server's clock is ahead, in milliseconds.
    #[serde(default)]
    pub clock_offset_ms: i64,
}

/// A member and its subsystems.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberConfig {
    /// Who it is.
    pub id: MemberId,
    /// Full name.
    pub name: String,
    /// Codes of its subsystems.
    #[serde(default)]
    pub subsystems: Vec<String>,
}

/// An approved certification authority.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityConfig {
    /// Name for people.
    pub name: String,
    /// Its certificate.
    pub certificate_pem: String,
    /// Where its OCSP responder answers.
    pub ocsp_url: String,
    /// The certificate of its OCSP responder.
    pub ocsp_responder_certificate_pem: String,
}

/// An approved time-stamping authority.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeStampingConfig {
    /// Name for people.
    pub name: String,
    /// Where it answers.
    pub url: String,
    /// The certificate it signs with.
    pub certificate_pem: String,
}

/// Intervals, in seconds; the defaults are X-Road's.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How often the configuration is published again.
    pub refresh_s: u32,
    /// How long a published configuration holds.
    pub expire_s: u32,
    /// How long a logged record may stay without a time-stamp.
    pub time_stamping_interval_s: u32,
    /// How old an OCSP response may be.
    pub ocsp_freshness_s: u32,
}

/// What is wrong with a configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// Nobody could offer the management services.
    #[error("`members` is empty")]
    NoMembers,
    /// A management token that anybody could guess.
    #[error("`management_token` is empty")]
    NoToken,
    /// An identifier of another country.
    #[error("{id} is not of instance `{instance}`")]
    Instance {
        /// Whose identifier.
        id: MemberId,
        /// The country's instance.
        instance: String,
    },
    /// A member or subsystem appears twice.
    #[error("{0} is there twice")]
    Duplicate(ClientId),
    /// A code cannot be part of an identifier.
    #[error("a code cannot be part of an identifier")]
    Identifier(#[from] IdentifierError),
    /// An interval of no length, or a configuration that expires before it is renewed.
    #[error("`{0}` is too small")]
    Interval(&'static str),
    /// A certificate of a trust service cannot be used.
    #[error("read the certificate of {name}")]
    Certificate {
        /// The trust service's name.
        name: String,
        /// Why.
        source: CertificateError,
    },
}

// === impl CentralServerConfig ===

impl CentralServerConfig {
    /// Checks what the types cannot.
    ///
    /// # Errors
    ///
    /// The first thing wrong.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.members.is_empty() {
            return Err(ConfigError::NoMembers);
        }
        if self.management_token.is_empty() {
            return Err(ConfigError::NoToken);
        }
        let foreign = |member: &&MemberConfig| member.id.instance() != self.instance;
        if let Some(member) = self.members.iter().find(foreign) {
            return Err(ConfigError::Instance {
                id: member.id.clone(),
                instance: self.instance.clone(),
            });
        }
        self.settings.check()
    }
}

// === impl Settings ===

impl Settings {
    fn check(&self) -> Result<(), ConfigError> {
        if self.refresh_s == 0 {
            return Err(ConfigError::Interval("refresh_s"));
        }
        if self.expire_s <= self.refresh_s {
            return Err(ConfigError::Interval("expire_s"));
        }
        if self.ocsp_freshness_s == 0 {
            return Err(ConfigError::Interval("ocsp_freshness_s"));
        }
        Ok(())
    }

    pub(crate) fn refresh(&self) -> Duration {
        Duration::from_secs(self.refresh_s.into())
    }

    pub(crate) fn expire(&self) -> Duration {
        Duration::from_secs(self.expire_s.into())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            refresh_s: 60,
            expire_s: 600,
            time_stamping_interval_s: 60,
            ocsp_freshness_s: 3600,
        }
    }
}

/// Reads a trust service's certificate.
pub(crate) fn read_certificate(name: &str, pem: &str) -> Result<Certificate, ConfigError> {
    Certificate::from_pem(pem).map_err(|source| ConfigError::Certificate {
        name: name.to_owned(),
        source,
    })
}
