//! Logging out, and who is told.

use http::StatusCode;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::services::{AFTERWARDS, shared};
use crate::world::World;

/// The claims of a logout token, verified with the keys that the provider publishes.
async fn told(world: &World, token: &str) -> Value {
    let keys = Browser::new(&world.url).get("/oidc/jwks").await;
    let keys: JwkSet = serde_json::from_str(&keys.text).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("logout+jwt"));
    let key = keys.find(&header.kid.unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[&world.ready.sign_on_issuer]);
    validation.set_audience(&["portal", "other"]);
    let key = DecodingKey::from_jwk(key).unwrap();
    let read = jsonwebtoken::decode::<Value>(token, &key, &validation);
    read.unwrap().claims
}

#[tokio::test]
async fn whoever_logs_out_of_the_only_service_is_logged_out() {
    let (world, ears) = shared().await;
    let (mut browser, tokens) = world.sign_on().await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let sent = browser.get(&world.logout_url(id_token, &[])).await;
    assert_eq!(sent.location(), format!("{AFTERWARDS}?state=bye-bye-bye"));
    assert!(!browser.cookies.contains_key("login-session"));
    let refused = world.refresh("portal", &tokens).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    while ears.heard.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    let token = ears.heard.lock()[0].clone();
    let claims = told(&world, &token).await;
    let session = world.session_claims(&tokens, "portal").await;
    assert_eq!(
        (&claims["aud"], &claims["sid"]),
        (&json!("portal"), &session["sid"])
    );
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(claims["events"], json!({ event: {} }));
    assert!(claims.get("nonce").is_none(), "or it might be an ID token");
    // Again, and nothing happens.
    let again = browser.get(&world.logout_url(id_token, &[])).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let summary = world.stop().await;
    assert_eq!((summary.logouts, summary.logouts_told), (1, 1));
}

#[tokio::test]
async fn whoever_uses_several_services_decides() {
    let (world, ears) = shared().await;
    for (decision, lives_on) in [("here", true), ("everywhere", false)] {
        ears.heard.lock().clear();
        let (mut browser, tokens) = world.sign_on().await;
        let others = world.go_on(&mut browser).await;
        let id_token = tokens["id_token"].as_str().unwrap();
        let page = browser.get(&world.logout_url(id_token, &[])).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("id=\"others\"") && !page.text.contains("<b>"));
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https://portal.example;"));
        let fields = [
            ("csrf", page.csrf()),
            ("id_token_hint", id_token),
            ("post_logout_redirect_uri", AFTERWARDS),
            ("state", page.after("name=\"state\" value=\"")),
        ];
        let form = format!("/oauth2/sessions/logout/{decision}");
        // Not without the page's own value.
        let forged = browser.post(&form, &fields[1..]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        browser.headers = vec![("sec-fetch-site", "cross-site".to_owned())];
        assert_eq!(
            browser.post(&form, &fields).await.status,
            StatusCode::FORBIDDEN
        );
        browser.headers.clear();
        let sent = browser.post(&form, &fields).await;
        assert_eq!(sent.location(), format!("{AFTERWARDS}?state=bye-bye-bye"));

        assert_eq!(
            world.refresh("portal", &tokens).await.status,
            StatusCode::BAD_REQUEST
        );
        let still = world.refresh("other", &others).await.status == StatusCode::OK;
        assert_eq!(still, lives_on, "{decision}");
        assert_eq!(browser.cookies.contains_key("login-session"), lives_on);
        while !lives_on && ears.heard.lock().len() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(ears.heard.lock().is_empty(), lives_on);
    }
    let summary = world.stop().await;
    assert_eq!((summary.logouts, summary.logouts_told), (2, 2));
}

#[tokio::test]
async fn a_service_that_does_not_hear_is_told_again() {
    let (world, ears) = shared().await;
    *ears.deaf.lock() = 1;
    let (mut browser, tokens) = world.sign_on().await;
    let id_token = tokens["id_token"].as_str().unwrap();
    browser
        .get(&world.logout_url(id_token, &[]))
        .await
        .location();
    while ears.heard.lock().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    *ears.deaf.lock() = 2;
    let (mut browser, tokens) = world.sign_on().await;
    let id_token = tokens["id_token"].as_str().unwrap();
    browser
        .get(&world.logout_url(id_token, &[]))
        .await
        .location();
    // Calls under way are waited for.
    let summary = world.stop().await;
    assert_eq!((summary.logouts_told, summary.logouts_untold), (1, 1));
}

#[tokio::test]
async fn a_service_may_send_a_form() {
    let (world, _) = shared().await;
    let (mut browser, tokens) = world.sign_on().await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let fields = [
        ("id_token_hint", id_token),
        ("post_logout_redirect_uri", AFTERWARDS),
    ];
    // A browser sends no cookie with a form from another site, but with the link it is sent to.
    let mut bare = Browser::new(&world.url);
    let sent = bare.post("/oauth2/sessions/logout", &fields).await;
    let done = browser.get(sent.location()).await;
    assert_eq!(done.location(), AFTERWARDS);
    assert!(!browser.cookies.contains_key("login-session"));
}

#[tokio::test]
async fn without_a_way_on_a_page_says_that_it_is_done() {
    let (world, _) = shared().await;
    let (mut browser, tokens) = world.sign_on().await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let wishes = [("post_logout_redirect_uri", ""), ("ui_locales", "et")];
    let page = browser.get(&world.logout_url(id_token, &wishes)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("id=\"logged-out\"") && page.text.contains("Oled välja logitud"));
}
