//! An assistant that reads for a person, and everything that it must not do.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::fakes::exchange::Reply;
use crate::harness::Running;

const TOPICS: [(&str, &str); 9] = [
    ("record", "people/record"),
    ("relations", "people/relations"),
    ("benefits", "social/benefits"),
    ("declaration", "tax/declaration"),
    ("health", "health/record"),
    ("prescriptions", "health/prescriptions"),
    ("studies", "education/studies"),
    ("roles", "business/roles"),
    ("appointments", "health/appointments"),
];

/// Has the person of this browser let an assistant in.
async fn allow(portal: &Running, browser: &mut Browser) -> (Page, String) {
    let csrf = browser.visit(&portal.at("/assistant")).await.csrf();
    let form = [("csrf", csrf.as_str())];
    let page = browser.post(&portal.at("/assistant"), &form).await;
    let token = page.between("data-field=\"assistant-token\">", "<");
    (page, token)
}

/// Asks as a program does that has nothing but these `Authorization` lines.
async fn read(portal: &Running, topic: &str, lines: &[&str]) -> Page {
    let mut program = Browser::default();
    program.extra = lines
        .iter()
        .map(|line| ("authorization", (*line).to_owned()))
        .collect();
    program
        .get(&portal.at(&format!("/assistant/v1/{topic}")))
        .await
}

async fn read_with(portal: &Running, topic: &str, token: &str) -> Page {
    read(portal, topic, &[&format!("Bearer {token}")]).await
}

#[tokio::test]
async fn an_assistant_reads_what_the_registries_answer() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let (page, token) = allow(&portal, &mut browser).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.header("cache-control"), "no-store");
    // 32 octets that nobody can guess.
    assert_eq!(token.len(), 43, "{}", page.text);
    assert!(page.text.contains(&portal.at("/assistant/v1/")));
    for (topic, service) in TOPICS {
        let answer = read_with(&portal, topic, &token).await;
        assert_eq!(answer.status, StatusCode::OK, "{topic}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
        let answer: Value = serde_json::from_str(&answer.text).unwrap();
        let expected = crate::fakes::usual_answers();
        let expected = expected.iter().find(|(name, _)| *name == service).unwrap();
        assert_eq!(answer, expected.1, "{topic}");
        let asked = portal.fakes.exchange.asked(service);
        assert_eq!(asked.len(), 1, "{topic}");
        let headers = &asked[0].headers;
        assert_eq!(headers["x-road-userid"], "XX48001010001");
        assert_eq!(headers["x-road-issue"], "An assistant acted for the person");
        assert!(!headers.contains_key("authorization"));
    }
    // The token is shown once.
    let page = browser.visit(&portal.at("/assistant")).await;
    assert!(page.text.contains("data-status=\"active\"") && !page.text.contains(&token));
}

