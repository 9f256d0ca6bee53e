//! Being told that somebody logged out elsewhere (OpenID Connect Back-Channel Logout 1.0).

use std::time::Duration;

use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::{Map, Value};
use sim_clock::UtcTime;

use super::id_token::{Audience, CLOCK_SKEW, TokenError, verified};

/// The event that a logout token is about (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How long ago a token may have been made.
const MAX_AGE: Duration = Duration::from_secs(2 * 60);

/// Whose sessions end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LoggedOut {
    /// One session of the provider.
    Session(String),
    /// All sessions of one person, by the user ID.
    Person(String),
}

#[derive(Deserialize)]
pub(super) struct LogoutClaims {
    iss: String,
    aud: Audience,
    iat: i64,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    sub: Option<String>,
    events: Map<String, Value>,
    /// Must be absent, so that no ID token passes as a logout token (section 2.4).
    #[serde(default)]
    nonce: Option<Value>,
}

/// Whose sessions a token ends, once it is as it should be.
pub(super) fn read(
    token: &str,
    key: &DecodingKey,
    issuer: &str,
    client_id: &str,
    now: UtcTime,
) -> Result<LoggedOut, TokenError> {
    verified::<LogoutClaims>(token, key)?.check(issuer, client_id, now)
}

// === impl LogoutClaims ===

impl LogoutClaims {
    /// Section 2.6.
    fn check(self, issuer: &str, client_id: &str, now: UtcTime) -> Result<LoggedOut, TokenError> {
        if self.iss != issuer {
            return Err(TokenError::Issuer(self.iss));
        }
        if !self.aud.names(client_id) {
            return Err(TokenError::Audience);
        }
        let made = UtcTime::from_millis(self.iat.saturating_mul(1_000));
        if made.since(now) > CLOCK_SKEW || now.since(made) > MAX_AGE {
            return Err(TokenError::Time);
        }
        if self.nonce.is_some() || !self.events.get(EVENT).is_some_and(Value::is_object) {
            return Err(TokenError::NoLogout);
        }
        match (self.sid, self.sub) {
            (Some(sid), _) => Ok(LoggedOut::Session(sid)),
            (None, Some(sub)) => Ok(LoggedOut::Person(sub)),
            (None, None) => Err(TokenError::Subject),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW_S: i64 = 1_770_000_000;

    fn checked(change: &Value) -> Result<LoggedOut, TokenError> {
        let mut claims = json!({
            "iss": "http://provider", "aud": "portal", "iat": NOW_S, "jti": "1", "sid": "s",
            "sub": "XX1", "events": { EVENT: {} }
        });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims: LogoutClaims = serde_json::from_value(claims).unwrap();
        claims.check(
            "http://provider",
            "portal",
            UtcTime::from_millis(NOW_S * 1_000),
        )
    }

    #[test]
    fn a_session_or_a_person_is_named() {
        assert_eq!(
            checked(&json!({})).unwrap(),
            LoggedOut::Session("s".to_owned())
        );
        let person = checked(&json!({ "sid": null })).unwrap();
        assert_eq!(person, LoggedOut::Person("XX1".to_owned()));
    }

    #[test]
    fn what_is_no_logout_token_ends_nothing() {
        for change in [
            json!({ "iss": "http://another" }),
            json!({ "aud": "another" }),
            json!({ "iat": NOW_S - 200 }),
            json!({ "iat": NOW_S + 200 }),
            json!({ "nonce": "n" }),
            json!({ "events": {} }),
            json!({ "events": { EVENT: "x" } }),
            json!({ "sid": null, "sub": null }),
        ] {
            assert!(checked(&change).is_err(), "{change}");
        }
    }
}
