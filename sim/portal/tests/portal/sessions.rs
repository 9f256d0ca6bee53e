//! Sessions: whose they are, and that nobody can be given one.

use http::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::browser::{Browser, Page};
use crate::fakes::provider::Tricks;
use crate::harness::Running;

#[tokio::test]
async fn a_session_that_was_planted_before_logging_in_is_not_the_one_used() {
    let portal = Running::start().await;
    let planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut victim = Browser::default();
    victim
        .cookies
        .insert("portal-session".to_owned(), planted.to_owned());
    portal.log_in(&mut victim).await;
    assert_ne!(victim.cookies["portal-session"], planted);
    let mut attacker = Browser::default();
    attacker
        .cookies
        .insert("portal-session".to_owned(), planted.to_owned());
    let page = attacker.get(&portal.at("/me")).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn logging_in_again_ends_the_session_before() {
    let portal = Running::start().await;
    let mut browser = portal.logged_in().await;
    let mut before = browser.clone();
    portal.log_in(&mut browser).await;
    assert_ne!(
        browser.cookies["portal-session"],
        before.cookies["portal-session"]
    );
    assert_eq!(
        before.get(&portal.at("/me")).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(browser.get(&portal.at("/me")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn cookies_are_hidden_from_script_and_from_other_sites() {
    let portal = Running::start().await;
    let mut browser = Browser::default();
    let there = browser.get(&portal.at("/login")).await;
    let back = browser
        .get(&there.location().unwrap())
        .await
        .location()
        .unwrap();
    let page = browser.get(&back).await;
    let lines: Vec<_> = page.answer.headers.all("set-cookie").collect();
    assert_eq!(lines.len(), 2);
    for line in lines {
        let line = String::from_utf8_lossy(line);
        assert!(line.contains("HttpOnly; SameSite=Lax"), "{line}");
    }
}

#[tokio::test]
async fn behind_tls_cookies_never_travel_otherwise() {
    let portal =
        Running::with(|config| config.public_url = Some("https://portal.example".to_owned())).await;
    let address = portal.url.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).await.unwrap();
    // As whoever ends TLS passes it on.
    let request = "GET / HTTP/1.1\r\nHost: portal.example\r\nConnection: close\r\n\r\n";
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.contains("set-cookie: __Host-portal-visitor="),
        "{answer}"
    );
    assert!(answer.contains("; Secure\r\n") && answer.contains("strict-transport-security:"));
}

#[tokio::test]
async fn a_name_is_written_as_people_write_it_once_the_register_has_told() {
    let portal = Running::start().await;
    let in_capitals = |family: &str| Tricks {
        claims: json!({ "profile_attributes": {
            "given_name": "AVOCET", "family_name": family, "date_of_birth": "1980-01-01"
        } }),
        ..Tricks::default()
    };
    let header = |page: &Page| page.between("id=\"logged-in-person\">", "<");
    portal.fakes.provider.play(in_capitals("WHIMBREL"));
    for asking in ["/me", "/applications/new?kind=child-benefit"] {
        let mut browser = portal.logged_in().await;
        let page = browser.visit(&portal.at("/")).await;
        assert_eq!(header(&page), "AVOCET WHIMBREL");
        // The page that asks knows it already, and so do those after it.
        let page = browser.visit(&portal.at(asking)).await;
        assert_eq!(header(&page), "Avocet Whimbrel", "{asking}");
        let page = browser.visit(&portal.at("/")).await;
        assert!(page.text.contains("Hello, Avocet<"), "{asking}");
        let page = browser.visit(&portal.at("/companies/new")).await;
        assert!(page.text.contains("<dd>Avocet Whimbrel<"), "{asking}");
    }
    // Who somebody is, the provider says: another name in the register is not theirs.
    portal.fakes.provider.play(in_capitals("GODWIT"));
    let mut browser = portal.logged_in().await;
    let page = browser.visit(&portal.at("/me")).await;
    assert_eq!(header(&page), "AVOCET GODWIT");
}
