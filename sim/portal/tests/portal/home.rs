//! The catalogue, the languages, and what every answer carries.

use crate::browser::Browser;
use crate::harness::Running;

#[tokio::test]
async fn the_catalogue_names_owner_channels_and_measured_quality() {
    let portal = Running::start().await;
    let mut browser = Browser::default();
    let page = browser.visit(&portal.at("/")).await;
    assert!(page.text.contains("<strong>Saltmarsh</strong>"));
    let service = page.between("id=\"service-child-benefit\"", "</li>");
    for expected in [
        "Child benefit",
        "Social insurance",
        "Web",
        "Phone",
        "Counter",
        "not used yet",
    ] {
        assert!(service.contains(expected), "{expected}: {service}");
    }
    portal.log_in(&mut browser).await;
    browser.visit(&portal.at("/me")).await;
    let page = browser.visit(&portal.at("/")).await;
    let service = page.between("id=\"service-studies\"", "</li>");
    assert!(service.contains("100 % answered"), "{service}");
}

#[tokio::test]
async fn the_brand_says_nothing_twice() {
    for (name, says_portal) in [
        ("Saltmarsh", true),
        ("State portal", false),
        ("The STATE PORTAL of Saltmarsh", false),
    ] {
        let portal = Running::with(|config| config.name = name.to_owned()).await;
        let page = Browser::default().visit(&portal.at("/")).await;
        let brand = page.between("class=\"brand\"", "</a>");
        assert!(brand.contains(&format!("<strong>{name}</strong>")));
        assert_eq!(brand.contains("brand-portal"), says_portal, "{brand}");
    }
}

#[tokio::test]
async fn what_no_registry_serves_is_not_offered() {
    let portal = Running::with(|config| config.services.companies = None).await;
    let page = Browser::default().visit(&portal.at("/")).await;
    assert!(!page.text.contains("service-found-company"));
    assert!(page.text.contains("service-companies"));
}

#[tokio::test]
async fn services_are_found_by_their_words() {
    let portal = Running::start().await;
    let mut browser = Browser::default();
    let page = browser.visit(&portal.at("/?q=TAX%20declaration")).await;
    assert!(page.text.contains("service-tax-declaration"));
    assert!(!page.text.contains("service-studies"));
    let page = browser
        .visit(&portal.at("/?q=%3Cscript%3Ealert(1)%3C/script%3E"))
        .await;
    assert!(!page.text.contains("<script"), "{}", page.text);
    assert!(page.text.contains("No service has these words."));
}

#[tokio::test]
async fn the_language_switch_is_a_form_and_stays_on_the_page() {
    let portal = Running::start().await;
    let mut browser = Browser::default();
    let page = browser.visit(&portal.at("/?q=tax")).await;
    assert!(page.text.contains("<html lang=\"en\">"));
    assert_eq!(page.value("return"), "/?q=tax");
    let form = [
        ("csrf", page.csrf()),
        ("return", page.value("return")),
        ("language", "et".to_owned()),
    ];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    let switched = browser.post(&portal.at("/language"), &form).await;
    assert_eq!(switched.header("location"), "/?q=tax");
    let page = browser.follow(switched).await;
    assert!(page.text.contains("<html lang=\"et\">"));
    assert!(page.text.contains("Minu andmed"));
}

#[tokio::test]
async fn a_browser_is_spoken_to_in_its_own_language() {
    let portal = Running::start().await;
    for (accepts, expected) in [("et-EE,en;q=0.5", "et"), ("fr,de", "en"), ("", "en")] {
        let mut browser = Browser::default();
        browser.extra = vec![("accept-language", accepts.to_owned())];
        let page = browser.visit(&portal.at("/")).await;
        assert!(
            page.text.contains(&format!("<html lang=\"{expected}\">")),
            "{accepts}"
        );
    }
}

#[tokio::test]
async fn every_answer_forbids_script_frames_and_caching() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    for path in ["/", "/me", "/tracker", "/nowhere", "/login/callback"] {
        let page = browser.get(&portal.at(path)).await;
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'"),
            "{path}: {policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert!(
            !page.text.contains("<script") && !page.text.contains(" style="),
            "{path}"
        );
        // Nothing is fetched from elsewhere.
        assert!(
            !page.text.contains("src=") && !page.text.contains("https://"),
            "{path}"
        );
    }
    let page = browser.visit(&portal.at("/")).await;
    let sheet = browser
        .get(&portal.at(&page.between("rel=\"stylesheet\" href=\"", "\"")))
        .await;
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(sheet.header("cache-control"), "public, max-age=86400");
}

#[tokio::test]
async fn a_portal_counts_what_it_did() {
    let portal = Running::start().await;
    portal.logged_in().await;
    Browser::default()
        .get(&portal.at("/login/callback?code=1&state=2"))
        .await;
    let summary = portal.stop().await;
    assert_eq!((summary.logins, summary.failed_logins), (1, 1));
}
