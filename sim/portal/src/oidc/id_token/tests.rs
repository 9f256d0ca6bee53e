//! Every claim that can be wrong. Signatures and algorithms are tried in the portal's own tests.

use serde_json::{Value, json};

use super::*;

const NOW_S: i64 = 1_770_000_000;

fn good() -> Value {
    json!({
        "iss": "http://provider", "aud": "portal", "sub": "XX123", "exp": NOW_S + 40,
        "iat": NOW_S, "nbf": NOW_S, "nonce": "n", "state": "s", "acr": "high", "amr": ["mID"],
        "profile_attributes": { "given_name": "A", "family_name": "B", "date_of_birth": "2000-01-01" }
    })
}

fn checked(change: &Value) -> Result<Claims, TokenError> {
    let mut claims = good();
    for (key, value) in change.as_object().unwrap() {
        claims[key] = value.clone();
    }
    let claims: Claims = serde_json::from_value(claims).unwrap();
    let expected = Expected {
        issuer: "http://provider",
        client_id: "portal",
        country: "XX",
        acr: "high",
        nonce: "n",
        state: "s",
        access_token: Some("access"),
        now: UtcTime::from_millis(NOW_S * 1_000),
    };
    claims.check(&expected).map(|()| claims)
}

fn refused(change: &Value) -> String {
    match checked(change) {
        Ok(_) => format!("{change} is accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_token_as_it_should_be_names_a_person() {
    let person = checked(&json!({})).unwrap().person("XX");
    assert_eq!(
        (person.user_id.as_str(), person.national_id.as_str()),
        ("XX123", "123")
    );
    assert_eq!(
        (person.given_name.as_str(), person.family_name.as_str()),
        ("A", "B")
    );
    let flat = json!({ "profile_attributes": null, "given_name": "C", "family_name": "D" });
    assert_eq!(checked(&flat).unwrap().person("XX").family_name, "D");
}

#[test]
fn every_wrong_claim_is_named() {
    for (change, why) in [
        (json!({ "iss": "http://provider/" }), "it comes from"),
        (json!({ "aud": "another" }), "for somebody else"),
        (json!({ "aud": ["portal", "another"] }), "for somebody else"),
        (
            json!({ "aud": ["another"], "azp": "portal" }),
            "for somebody else",
        ),
        (json!({ "azp": "another" }), "for somebody else"),
        (json!({ "exp": NOW_S - 10 }), "no longer valid"),
        (json!({ "iat": NOW_S + 11 }), "no longer valid"),
        (json!({ "iat": NOW_S - 301 }), "no longer valid"),
        (json!({ "nbf": NOW_S + 11 }), "no longer valid"),
        (json!({ "exp": i64::MIN }), "no longer valid"),
        (json!({ "nonce": "m" }), "nonce"),
        (json!({ "nonce": "" }), "nonce"),
        (json!({ "state": "t" }), "state"),
        (json!({ "acr": "substantial" }), "assurance"),
        (json!({ "acr": "HIGH" }), "assurance"),
        (json!({ "at_hash": "AAAA" }), "access token"),
        (json!({ "sub": "YY123" }), "subject"),
        (json!({ "sub": "XX" }), "subject"),
        (json!({ "sub": "XX1/../2" }), "subject"),
        (json!({ "sub": format!("XX{}", "1".repeat(65)) }), "subject"),
    ] {
        let said = refused(&change);
        assert!(said.contains(why), "{change}: {said}");
    }
}

#[test]
fn what_may_differ_is_accepted() {
    let half = digest(&SHA256, b"access");
    let half = &half.as_ref()[..16];
    for change in [
        json!({ "aud": ["portal"] }),
        json!({ "aud": ["portal", "another"], "azp": "portal" }),
        json!({ "exp": NOW_S - 9 }),
        json!({ "iat": NOW_S + 10 }),
        json!({ "at_hash": URL_SAFE_NO_PAD.encode(half) }),
        json!({ "at_hash": STANDARD.encode(half) }),
        json!({ "sub": "XX010190-123A" }),
    ] {
        assert!(checked(&change).is_ok(), "{}", refused(&change));
    }
}
