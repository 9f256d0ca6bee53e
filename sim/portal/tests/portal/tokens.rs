//! ID tokens that a portal must not accept, however they came about.

use http::StatusCode;
use serde_json::{Value, json};
use sim_clock::Clock;

use crate::browser::Browser;
use crate::fakes::provider::{Signing, Tricks};
use crate::harness::Running;

async fn refused(portal: &Running, tricks: Tricks) {
    let what = format!("{tricks:?}");
    portal.fakes.provider.play(tricks);
    let mut browser = Browser::default();
    let page = portal.log_in(&mut browser).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{what}");
    assert!(page.text.contains("data-problem=\"login_token\""), "{what}");
    assert!(!browser.cookies.contains_key("portal-session"), "{what}");
}

fn claims(claims: Value) -> Tricks {
    Tricks {
        claims,
        ..Tricks::default()
    }
}

#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_is_refused() {
    let portal = Running::start().await;
    for signing in [
        Signing::None,
        Signing::Hs256,
        Signing::OtherKey,
        Signing::UnknownKey,
        Signing::Changed,
        Signing::OwnKey,
    ] {
        let tricks = Tricks {
            signing,
            ..Tricks::default()
        };
        refused(&portal, tricks).await;
    }
    // And nothing of it stays: an honest one is accepted.
    portal.fakes.provider.play(Tricks::default());
    portal.logged_in().await;
}

#[tokio::test]
async fn a_token_for_another_time_place_or_log_in_is_refused() {
    let portal = Running::start().await;
    let now = Clock::wall().now().as_millis() / 1_000;
    for changed in [
        json!({ "exp": now - 60 }),
        json!({ "iat": now + 600, "nbf": now + 600 }),
        json!({ "iat": now - 3_600 }),
        json!({ "aud": "another-portal" }),
        json!({ "aud": ["portal", "another-portal"] }),
        json!({ "iss": "http://another-provider" }),
        json!({ "nonce": "of-another-log-in" }),
        json!({ "nonce": null }),
        json!({ "state": "of-another-log-in" }),
        json!({ "acr": "low" }),
        json!({ "acr": null }),
        json!({ "exp": null }),
        json!({ "sub": "YY48001010001" }),
        json!({ "sub": "XX../../other" }),
        json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA==" }),
    ] {
        refused(&portal, claims(changed)).await;
    }
}

#[tokio::test]
async fn a_new_key_is_found_by_one_look_and_an_unknown_one_does_not_make_more() {
    let portal = Running::start().await;
    portal.logged_in().await;
    assert_eq!(portal.fakes.provider.keys_asked(), 1);
    let unknown = Tricks {
        signing: Signing::UnknownKey,
        ..Tricks::default()
    };
    for _ in 0..3 {
        refused(&portal, unknown.clone()).await;
    }
    assert_eq!(portal.fakes.provider.keys_asked(), 1);
}

#[tokio::test]
async fn a_key_that_the_provider_published_later_is_asked_for() {
    let portal = Running::start().await;
    portal.fakes.provider.rename_key("key-2");
    portal.logged_in().await;
    assert_eq!(portal.fakes.provider.keys_asked(), 1);
}
