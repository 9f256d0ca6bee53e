//! What attackers try, one table each: refused, without a registry being asked, and logged.

use http::{Method, StatusCode};
use serde_json::json;

use crate::applying::{CHILD, apply, sign, wait, with_taking_registries};
use crate::browser::Browser;
use crate::fakes::provider::{Signing, Tricks};
use crate::fakes::{APPROVED, PERSON};
use crate::harness::Running;
use crate::log::Log;
use crate::tracker::{ticket_of, with_looks};

const SOMEBODY_ELSE: &str = "37906060006";

/// Every form, with fields that would do something.
const FORMS: [(&str, &[(&str, &str)]); 12] = [
    ("/language", &[("language", "et")]),
    ("/logout", &[]),
    ("/blocking", &[("register", "0"), ("blocked", "true")]),
    (
        "/consents",
        &[("reference", APPROVED), ("status", "withdrawn")],
    ),
    ("/insurance", &[]),
    ("/assistant", &[]),
    ("/assistant/revoke", &[]),
    ("/appointments", &[("slot", "2026-02-03T10:00")]),
    ("/companies", &[("name", "Tide")]),
    ("/tracker/ask", &[("question", "why?")]),
    ("/applications", &[("kind", "child-benefit")]),
    ("/applications/1/sign", &[("carrier", "smart-id")]),
];

#[tokio::test]
async fn no_form_of_another_site_or_browser_does_anything() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let mut other = portal.logged_in().await;
    apply(&portal, &mut browser, CHILD, "1234").await;
    let own = browser.visit(&portal.at("/")).await.csrf();
    let of_other = other.visit(&portal.at("/")).await.csrf();
    let before = portal.fakes.exchange.asked_in_all();
    let evil = "https://evil.example".to_owned();
    for (path, fields) in FORMS {
        for (token, extra) in [
            ("", vec![]),
            (of_other.as_str(), vec![]),
            (own.as_str(), vec![("origin", evil.clone())]),
            (own.as_str(), vec![("origin", "null".to_owned())]),
            (
                own.as_str(),
                vec![("sec-fetch-site", "cross-site".to_owned())],
            ),
        ] {
            let what = format!("{path} {token} {extra:?}");
            browser.extra = extra;
            let mut form = vec![("csrf", token)];
            form.extend(fields);
            let page = browser.post(&portal.at(path), &form).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{what}");
            assert_eq!(page.header("set-cookie"), "", "{what}");
        }
        browser.extra.clear();
        // Nor does a link.
        let mut query = vec![("csrf", own.as_str())];
        query.extend(fields);
        let query = serde_urlencoded::to_string(query).unwrap();
        browser.get(&portal.at(&format!("{path}?{query}"))).await;
    }
    let asked = portal.fakes.exchange.all_asked();
    let changed = asked[before..]
        .iter()
        .any(|asked| asked.method != Method::GET);
    assert!(!changed, "a registry was told to change something");
    assert_eq!(browser.get(&portal.at("/me")).await.status, StatusCode::OK);
    assert_eq!(portal.stop().await.refused_forms, 12 * 5);
}

