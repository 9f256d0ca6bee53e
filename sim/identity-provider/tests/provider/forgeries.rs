//! Log-ins of others, forms of others, and texts that want to be more than text.

use http::StatusCode;

use crate::browser::Browser;
use crate::carrier::Answer;
use crate::world::{PHONE, World, wait};

#[tokio::test]
async fn a_log_in_belongs_to_the_browser_that_began_it() {
    let world = World::new().await;
    let (mut browser, path, page) = world.begin(&[]).await;
    let (mut other, _, _) = world.begin(&[]).await;
    let id = world.person(0).national_id;
    let fields = [
        ("csrf", page.csrf()),
        ("national_id", id.as_str()),
        ("phone_number", PHONE),
    ];
    let mut nobody = Browser::new(&world.url);
    for thief in [&mut other, &mut nobody] {
        assert_eq!(thief.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(
            thief.get(&format!("{path}/wait")).await.status,
            StatusCode::NOT_FOUND
        );
        for form in ["mobile-id", "smart-id", "cancel", "language"] {
            let refused = thief.post(&format!("{path}/{form}"), &fields).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND);
        }
    }
    assert!(world.carrier.asked.lock().is_empty());
    // The person logs in; somebody who knows the address looks first, and gets no code.
    browser
        .post(&format!("{path}/mobile-id"), &fields)
        .await
        .location();
    while world.carrier.asked.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    for _ in 0..20 {
        assert_eq!(
            other.get(&format!("{path}/wait")).await.status,
            StatusCode::NOT_FOUND
        );
    }
    assert!(wait(&mut browser, &path).await.sent("code").is_some());
    assert_eq!(
        browser.get(&format!("{path}/wait")).await.status,
        StatusCode::NOT_FOUND,
        "once"
    );
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let world = World::new().await;
    let (mut browser, path, page) = world.begin(&[]).await;
    let (_, _, other_page) = world.begin(&[]).await;
    let id = world.person(0).national_id;
    let field = ("national_id", id.as_str());
    let form = format!("{path}/smart-id");
    let forged = [
        &[field][..],
        &[field, ("csrf", "")],
        &[field, ("csrf", other_page.csrf())],
    ];
    for fields in forged {
        assert_eq!(
            browser.post(&form, fields).await.status,
            StatusCode::FORBIDDEN
        );
    }
    let fields = [field, ("csrf", page.csrf())];
    for header in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        browser.headers = vec![(header.0, header.1.to_owned())];
        assert_eq!(
            browser.post(&form, &fields).await.status,
            StatusCode::FORBIDDEN,
            "{header:?}"
        );
    }
    assert!(world.carrier.asked.lock().is_empty());
    browser.headers = vec![
        ("origin", world.url.clone()),
        ("sec-fetch-site", "same-origin".to_owned()),
    ];
    browser.post(&form, &fields).await.location();
    assert!(wait(&mut browser, &path).await.sent("code").is_some());
    assert_eq!(world.stop().await.refused_forms, 7);
}

#[tokio::test]
async fn no_text_becomes_a_script_or_an_element() {
    let world = World::new().await;
    let script = "\"><script>alert(1)</script>";
    let (mut browser, path, page) = world.begin(&[]).await;
    // The service's name has an element in it.
    assert!(!page.text.contains("<b>portal") && page.text.contains("portal"));
    let fields = [
        ("csrf", page.csrf()),
        ("national_id", script),
        ("phone_number", script),
    ];
    let again = browser.post(&format!("{path}/mobile-id"), &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!again.text.contains("<script") && again.text.contains("script"));
    let refused = browser
        .get(&world.authorize(&[("client_id", script)]))
        .await;
    assert!(!refused.text.contains("<script"));
    let lost = browser
        .get(&format!("/login/{}", "%22%3E%3Cscript%3E"))
        .await;
    assert_eq!(
        (lost.status, lost.text.contains("<script")),
        (StatusCode::NOT_FOUND, false)
    );
    for page in [&page, &again, &refused, &lost] {
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe") && !policy.contains('*'));
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "same-origin");
    }
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self' https://portal.example;"),
        "or the way back is shut"
    );
}

#[tokio::test]
async fn a_phone_is_not_pestered() {
    let world = World::new().await;
    world.carrier.hold();
    let (mut browser, path, page) = world.begin(&[]).await;
    let id = world.person(0).national_id;
    let fields = [("csrf", page.csrf()), ("national_id", id.as_str())];
    let form = format!("{path}/smart-id");
    for _ in 0..5 {
        browser.post(&form, &fields).await.location();
    }
    while world.carrier.asked.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.carrier.asked.lock().len(), 1, "one prompt at a time");
    world.carrier.let_answer();
    *world.carrier.answer.lock() = Answer::Result("USER_REFUSED");
    wait(&mut browser, &path).await;
    for _ in 0..20 {
        browser.post(&form, &fields).await.location();
        wait(&mut browser, &path).await;
    }
    let refused = browser.get(&format!("{path}/wait")).await;
    assert_eq!(refused.after("data-result=\""), "TOO_MANY_ATTEMPTS");
    assert_eq!(world.carrier.asked.lock().len(), 8, "and few of them");
}
