//! Script in every text that a person, a registry, a carrier or a scenario can fill: it is shown
//! as text.

use http::StatusCode;
use serde_json::{Value, json};

use crate::applying::{CHILD, apply, sign, wait};
use crate::browser::{Browser, Page};
use crate::fakes::exchange::{REGISTRIES, Reply};
use crate::fakes::usual_answers;
use crate::harness::Running;
use crate::tracker::{ticket_of, with_looks};

/// Ends an attribute, an element and a text field.
const EVIL: &str = "\"'></textarea><script>alert(1)</script><img src=x onerror=alert(1)>";
/// What it may look like on a page.
const ESCAPED: &str = "&#60;script&#62;alert(1)";
/// What it may not.
const RAW: [&str; 5] = ["<script", "<img", "\"'>", "'></", "onerror=alert(1)>"];

fn is_harmless(what: &str, page: &Page) {
    assert!(!page.status.is_server_error(), "{what}: {}", page.status);
    for raw in RAW {
        assert!(!page.text.contains(raw), "{what}, {raw}: {}", page.text);
    }
    // And the page is whole: nothing of it was taken for a tag.
    if page.header("content-type").starts_with("text/html") {
        crate::markup::tags(&page.text);
    }
}

/// The same with every text replaced.
fn poisoned(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(EVIL),
        Value::Array(values) => values.iter().map(poisoned).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), poisoned(value)))
            .collect(),
        other => other.clone(),
    }
}

/// Every answer of every registry.
fn answers() -> Vec<(String, Value)> {
    let inquiry = json!({ "id": "1", "register": "r", "logtime": "t", "question": "q",
        "asked_at": "t", "verdict": "v", "answer": "a", "case": "c", "sanction": "s" });
    let usage = json!({ "logtime": "t", "action": "a", "receiverCode": "c", "receiverName": "n",
        "receiverSystem": "s" });
    let mut answers: Vec<_> = usual_answers()
        .into_iter()
        .map(|(service, answer)| (service.to_owned(), answer))
        .collect();
    for registry in ["social", "insurer"] {
        let inquiries = json!({ "inquiries": [inquiry] });
        answers.push((format!("{registry}/inquiries"), inquiries));
    }
    for registry in REGISTRIES {
        let usages = json!({ "totalUsages": 1, "usages": [usage] });
        answers.push((format!("{registry}/findUsage"), usages));
    }
    answers
}

/// Every page that shows an answer of a registry.
async fn look_everywhere(portal: &Running, browser: &mut Browser) -> Vec<Page> {
    let mut pages = Vec::new();
    for path in [
        "/me",
        "/tracker",
        "/applications",
        "/applications/new?kind=child-benefit",
        "/applications/new?kind=tax-declaration",
        "/blocking",
        "/consents",
        "/appointments",
    ] {
        pages.push(browser.visit(&portal.at(path)).await);
    }
    let csrf = pages[0].csrf();
    let form = [("csrf", csrf.as_str())];
    pages.push(browser.post(&portal.at("/insurance"), &form).await);
    pages
}

#[tokio::test]
async fn script_in_any_answer_of_any_registry_is_text() {
    let portal = Running::start().await;
    let exchange = &portal.fakes.exchange;
    let mut browser = portal.logged_in().await;
    for (service, answer) in answers() {
        let evil = poisoned(&answer);
        // Answers that hold nothing but whose they are have nothing to show.
        let is_shown = !["health/blocking", "social/inquiries", "insurer/inquiries"]
            .contains(&service.as_str())
            || answer["inquiries"][0].is_object();
        let mut replies = vec![
            (Reply::Json(200, evil.clone()), Some(is_shown)),
            // Whether it is said what was in the place of an answer depends on the answer.
            (Reply::Json(200, json!(EVIL)), None),
            (Reply::Fault(EVIL, EVIL), Some(true)),
        ];
        for status in [400, 404, 500] {
            let refusal = json!({ "code": EVIL, "message": EVIL, "type": EVIL });
            replies.push((Reply::Json(status, refusal), Some(true)));
        }
        for (reply, shows) in replies {
            let what = format!("{service}: {reply:?}");
            exchange.set(&service, reply);
            let pages = look_everywhere(&portal, &mut browser).await;
            for page in &pages {
                is_harmless(&format!("{what} at {}", page.url), page);
            }
            let shown = pages.iter().any(|page| page.text.contains(ESCAPED));
            assert_eq!(shows.unwrap_or(shown), shown, "{what}: is it shown?");
        }
        exchange.set(&service, Reply::Json(200, answer));
    }
}

