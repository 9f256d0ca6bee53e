//! My data: asked live, all at once, each with its own error.

use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fakes::exchange::Reply;
use crate::harness::Running;

#[tokio::test]
async fn a_person_sees_what_the_registries_hold() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/me")).await;
    for (section, expected) in [
        (
            "population-record",
            "<dd data-field=\"birth_date\">1980-01-01</dd>",
        ),
        (
            "population-record",
            "<dd data-field=\"national_id\">48001010001</dd>",
        ),
        (
            "population-record",
            "<dd data-field=\"sex\" data-value=\"female\">female</dd>",
        ),
        (
            "population-record",
            "<dd data-field=\"address\">Reed Lane 7-12</dd>",
        ),
        (
            "relations",
            "data-field=\"child\" data-value=\"51204040004\"",
        ),
        ("relations", "<strong>Plover Whimbrel</strong>"),
        (
            "benefits",
            "data-field=\"monthly_amount\" data-value=\"8000\">80.00\u{a0}SAL",
        ),
        ("benefits", "<strong>salt-allowance</strong>"),
        (
            "declaration",
            "data-field=\"income\" data-value=\"3214500\">32\u{a0}145.00\u{a0}SAL",
        ),
        ("declaration", ">Marsh Ferries</strong>"),
        ("health", "Allergic rhinitis due to pollen"),
        ("health", "Loratadine 10 mg"),
        ("health", "data-field=\"blocked\" data-value=\"false\""),
        ("studies", "University of Tidewater"),
        ("roles", "Whimbrel Maps Ltd"),
    ] {
        let found = page.section(section);
        assert!(found.contains(expected), "{section}, {expected}: {found}");
    }
    assert!(!page.text.contains("role=\"alert\""));
}

#[tokio::test]
async fn children_and_employers_have_names_and_nobody_is_asked_for_twice() {
    let portal = Running::start().await;
    let exchange = &portal.fakes.exchange;
    let employer = |code: &str| json!({ "code": code, "income": 100 });
    let mut named = employer("10000018");
    named["name"] = json!("Tidewater Salt Works");
    let employers = [employer("10000024"), named, employer("10000024")];
    let declaration = |employers: &[Value]| json!({ "year": 2025, "income": 300, "tax_paid": 60, "refund": 1, "employers": employers });
    exchange.set("tax/declaration", Reply::Json(200, declaration(&employers)));
    let company = json!({ "code": "10000024", "name": "Marsh & Ferries" });
    exchange.set("business/company", Reply::Json(200, company));
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/me")).await;
    let section = page.section("declaration");
    let name = "<strong data-field=\"employer\">Marsh &#38; Ferries</strong>";
    assert_eq!(section.matches(name).count(), 2, "{section}");
    let asked = exchange.asked("business/company");
    let targets: Vec<_> = asked.iter().map(|asked| asked.target.as_str()).collect();
    assert_eq!(targets, ["/r1/XX/GOV/business/business/company/10000024"]);
    // Of a child whom the page has, the name is there already.
    let section = page.section("benefits");
    assert!(
        section.contains("for Knot Whimbrel, 51204040004"),
        "{section}"
    );
    assert_eq!(exchange.asked("people/relations").len(), 1);

    // Without a name there is still the code.
    exchange.set("business/company", Reply::Json(404, json!({})));
    exchange.set(
        "tax/declaration",
        Reply::Json(200, declaration(&employers[..1])),
    );
    exchange.set("people/relations", Reply::Json(500, json!({})));
    let page = browser.visit(&portal.at("/me")).await;
    assert!(
        page.section("declaration")
            .contains("<strong>10000024</strong>")
    );
    assert!(page.section("benefits").contains("for 51204040004"));
}

#[tokio::test]
async fn each_question_says_who_asks_for_whom_and_why() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    // Whatever a browser claims, the exchange hears of the session's person alone.
    browser.extra = vec![
        ("x-road-userid", "XX37906060006".to_owned()),
        ("x-road-client", "XX/GOV/1/police".to_owned()),
        ("x-road-represented-party", "XX/1".to_owned()),
        ("x-forwarded-user", "XX37906060006".to_owned()),
    ];
    browser
        .visit(&portal.at("/me?national_id=37906060006"))
        .await;
    let asked = portal.fakes.exchange.asked("people/record");
    assert_eq!(asked.len(), 1);
    let asked = &asked[0];
    assert_eq!(asked.target, "/r1/XX/GOV/people/people/record/48001010001");
    assert_eq!(asked.headers["x-road-client"], "XX/GOV/700/portal");
    assert_eq!(asked.headers["x-road-userid"], "XX48001010001");
    assert_eq!(asked.headers.get_all("x-road-userid").iter().count(), 1);
    assert!(!asked.headers["x-road-issue"].is_empty());
    assert_eq!(asked.headers["x-road-id"].len(), 36);
    for forwarded in [
        "x-road-represented-party",
        "x-forwarded-user",
        "cookie",
        "user-agent",
    ] {
        assert!(!asked.headers.contains_key(forwarded), "{forwarded}");
    }
}

