//! Pages in a language other than the one that the configuration's names are in.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::applying::{CHILD, apply, sign, wait, with_taking_registries};
use crate::browser::Browser;
use crate::fakes::exchange::Reply;
use crate::harness::Running;
use crate::tracker::{ticket_of, with_looks};

/// The portal's own reasons, at least.
const REASONS: usize = 15;

async fn estonian(portal: &Running) -> Browser {
    let mut browser = portal.logged_in().await;
    browser.extra = vec![("accept-language", "et".to_owned())];
    browser
}

/// Everything is done once, so that the exchange has every reason that the portal gives.
async fn do_everything(portal: &Running, browser: &mut Browser) {
    for path in [
        "/me",
        "/applications",
        "/blocking",
        "/consents",
        "/appointments",
    ] {
        browser.visit(&portal.at(path)).await;
    }
    let tracker = browser.visit(&portal.at("/tracker")).await;
    let (csrf, look) = (tracker.csrf(), ticket_of(&tracker, "600"));
    for (path, fields) in [
        ("/blocking", vec![("register", "0"), ("blocked", "true")]),
        (
            "/consents",
            vec![("reference", "1"), ("status", "approved")],
        ),
        ("/insurance", Vec::new()),
        ("/appointments", vec![("slot", "2026-02-03T10:00")]),
        ("/companies", vec![("name", "Tide")]),
        (
            "/tracker/ask",
            vec![("look", look.as_str()), ("question", "?")],
        ),
    ] {
        let mut form = vec![("csrf", csrf.as_str())];
        form.extend(fields);
        browser.post(&portal.at(path), &form).await;
    }
    let page = browser
        .post(&portal.at("/assistant"), &[("csrf", csrf.as_str())])
        .await;
    let token = page.between("data-field=\"assistant-token\">", "<");
    let mut assistant = Browser::default();
    assistant.extra = vec![("authorization", format!("Bearer {token}"))];
    assistant.get(&portal.at("/assistant/v1/record")).await;
    let drafted = apply(portal, browser, CHILD, "1234").await;
    let page = sign(browser, &drafted.location().unwrap(), "mobile-id").await;
    portal.fakes.carriers.decide(Some("OK"));
    wait(browser, page).await;
}

#[tokio::test]
async fn every_reason_that_the_portal_gives_is_said_in_estonian() {
    let portal = with_taking_registries().await;
    with_looks(&portal);
    let mut browser = estonian(&portal).await;
    do_everything(&portal, &mut browser).await;
    let exchange = &portal.fakes.exchange;
    let reasons: BTreeSet<String> = exchange
        .all_asked()
        .iter()
        .map(|asked| asked.headers["x-road-issue"].to_str().unwrap().to_owned())
        .collect();
    assert!(reasons.len() >= REASONS, "{reasons:?}");
    let usage = |reason: &String| {
        json!({ "logtime": "2026-02-02T10:00:00Z", "action": reason, "receiverCode": "700",
                "receiverSystem": "portal" })
    };
    let usages: Vec<Value> = reasons.iter().map(usage).collect();
    let answer = json!({ "totalUsages": usages.len(), "usages": usages });
    exchange.set("people/findUsage", Reply::Json(200, answer));
    let page = browser.visit(&portal.at("/tracker?own=show")).await;
    for reason in &reasons {
        // As it was sent, for robots; and not so for people.
        let sent = reason.replace('\'', "&#39;");
        assert!(page.text.contains(&format!("data-value=\"{sent}\"")));
        assert!(!page.text.contains(&format!(">{sent}<")), "{reason}");
    }
    assert!(page.text.contains(">Inimene asutab ettevõtet<"));
}

#[tokio::test]
async fn what_there_is_one_of_is_called_what_it_is() {
    let portal = Running::with(|config| {
        config.name = "State portal".to_owned();
        config.services.studies = None;
    })
    .await;
    with_looks(&portal);
    let mut browser = estonian(&portal).await;
    let page = browser.visit(&portal.at("/tracker")).await;
    assert!(page.text.contains("<strong>Riigiportaal</strong>"));
    assert!(page.text.contains("– Riigiportaal</title>"));
    let registers = page.between("id=\"registers\"", "</ul>");
    for (title, called) in [
        ("Population register", "Rahvastiku\u{ad}register"),
        ("Tax office", "Maksuamet"),
        // The portal asks it for nothing that there is one of, so that this is its name.
        ("Education register", "Education register"),
    ] {
        let card = registers.split_once(&format!("data-register=\"{title}\""));
        let (_, card) = card.unwrap();
        let strong = card.split_once("<strong>").unwrap().1;
        assert!(strong.starts_with(&format!("{called}</strong>")), "{title}");
    }
    // Whoever is asked and asks is told the name that is configured.
    let row = page.between("data-receiver=\"601\"", "</tr>");
    assert!(row.contains(">Rahvastiku\u{ad}register<"), "{row}");
    let look = ticket_of(&page, "601");
    let page = browser
        .visit(&portal.at(&format!("/tracker/ask?look={look}")))
        .await;
    assert!(page.text.contains("<dd>Rahvastiku\u{ad}register</dd>"));
    let page = browser.visit(&portal.at("/blocking")).await;
    assert!(page.text.contains(">Tervise infosüsteem</h2>"));
    // In the language of the names, they are what was configured.
    browser.extra.clear();
    let page = browser.visit(&portal.at("/tracker")).await;
    assert!(page.text.contains("<strong>State portal</strong>"));
    assert!(page.text.contains("<strong>Tax office</strong>"));
}