/// Whatever path takes an identifier, and whoever a browser says that it is: registries are asked
/// about the person of the session alone.
#[tokio::test]
async fn nobody_reads_or_changes_somebody_elses_record() {
    let portal = Running::start().await;
    with_looks(&portal);
    let mut browser = portal.logged_in().await;
    browser.extra = vec![
        ("x-road-userid", format!("XX{SOMEBODY_ELSE}")),
        ("x-road-represented-party", format!("XX/{SOMEBODY_ELSE}")),
        ("x-road-client", "XX/GOV/1/police".to_owned()),
        ("x-forwarded-user", SOMEBODY_ELSE.to_owned()),
        ("remote-user", SOMEBODY_ELSE.to_owned()),
    ];
    let claims = format!(
        "national_id={SOMEBODY_ELSE}&user=XX{SOMEBODY_ELSE}&userCode=XX{SOMEBODY_ELSE}\
         &idCode=XX{SOMEBODY_ELSE}&person={SOMEBODY_ELSE}"
    );
    for path in [
        "/me",
        "/tracker",
        "/applications",
        "/applications/new?kind=child-benefit",
        "/blocking",
        "/consents",
        "/insurance",
        "/appointments",
        "/companies/new",
        "/assistant",
    ] {
        let mark = if path.contains('?') { '&' } else { '?' };
        let page = browser
            .visit(&portal.at(&format!("{path}{mark}{claims}")))
            .await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
    }
    for path in [
        "/me",
        "/consents",
        "/blocking",
        "/tracker",
        "/insurance",
        "/appointments",
    ] {
        let below = format!("{path}/{SOMEBODY_ELSE}");
        let page = browser.get(&portal.at(&below)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{below}");
    }
    let tracker = browser.visit(&portal.at("/tracker")).await;
    let (csrf, look) = (tracker.csrf(), ticket_of(&tracker, "600"));
    for (path, fields) in FORMS
        .iter()
        .filter(|(path, _)| !["/logout", "/language"].contains(path))
    {
        let mut form = vec![
            ("csrf", csrf.as_str()),
            ("look", &look),
            ("national_id", SOMEBODY_ELSE),
            ("idCode", SOMEBODY_ELSE),
            ("user_id", SOMEBODY_ELSE),
        ];
        form.extend(*fields);
        browser.post(&portal.at(path), &form).await;
    }
    let asked = portal.fakes.exchange.all_asked();
    assert!(
        asked
            .iter()
            .filter(|asked| asked.method != Method::GET)
            .count()
            >= 5
    );
    for asked in asked {
        let body = String::from_utf8_lossy(&asked.body);
        let headers = format!("{:?}", asked.headers);
        let whole = format!("{} {headers} {body}", asked.target);
        assert!(!whole.contains(SOMEBODY_ELSE), "{whole}");
        let users: Vec<_> = asked.headers.get_all("x-road-userid").iter().collect();
        assert_eq!(users, [&format!("XX{PERSON}")], "{whole}");
        assert_eq!(asked.headers["x-road-client"], "XX/GOV/700/portal");
    }
}

/// A code that was stolen, replayed or not used in time is of no use in another log-in.
#[tokio::test]
async fn a_code_counts_once_in_time_and_for_the_log_in_that_it_was_given_to() {
    let portal = Running::start().await;
    let begin = async |browser: &mut Browser| {
        let there = browser.get(&portal.at("/login")).await;
        let back = browser.get(&there.location().unwrap()).await;
        let back = back.location().unwrap();
        let (before, state) = back.split_once("&state=").unwrap();
        let (_, code) = before.split_once("?code=").unwrap();
        (code.to_owned(), state.to_owned())
    };
    let mut victim = Browser::default();
    let (stolen, _) = begin(&mut victim).await;
    let mut used = Browser::default();
    let (replayed, state) = begin(&mut used).await;
    let back = portal.at(&format!("/login/callback?code={replayed}&state={state}"));
    assert_eq!(used.get(&back).await.status, StatusCode::SEE_OTHER);
    for (what, code) in [
        ("stolen", stolen),
        ("replayed", replayed),
        ("guessed", "1".to_owned()),
    ] {
        let mut attacker = Browser::default();
        let (_, state) = begin(&mut attacker).await;
        let back = portal.at(&format!("/login/callback?code={code}&state={state}"));
        let page = attacker.get(&back).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{what}");
        assert!(
            page.text.contains("data-problem=\"login_provider\""),
            "{what}"
        );
        assert!(!attacker.cookies.contains_key("portal-session"), "{what}");
    }
    let mut late = Browser::default();
    let (code, state) = begin(&mut late).await;
    portal.fakes.provider.forget_codes();
    let back = portal.at(&format!("/login/callback?code={code}&state={state}"));
    assert_eq!(late.get(&back).await.status, StatusCode::BAD_GATEWAY);
    let summary = portal.stop().await;
    assert_eq!((summary.logins, summary.failed_logins), (1, 4));
}

/// The provider is told one way back, whatever a browser says of the host or adds to the address.
#[tokio::test]
async fn the_way_back_is_the_portals_own() {
    let portal = Running::start().await;
    for (path, extra) in [
        ("/login?redirect_uri=https://evil.example/", vec![]),
        (
            "/login",
            vec![("x-forwarded-host", "evil.example".to_owned())],
        ),
        (
            "/login",
            vec![("forwarded", "host=evil.example".to_owned())],
        ),
        (
            "/login",
            vec![("x-original-url", "//evil.example".to_owned())],
        ),
    ] {
        let mut browser = Browser::default();
        browser.extra = extra;
        browser.visit(&portal.at(path)).await;
        let provider = &portal.fakes.provider;
        assert_eq!(provider.last("redirect_uri"), portal.at("/login/callback"));
    }
}

#[tokio::test]
async fn what_is_refused_is_logged() {
    let portal = with_taking_registries().await;
    with_looks(&portal);
    let mut browser = portal.logged_in().await;
    let mine = apply(&portal, &mut browser, CHILD, "")
        .await
        .location()
        .unwrap();
    portal
        .fakes
        .provider
        .log_in_as(&format!("XX{SOMEBODY_ELSE}"));
    let mut other = portal.logged_in().await;
    portal.fakes.provider.log_in_as(&format!("XX{PERSON}"));
    let csrf = other.visit(&portal.at("/")).await.csrf();
    let tracker = browser.visit(&portal.at("/tracker")).await;
    let ticket = ticket_of(&tracker, "600");
    let log = Log::begin();
    let logged = |what: &str, expected: &str| {
        let lines = log.take();
        let is_there = lines.iter().any(|line| line.contains(expected));
        assert!(is_there, "{what}: no `{expected}` in {lines:#?}");
    };

    other.get(&mine).await;
    logged("somebody else's application", "problem=\"not_found\"");
    let url = portal.at(&format!("/tracker/ask?look={ticket}"));
    other.get(&url).await;
    logged("somebody else's look", "purpose=\"look\"");
    other.post(&portal.at("/logout"), &[("csrf", "x")]).await;
    logged(
        "a form without its token",
        "refused a form without its token",
    );
    other.extra = vec![("origin", "https://evil.example".to_owned())];
    other.post(&portal.at("/logout"), &[("csrf", &csrf)]).await;
    logged("a form of another site", "evil.example");
    other.extra = vec![("authorization", "Bearer stolen-token".to_owned())];
    other.get(&portal.at("/assistant/v1/record")).await;
    let lines = log.take();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("refused an assistant"))
    );
    // What an attacker tried may be somebody's token.
    assert!(!lines.concat().contains("stolen-token"));
    let by_name = portal.url.replace("127.0.0.1", "localhost");
    Browser::default().get(&by_name).await;
    logged("another host", "refused a request for another host");
    Browser::default()
        .get(&portal.at("/login/callback?code=1&state=2"))
        .await;
    logged("a log-in that nobody began", "a log-in failed");
    for signing in [Signing::None, Signing::Hs256, Signing::OwnKey] {
        portal.fakes.provider.play(Tricks {
            signing,
            ..Tricks::default()
        });
        portal.log_in(&mut Browser::default()).await;
        logged("a trick with `alg`", "a log-in failed");
    }
    portal.fakes.provider.play(Tricks::default());
    let told = portal
        .fakes
        .provider
        .logout_token(&json!({ "aud": "another" }));
    let url = portal.at("/backchannel-logout");
    Browser::default()
        .post(&url, &[("logout_token", &told)])
        .await;
    logged("a forged logout token", "refused a logout token");
    let signer = portal.fakes.trust.signer(SOMEBODY_ELSE).await;
    portal.fakes.carriers.cheat(&signer, &signer);
    let waiting = sign(&mut browser, &mine, "mobile-id").await;
    wait(&mut browser, waiting).await;
    logged(
        "somebody else's signature",
        "an application was not handed in",
    );
}
