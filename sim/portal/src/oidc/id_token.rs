//! Checking an ID token (OpenID Connect Core 1.0, section 3.1.3.7), strictly.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sim_clock::UtcTime;

use crate::secrets::same;
use crate::sessions::Person;

/// How far the provider's clock and the portal's may be apart.
pub const CLOCK_SKEW: Duration = Duration::from_secs(10);
/// How long ago a token may have been made: it is asked for at once, and lives 40 s at TARA.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);
/// The only algorithm accepted, whatever a token says.
const ALGORITHM: Algorithm = Algorithm::RS256;
/// The longest token looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The longest `sub`, without the country's prefix, in bytes.
const MAX_NATIONAL_ID_BYTES: usize = 64;

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) country: &'a str,
    pub(super) acr: &'a str,
    pub(super) nonce: &'a str,
    pub(super) state: &'a str,
    pub(super) access_token: Option<&'a str>,
    pub(super) now: UtcTime,
}

/// What a token says; of TARA's form (`profile_attributes`) or GovSSO's (flat).
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: Audience,
    #[serde(default)]
    azp: Option<String>,
    sub: String,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
    nonce: String,
    #[serde(default)]
    state: Option<String>,
    acr: String,
    #[serde(default)]
    amr: Vec<String>,
    #[serde(default)]
    at_hash: Option<String>,
    #[serde(default)]
    pub(super) sid: Option<String>,
    #[serde(default)]
    phone_number: Option<String>,
    #[serde(default)]
    profile_attributes: Option<Profile>,
    #[serde(flatten)]
    flat: Profile,
}

#[derive(Debug, Default, Deserialize)]
struct Profile {
    #[serde(default)]
    given_name: Option<String>,
    #[serde(default)]
    family_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("it has more than {MAX_TOKEN_BYTES} bytes")]
    TooLong,
    #[error("its header is unreadable: {0}")]
    Header(jsonwebtoken::errors::Error),
    #[error("it is signed with {0:?} and not {ALGORITHM:?}")]
    Algorithm(Algorithm),
    #[error("it names no key")]
    NoKeyName,
    #[error("the provider has no key `{0}`")]
    UnknownKey(String),
    #[error("its signature or its claims are not right: {0}")]
    Signature(jsonwebtoken::errors::Error),
    #[error("it comes from `{0}`")]
    Issuer(String),
    #[error("it is for somebody else")]
    Audience,
    #[error("it is no longer valid, or not yet")]
    Time,
    #[error("its nonce is another")]
    Nonce,
    #[error("its state is another")]
    State,
    #[error("its level of assurance is `{0}`")]
    Assurance(String),
    #[error("it belongs to another access token")]
    AccessToken,
    #[error("its subject is no national ID of this country")]
    Subject,
    #[error("it is no logout token")]
    NoLogout,
}

/// The name of the key that a token is signed with; its algorithm is the expected one.
pub(super) fn key_name(token: &str) -> Result<String, TokenError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenError::TooLong);
    }
    let header = jsonwebtoken::decode_header(token).map_err(TokenError::Header)?;
    if header.alg != ALGORITHM {
        return Err(TokenError::Algorithm(header.alg));
    }
    header.kid.ok_or(TokenError::NoKeyName)
}

/// The claims of a token that is as `expected`.
pub(super) fn read(
    token: &str,
    key: &DecodingKey,
    expected: &Expected<'_>,
) -> Result<Claims, TokenError> {
    let claims: Claims = verified(token, key)?;
    claims.check(expected)?;
    Ok(claims)
}

/// What a token says that is signed with `key`; nothing else of it is checked.
pub(super) fn verified<T: DeserializeOwned>(
    token: &str,
    key: &DecodingKey,
) -> Result<T, TokenError> {
    let mut validation = Validation::new(ALGORITHM);
    // The library reads a clock of its own; times and audience are checked by the caller, with ours.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let decoded = jsonwebtoken::decode::<T>(token, key, &validation);
    Ok(decoded.map_err(TokenError::Signature)?.claims)
}

