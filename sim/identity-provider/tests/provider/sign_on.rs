//! One log-in, several services.

use http::StatusCode;
use serde_json::json;

use crate::browser::Browser;
use crate::services::shared;
use crate::world::{REDIRECT_URI, STATE, World, wait};

#[tokio::test]
async fn single_sign_on_describes_itself() {
    let world = World::new().await;
    let issuer = &world.ready.sign_on_issuer;
    let metadata = Browser::new(&world.url)
        .get(&format!("{issuer}/.well-known/openid-configuration"))
        .await
        .json();
    assert_eq!(metadata["issuer"], *issuer);
    assert_ne!(
        metadata["issuer"], world.url,
        "another than that of log-ins"
    );
    let authorization = format!("{}/oauth2/auth", world.url);
    assert_eq!(metadata["authorization_endpoint"], authorization);
    assert_eq!(metadata["backchannel_logout_session_supported"], true);
}

#[tokio::test]
async fn a_session_gives_tokens_again_and_again() {
    let world = World::new().await;
    let person = world.person(0);
    let mut browser = Browser::new(&world.url);
    let wishes = [
        ("nonce", "n-1"),
        ("scope", "openid phone"),
        ("max_age", "60"),
    ];
    let asked = browser.get(&world.sign_on_url("portal", &wishes)).await;
    let path = asked.location().to_owned();
    let page = browser.get(&path).await;
    let back = world.answer(&mut browser, &path, &page).await;
    assert!(back.location().starts_with(REDIRECT_URI));
    assert_eq!(back.sent("state").as_deref(), Some(STATE));
    let issuer = world.ready.sign_on_issuer.clone();
    assert_eq!(back.sent("iss"), Some(issuer));

    let tokens = world.bring("portal", &back).await.json();
    assert_eq!(
        (&tokens["expires_in"], &tokens["scope"]),
        (&json!(900), &json!("openid phone"))
    );
    let claims = world.session_claims(&tokens, "portal").await;
    assert_eq!(claims["sub"], format!("EE{}", person.national_id.as_str()));
    assert_eq!(claims["birthdate"], person.birth_date.to_string());
    assert_eq!(claims["given_name"], person.given_name);
    assert_eq!(claims["amr"], json!(["mID"]));
    assert_eq!(claims["aud"], json!(["portal"]));
    assert_eq!(claims["nonce"], "n-1");
    assert!(claims["auth_time"].is_i64() && claims["phone_number"].is_string());
    let lives = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lives, 900);
    let token = tokens["access_token"].as_str().unwrap();
    let profile = world.profile(token).await;
    assert_eq!(profile.status, StatusCode::UNAUTHORIZED, "it opens nothing");

    let again = world.refresh("portal", &tokens).await.json();
    let refreshed = world.session_claims(&again, "portal").await;
    assert_eq!(refreshed["sid"], claims["sid"]);
    assert_ne!(refreshed["jti"], claims["jti"]);
    assert!(refreshed.get("nonce").is_none());
    assert_ne!(again["refresh_token"], tokens["refresh_token"]);
    let summary = world.stop().await;
    assert_eq!(
        (summary.sessions, summary.refreshed, summary.tokens),
        (1, 1, 2)
    );
}

#[tokio::test]
async fn another_service_is_signed_on_to_by_one_click() {
    let world = World::new().await;
    let (mut browser, tokens) = world.sign_on().await;
    let asked = browser.get(&world.sign_on_url("other", &[])).await;
    let path = asked.location().to_owned();
    let page = browser.get(&path).await;
    let person = world.person(0);
    let name = format!("{} {}", person.given_name, person.surname);
    assert_eq!(page.after("id=\"known-as\">"), name);
    // Nothing happens without the click, and nobody is passed over.
    let id = person.national_id;
    let fields = [("csrf", page.csrf()), ("national_id", id.as_str())];
    let asked = world.carrier.asked.lock().len();
    browser.post(&format!("{path}/smart-id"), &fields).await;
    assert_eq!(world.carrier.asked.lock().len(), asked);

    let others = world.go_on(&mut browser).await;
    let (one, other) = (
        world.session_claims(&tokens, "portal").await,
        world.session_claims(&others, "other").await,
    );
    assert_eq!((&one["sid"], &one["sub"]), (&other["sid"], &other["sub"]));
    let summary = world.stop().await;
    assert_eq!((summary.sessions, summary.continued), (1, 1));
}

