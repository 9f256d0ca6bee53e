//! Closing records, appointments, companies; and being logged out by the provider.

use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fakes::exchange::Reply;
use crate::harness::Running;

#[tokio::test]
async fn a_record_is_closed_and_opened_again() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/blocking")).await;
    assert!(
        page.section("register-0")
            .contains("data-field=\"blocked\" data-value=\"false\"")
    );
    assert_eq!(page.value("blocked"), "true");
    let csrf = page.csrf();
    let exchange = &portal.fakes.exchange;
    exchange.set(
        "health/blocking",
        Reply::Json(200, json!({ "blocked": true })),
    );
    let form = [
        ("csrf", csrf.as_str()),
        ("register", "0"),
        ("blocked", "true"),
    ];
    let changed = browser.post(&portal.at("/blocking"), &form).await;
    assert_eq!(changed.header("location"), "/blocking");
    let page = browser.follow(changed).await;
    assert!(page.section("register-0").contains("data-value=\"true\""));
    let asked = exchange.asked("health/blocking");
    let put = asked
        .iter()
        .find(|asked| asked.method == http::Method::PUT)
        .unwrap();
    assert_eq!(put.target, "/r1/XX/GOV/health/health/blocking/48001010001");
    let body: Value = serde_json::from_slice(&put.body).unwrap();
    assert_eq!(body, json!({ "blocked": true }));
    let form = [
        ("csrf", csrf.as_str()),
        ("register", "7"),
        ("blocked", "true"),
    ];
    let page = browser.post(&portal.at("/blocking"), &form).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    exchange.set(
        "PUT health/blocking",
        Reply::Fault("Server.ServerProxy.AccessDenied", "no"),
    );
    let form = [
        ("csrf", csrf.as_str()),
        ("register", "0"),
        ("blocked", "false"),
    ];
    let page = browser.post(&portal.at("/blocking"), &form).await;
    assert!(
        page.section("register-0")
            .contains("data-trouble=\"exchange\""),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn a_time_at_the_doctor_is_booked_unless_it_is_gone() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/appointments")).await;
    assert!(page.section("booked").contains("2026-02-03 09:20"));
    assert!(
        page.section("free")
            .contains("name=\"slot\" value=\"2026-02-04T13:00\"")
    );
    let csrf = page.csrf();
    let exchange = &portal.fakes.exchange;
    let booked = json!({ "slot": "2026-02-04T13:00" });
    exchange.set("POST health/appointments", Reply::Json(201, booked));
    let form = [("csrf", csrf.as_str()), ("slot", "2026-02-04T13:00")];
    let page = browser.post(&portal.at("/appointments"), &form).await;
    assert_eq!(page.header("location"), "/appointments");
    let gone = json!({ "code": "conflict", "message": "the slot is taken" });
    exchange.set("POST health/appointments", Reply::Json(409, gone));
    let page = browser.post(&portal.at("/appointments"), &form).await;
    assert!(page.text.contains("data-result=\"taken\""), "{}", page.text);
    exchange.set("POST health/appointments", Reply::Garbage);
    let page = browser.post(&portal.at("/appointments"), &form).await;
    assert!(page.text.contains("data-trouble=\"unreadable\""));
    let long = "x".repeat(65);
    let form = [("csrf", csrf.as_str()), ("slot", long.as_str())];
    let page = browser.post(&portal.at("/appointments"), &form).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_company_is_founded_in_ones_own_name() {
    let portal = Running::start().await;
    let exchange = &portal.fakes.exchange;
    let founded = json!({ "code": "14000017", "name": "Tide & Salt" });
    exchange.set("POST business/companies", Reply::Json(201, founded));
    let mut browser = portal.logged_in().await;
    let csrf = browser.visit(&portal.at("/companies/new")).await.csrf();
    let form = [
        ("csrf", csrf.as_str()),
        ("name", " Tide & Salt "),
        ("national_id", "37906060006"),
    ];
    let page = browser.post(&portal.at("/companies"), &form).await;
    assert_eq!(page.header("location"), "/me#roles");
    let asked = exchange.asked("business/companies");
    let body: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(
        body,
        json!({ "name": "Tide & Salt", "national_id": "48001010001" })
    );
    let refusal = json!({ "code": "conflict", "message": "a company has this name" });
    exchange.set("POST business/companies", Reply::Json(409, refusal));
    let evil = "\"><script>alert(1)</script>";
    let form = [("csrf", csrf.as_str()), ("name", evil)];
    let page = browser.post(&portal.at("/companies"), &form).await;
    assert!(page.text.contains("a company has this name") && !page.text.contains("<script"));
    let long = "ä".repeat(101);
    for name in ["", "  ", &long] {
        let form = [("csrf", csrf.as_str()), ("name", name)];
        let page = browser.post(&portal.at("/companies"), &form).await;
        assert!(page.text.contains("data-result=\"refused\""), "{name}");
    }
    assert_eq!(exchange.asked("business/companies").len(), 2);
}

#[tokio::test]
async fn the_provider_ends_sessions_by_a_token_that_it_signed() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let url = portal.at("/backchannel-logout");
    let provider = &portal.fakes.provider;
    let honest = provider.logout_token(&json!({}));
    for refused in [
        String::new(),
        "x.y.z".to_owned(),
        honest.replacen('.', ".e30", 1),
        provider.logout_token(&json!({ "aud": "another" })),
        provider.logout_token(&json!({ "nonce": "n" })),
        provider.logout_token(&json!({ "events": {} })),
    ] {
        let page = Browser::default()
            .post(&url, &[("logout_token", &refused)])
            .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{refused}");
    }
    let other = provider.logout_token(&json!({ "sid": "session-2" }));
    let page = Browser::default()
        .post(&url, &[("logout_token", &other)])
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(browser.get(&portal.at("/me")).await.status, StatusCode::OK);
    let page = Browser::default()
        .post(&url, &[("logout_token", &honest)])
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        browser.get(&portal.at("/me")).await.status,
        StatusCode::SEE_OTHER
    );
}