#[tokio::test]
async fn a_registry_that_does_not_answer_hides_nothing_of_the_others() {
    let portal = Running::start().await;
    let exchange = &portal.fakes.exchange;
    exchange.set("people/relations", Reply::Silence);
    exchange.set(
        "social/benefits",
        Reply::Fault("Server.ClientProxy.NetworkError", "no route"),
    );
    let refusal = json!({ "code": "broken", "message": "<script>alert(1)</script>" });
    exchange.set("tax/declaration", Reply::Json(500, refusal));
    exchange.set("education/studies", Reply::Garbage);
    let unknown = json!({ "code": "unknown_person", "message": "nobody of this ID" });
    exchange.set("business/roles", Reply::Json(404, unknown));
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/me")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.section("population-record").contains("1980-01-01"));
    for (section, trouble, said) in [
        ("relations", "timed_out", "did not answer in time"),
        (
            "benefits",
            "exchange",
            "Server.ClientProxy.NetworkError: no route",
        ),
        ("declaration", "registry", "500 broken: &#60;script&#62;"),
        ("studies", "unreadable", "cannot be read"),
        ("roles", "unknown", "nobody of this ID"),
    ] {
        let found = page.section(section);
        let alert = format!("<p role=\"alert\" data-trouble=\"{trouble}\">");
        assert!(
            found.contains(&alert) && found.contains(said),
            "{section}: {found}"
        );
    }
    assert!(!page.text.contains("<script"));
}

#[tokio::test]
async fn an_exchange_that_is_down_is_said_so() {
    let portal =
        Running::with(|config| config.exchange_url = "http://127.0.0.1:1".to_owned()).await;
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/me")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.text.matches("data-trouble=\"unreachable\"").count(), 8);
}

#[tokio::test]
async fn script_from_a_registry_is_text() {
    let portal = Running::start().await;
    let evil = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    let person =
        json!({ "national_id": evil, "given_name": evil, "surname": evil, "birth_date": evil });
    let mut record = person.clone();
    record["sex"] = json!(evil);
    record["status"] = json!(evil);
    record["died_on"] = json!(evil);
    record["address"] =
        json!({ "street": evil, "house": 1, "postcode": evil, "municipality": evil });
    let exchange = &portal.fakes.exchange;
    for (service, answer) in [
        ("people/record", record),
        (
            "people/relations",
            json!({ "mother": person, "father": person, "children": [person] }),
        ),
        (
            "social/benefits",
            json!({ "benefits": [
            { "kind": evil, "since": evil, "monthly_amount": 1, "for": evil } ] }),
        ),
        (
            "tax/declaration",
            json!({ "year": 1, "income": 1, "tax_paid": 1, "refund": 1,
            "employers": [{ "code": evil, "name": evil, "income": 1 }] }),
        ),
        (
            "health/record",
            json!({ "diagnoses": [evil, { "name": evil, "x": evil }] }),
        ),
        ("health/prescriptions", json!([evil])),
        (
            "business/roles",
            json!([{ "company": { "name": evil, "code": evil } }]),
        ),
        (
            "education/studies",
            json!({ "studies": [
            { "school": evil, "level": evil, "completed": evil } ] }),
        ),
    ] {
        exchange.set(service, Reply::Json(200, answer));
    }
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/me")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        !page.text.contains("<script") && !page.text.contains("<img"),
        "{}",
        page.text
    );
    assert!(page.text.matches("&#60;script&#62;").count() > 20);
}

#[tokio::test]
async fn nobody_sees_anything_without_logging_in() {
    let portal = Running::start().await;
    for path in [
        "/me",
        "/tracker",
        "/tracker/ask",
        "/applications",
        "/applications/1",
        "/blocking",
        "/appointments",
        "/companies/new",
        "/consents",
        "/insurance",
        "/assistant",
    ] {
        let page = Browser::default().get(&portal.at(path)).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
        assert!(
            page.header("location").starts_with("/login?return="),
            "{path}"
        );
    }
    assert_eq!(portal.fakes.exchange.asked_in_all(), 0);
}

#[tokio::test]
async fn a_person_the_provider_names_with_script_is_text() {
    let portal = Running::start().await;
    let evil = "<script>alert(1)</script>";
    portal.fakes.provider.play(crate::fakes::provider::Tricks {
        claims: json!({ "profile_attributes": { "given_name": evil, "family_name": evil } }),
        ..Default::default()
    });
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/")).await;
    assert!(!page.text.contains("<script") && page.text.contains("&#60;script&#62;"));
}
