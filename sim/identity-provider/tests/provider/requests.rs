//! Authorization requests that are not as they should be: told to the relying party where its
//! address is known, on a page where it is not.

use http::StatusCode;

use crate::browser::Browser;
use crate::world::{REDIRECT_URI, STATE, World};

/// What the relying party is told.
async fn error(world: &World, changes: &[(&str, &str)]) -> String {
    let page = Browser::new(&world.url)
        .get(&world.authorize(changes))
        .await;
    assert!(
        page.location().starts_with(REDIRECT_URI),
        "{changes:?}: {}",
        page.location()
    );
    assert!(page.sent("error_description").is_some(), "{changes:?}");
    assert!(page.sent("code").is_none());
    page.sent("error").unwrap()
}

#[tokio::test]
async fn a_request_that_is_wrong_is_told_so() {
    let world = World::new().await;
    let invalid = "invalid_request";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for (changes, expected) in [
        (
            &[("response_type", "token")][..],
            "unsupported_response_type",
        ),
        (&[("response_type", "")], invalid),
        (&[("response_mode", "fragment")], invalid),
        (&[("state", "")], invalid),
        (&[("state", "1234567")], invalid),
        (&[("scope", "")], "invalid_scope"),
        (&[("scope", "mid")], "invalid_scope"),
        (&[("scope", "openid everything")], "invalid_scope"),
        (
            &[("scope", "openid eidasonly eidas:country:fi")],
            "invalid_scope",
        ),
        (&[("scope", "openid eidas")], "invalid_scope"),
        (&[("scope", "openid idcard")], "invalid_scope"),
        (&[("acr_values", "high low")], invalid),
        (&[("acr_values", "highest")], invalid),
        (&[("prompt", "none")], "login_required"),
        (&[("request", "e30.e30.")], "request_not_supported"),
        (
            &[("request_uri", "https://x.example/")],
            "request_uri_not_supported",
        ),
        (&[("code_challenge", challenge)], invalid),
        (
            &[
                ("code_challenge", challenge),
                ("code_challenge_method", "plain"),
            ],
            invalid,
        ),
        (
            &[
                ("code_challenge", "short"),
                ("code_challenge_method", "S256"),
            ],
            invalid,
        ),
        (&[("code_challenge_method", "S256")], invalid),
        (&[("nonce", "1"), ("nonce", "2")], invalid),
        (&[("scope", "openid"), ("scope", "phone")], invalid),
    ] {
        assert_eq!(error(&world, changes).await, expected, "{changes:?}");
    }
    let summary = world.stop().await;
    assert_eq!((summary.begun, summary.refused_requests), (0, 22));
}

#[tokio::test]
async fn the_state_comes_back_with_an_error_once() {
    let world = World::new().await;
    let mut browser = Browser::new(&world.url);
    let page = browser.get(&world.authorize(&[("scope", "mid")])).await;
    assert_eq!(page.sent("state").as_deref(), Some(STATE));
    let twice = [("state", STATE), ("state", "another-state")];
    let page = browser.get(&world.authorize(&twice)).await;
    assert_eq!(page.sent("error").as_deref(), Some("invalid_request"));
    assert_eq!(page.sent("state"), None, "which one?");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let world = World::new().await;
    let mut browser = Browser::new(&world.url);
    let longer = format!("{REDIRECT_URI}/more");
    let with_query = format!("{REDIRECT_URI}?a=b");
    let with_fragment = format!("{REDIRECT_URI}#a");
    for changes in [
        &[("client_id", "")][..],
        &[("client_id", "nobody")],
        &[("client_id", "portal"), ("client_id", "other")],
        &[("redirect_uri", "")],
        &[("redirect_uri", &longer)],
        &[("redirect_uri", &with_query)],
        &[("redirect_uri", &with_fragment)],
        &[("redirect_uri", "https://portal.example/login/callbac")],
        &[("redirect_uri", "https://PORTAL.example/login/callback")],
        &[(
            "redirect_uri",
            "https://portal.example/login/../login/callback",
        )],
        &[("redirect_uri", "https://evil.example/")],
        // Registered, but for another.
        &[("redirect_uri", "http://127.0.0.1:1/callback?a=b")],
        &[
            ("redirect_uri", REDIRECT_URI),
            ("redirect_uri", "https://evil.example/"),
        ],
    ] {
        let page = browser.get(&world.authorize(changes)).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{changes:?}");
        assert_eq!(page.header("location"), "");
        assert!(page.text.contains("role=\"alert\""));
    }
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn what_nobody_knows_is_ignored() {
    let world = World::new().await;
    let changes = [
        ("unknown", "1"),
        ("unknown", "2"),
        ("ui_locales", "fr ru"),
        ("scope", "openid eidas mid"),
        ("acr_values", "low"),
        ("prompt", "login"),
        ("state", "õ &=#\"<'"),
    ];
    let back = world.log_in(&changes).await;
    assert_eq!(back.sent("state").as_deref(), Some("õ &=#\"<'"));
    assert!(back.sent("code").is_some());
}

#[tokio::test]
async fn open_log_ins_are_bounded() {
    let world = World::with(|config| config.max_open_flows = 2).await;
    let (mut first, oldest, _) = world.begin(&[]).await;
    let (mut second, path, _) = world.begin(&[]).await;
    world.begin(&[]).await;
    assert_eq!(first.get(&oldest).await.status, StatusCode::NOT_FOUND);
    assert_eq!(second.get(&path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn log_ins_and_codes_end_in_time() {
    let world = World::with(|config| config.lifetimes.flow_s = 0).await;
    let (_, _, page) = world.begin(&[]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let world = World::with(|config| config.lifetimes.code_s = 0).await;
    let code = world.log_in(&[]).await.sent("code").unwrap();
    assert_eq!(world.redeem(&code).await.json()["error"], "invalid_grant");
    let world = World::with(|config| config.lifetimes.token_s = 0).await;
    let code = world.log_in(&[]).await.sent("code").unwrap();
    let token = world.redeem(&code).await.json()["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(world.profile(&token).await.status, StatusCode::UNAUTHORIZED);
}