// === impl Audience ===

impl Audience {
    pub(super) fn names(&self, client_id: &str) -> bool {
        match self {
            Self::One(audience) => audience == client_id,
            Self::Several(audiences) => audiences.iter().any(|audience| audience == client_id),
        }
    }

    fn is_one(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::Several(audiences) => audiences.len() == 1,
        }
    }
}

// === impl Claims ===

impl Claims {
    /// The person; the subject was checked.
    pub(super) fn person(&self, country: &str) -> Person {
        let profile = self.profile_attributes.as_ref().unwrap_or(&self.flat);
        let national_id = self.sub.strip_prefix(country).unwrap_or(&self.sub);
        Person {
            user_id: self.sub.clone(),
            national_id: national_id.to_owned(),
            given_name: profile.given_name.clone().unwrap_or_default(),
            family_name: profile.family_name.clone().unwrap_or_default(),
            phone_number: self.phone_number.clone(),
            method: self.amr.first().cloned(),
        }
    }

    fn check(&self, expected: &Expected<'_>) -> Result<(), TokenError> {
        if self.iss != expected.issuer {
            return Err(TokenError::Issuer(self.iss.clone()));
        }
        if !self.is_for(expected.client_id) {
            return Err(TokenError::Audience);
        }
        if !self.is_valid_at(expected.now) {
            return Err(TokenError::Time);
        }
        if !same(&self.nonce, expected.nonce) {
            return Err(TokenError::Nonce);
        }
        if self
            .state
            .as_ref()
            .is_some_and(|state| !same(state, expected.state))
        {
            return Err(TokenError::State);
        }
        if assurance(&self.acr) < assurance(expected.acr) {
            return Err(TokenError::Assurance(self.acr.clone()));
        }
        if let (Some(hash), Some(access_token)) = (&self.at_hash, expected.access_token)
            && !is_hash_of(hash, access_token)
        {
            return Err(TokenError::AccessToken);
        }
        if !is_subject(&self.sub, expected.country) {
            return Err(TokenError::Subject);
        }
        Ok(())
    }

    /// Where it is for several, it must say that it was made for this one (step 4 and 5).
    fn is_for(&self, client_id: &str) -> bool {
        let is_authorised = self.azp.as_deref().is_none_or(|azp| azp == client_id);
        let is_only = self.aud.is_one() || self.azp.is_some();
        self.aud.names(client_id) && is_authorised && is_only
    }

    fn is_valid_at(&self, now: UtcTime) -> bool {
        let now = now.as_millis() / 1_000;
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        let skew = seconds(CLOCK_SKEW);
        self.exp > now.saturating_sub(skew)
            && self.iat <= now.saturating_add(skew)
            && self.iat >= now.saturating_sub(seconds(MAX_AGE))
            && self.nbf.is_none_or(|nbf| nbf <= now.saturating_add(skew))
    }
}

/// eIDAS levels in their order; a level that is not known is below all.
fn assurance(acr: &str) -> u8 {
    match acr {
        "low" => 1,
        "substantial" => 2,
        "high" => 3,
        _ => 0,
    }
}

/// Section 3.1.3.6; TARA writes it in base64 with padding instead of the URL-safe form.
fn is_hash_of(hash: &str, access_token: &str) -> bool {
    let digest = digest(&SHA256, access_token.as_bytes());
    let half = digest.as_ref().get(..16).unwrap_or_default();
    same(hash, &URL_SAFE_NO_PAD.encode(half)) || same(hash, &STANDARD.encode(half))
}

/// The country's prefix and a national ID, which goes into paths and headers later.
fn is_subject(subject: &str, country: &str) -> bool {
    subject.strip_prefix(country).is_some_and(|id| {
        !id.is_empty()
            && id.len() <= MAX_NATIONAL_ID_BYTES
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-+".contains(&byte))
    })
}

#[cfg(test)]
mod tests;
