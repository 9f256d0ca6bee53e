//! OpenID Connect, as TARA speaks it: the authorization code flow and nothing else.
//!
//! Written after OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 6750 (bearer tokens),
//! RFC 7636 (PKCE), and TARA's specification where it deviates: `state` is required, an ID token
//! holds all that is known about a person, and `at_hash` is in standard base64.

pub(crate) mod authorize;
mod claims;
pub(crate) mod client;
pub(crate) mod discovery;
mod parameters;
pub(crate) mod profile;
mod request;
pub(crate) mod token;

pub(crate) use claims::{ACR, phone_number, seconds, subject};
pub(crate) use parameters::{Parameters, with_query};
pub(crate) use request::{ACR_VALUES, SIGN_ON_SCOPES};
