//! What relying parties are told about a person.

use serde::Serialize;
use sim_clock::UtcTime;
use uuid::Uuid;

use crate::grants::Grant;
use crate::key::access_token_hash;
use crate::provider::Provider;

/// All ways of logging in here are of the highest level of assurance (eIDAS, article 8).
const ACR: &str = "high";

pub(super) const CLAIMS: &[&str] = &[
    "sub",
    "given_name",
    "family_name",
    "date_of_birth",
    "phone_number",
    "phone_number_verified",
    "amr",
    "acr",
    "at_hash",
    "jti",
    "nonce",
    "state",
    "auth_time",
];

/// An ID token of TARA.
#[derive(Serialize)]
pub(super) struct IdToken<'a> {
    jti: String,
    iss: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    nbf: i64,
    sub: String,
    profile_attributes: ProfileAttributes<'a>,
    amr: [&'static str; 1],
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: &'static str,
    at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number_verified: Option<bool>,
}

#[derive(Serialize)]
struct ProfileAttributes<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    date_of_birth: Option<String>,
    given_name: &'a str,
    family_name: &'a str,
}

/// What the userinfo endpoint answers: the same, flat.
#[derive(Serialize)]
pub(super) struct UserInfo<'a> {
    sub: String,
    given_name: &'a str,
    family_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_of_birth: Option<String>,
    amr: [&'static str; 1],
    acr: &'static str,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number_verified: Option<bool>,
}

pub(super) fn id_token<'a>(
    provider: &'a Provider,
    grant: &'a Grant,
    access_token: &str,
    now: UtcTime,
) -> IdToken<'a> {
    let Grant {
        request,
        authenticated,
    } = grant;
    let person = &authenticated.person;
    let phone_number = phone_number(grant);
    let now = seconds(now);
    IdToken {
        jti: Uuid::new_v4().to_string(),
        iss: &provider.issuer,
        aud: &request.client_id,
        exp: now.saturating_add(provider.token_s.into()),
        iat: now,
        nbf: now,
        sub: subject(provider, grant),
        profile_attributes: ProfileAttributes {
            date_of_birth: provider.birth_dates.of_person(&person.national_id),
            given_name: &person.given_name,
            family_name: &person.family_name,
        },
        amr: [authenticated.method.amr()],
        state: &request.state,
        nonce: request.nonce.as_deref(),
        acr: ACR,
        at_hash: access_token_hash(access_token),
        phone_number,
        phone_number_verified: phone_number.map(|_| true),
    }
}

pub(super) fn user_info<'a>(provider: &Provider, grant: &'a Grant) -> UserInfo<'a> {
    let authenticated = &grant.authenticated;
    let person = &authenticated.person;
    let phone_number = phone_number(grant);
    UserInfo {
        sub: subject(provider, grant),
        given_name: &person.given_name,
        family_name: &person.family_name,
        date_of_birth: provider.birth_dates.of_person(&person.national_id),
        amr: [authenticated.method.amr()],
        acr: ACR,
        auth_time: seconds(authenticated.at),
        phone_number,
        phone_number_verified: phone_number.map(|_| true),
    }
}

fn subject(provider: &Provider, grant: &Grant) -> String {
    format!(
        "{}{}",
        provider.country, grant.authenticated.person.national_id
    )
}

/// Told to those who asked for the scope `phone`.
fn phone_number(grant: &Grant) -> Option<&str> {
    let number = grant.authenticated.phone_number.as_deref();
    number.filter(|_| grant.request.wants_phone)
}

const fn seconds(time: UtcTime) -> i64 {
    time.as_millis().div_euclid(1_000)
}
