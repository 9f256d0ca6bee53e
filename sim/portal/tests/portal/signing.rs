//! Whose signature counts: the person's own, with a certificate that is good now.

use http::StatusCode;

use crate::applying::{CHILD, apply, sign, wait, with_taking_registries};
use crate::fakes::carriers::PHONE;
use crate::harness::Running;

const SOMEBODY_ELSE: &str = "37906060006";

/// Signs a child benefit and expects this refusal; nothing is handed in.
async fn refused(portal: &Running, code: &str) {
    let mut browser = portal.logged_in().await;
    let sign_url = apply(portal, &mut browser, CHILD, "")
        .await
        .location()
        .unwrap();
    for carrier in ["mobile-id", "smart-id"] {
        let waiting = sign(&mut browser, &sign_url, carrier).await;
        let page = wait(&mut browser, waiting).await;
        let expected = format!("data-result=\"{code}\"");
        assert!(
            page.text.contains(&expected),
            "{code}, {carrier}: {}",
            page.text
        );
    }
    let asked = portal.fakes.exchange.asked("social/applications");
    assert!(asked.iter().all(|asked| asked.method != http::Method::POST));
}

#[tokio::test]
async fn a_signature_by_somebody_elses_certificate_is_refused() {
    let portal = with_taking_registries().await;
    let other = portal.fakes.trust.signer(SOMEBODY_ELSE).await;
    portal.fakes.carriers.cheat(&other, &other);
    refused(&portal, "CERTIFICATE").await;
    // Nobody was asked to sign.
    assert!(portal.fakes.carriers.asked().is_empty());
}

#[tokio::test]
async fn a_signature_by_another_key_is_refused() {
    let portal = with_taking_registries().await;
    let own = portal.fakes.trust.signer(crate::fakes::PERSON).await;
    let other = portal.fakes.trust.signer(SOMEBODY_ELSE).await;
    portal.fakes.carriers.cheat(&own, &other);
    refused(&portal, "SIGNATURE").await;
}

#[tokio::test]
async fn a_revoked_certificate_signs_nothing() {
    let portal = with_taking_registries().await;
    let own = portal.fakes.trust.signer(crate::fakes::PERSON).await;
    portal.fakes.trust.revoke(&own).await;
    portal.fakes.carriers.cheat(&own, &own);
    refused(&portal, "CERTIFICATE").await;
    assert!(portal.fakes.carriers.asked().is_empty());
}

#[tokio::test]
async fn a_certificate_of_another_authority_signs_nothing() {
    let portal = with_taking_registries().await;
    let elsewhere = Running::start().await;
    let own = elsewhere.fakes.trust.signer(crate::fakes::PERSON).await;
    portal.fakes.carriers.cheat(&own, &own);
    refused(&portal, "CERTIFICATE").await;
}

#[tokio::test]
async fn trust_services_that_are_down_are_said_so() {
    for change in [
        |config: &mut sim_portal::PortalConfig| config.tsa_url = "http://127.0.0.1:1".to_owned(),
        |config: &mut sim_portal::PortalConfig| {
            config.people_ocsp_url = "http://127.0.0.1:1".to_owned();
        },
    ] {
        let portal = Running::with(change).await;
        refused(&portal, "TRUST_SERVICE").await;
    }
}

#[tokio::test]
async fn one_form_fills_in_signs_and_hands_in() {
    let portal = with_taking_registries().await;
    let mut browser = portal.logged_in().await;
    let page = browser
        .visit(&portal.at("/applications/new?kind=child-benefit"))
        .await;
    // What a robot would send that only knows forms: the fields as they are filled in.
    assert!(
        page.text
            .contains("name=\"carrier\" value=\"mobile-id\" required checked")
    );
    assert!(
        page.text
            .contains(&format!("value=\"{CHILD}\" required checked"))
    );
    let (csrf, prefilled) = (page.csrf(), page.value("prefilled"));
    let form = |phone| {
        [
            ("csrf", csrf.as_str()),
            ("kind", "child-benefit"),
            ("prefilled", &prefilled),
            ("child", CHILD),
            ("account", ""),
            ("carrier", "mobile-id"),
            ("phone_number", phone),
        ]
    };
    let page = browser.post(&portal.at("/applications"), &form("1")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("A phone number is a plus"));
    portal.fakes.carriers.decide(None);
    let begun = browser
        .post(&portal.at("/applications"), &form(PHONE))
        .await;
    assert!(
        begun.header("location").ends_with("/sign"),
        "{}",
        begun.text
    );
    let waiting = browser.follow(begun).await;
    let code = waiting.between("<output id=\"verification-code\">", "</output>");
    assert_eq!(code.len(), 4, "{}", waiting.text);
    assert!(
        waiting.text.contains("Knot Whimbrel"),
        "what is signed is shown"
    );
    portal.fakes.carriers.decide(Some("OK"));
    let done = wait(&mut browser, waiting).await;
    assert!(done.text.contains("document.asice"), "{}", done.text);
}

#[tokio::test]
async fn smart_id_shows_a_code_at_every_step() {
    let portal = with_taking_registries().await;
    let mut browser = portal.logged_in().await;
    portal.fakes.carriers.decide(None);
    let sign_url = apply(&portal, &mut browser, CHILD, "")
        .await
        .location()
        .unwrap();
    let choosing = sign(&mut browser, &sign_url, "smart-id").await;
    assert!(
        choosing.text.contains("which document signs"),
        "{}",
        choosing.text
    );
    let code = choosing.between("<output id=\"verification-code\">", "</output>");
    assert!(
        code.len() == 4 && code.bytes().all(|digit| digit.is_ascii_digit()),
        "{code}"
    );
}