#[tokio::test]
async fn a_click_counts_in_the_browser_of_the_session_alone() {
    let world = World::new().await;
    let (mut browser, _) = world.sign_on().await;
    let asked = browser.get(&world.sign_on_url("other", &[])).await;
    let path = asked.location().to_owned();
    let page = browser.get(&path).await;
    let form = format!("{path}/continue");
    assert_eq!(browser.post(&form, &[]).await.status, StatusCode::FORBIDDEN);
    // The session's cookie is gone meanwhile: the person has to log in.
    browser.cookies.remove("login-session").unwrap();
    let fields = [("csrf", page.csrf())];
    assert_eq!(browser.post(&form, &fields).await.location(), path);
    assert!(browser.get(&path).await.text.contains("id=\"mobile-id\""));
}

#[tokio::test]
async fn a_session_may_be_ended_for_another_log_in() {
    let (world, ears) = shared().await;
    let (mut browser, tokens) = world.sign_on().await;
    let before = browser.cookies["login-session"].clone();
    let asked = browser.get(&world.sign_on_url("other", &[])).await;
    let path = asked.location().to_owned();
    let page = browser.get(&path).await;
    let fields = [("csrf", page.csrf())];
    let sent = browser.post(&format!("{path}/anew"), &fields).await;
    assert_eq!(sent.location(), path);
    assert!(!browser.cookies.contains_key("login-session"));
    let refused = world.refresh("portal", &tokens).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    // Whoever keeps the old cookie, or plants it, has nothing.
    browser
        .cookies
        .insert("login-session".to_owned(), before.clone());
    let page = browser.get(&path).await;
    let back = world.answer(&mut browser, &path, &page).await;
    assert_eq!(world.bring("other", &back).await.status, StatusCode::OK);
    assert_ne!(browser.cookies["login-session"], before);
    let summary = world.stop().await;
    assert_eq!((summary.logouts_told, summary.logouts_untold), (1, 0));
    assert_eq!(ears.heard.lock().len(), 1);
}

