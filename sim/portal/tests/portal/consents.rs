//! Consents, and an insurer that looks at data only with one.

use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::fakes::exchange::Reply;
use crate::fakes::{APPROVED, REQUESTED, consent};
use crate::harness::Running;

async fn decide(portal: &Running, browser: &mut Browser, reference: &str, status: &str) -> Page {
    let csrf = browser.visit(&portal.at("/")).await.csrf();
    let form = [
        ("csrf", csrf.as_str()),
        ("reference", reference),
        ("status", status),
    ];
    browser.post(&portal.at("/consents"), &form).await
}

#[tokio::test]
async fn a_consent_says_what_for_whom_for_what_and_until_when() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/consents")).await;
    let given = page.section(&format!("consent-{APPROVED}"));
    for expected in [
        "data-status=\"approved\"",
        "data-purpose=\"insurance-offer\"",
        ">Saltmarsh Mutual</h2>",
        "<span class=\"tag\">approved</span>",
        "<dd data-field=\"data\">Your health record</dd>",
        "An insurance offer that fits your health",
        "XX/COM/10000003/policies",
        "2026-02-01 08:00:00",
        "2026-03-03 08:00:00",
        "name=\"status\" value=\"withdrawn\"",
    ] {
        assert!(given.contains(expected), "{expected}: {given}");
    }
    assert!(!given.contains("value=\"approved\""), "{given}");
    let asked_for = page.section(&format!("consent-{REQUESTED}"));
    for expected in [
        "waits for your decision",
        "name=\"status\" value=\"approved\"",
        "name=\"status\" value=\"declined\"",
    ] {
        assert!(asked_for.contains(expected), "{expected}: {asked_for}");
    }
    // What waits for the person comes first, and what is over has no buttons.
    let place = |reference: &str| page.text.find(&format!("id=\"consent-{reference}\""));
    assert!(place(REQUESTED) < place(APPROVED));
    let over = page.section("consent-0b6c0000-0000-4000-8000-000000000003");
    assert!(
        over.contains("declined") && !over.contains("<form"),
        "{over}"
    );
    // It is in the menu and in the catalogue.
    assert!(
        page.text
            .contains("<a href=\"/consents\" aria-current=\"page\">")
    );
    let home = browser.visit(&portal.at("/")).await;
    assert!(home.section("rights").contains("id=\"service-consents\""));
}

#[tokio::test]
async fn a_person_approves_declines_and_withdraws() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let exchange = &portal.fakes.exchange;
    for status in ["approved", "declined", "withdrawn"] {
        let stands = consent(REQUESTED, status, "2026-02-02T10:00:00Z", None);
        exchange.set("PUT consents/consents", Reply::Json(200, stands));
        let changed = decide(&portal, &mut browser, REQUESTED, status).await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text);
        assert_eq!(changed.header("location"), "/consents");
        let asked = exchange.asked("consents/consents");
        let put = asked.last().unwrap();
        assert_eq!(put.method, http::Method::PUT);
        assert_eq!(
            put.target,
            "/r1/XX/GOV/consents/consents/consents/48001010001"
        );
        assert_eq!(put.headers["x-road-userid"], "XX48001010001");
        let body: Value = serde_json::from_slice(&put.body).unwrap();
        assert_eq!(body, json!({ "reference": REQUESTED, "status": status }));
    }
}