#[tokio::test]
async fn nothing_but_the_token_in_its_header_lets_anybody_in() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let (_, token) = allow(&portal, &mut browser).await;
    let bearer = format!("Bearer {token}");
    let short = format!("Bearer {}", &token[1..]);
    let long = format!("{bearer}A");
    let spaced = format!("Bearer  {token}");
    let basic = format!("Basic {token}");
    let session = format!("Bearer {}", browser.cookies["portal-session"]);
    let refused: [&[&str]; 12] = [
        &[],
        &[""],
        &["Bearer"],
        &["Bearer "],
        &["Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
        &[&token],
        &[&short],
        &[&long],
        &[&spaced],
        &[&basic],
        &[&session],
        &[&bearer, &bearer],
    ];
    for lines in refused {
        let page = read(&portal, "record", lines).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{lines:?}");
        assert_eq!(
            page.header("www-authenticate"),
            "Bearer realm=\"assistant\""
        );
        let refusal: Value = serde_json::from_str(&page.text).unwrap();
        assert_eq!(refusal["code"], "unauthorized", "{lines:?}");
    }
    // Not in the address, where logs would keep it, and not by the person's cookie.
    for query in [
        format!("record?access_token={token}"),
        format!("record?token={token}"),
    ] {
        let page = read(&portal, &query, &[]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{query}");
    }
    let page = browser.get(&portal.at("/assistant/v1/record")).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(portal.fakes.exchange.asked("people/record").is_empty());
    let page = read(&portal, "record", &[&bearer.replace("Bearer", "bearer")]).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_ends_with_its_session_by_a_newer_one_and_when_it_is_revoked() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let (_, replaced) = allow(&portal, &mut browser).await;
    let (page, revoked) = allow(&portal, &mut browser).await;
    assert_ne!(replaced, revoked);
    assert_eq!(
        read_with(&portal, "record", &revoked).await.status,
        StatusCode::OK
    );
    let form = [("csrf", page.csrf())];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    let page = browser.post(&portal.at("/assistant/revoke"), &form).await;
    assert_eq!(page.header("location"), "/assistant");
    let page = browser.follow(page).await;
    assert!(!page.text.contains("data-status=\"active\""));
    let (_, of_session) = allow(&portal, &mut browser).await;
    let page = browser.post(&portal.at("/logout"), &form).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    // Logging in again does not bring it back.
    portal.log_in(&mut browser).await;
    let (_, ended_elsewhere) = allow(&portal, &mut browser).await;
    let told = portal.fakes.provider.logout_token(&json!({}));
    let page = Browser::default()
        .post(
            &portal.at("/backchannel-logout"),
            &[("logout_token", &told)],
        )
        .await;
    assert_eq!(page.status, StatusCode::OK);
    let before = portal.fakes.exchange.asked_in_all();
    for token in [&replaced, &revoked, &of_session, &ended_elsewhere] {
        let page = read_with(&portal, "record", token).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(portal.fakes.exchange.asked_in_all(), before);
}

#[tokio::test]
async fn the_token_of_one_person_never_gives_anothers_data() {
    let portal = Running::start().await;
    let mut one = portal.logged_in().await;
    let (_, of_one) = allow(&portal, &mut one).await;
    portal.fakes.provider.log_in_as("XX37906060006");
    let mut other = portal.logged_in().await;
    let (_, of_other) = allow(&portal, &mut other).await;
    // Whoever else's cookie or claim comes with it.
    other.extra = vec![
        ("authorization", format!("Bearer {of_one}")),
        ("x-road-userid", "XX37906060006".to_owned()),
    ];
    for query in [
        "record",
        "record?national_id=37906060006&userCode=XX37906060006",
    ] {
        let page = other
            .get(&portal.at(&format!("/assistant/v1/{query}")))
            .await;
        assert_eq!(page.status, StatusCode::OK);
    }
    for odd in ["record/37906060006", "record%2F37906060006", "..%2Frecord"] {
        let page = other.get(&portal.at(&format!("/assistant/v1/{odd}"))).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{odd}");
    }
    for asked in portal.fakes.exchange.asked("people/record") {
        assert_eq!(asked.target, "/r1/XX/GOV/people/people/record/48001010001");
        assert_eq!(asked.headers["x-road-userid"], "XX48001010001");
    }
    read_with(&portal, "record", &of_other).await;
    let asked = portal.fakes.exchange.asked("people/record");
    assert_eq!(asked.len(), 3);
    assert!(asked[2].target.ends_with("/37906060006"));
}

#[tokio::test]
async fn an_unknown_topic_and_a_registry_that_fails_are_told_apart() {
    let portal = Running::with(|config| config.services.studies = None).await;
    let mut browser = portal.logged_in().await;
    let (page, token) = allow(&portal, &mut browser).await;
    assert!(!page.text.contains("<code>studies</code>"));
    for topic in ["studies", "applications", "findUsage", "Record", "x"] {
        let page = read_with(&portal, topic, &token).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{topic}");
        assert!(page.text.contains("unknown_topic"), "{topic}");
    }
    let exchange = &portal.fakes.exchange;
    for (reply, status, code) in [
        (Reply::Silence, StatusCode::BAD_GATEWAY, "registry"),
        (Reply::Garbage, StatusCode::BAD_GATEWAY, "registry"),
        (
            Reply::Fault("Server.ServerProxy.AccessDenied", "no"),
            StatusCode::BAD_GATEWAY,
            "registry",
        ),
        (
            Reply::Json(500, json!({ "message": "broken" })),
            StatusCode::BAD_GATEWAY,
            "registry",
        ),
        (
            Reply::Json(404, json!({ "message": "nobody" })),
            StatusCode::NOT_FOUND,
            "unknown",
        ),
    ] {
        let what = format!("{reply:?}");
        exchange.set("people/record", reply);
        let page = read_with(&portal, "record", &token).await;
        assert_eq!(page.status, status, "{what}");
        let refusal: Value = serde_json::from_str(&page.text).unwrap();
        assert_eq!(refusal["code"], code, "{what}");
        assert!(refusal["message"].is_string(), "{what}");
    }
    // It reads only.
    let mut program = Browser::default();
    program.extra = vec![("authorization", format!("Bearer {token}"))];
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let page = program
            .send(method, &portal.at("/assistant/v1/record"), None)
            .await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn an_assistant_does_not_keep_anybody_logged_in_elsewhere() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let (_, token) = allow(&portal, &mut browser).await;
    let answer = read_with(&portal, "record", &token).await;
    // A program gets no cookies, and the token opens no page.
    assert_eq!(answer.header("set-cookie"), "");
    let mut program = Browser::default();
    program.extra = vec![("authorization", format!("Bearer {token}"))];
    for path in ["/me", "/consents", "/assistant"] {
        let page = program.get(&portal.at(path)).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
    }
}