#[tokio::test]
async fn logging_in_again_replaces_the_session() {
    let (world, ears) = shared().await;
    let (mut browser, tokens) = world.sign_on().await;
    let before = browser.cookies["login-session"].clone();
    for wish in [("prompt", "login"), ("max_age", "0")] {
        // `max_age=0` lets through whoever logged in within this very second: ask until it does not.
        let path = loop {
            let asked = browser.get(&world.sign_on_url("portal", &[wish])).await;
            let path = asked.location().to_owned();
            if browser.get(&path).await.text.contains("id=\"mobile-id\"") {
                break path;
            }
        };
        if wish.0 == "prompt" {
            let page = browser.get(&path).await;
            world.answer(&mut browser, &path, &page).await;
        }
    }
    assert_ne!(browser.cookies["login-session"], before);
    let refused = world.refresh("portal", &tokens).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    world.stop().await;
    assert_eq!(ears.heard.lock().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_told() {
    let world = World::new().await;
    let (mut browser, _) = world.sign_on().await;
    let mut stranger = Browser::new(&world.url);
    let error = async |browser: &mut Browser, wishes: &[(&str, &str)]| {
        let page = browser.get(&world.sign_on_url("portal", wishes)).await;
        page.sent("error").unwrap()
    };
    let none = [("prompt", "none")];
    assert_eq!(error(&mut stranger, &none).await, "login_required");
    assert_eq!(error(&mut browser, &none).await, "consent_required");
    for (wish, expected) in [
        (("prompt", "none login"), "invalid_request"),
        (("max_age", "soon"), "invalid_request"),
        (("scope", "openid idcard"), "invalid_scope"),
        (("scope", "phone"), "invalid_scope"),
        (("state", "short"), "invalid_request"),
    ] {
        assert_eq!(error(&mut stranger, &[wish]).await, expected, "{wish:?}");
    }
    let page = stranger
        .get(&world.sign_on_url("portal", &[("redirect_uri", "https://evil.example/")]))
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn codes_of_one_protocol_are_of_no_use_to_the_other() {
    let world = World::new().await;
    let back = world.log_in(&[]).await;
    let refused = world.bring("portal", &back).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    let mut browser = Browser::new(&world.url);
    let asked = browser.get(&world.sign_on_url("portal", &[])).await;
    let path = asked.location().to_owned();
    let page = browser.get(&path).await;
    let back = world.answer(&mut browser, &path, &page).await;
    let refused = world.redeem(&back.sent("code").unwrap()).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    let grant = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let mut fields = grant.to_vec();
    fields.extend([
        ("client_id", "portal"),
        ("client_secret", "secret of portal: &%"),
    ]);
    let refused = Browser::new(&world.url).post("/oidc/token", &fields).await;
    assert_eq!(refused.json()["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn stolen_refresh_tokens_and_codes_end_what_they_gave() {
    let world = World::new().await;
    let error = |page: crate::browser::Page| page.json()["error"].clone();
    // A refresh token, used twice.
    let (_, first) = world.sign_on().await;
    let second = world.refresh("portal", &first).await.json();
    assert_eq!(
        error(world.refresh("portal", &first).await),
        "invalid_grant"
    );
    assert_eq!(
        error(world.refresh("portal", &second).await),
        "invalid_grant"
    );
    // One of another service.
    let (_, tokens) = world.sign_on().await;
    assert_eq!(
        error(world.refresh("other", &tokens).await),
        "invalid_grant"
    );
    assert_eq!(
        error(world.refresh("portal", &tokens).await),
        "invalid_grant"
    );
    // One with more wishes than were granted.
    let (_, tokens) = world.sign_on().await;
    let token = tokens["refresh_token"].as_str().unwrap();
    let grant = [("grant_type", "refresh_token"), ("refresh_token", token)];
    let wishes = [grant[0], grant[1], ("scope", "openid phone")];
    let refused = world.ask_for_tokens("portal", &wishes).await;
    assert_eq!(error(refused), "invalid_scope");
    // A code, used twice.
    let mut browser = Browser::new(&world.url);
    let asked = browser.get(&world.sign_on_url("portal", &[])).await;
    let path = asked.location().to_owned();
    let page = browser.get(&path).await;
    world.answer(&mut browser, &path, &page).await;
    let asked = browser.get(&world.sign_on_url("portal", &[])).await;
    let path = asked.location().to_owned();
    let page = browser.get(&path).await;
    let fields = [("csrf", page.csrf())];
    let back = browser.post(&format!("{path}/continue"), &fields).await;
    let tokens = world.bring("portal", &back).await.json();
    assert_eq!(error(world.bring("portal", &back).await), "invalid_grant");
    assert_eq!(
        error(world.refresh("portal", &tokens).await),
        "invalid_grant"
    );
    // The session itself is the person's, and lives on.
    let asked = browser.get(&world.sign_on_url("portal", &[])).await;
    let page = browser.get(asked.location()).await;
    assert!(page.text.contains("id=\"continue\""));
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends() {
    let world = World::with(|config| config.lifetimes.session_s = 0).await;
    let mut browser = Browser::new(&world.url);
    let asked = browser.get(&world.sign_on_url("portal", &[])).await;
    let path = asked.location().to_owned();
    let page = browser.get(&path).await;
    let id = world.person(0).national_id;
    let fields = [("csrf", page.csrf()), ("national_id", id.as_str())];
    browser.post(&format!("{path}/smart-id"), &fields).await;
    let back = wait(&mut browser, &path).await;
    let refused = world.bring("portal", &back).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    let asked = browser.get(&world.sign_on_url("portal", &[])).await;
    let page = browser.get(asked.location()).await;
    assert!(page.text.contains("id=\"mobile-id\""));
}
