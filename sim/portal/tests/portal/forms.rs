//! Forms that did not come from this portal's pages in this browser.

use http::{Method, StatusCode};

use crate::browser::Browser;
use crate::harness::Running;

#[tokio::test]
async fn a_form_without_this_browsers_token_is_refused() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let mut other = portal.logged_in().await;
    let token_of_other = other.visit(&portal.at("/")).await.csrf();
    let token_before = Browser::default().visit(&portal.at("/")).await.csrf();
    for token in ["", "x", &token_of_other, &token_before] {
        let page = browser
            .post(&portal.at("/logout"), &[("csrf", token)])
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{token}");
        assert!(page.text.contains("data-problem=\"form\""));
    }
    let page = browser.post(&portal.at("/logout"), &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get(&portal.at("/me")).await.status, StatusCode::OK);
    assert_eq!(portal.stop().await.refused_forms, 5);
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_even_with_the_token() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let token = browser.visit(&portal.at("/")).await.csrf();
    let host = portal.url.trim_start_matches("http://").to_owned();
    for (name, value) in [
        ("origin", "https://evil.example".to_owned()),
        ("origin", "null".to_owned()),
        ("origin", format!("https://{host}")),
        ("sec-fetch-site", "cross-site".to_owned()),
        ("sec-fetch-site", "same-site".to_owned()),
    ] {
        browser.extra = vec![(name, value.clone())];
        let page = browser
            .post(&portal.at("/logout"), &[("csrf", &token)])
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    browser.extra = vec![
        ("origin", portal.url.clone()),
        ("sec-fetch-site", "same-origin".to_owned()),
    ];
    let page = browser
        .post(&portal.at("/logout"), &[("csrf", &token)])
        .await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_must_be_a_form_of_a_decent_size() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let token = browser.visit(&portal.at("/")).await.csrf();
    let long = "x".repeat(sim_portal::MAX_FORM_BYTES);
    let page = browser
        .post(&portal.at("/logout"), &[("csrf", &token), ("x", &long)])
        .await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    browser.extra = vec![("content-type", "text/plain".to_owned())];
    let page = browser
        .send(Method::POST, &portal.at("/logout"), None)
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn changes_are_forms_and_looks_are_links() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    for (method, path) in [
        (Method::GET, "/logout"),
        (Method::PUT, "/me"),
        (Method::DELETE, "/"),
        (Method::POST, "/me"),
        (Method::GET, "/language"),
    ] {
        let page = browser.send(method.clone(), &portal.at(path), None).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{method} {path}");
    }
}

#[tokio::test]
async fn a_request_for_another_host_is_refused() {
    let portal = Running::start().await;
    let by_name = portal.url.replace("127.0.0.1", "localhost");
    let page = Browser::default().get(&by_name).await;
    assert_eq!(page.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(page.text.contains(&portal.url));
}
