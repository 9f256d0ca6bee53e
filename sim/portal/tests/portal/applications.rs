//! Applications: filled in from the registries, signed on a phone, handed in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

use crate::applying::{CHILD, apply, sign, wait, with_taking_registries};
use crate::fakes::carriers::PHONE;
use crate::fakes::exchange::Reply;
use crate::harness::Running;

#[tokio::test]
async fn a_form_is_filled_in_with_what_the_registries_know() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let page = browser
        .visit(&portal.at("/applications/new?kind=child-benefit"))
        .await;
    for expected in [
        "<dd data-field=\"name\">Avocet Whimbrel</dd>",
        "<dd data-field=\"address\">Reed Lane 7-12, 10112 Tidewater</dd>",
        "name=\"child\" value=\"51204040004\"",
        "Sanderling Whimbrel",
    ] {
        assert!(page.text.contains(expected), "{expected}: {}", page.text);
    }
    let page = browser
        .visit(&portal.at("/applications/new?kind=tax-declaration"))
        .await;
    assert!(
        page.text
            .contains("<dd data-field=\"refund\" data-value=\"18340\">")
    );
    for unknown in ["?kind=passport", "", "?kind="] {
        let page = browser
            .visit(&portal.at(&format!("/applications/new{unknown}")))
            .await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[tokio::test]
async fn an_application_is_signed_on_the_phone_and_handed_in() {
    let portal = with_taking_registries().await;
    let mut browser = portal.logged_in().await;
    portal.fakes.carriers.decide(None);
    let drafted = apply(&portal, &mut browser, CHILD, "xx12 3456").await;
    assert_eq!(drafted.status, StatusCode::SEE_OTHER);
    let sign_url = drafted.location().unwrap();
    let choice = browser.visit(&sign_url).await;
    assert!(
        choice.text.contains("Knot Whimbrel, 51204040004"),
        "{}",
        choice.text
    );
    assert!(
        choice.text.contains(&format!("value=\"{PHONE}\"")),
        "the number of the log-in"
    );
    let waiting = sign(&mut browser, &sign_url, "mobile-id").await;
    assert_eq!(waiting.header("refresh"), "1");
    let code = waiting.between("<output id=\"verification-code\">", "</output>");
    let asked = &portal.fakes.carriers.asked()[0];
    let digest = STANDARD.decode(asked["hash"].as_str().unwrap()).unwrap();
    let expected = (u32::from(digest[0] >> 2) << 7) | u32::from(digest[31] & 0x7f);
    assert_eq!(code, format!("{expected:04}"));
    portal.fakes.carriers.decide(Some("OK"));
    let done = wait(&mut browser, waiting).await;
    assert!(
        done.text
            .contains("data-field=\"status\" data-value=\"granted\""),
        "{}",
        done.text
    );
    assert!(done.text.contains("<dd data-field=\"id\">77-0</dd>"));
    let link = done.between("id=\"document\" href=\"", "\"");
    let document = browser.get(&portal.at(&link)).await;
    assert_eq!(
        document.header("content-type"),
        "application/vnd.etsi.asic-e+zip"
    );
    assert!(
        document
            .header("content-disposition")
            .starts_with("attachment; filename=")
    );
    // What a container begins with (ETSI EN 319 162-1): its media type, stored as it is.
    let begin = &document.answer.body[..80];
    assert!(
        begin.starts_with(b"PK\x03\x04")
            && begin[30..].starts_with(b"mimetypeapplication/vnd.etsi")
    );
    // The registry has the same bytes.
    let posted = portal.fakes.exchange.asked("social/applications");
    let posted = posted
        .iter()
        .find(|asked| asked.method == http::Method::POST)
        .unwrap();
    assert_eq!(posted.headers["x-road-userid"], "XX48001010001");
    assert_eq!(posted.headers["content-type"], "application/json");
    let body: Value = serde_json::from_slice(&posted.body).unwrap();
    assert_eq!(body["national_id"], "48001010001");
    assert_eq!(body["kind"], "child-benefit");
    assert_eq!(body["fields"]["child"]["national_id"], CHILD);
    assert_eq!(body["fields"]["account"], "XX123456");
    let handed = STANDARD.decode(body["document"].as_str().unwrap()).unwrap();
    assert_eq!(document.answer.body, handed);
    // The phone says what is signed; who asks, it knows.
    let asked = &portal.fakes.carriers.asked()[0];
    assert_eq!(asked["displayText"], "Child benefit: Knot Whimbrel");
    assert_eq!(asked["relyingPartyName"], "PORTAL");
    assert_eq!(portal.stop().await.signed, 1);
}

#[tokio::test]
async fn smart_id_signs_too_and_a_declaration_goes_to_the_tax_office() {
    let portal = with_taking_registries().await;
    let mut browser = portal.logged_in().await;
    let page = browser
        .visit(&portal.at("/applications/new?kind=tax-declaration"))
        .await;
    let (csrf, prefilled) = (page.csrf(), page.value("prefilled"));
    let form = [
        ("csrf", csrf.as_str()),
        ("kind", "tax-declaration"),
        ("prefilled", &prefilled),
    ];
    let drafted = browser.post(&portal.at("/applications"), &form).await;
    let waiting = sign(&mut browser, &drafted.location().unwrap(), "smart-id").await;
    let done = wait(&mut browser, waiting).await;
    assert!(
        done.text
            .contains("data-field=\"status\" data-value=\"received\""),
        "{}",
        done.text
    );
    let asked = &portal.fakes.carriers.asked()[0];
    assert_eq!(asked["certificateLevel"], "QUALIFIED");
    assert_eq!(
        asked["allowedInteractionsOrder"][0]["displayText60"],
        "Income tax declaration"
    );
    assert_eq!(portal.fakes.exchange.asked("tax/declarations").len(), 1);
}

#[tokio::test]
async fn a_person_who_does_not_sign_is_told_so_and_may_try_again() {
    let portal = with_taking_registries().await;
    let mut browser = portal.logged_in().await;
    let sign_url = apply(&portal, &mut browser, CHILD, "1234")
        .await
        .location()
        .unwrap();
    for (decision, carrier, words) in [
        ("USER_CANCELLED", "mobile-id", "You refused on your phone"),
        ("PHONE_ABSENT", "mobile-id", "cannot be reached"),
        ("TIMEOUT", "smart-id", "did not confirm in time"),
        ("WRONG_VC", "smart-id", "the code is another one"),
        ("SOMETHING_NEW", "smart-id", "Nothing was signed"),
    ] {
        portal.fakes.carriers.decide(Some(decision));
        let waiting = sign(&mut browser, &sign_url, carrier).await;
        let refused = wait(&mut browser, waiting).await;
        assert!(
            refused
                .text
                .contains(&format!("data-result=\"{decision}\"")),
            "{decision}"
        );
        assert!(refused.text.contains(words), "{decision}: {}", refused.text);
    }
    portal.fakes.carriers.decide(Some("OK"));
    let waiting = sign(&mut browser, &sign_url, "mobile-id").await;
    let done = wait(&mut browser, waiting).await;
    assert!(done.text.contains("data-value=\"granted\""));
}

#[tokio::test]
async fn a_registry_or_a_carrier_that_fails_is_said_so() {
    let portal = Running::start().await;
    let exchange = &portal.fakes.exchange;
    let taken = json!({ "code": "conflict", "message": "declared <b>before</b>" });
    exchange.set("POST social/applications", Reply::Json(409, taken));
    let mut browser = portal.logged_in().await;
    let sign_url = apply(&portal, &mut browser, CHILD, "1234")
        .await
        .location()
        .unwrap();
    let waiting = sign(&mut browser, &sign_url, "mobile-id").await;
    let refused = wait(&mut browser, waiting).await;
    assert!(
        refused.text.contains("data-result=\"REGISTRY\""),
        "{}",
        refused.text
    );
    assert!(refused.text.contains("declared &#60;b&#62;before"));

    let portal =
        Running::with(|config| config.carriers_url = "http://127.0.0.1:1".to_owned()).await;
    let mut browser = portal.logged_in().await;
    let sign_url = apply(&portal, &mut browser, CHILD, "1234")
        .await
        .location()
        .unwrap();
    let waiting = sign(&mut browser, &sign_url, "mobile-id").await;
    let refused = wait(&mut browser, waiting).await;
    assert!(
        refused.text.contains("data-result=\"CARRIER\""),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn nobody_applies_for_somebody_elses_child_or_with_changed_data() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    for (child, account, words) in [
        ("50101010009", "1234", "Choose one of your children."),
        ("", "1234", "Choose one of your children."),
        (CHILD, &"1".repeat(35), "An account has 4 to 34"),
        (CHILD, "1", "An account has 4 to 34"),
        (CHILD, "<script>alert(1)</script>", "An account has 4 to 34"),
    ] {
        let page = apply(&portal, &mut browser, child, account).await;
        assert_eq!(page.status, StatusCode::OK, "{child} {account}");
        assert!(
            page.text.contains(words) && !page.text.contains("<script"),
            "{}",
            page.text
        );
    }
    let page = browser
        .visit(&portal.at("/applications/new?kind=child-benefit"))
        .await;
    let (csrf, ticket) = (page.csrf(), page.value("prefilled"));
    portal.fakes.provider.log_in_as("XX37906060006");
    let mut other = portal.logged_in().await;
    let csrf_of_other = other.visit(&portal.at("/")).await.csrf();
    let changed = ticket.replacen('a', "b", 1);
    for (browser, csrf, ticket, kind) in [
        (
            &mut browser.clone(),
            &csrf,
            changed.as_str(),
            "child-benefit",
        ),
        (&mut browser, &csrf, ticket.as_str(), "tax-declaration"),
        (&mut other, &csrf_of_other, ticket.as_str(), "child-benefit"),
    ] {
        let form = [
            ("csrf", csrf.as_str()),
            ("kind", kind),
            ("prefilled", ticket),
            ("child", CHILD),
            ("account", "1234"),
        ];
        let page = browser.post(&portal.at("/applications"), &form).await;
        assert_eq!(page.status, StatusCode::OK, "{kind}");
        assert!(
            page.text.contains("It has been filled in again."),
            "{kind}: {}",
            page.text
        );
    }
}

#[tokio::test]
async fn somebody_elses_application_does_not_exist() {
    let portal = with_taking_registries().await;
    let mut owner = portal.logged_in().await;
    let sign_url = apply(&portal, &mut owner, CHILD, "1234")
        .await
        .location()
        .unwrap();
    let waiting = sign(&mut owner, &sign_url, "mobile-id").await;
    let done = wait(&mut owner, waiting).await;
    portal.fakes.provider.log_in_as("XX37906060006");
    let mut other = portal.logged_in().await;
    let csrf = other.visit(&portal.at("/")).await.csrf();
    for url in [
        &done.url,
        &sign_url,
        &format!("{}/document.asice", done.url),
    ] {
        assert_eq!(other.get(url).await.status, StatusCode::NOT_FOUND, "{url}");
    }
    let form = [("csrf", csrf.as_str()), ("carrier", "smart-id")];
    assert_eq!(
        other.post(&sign_url, &form).await.status,
        StatusCode::NOT_FOUND
    );
    for odd in [
        "/applications/0",
        "/applications/-1",
        "/applications/x/sign",
    ] {
        assert_eq!(
            owner.get(&portal.at(odd)).await.status,
            StatusCode::NOT_FOUND,
            "{odd}"
        );
    }
}

#[tokio::test]
async fn a_phone_number_is_checked_before_anybody_is_asked() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let sign_url = apply(&portal, &mut browser, CHILD, "1234")
        .await
        .location()
        .unwrap();
    let csrf = browser.visit(&sign_url).await.csrf();
    for number in ["", "5123", "+372<script>"] {
        let form = [
            ("csrf", csrf.as_str()),
            ("carrier", "mobile-id"),
            ("phone_number", number),
        ];
        let page = browser.post(&sign_url, &form).await;
        assert!(page.text.contains("A phone number is a plus"), "{number}");
    }
    let form = [("csrf", csrf.as_str()), ("carrier", "pigeon")];
    assert_eq!(
        browser.post(&sign_url, &form).await.status,
        StatusCode::BAD_REQUEST
    );
    // A number that is not theirs is refused by the carrier.
    let form = [
        ("csrf", csrf.as_str()),
        ("carrier", "mobile-id"),
        ("phone_number", "+99950000002"),
    ];
    let begun = browser.post(&sign_url, &form).await;
    let page = browser.follow(begun).await;
    let page = wait(&mut browser, page).await;
    assert!(
        page.text.contains("data-result=\"NOT_FOUND\""),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn the_list_has_what_waits_here_and_what_the_registry_has() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    apply(&portal, &mut browser, CHILD, "1234").await;
    let page = browser.visit(&portal.at("/applications")).await;
    assert!(
        page.text
            .contains("data-number=\"1\" data-status=\"draft\""),
        "{}",
        page.text
    );
    assert!(
        page.text
            .contains("data-id=\"1767000000000-0\" data-kind=\"child-benefit\"")
    );
    portal
        .fakes
        .exchange
        .set("social/applications", Reply::Garbage);
    let page = browser.visit(&portal.at("/applications")).await;
    assert!(page.text.contains("data-trouble=\"unreadable\""));
    assert!(page.text.contains("data-status=\"draft\""));
}