/// A form: where it goes, and its fields as a person fills them in. `$` marks what the portal
/// itself put there.
type Filled = (&'static str, &'static [(&'static str, &'static str)]);

const FORMS: &[Filled] = &[
    ("/language", &[("language", "en"), ("return", "/me")]),
    ("/logout", &[]),
    ("/blocking", &[("register", "0"), ("blocked", "true")]),
    ("/consents", &[("reference", "1"), ("status", "approved")]),
    ("/insurance", &[]),
    ("/assistant", &[]),
    ("/assistant/revoke", &[]),
    ("/appointments", &[("slot", "2026-02-03T10:00")]),
    ("/companies", &[("name", "Tide")]),
    ("/tracker/ask", &[("look", "$look"), ("question", "why?")]),
    (
        "/applications",
        &[
            ("kind", "child-benefit"),
            ("prefilled", "$prefilled"),
            ("child", CHILD),
            ("account", "1234"),
            ("carrier", "mobile-id"),
            ("phone_number", "+99950000001"),
        ],
    ),
    (
        "$sign",
        &[("carrier", "mobile-id"), ("phone_number", "+99950000001")],
    ),
];

#[tokio::test]
async fn script_in_any_field_of_any_form_is_text() {
    let portal = Running::start().await;
    with_looks(&portal);
    for &(path, fields) in FORMS {
        for (field, _) in fields.iter().chain(&[("csrf", ""), ("more", "")]) {
            let mut browser = portal.logged_in().await;
            let drafted = apply(&portal, &mut browser, CHILD, "1234").await;
            let url = match path {
                "$sign" => drafted.location().unwrap(),
                path => portal.at(path),
            };
            let tracker = browser.visit(&portal.at("/tracker")).await;
            let new = portal.at("/applications/new?kind=child-benefit");
            let (csrf, look) = (tracker.csrf(), ticket_of(&tracker, "601"));
            let prefilled = browser.visit(&new).await.value("prefilled");
            let mut form = vec![("csrf", csrf.as_str()), ("more", "")];
            form.extend(fields.iter().map(|(name, value)| match *value {
                "$look" => (*name, look.as_str()),
                "$prefilled" => (*name, prefilled.as_str()),
                value => (*name, value),
            }));
            for (name, value) in &mut form {
                if name == field {
                    *value = EVIL;
                }
            }
            let page = browser.post(&url, &form).await;
            let what = format!("{path}, {field}");
            is_harmless(&what, &page);
            let leads_here = page.location().is_none_or(|to| to.starts_with(&portal.url));
            assert!(leads_here, "{what}: {:?}", page.location());
            let page = browser.follow(page).await;
            is_harmless(&what, &page);
            if *field == "csrf" {
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{what}");
            }
            if *field == "question" {
                let page = browser.visit(&portal.at("/tracker")).await;
                is_harmless(&what, &page);
                assert!(page.text.contains(ESCAPED), "the question is shown");
            }
        }
    }
}

#[tokio::test]
async fn what_was_typed_comes_back_as_text() {
    let portal = Running::start().await;
    with_looks(&portal);
    let mut browser = portal.logged_in().await;
    let tracker = browser.visit(&portal.at("/tracker")).await;
    let (csrf, look) = (tracker.csrf(), ticket_of(&tracker, "600"));
    let refusal = json!({ "code": "conflict", "message": EVIL });
    let exchange = &portal.fakes.exchange;
    exchange.set("POST business/companies", Reply::Json(409, refusal.clone()));
    exchange.set("POST social/inquiries", Reply::Json(409, refusal));
    for (path, field, ticket) in [
        ("/companies", "name", ("look", "")),
        ("/tracker/ask", "question", ("look", look.as_str())),
    ] {
        let form = [("csrf", csrf.as_str()), (field, EVIL), ticket];
        let page = browser.post(&portal.at(path), &form).await;
        is_harmless(path, &page);
        // The field, and what the registry said.
        assert_eq!(
            page.text.matches(ESCAPED).count(),
            2,
            "{path}: {}",
            page.text
        );
    }
    let page = apply(&portal, &mut browser, CHILD, EVIL).await;
    is_harmless("account", &page);
    assert!(page.text.contains(ESCAPED), "{}", page.text);
}

