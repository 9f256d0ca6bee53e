//! The kinds of certificate that X-Road's trust services and people's identity carriers need.

use std::fmt;
use std::str::FromStr;

/// What a certificate is for; each has extensions of its own.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// TLS between security servers.
    Authentication,
    /// A member's signatures on messages.
    Signing,
    /// Signatures on OCSP responses for the authority that issues it.
    OcspResponder,
    /// Signatures on time-stamps.
    TimeStamping,
    /// A person who proves who they are: TLS, or a challenge signed on a phone.
    PersonAuthentication,
    /// A person's signatures on documents, as qualified ones are marked (ETSI EN 319 412-5).
    PersonSigning,
}

impl Profile {
    const ALL: [Self; 6] = [
        Self::Authentication,
        Self::Signing,
        Self::OcspResponder,
        Self::TimeStamping,
        Self::PersonAuthentication,
        Self::PersonSigning,
    ];

    /// The name in URLs and in the register.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Signing => "signing",
            Self::OcspResponder => "ocsp-responder",
            Self::TimeStamping => "time-stamping",
            Self::PersonAuthentication => "person-authentication",
            Self::PersonSigning => "person-signing",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == text)
            .ok_or_else(|| UnknownProfile(text.to_owned()))
    }
}

/// No profile has this name.
#[derive(Debug, thiserror::Error)]
#[error(
    "find certificate profile `{0}`: there are authentication, signing, ocsp-responder, \
     time-stamping, person-authentication and person-signing"
)]
pub struct UnknownProfile(String);
