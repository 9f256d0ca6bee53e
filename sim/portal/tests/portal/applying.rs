//! Applying as a person does: the form, the signature, the wait.

use http::StatusCode;
use serde_json::json;

use crate::browser::{Browser, Page};
use crate::fakes::carriers::PHONE;
use crate::fakes::exchange::Reply;
use crate::harness::Running;

pub(crate) const CHILD: &str = "51204040004";

pub(crate) async fn with_taking_registries() -> Running {
    let portal = Running::start().await;
    let taken = json!({ "id": "77-0", "kind": "child-benefit", "status": "granted",
                        "submitted_at": "2026-02-02T10:00:00.000Z" });
    let exchange = &portal.fakes.exchange;
    exchange.set("POST social/applications", Reply::Json(201, taken));
    let declared = json!({ "id": "2025-48001010001", "status": "received" });
    exchange.set("POST tax/declarations", Reply::Json(201, declared));
    portal
}

/// Fills the form of child benefit in and sends it.
pub(crate) async fn apply(
    portal: &Running,
    browser: &mut Browser,
    child: &str,
    account: &str,
) -> Page {
    let page = browser
        .visit(&portal.at("/applications/new?kind=child-benefit"))
        .await;
    let (csrf, prefilled) = (page.csrf(), page.value("prefilled"));
    let form = [
        ("csrf", csrf.as_str()),
        ("kind", "child-benefit"),
        ("prefilled", &prefilled),
        ("child", child),
        ("account", account),
    ];
    browser.post(&portal.at("/applications"), &form).await
}

/// Signs what `sign_url` is about, and returns where that led.
pub(crate) async fn sign(browser: &mut Browser, sign_url: &str, carrier: &str) -> Page {
    let page = browser.visit(sign_url).await;
    let csrf = page.csrf();
    let form = [
        ("csrf", csrf.as_str()),
        ("carrier", carrier),
        ("phone_number", PHONE),
    ];
    let begun = browser.post(sign_url, &form).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    browser.follow(begun).await
}

/// Looks again while the page asks for it.
pub(crate) async fn wait(browser: &mut Browser, mut page: Page) -> Page {
    for _ in 0..500 {
        if page.header("refresh").is_empty() {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        page = browser.visit(&page.url.clone()).await;
    }
    panic!("{}", page.text);
}
