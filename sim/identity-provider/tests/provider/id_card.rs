//! People log in with ID-cards, and with what are none.

use http::StatusCode;
use sim_evidence::ocsp::CertificateStatus;
use sim_identity_provider::IdentityProviderConfig;

use crate::browser::Page;
use crate::card_reader::parts;
use crate::country::{Authority, Card, Purpose};
use crate::responder::Says;
use crate::world::{World, card};

fn with_card(config: &mut IdentityProviderConfig) {
    config.id_card_listen = Some("127.0.0.1:0".parse().unwrap());
}

/// Logs in with these parts of a card; what comes of it.
async fn outcome(world: &World, card: Option<(&[u8], &[u8])>) -> Page {
    let (mut browser, _, page) = world.begin(&[]).await;
    let link = page.after("id=\"id-card\" href=\"").to_owned();
    let sent = browser.show_card(&world.ready, &link, card).await.unwrap();
    browser.get(sent.location()).await
}

#[tokio::test]
async fn a_card_logs_its_holder_in() {
    let world = World::with(with_card).await;
    let person = world.person(3);
    let card = card(&world.authority, &person);
    let back = outcome(&world, Some(parts(&card))).await;
    let answer = world.redeem(&back.sent("code").unwrap()).await.json();
    let claims = world
        .claims(answer["id_token"].as_str().unwrap(), "portal")
        .await;
    assert_eq!(claims["sub"], format!("EE{}", person.national_id.as_str()));
    assert_eq!(claims["amr"], serde_json::json!(["idcard"]));
    assert_eq!(
        claims["profile_attributes"]["date_of_birth"],
        person.birth_date.to_string()
    );
    let summary = world.stop().await;
    assert_eq!((summary.logged_in_id_card, summary.refused), (1, 0));
}

#[tokio::test]
async fn a_missing_card_is_told_in_words_and_can_be_put_in() {
    let world = World::with(with_card).await;
    let (mut browser, path, page) = world.begin(&[("scope", "openid idcard")]).await;
    assert!(!page.text.contains("id=\"mobile-id\""), "{}", page.text);
    let link = page.after("id=\"id-card\" href=\"").to_owned();
    let sent = browser.show_card(&world.ready, &link, None).await.unwrap();
    let refused = browser.get(sent.location()).await;
    assert_eq!(refused.after("data-result=\""), "NO_CARD");
    assert_eq!(refused.after("id=\"try-again\" href=\""), path);

    let card = card(&world.authority, &world.person(0));
    let sent = browser
        .show_card(&world.ready, &link, Some(parts(&card)))
        .await;
    let back = browser.get(sent.unwrap().location()).await;
    assert!(back.sent("code").is_some());
}

#[tokio::test]
async fn a_card_that_is_not_good_logs_nobody_in() {
    let world = World::with(with_card).await;
    let person = world.person(0);
    let number = format!("PNOEE-{}", person.national_id.as_str());
    let issue = |authority: &Authority, number: &str, purpose| -> Card {
        authority.issue(&person, number, purpose)
    };
    let foreign = format!("PNOLV-{}", person.national_id.as_str());
    let revoked = CertificateStatus::Revoked {
        at: sim_clock::UtcTime::from_millis(0),
        reason: None,
    };
    let good = Says::Status(CertificateStatus::Good);
    let authentication = Purpose::Authentication;
    let (ours, untrusted) = (&world.authority, "CERTIFICATE_NOT_TRUSTED");
    for (card, says, result) in [
        (
            issue(&Authority::new(), &number, authentication),
            good,
            untrusted,
        ),
        (issue(ours, &number, Purpose::Signing), good, untrusted),
        (issue(ours, &number, Purpose::Expired), good, untrusted),
        (issue(ours, &foreign, authentication), good, untrusted),
        (
            issue(ours, &number, authentication),
            Says::Status(revoked),
            "CERTIFICATE_REVOKED",
        ),
        (
            issue(ours, &number, authentication),
            Says::Nothing,
            "CERTIFICATE_STATUS_UNKNOWN",
        ),
    ] {
        world.responder.say(says);
        let page = outcome(&world, Some(parts(&card))).await;
        assert_eq!(page.after("data-result=\""), result);
    }
    assert_eq!(world.stop().await.refused, 6);
}

#[tokio::test]
async fn a_certificate_without_its_key_logs_nobody_in() {
    let world = World::with(with_card).await;
    let (mine, theirs) = (
        card(&world.authority, &world.person(0)),
        card(&world.authority, &world.person(1)),
    );
    let (mut browser, path, page) = world.begin(&[]).await;
    let link = page.after("id=\"id-card\" href=\"").to_owned();
    let stolen = Some((&theirs.certificate[..], &mine.pkcs8[..]));
    let refused = browser.show_card(&world.ready, &link, stolen).await;
    assert!(refused.is_err(), "the handshake fails");
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "nothing has happened");
    assert!(page.text.contains("id=\"id-card\""));
}

#[tokio::test]
async fn a_card_moves_nobody_elses_log_in() {
    let world = World::with(with_card).await;
    let card = card(&world.authority, &world.person(0));
    let (mut browser, path, page) = world.begin(&[]).await;
    let link = page.after("id=\"id-card\" href=\"").to_owned();
    let (other, _, _) = world.begin(&[]).await;
    let shown = other
        .show_card(&world.ready, &link, Some(parts(&card)))
        .await;
    let shown = shown.unwrap();
    assert_eq!(shown.status, StatusCode::NOT_FOUND);
    assert!(shown.text.contains("role=\"alert\""));
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    // A log-in that takes no cards.
    let (only_phone, path, _) = world.begin(&[("scope", "openid mid")]).await;
    let base = link.rsplit_once('/').unwrap().0;
    let link = format!("{base}/{}", path.rsplit_once('/').unwrap().1);
    let shown = only_phone
        .show_card(&world.ready, &link, Some(parts(&card)))
        .await;
    assert_eq!(shown.unwrap().status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn somebody_who_was_asked_on_the_phone_is_not_asked_for_a_card() {
    let world = World::with(with_card).await;
    world.carrier.hold();
    let card = card(&world.authority, &world.person(0));
    let (mut browser, path, page) = world.begin(&[]).await;
    let id = world.person(0).national_id;
    let fields = [("csrf", page.csrf()), ("national_id", id.as_str())];
    browser
        .post(&format!("{path}/smart-id"), &fields)
        .await
        .location();
    let link = page.after("id=\"id-card\" href=\"").to_owned();
    let sent = browser
        .show_card(&world.ready, &link, Some(parts(&card)))
        .await;
    let waiting = browser.get(sent.unwrap().location()).await;
    assert!(waiting.text.contains("id=\"verification-code\""));
}