#[tokio::test]
async fn script_in_an_address_is_text() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let (_, evil) = serde_urlencoded::to_string([("", EVIL)])
        .map(|text| ((), text[1..].to_owned()))
        .unwrap();
    for path in [
        "/?q=$",
        "/$",
        "/?$=$",
        "/login?return=$",
        "/login?return=/$",
        "/login/callback?error=$&error_description=$&state=$",
        "/login/callback?code=$&state=$",
        "/me?$",
        "/tracker?page=$&own=$",
        "/tracker/ask?look=$",
        "/applications/new?kind=$",
        "/applications/$",
        "/applications/$/sign",
        "/applications/$/document.asice",
        "/assistant/v1/$",
        "/style-$.css",
    ] {
        let page = browser.get(&portal.at(&path.replace('$', &evil))).await;
        is_harmless(path, &page);
    }
}

#[tokio::test]
async fn script_in_headers_and_cookies_is_text() {
    let portal = Running::start().await;
    let logged_in = portal.logged_in().await;
    for name in ["accept-language", "referer", "user-agent", "x-road-userid"] {
        let mut browser = logged_in.clone();
        browser.extra = vec![(name, EVIL.to_owned())];
        let page = browser.get(&portal.at("/me")).await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        is_harmless(name, &page);
    }
    for name in ["portal-language", "portal-visitor", "portal-login"] {
        let mut browser = Browser::default();
        browser.cookies.insert(name.to_owned(), EVIL.to_owned());
        for path in ["/", "/login/callback?code=1&state=2"] {
            is_harmless(name, &browser.get(&portal.at(path)).await);
        }
    }
}

#[tokio::test]
async fn script_from_a_carrier_or_at_the_end_of_an_application_is_text() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let sign_url = apply(&portal, &mut browser, CHILD, "1234")
        .await
        .location()
        .unwrap();
    portal.fakes.carriers.decide(Some(EVIL));
    for carrier in ["mobile-id", "smart-id"] {
        let waiting = sign(&mut browser, &sign_url, carrier).await;
        let page = wait(&mut browser, waiting).await;
        is_harmless(carrier, &page);
        assert!(page.text.contains(ESCAPED), "{carrier}: {}", page.text);
    }
    portal.fakes.carriers.decide(Some("OK"));
    let exchange = &portal.fakes.exchange;
    for (status, answer) in [
        (409, json!({ "code": EVIL, "message": EVIL })),
        (201, json!({ "id": EVIL, "status": EVIL, "reason": EVIL })),
    ] {
        exchange.set("POST social/applications", Reply::Json(status, answer));
        let waiting = sign(&mut browser, &sign_url, "mobile-id").await;
        let page = wait(&mut browser, waiting).await;
        is_harmless("taken", &page);
        assert!(page.text.contains(ESCAPED), "{}", page.text);
    }
}

#[tokio::test]
async fn script_in_a_scenarios_names_is_text() {
    let portal = Running::with(|config| {
        config.name = EVIL.to_owned();
        config.currency = EVIL.to_owned();
        let titled = config.trackers.iter_mut().chain(&mut config.blocking);
        titled.for_each(|register| register.title = EVIL.to_owned());
        for inquiry in &mut config.inquiries {
            inquiry.title = EVIL.to_owned();
        }
    })
    .await;
    with_looks(&portal);
    let mut browser = portal.logged_in().await;
    for page in look_everywhere(&portal, &mut browser).await {
        is_harmless(&page.url, &page);
        assert!(page.text.contains(ESCAPED), "{}", page.url);
    }
}
