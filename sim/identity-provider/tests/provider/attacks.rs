//! What somebody with bad intentions tries.

use http::StatusCode;

use crate::browser::Browser;
use crate::carrier::Answer;
use crate::country::{Authority, Purpose};
use crate::relying_party::basic;
use crate::world::{REDIRECT_URI, World, card, wait};

/// Asks the first person through Smart-ID; the page that comes of it.
async fn outcome(world: &World) -> crate::browser::Page {
    let (mut browser, path, page) = world.begin(&[]).await;
    let id = world.person(0).national_id;
    let fields = [("csrf", page.csrf()), ("national_id", id.as_str())];
    browser
        .post(&format!("{path}/smart-id"), &fields)
        .await
        .location();
    wait(&mut browser, &path).await
}

#[tokio::test]
async fn a_carrier_that_lies_logs_nobody_in() {
    let world = World::new().await;
    let (person, other) = (world.person(0), world.person(1));
    let number = format!("PNOEE-{}", person.national_id.as_str());
    let issue = |authority: &Authority, number: &str, purpose| {
        world.set_card(authority.issue(&person, number, purpose));
    };
    let untrusted = "CERTIFICATE_NOT_TRUSTED";

    world.set_card(card(&world.authority, &other));
    assert_eq!(
        outcome(&world).await.after("data-result=\""),
        "OTHER_PERSON"
    );
    // The same name, another key.
    issue(&Authority::new(), &number, Purpose::Authentication);
    assert_eq!(outcome(&world).await.after("data-result=\""), untrusted);
    // People sign what they are shown: that must log nobody in.
    issue(&world.authority, &number, Purpose::Signing);
    assert_eq!(outcome(&world).await.after("data-result=\""), untrusted);
    issue(&world.authority, &number, Purpose::Expired);
    assert_eq!(outcome(&world).await.after("data-result=\""), untrusted);
    // The same number, in another country.
    let foreign = format!("PNOFI-{}", person.national_id.as_str());
    issue(&world.authority, &foreign, Purpose::Authentication);
    assert_eq!(outcome(&world).await.after("data-result=\""), untrusted);

    world.set_card(card(&world.authority, &person));
    *world.carrier.answer.lock() = Answer::SignAnother;
    assert_eq!(
        outcome(&world).await.after("data-result=\""),
        "SIGNATURE_NOT_VALID"
    );
    *world.carrier.answer.lock() = Answer::Sign;
    assert!(
        outcome(&world).await.sent("code").is_some(),
        "an honest answer is accepted"
    );
}

#[tokio::test]
async fn a_code_that_is_used_again_takes_the_token_back() {
    let world = World::new().await;
    let code = world.log_in(&[]).await.sent("code").unwrap();
    let token = world.redeem(&code).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(world.profile(&token).await.status, StatusCode::OK);
    let again = world.redeem(&code).await;
    assert_eq!(
        (again.status, &again.json()["error"]),
        (StatusCode::BAD_REQUEST, &"invalid_grant".into())
    );
    let profile = world.profile(&token).await;
    assert_eq!(profile.status, StatusCode::UNAUTHORIZED);
    assert!(
        profile
            .header("www-authenticate")
            .starts_with("Bearer error=\"invalid_token\"")
    );
}

#[tokio::test]
async fn a_code_is_of_use_to_nobody_else() {
    let world = World::new().await;
    let verifier = [(
        "code_verifier",
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    )];
    let elsewhere = [("redirect_uri", "http://127.0.0.1:1/callback?a=b")];
    for (name, more) in [
        ("other", &[][..]),
        ("portal", &verifier),
        ("portal", &elsewhere),
    ] {
        let code = world.log_in(&[]).await.sent("code").unwrap();
        let refused = world.redeem_as(name, &code, more).await;
        assert_eq!(refused.json()["error"], "invalid_grant", "{name} {more:?}");
        assert_eq!(
            world.redeem(&code).await.json()["error"],
            "invalid_grant",
            "it is used up"
        );
    }
}

#[tokio::test]
async fn a_relying_party_must_prove_itself() {
    let world = World::new().await;
    let code = world.log_in(&[]).await.sent("code").unwrap();
    let fields = |more: &[(&'static str, &'static str)]| {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
        ];
        fields.extend(more);
        serde_urlencoded::to_string(fields).unwrap()
    };
    let named = ("client_id", "portal");
    let right = ("client_secret", "secret of portal: &%");
    let send = async |authorization: Option<String>, form: String| {
        let mut caller = Browser::new(&world.url);
        caller
            .headers
            .extend(authorization.map(|value| ("authorization", value)));
        let answer = caller.send("POST", "/oidc/token", Some(form)).await;
        (
            answer.status,
            answer.json()["error"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let unknown = (StatusCode::UNAUTHORIZED, "invalid_client".to_owned());
    let invalid = (StatusCode::BAD_REQUEST, "invalid_request".to_owned());
    assert_eq!(send(None, fields(&[])).await, unknown);
    assert_eq!(send(None, fields(&[named])).await, unknown);
    assert_eq!(
        send(None, fields(&[named, ("client_secret", "guess")])).await,
        unknown
    );
    assert_eq!(
        send(None, fields(&[named, ("client_secret", "")])).await,
        unknown
    );
    assert_eq!(send(None, fields(&[right])).await, unknown);
    assert_eq!(send(Some(basic("nobody")), fields(&[])).await, unknown);
    assert_eq!(
        send(Some("Basic cG9ydGFsOmd1ZXNz".to_owned()), fields(&[])).await,
        unknown
    );
    assert_eq!(
        send(Some("Bearer x".to_owned()), fields(&[])).await,
        unknown
    );
    // Twice, and once as somebody else.
    assert_eq!(
        send(Some(basic("portal")), fields(&[named, right])).await,
        invalid
    );
    assert_eq!(
        send(Some(basic("portal")), fields(&[("client_id", "other")])).await,
        invalid
    );
    let both = [("grant_type", "password")];
    assert_eq!(
        send(Some(basic("portal")), fields(&both)).await,
        invalid,
        "a repeated parameter"
    );
    // None of that has used the code up.
    assert_eq!(world.redeem(&code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_scope_is_not_evaded_by_the_form() {
    let world = World::new().await;
    let (mut browser, path, page) = world.begin(&[("scope", "openid mid")]).await;
    let id = world.person(0).national_id;
    let fields = [("csrf", page.csrf()), ("national_id", id.as_str())];
    let refused = browser.post(&format!("{path}/smart-id"), &fields).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(world.carrier.asked.lock().is_empty());
}

#[tokio::test]
async fn large_bodies_and_other_methods_are_refused() {
    let world = World::new().await;
    let mut browser = Browser::new(&world.url);
    let large = format!("code={}", "x".repeat(100_000));
    let answer = browser.send("POST", "/oidc/token", Some(large)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let posted = browser
        .send("POST", "/oidc/authorize", Some("a=b".to_owned()))
        .await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(
        browser.get("/oidc/token").await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    let profile = browser.get("/oidc/profile").await;
    assert_eq!(profile.status, StatusCode::UNAUTHORIZED);
}