#[tokio::test]
async fn a_decision_that_is_no_longer_possible_is_said_so() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let exchange = &portal.fakes.exchange;
    for (reply, status, expected) in [
        (
            Reply::Json(409, json!({ "code": "conflict", "message": "it expired" })),
            StatusCode::OK,
            "data-result=\"conflict\"",
        ),
        (
            Reply::Json(
                404,
                json!({ "code": "unknown", "message": "no such consent" }),
            ),
            StatusCode::NOT_FOUND,
            "data-problem=\"not_found\"",
        ),
        (
            Reply::Fault("Server.ServerProxy.AccessDenied", "no"),
            StatusCode::OK,
            "data-trouble=\"exchange\"",
        ),
        (
            Reply::Garbage,
            StatusCode::OK,
            "data-trouble=\"unreadable\"",
        ),
    ] {
        exchange.set("PUT consents/consents", reply);
        let page = decide(&portal, &mut browser, REQUESTED, "approved").await;
        assert_eq!(page.status, status, "{expected}");
        assert!(page.text.contains(expected), "{expected}: {}", page.text);
    }
    let before = exchange.asked("consents/consents").len();
    let long = "x".repeat(65);
    for (reference, status) in [
        ("", "approved"),
        (&long, "approved"),
        (REQUESTED, "requested"),
        (REQUESTED, "<script>"),
    ] {
        let page = decide(&portal, &mut browser, reference, status).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{reference} {status}");
    }
    assert_eq!(exchange.asked("consents/consents").len(), before);
}

#[tokio::test]
async fn without_consents_or_their_service_it_is_said_so() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let none = json!({ "national_id": "48001010001", "consents": [] });
    let exchange = &portal.fakes.exchange;
    exchange.set("consents/consents", Reply::Json(200, none));
    let page = browser.visit(&portal.at("/consents")).await;
    assert!(page.text.contains("Nobody has asked for your consent."));
    exchange.set("consents/consents", Reply::Silence);
    let page = browser.visit(&portal.at("/consents")).await;
    assert!(page.text.contains("data-trouble=\"timed_out\""));

    let portal = Running::with(|config| {
        config.services.consents = None;
        config.services.insurance_offer = None;
    })
    .await;
    let mut browser = portal.logged_in().await;
    for path in ["/consents", "/insurance"] {
        let page = browser.visit(&portal.at(path)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!page.text.contains(&format!("href=\"{path}\"")), "{path}");
    }
}

#[tokio::test]
async fn an_insurer_makes_an_offer_or_asks_for_a_consent() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let home = browser.visit(&portal.at("/")).await;
    assert!(home.section("health").contains("id=\"service-insurance\""));
    let page = browser.visit(&portal.at("/insurance")).await;
    // Nobody is asked before the person asks.
    let exchange = &portal.fakes.exchange;
    assert!(exchange.asked("insurer/offer").is_empty());
    let csrf = page.csrf();
    let form = [("csrf", csrf.as_str())];
    let page = browser.post(&portal.at("/insurance"), &form).await;
    let offer = page.section("offer");
    for expected in [
        "data-field=\"monthly_premium\" data-value=\"4290\">42.90\u{a0}SAL",
        "data-field=\"based_on\" data-value=\"health/record\">Your health record",
    ] {
        assert!(offer.contains(expected), "{expected}: {offer}");
    }
    let asked = exchange.asked("insurer/offer");
    assert_eq!(asked[0].method, http::Method::GET);
    assert_eq!(
        asked[0].target,
        "/r1/XX/GOV/insurer/insurer/offer/48001010001"
    );

    let refusal = json!({ "code": "no_consent", "message": "asked for one" });
    exchange.set("insurer/offer", Reply::Json(403, refusal));
    let page = browser.post(&portal.at("/insurance"), &form).await;
    let notice = page.between("data-result=\"no_consent\"", "</div>");
    assert!(notice.contains("href=\"/consents\""), "{}", page.text);
    assert!(!page.text.contains("monthly_premium"));

    for (reply, trouble) in [
        (
            Reply::Json(403, json!({ "code": "forbidden", "message": "<b>no</b>" })),
            "registry",
        ),
        (Reply::Silence, "timed_out"),
        (
            Reply::Json(200, json!({ "monthly_premium": "free" })),
            "unreadable",
        ),
    ] {
        exchange.set("insurer/offer", reply);
        let page = browser.post(&portal.at("/insurance"), &form).await;
        let expected = format!("data-trouble=\"{trouble}\"");
        assert!(page.text.contains(&expected), "{trouble}: {}", page.text);
        assert!(!page.text.contains("<b>") && !page.text.contains("no_consent"));
    }
}
