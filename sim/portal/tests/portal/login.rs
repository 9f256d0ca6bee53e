//! Logging in: the way there, the way back, and everything that can be wrong with the way back.

use http::StatusCode;

use crate::browser::Browser;
use crate::fakes::provider::Tricks;
use crate::harness::Running;

#[tokio::test]
async fn a_person_logs_in_and_lands_where_they_wanted_to_go() {
    let portal = Running::start().await;
    let mut browser = Browser::default();
    let page = browser.visit(&portal.at("/tracker?own=hide")).await;
    assert_eq!(page.url, portal.at("/tracker?own=hide"));
    assert!(page.text.contains("Avocet Whimbrel"));
    let provider = &portal.fakes.provider;
    assert_eq!(provider.last("redirect_uri"), portal.at("/login/callback"));
    assert_eq!(provider.last("response_type"), "code");
    assert_eq!(provider.last("code_challenge_method"), "S256");
    assert_eq!(provider.last("acr_values"), "high");
    assert_eq!(provider.last("ui_locales"), "en");
    assert!(provider.last("state").len() >= 8 && provider.last("nonce").len() >= 8);
    assert!(!browser.cookies.contains_key("portal-login"));
}

#[tokio::test]
async fn logging_out_ends_the_session_on_the_server() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let mut copy = browser.clone();
    let page = browser.visit(&portal.at("/")).await;
    let page = browser
        .post(&portal.at("/logout"), &[("csrf", &page.csrf())])
        .await;
    assert_eq!(
        (page.status, page.header("location")),
        (StatusCode::SEE_OTHER, "/")
    );
    assert!(!browser.cookies.contains_key("portal-session"));
    // The cookie alone does not help any more.
    let page = copy.get(&portal.at("/me")).await;
    assert_eq!(page.header("location"), "/login?return=%2Fme");
}

#[tokio::test]
async fn a_wrong_or_missing_state_logs_nobody_in() {
    let portal = Running::start().await;
    for state in [
        "&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "&state=",
        "",
    ] {
        let mut browser = Browser::default();
        let there = browser.get(&portal.at("/login")).await;
        let back = browser
            .get(&there.location().unwrap())
            .await
            .location()
            .unwrap();
        let (without_state, _) = back.split_once("&state=").unwrap();
        let page = browser.get(&format!("{without_state}{state}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{state}");
        assert!(page.text.contains("data-problem=\"login_state\""));
        assert!(!browser.cookies.contains_key("portal-session"));
    }
}

#[tokio::test]
async fn a_log_in_of_one_browser_cannot_be_finished_in_another() {
    let portal = Running::start().await;
    let (mut attacker, mut victim) = (Browser::default(), Browser::default());
    let there = attacker.get(&portal.at("/login")).await;
    let back = attacker
        .get(&there.location().unwrap())
        .await
        .location()
        .unwrap();
    let page = victim.get(&back).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    victim.get(&portal.at("/login")).await;
    let page = victim.get(&back).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(!victim.cookies.contains_key("portal-session"));
}

#[tokio::test]
async fn an_answer_counts_once() {
    let portal = Running::start().await;
    let mut browser = Browser::default();
    let there = browser.get(&portal.at("/login")).await;
    // A browser that keeps its cookie whatever the portal says.
    let mut stubborn = browser.clone();
    let back = browser
        .get(&there.location().unwrap())
        .await
        .location()
        .unwrap();
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    let page = stubborn.get(&back).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains("login_state"));
    assert!(!stubborn.cookies.contains_key("portal-session"));
}

#[tokio::test]
async fn a_forged_log_in_cookie_is_none() {
    let portal = Running::start().await;
    let mut browser = Browser::default();
    browser.get(&portal.at("/login")).await;
    let cookie = browser.cookies["portal-login"].clone();
    browser
        .cookies
        .insert("portal-login".to_owned(), cookie.replacen('.', "A.", 1));
    let page = browser
        .get(&portal.at("/login/callback?code=1&state=2"))
        .await;
    assert!(page.text.contains("login_state"));
}

#[tokio::test]
async fn a_person_may_go_back() {
    let portal = Running::start().await;
    for (error, status, problem) in [
        ("user_cancel", StatusCode::OK, "login_cancelled"),
        ("access_denied", StatusCode::OK, "login_cancelled"),
        ("server_error", StatusCode::BAD_GATEWAY, "login_provider"),
        ("%3Cscript%3E", StatusCode::BAD_GATEWAY, "login_provider"),
    ] {
        let tricks = Tricks {
            error: Some(error),
            ..Tricks::default()
        };
        portal.fakes.provider.play(tricks);
        let page = portal.log_in(&mut Browser::default()).await;
        assert_eq!(page.status, status, "{error}");
        assert!(page.text.contains(problem), "{error}: {}", page.text);
        assert!(!page.text.contains("<script"));
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_so_and_asked_again() {
    let portal = Running::with(|config| config.issuer = "http://127.0.0.1:1".to_owned()).await;
    let page = Browser::default().get(&portal.at("/login")).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    assert!(page.text.contains("data-problem=\"login_provider\""));
}

#[tokio::test]
async fn a_provider_that_names_itself_otherwise_is_not_believed() {
    // The same server by another name: its metadata names the issuer that it is.
    let portal = Running::with(|config| {
        config.issuer = config.issuer.replace("127.0.0.1", "localhost");
    })
    .await;
    let page = Browser::default().get(&portal.at("/login")).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn nobody_is_led_to_another_site_after_logging_in() {
    let portal = Running::start().await;
    for target in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/login",
        "%0d%0a",
    ] {
        let mut browser = Browser::default();
        let there = browser
            .get(&portal.at(&format!("/login?return={target}")))
            .await;
        let back = browser
            .get(&there.location().unwrap())
            .await
            .location()
            .unwrap();
        let page = browser.get(&back).await;
        assert_eq!(page.header("location"), "/me", "{target}");
    }
}
