//! What services are told about somebody with a session, and of its end.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sim_clock::UtcTime;
use uuid::Uuid;

use crate::grants::Grant;
use crate::key::url_safe_hash;
use crate::oidc::{ACR, phone_number, seconds, subject};
use crate::provider::Provider;

/// Of Back-Channel Logout 1.0, section 2.4.
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How long a logout token is good for: two minutes at most, says the same section.
const LOGOUT_LIFETIME: Duration = Duration::from_secs(120);

pub(super) const CLAIMS: &[&str] = &[
    "sub",
    "given_name",
    "family_name",
    "birthdate",
    "phone_number",
    "phone_number_verified",
    "amr",
    "acr",
    "at_hash",
    "jti",
    "nonce",
    "sid",
    "auth_time",
];

/// An ID token of GovSSO: with OpenID Connect's own names, flat.
#[derive(Serialize)]
pub(super) struct IdToken<'a> {
    jti: String,
    iss: &'a str,
    aud: [&'a str; 1],
    exp: i64,
    iat: i64,
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    birthdate: Option<String>,
    given_name: &'a str,
    family_name: &'a str,
    amr: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: &'static str,
    at_hash: String,
    sid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number_verified: Option<bool>,
}

/// What is read of an ID token that a service brings back.
#[derive(Debug, Deserialize)]
pub(super) struct Hint {
    pub(super) iss: String,
    pub(super) aud: Vec<String>,
    pub(super) sid: String,
    /// No logout token has one.
    #[serde(rename = "sub")]
    _sub: String,
}

/// Tells a service that a session has ended.
#[derive(Serialize)]
pub(super) struct LogoutToken<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: &'a str,
    events: BTreeMap<&'static str, BTreeMap<(), ()>>,
}

/// The `nonce` belongs to the request, and to the first token alone (OpenID Connect Core, 12.2).
pub(super) fn id_token<'a>(
    provider: &'a Provider,
    grant: &'a Grant,
    access_token: &str,
    nonce: Option<&'a str>,
    now: UtcTime,
) -> IdToken<'a> {
    let Grant {
        request,
        authenticated,
        sid,
    } = grant;
    let person = &authenticated.person;
    let phone_number = phone_number(grant);
    let iat = seconds(now);
    IdToken {
        jti: Uuid::new_v4().to_string(),
        iss: &provider.sign_on_issuer,
        aud: [&request.client_id],
        exp: iat.saturating_add(provider.session_s.into()),
        iat,
        sub: subject(provider, grant),
        birthdate: provider.birth_dates.of_person(&person.national_id),
        given_name: &person.given_name,
        family_name: &person.family_name,
        amr: [authenticated.method.amr()],
        nonce,
        acr: ACR,
        at_hash: url_safe_hash(access_token),
        sid: sid.as_deref().unwrap_or_default(),
        auth_time: request.wants_time.then(|| seconds(authenticated.at)),
        phone_number,
        phone_number_verified: phone_number.map(|_| true),
    }
}

pub(super) fn logout_token<'a>(
    issuer: &'a str,
    client_id: &'a str,
    sid: &'a str,
    now: UtcTime,
) -> LogoutToken<'a> {
    LogoutToken {
        iss: issuer,
        aud: client_id,
        iat: seconds(now),
        exp: seconds(now.plus(LOGOUT_LIFETIME)),
        jti: Uuid::new_v4().to_string(),
        sid,
        events: BTreeMap::from([(LOGOUT_EVENT, BTreeMap::new())]),
    }
}
