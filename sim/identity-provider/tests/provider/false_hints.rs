//! ID tokens that somebody has made up, or found: none of them logs anybody out.

use aws_lc_rs::hmac;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::services::shared;

/// A token of these parts, signed by what `sign` makes of them.
fn token(header: &Value, claims: &Value, sign: impl Fn(&str) -> Vec<u8>) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(&signed));
    format!("{signed}.{signature}")
}

fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// With a key of the attacker's own.
fn rsa(text: &str) -> Vec<u8> {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    let random = aws_lc_rs::rand::SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
        .unwrap();
    signature
}

#[tokio::test]
async fn no_false_hint_ends_a_session() {
    let (world, ears) = shared().await;
    let (mut browser, tokens) = world.sign_on().await;
    let real = tokens["id_token"].as_str().unwrap();
    let (header, claims) = (part(real, 0), part(real, 1));
    let keys = Browser::new(&world.url).get("/oidc/jwks").await.text;
    let keys: Value = serde_json::from_str(&keys).unwrap();
    let modulus = keys["keys"][0]["n"].as_str().unwrap().to_owned();
    // The public key as a secret, which everybody has.
    let hmac = |text: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, modulus.as_bytes());
        hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
    };
    let with = |part: &Value, name: &str, value: Value| {
        let mut part = part.clone();
        part[name] = value;
        part
    };
    let none = |_: &str| Vec::new();
    let (signed, signature) = real.rsplit_once('.').unwrap();
    let changed = token(&header, &with(&claims, "sid", json!("x")), none);
    let changed = changed.trim_end_matches('.');
    let log_in = world.log_in(&[]).await.sent("code").unwrap();
    let log_in = world.redeem(&log_in).await.json();
    let own_key = json!({
        "kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256",
    });
    let hints = [
        String::new(),
        "x".to_owned(),
        "a.b.c".to_owned(),
        signed.to_owned(),
        format!("{signed}."),
        token(&with(&header, "alg", json!("none")), &claims, none),
        token(&with(&header, "alg", json!("None")), &claims, none),
        token(&with(&header, "alg", json!("HS256")), &claims, hmac),
        token(&with(&header, "alg", json!("PS256")), &claims, rsa),
        token(&header, &claims, rsa),
        token(&with(&header, "kid", json!("another")), &claims, rsa),
        token(&with(&header, "jwk", own_key), &claims, rsa),
        format!("{changed}.{signature}"),
        // Of the other protocol, and ours.
        log_in["id_token"].as_str().unwrap().to_owned(),
    ];
    for hint in &hints {
        let refused = browser.get(&world.logout_url(hint, &[])).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{hint}");
        assert_eq!(refused.header("location"), "");
    }
    // The real one, and a way on that is somebody else's.
    for wish in [
        ("post_logout_redirect_uri", "https://evil.example/"),
        (
            "post_logout_redirect_uri",
            "https://portal.example/logged-out/x",
        ),
        ("client_id", "other"),
    ] {
        let refused = browser.get(&world.logout_url(real, &[wish])).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wish:?}");
    }
    // The real one in another browser, with and without a session of its own.
    let (mut other, _) = world.sign_on().await;
    for thief in [&mut other, &mut Browser::new(&world.url)] {
        let sent = thief.get(&world.logout_url(real, &[])).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
    }
    assert!(other.cookies.contains_key("login-session"));
    let refreshed = world.refresh("portal", &tokens).await;
    assert_eq!(refreshed.status, StatusCode::OK, "the session lives");
    browser.get(&world.logout_url(real, &[])).await.location();
    world.stop().await;
    // And what tells of logouts is no hint either.
    assert_eq!(ears.heard.lock().len(), 1);
    assert_ne!(part(&ears.heard.lock()[0], 0)["typ"], header["typ"]);
}
