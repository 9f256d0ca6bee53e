//! The pages for people in the room.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::json;
use sim_carriers::{of_mobile_id, of_smart_id};

use crate::lab::{FORM, Lab, NAME, UUID, header};

const HASH: [u8; 32] = [0x2f; 32];

async fn press(lab: &Lab, id: &str, button: &str) {
    let body = format!("decision={button}");
    let answer = lab
        .answer(Method::POST, &format!("/phones/{id}"), FORM, body)
        .await;
    assert_eq!(answer.status.as_u16(), 303);
}

#[tokio::test]
async fn a_person_in_the_room_answers_their_own_phone() {
    let (lab, human) = Lab::with_human().await;
    let number = lab.population.phone_number(human);
    let person = lab.population.person(human);
    let own = format!("/phones/{number}");
    for (button, result) in [
        ("confirm", "OK"),
        ("refuse", "USER_CANCELLED"),
        ("wrong-code", "USER_CANCELLED"),
    ] {
        let ask = lab.mobile_id(human, &HASH);
        let id = lab.begin("/mid-api/authentication", &ask).await;
        for path in ["/phones", &own] {
            let (status, page) = lab.page(path).await;
            assert_eq!(status, 200);
            let name = format!("{} {}", person.given_name, person.surname);
            for part in [
                &of_mobile_id(&HASH),
                NAME,
                "Log in?",
                &name,
                &number,
                "lang=\"en\"",
            ] {
                assert!(page.contains(part), "{part}: {page}");
            }
        }
        press(&lab, &id, button).await;
        let session = format!("/mid-api/authentication/session/{id}");
        assert_eq!(lab.complete(&session).await["result"], result);
        let (_, page) = lab.page(&own).await;
        assert!(page.contains("Nothing waits for anybody"), "{page}");
    }
}

#[tokio::test]
async fn both_carriers_are_on_one_phone() {
    let (lab, human) = Lab::with_human().await;
    let body = json!({
        "relyingPartyUUID": UUID, "relyingPartyName": NAME, "hash": STANDARD.encode(HASH),
        "hashType": "SHA256",
        "allowedInteractionsOrder": [
            {"type": "verificationCodeChoice", "displayText60": "Sign <it>?"}],
    });
    let national_id = lab.id(human);
    let path = format!("/smart-id-rp/v2/signature/etsi/PNOEE-{national_id}");
    let id = lab.begin(&path, &body).await;
    lab.begin("/mid-api/authentication", &lab.mobile_id(human, &HASH))
        .await;
    let number = lab.population.phone_number(human);
    for address in [number, format!("PNOEE-{national_id}-ROAD-Q")] {
        let (_, page) = lab.page(&format!("/phones/{address}")).await;
        for part in [&of_mobile_id(&HASH), &of_smart_id(&HASH), "PIN1", "PIN2"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(page.contains("Sign &#60;it&#62;?"), "{page}");
        assert!(!page.contains("<it>"), "{page}");
    }
    press(&lab, &id, "wrong-code").await;
    let done = lab.complete(&format!("/smart-id-rp/v2/session/{id}")).await;
    assert_eq!(done["result"]["endResult"], "WRONG_VC");
}

#[tokio::test]
async fn a_page_looks_again_by_itself_only_while_nobody_reads_it() {
    let (lab, human) = Lab::with_human().await;
    let refresh = || async {
        let answer = lab.answer(Method::GET, "/phones", "", String::new()).await;
        header(&answer, "refresh").is_some()
    };
    assert!(refresh().await);
    let ask = lab.mobile_id(human, &HASH);
    let id = lab.begin("/mid-api/authentication", &ask).await;
    assert!(!refresh().await);
    press(&lab, &id, "refuse").await;
    assert!(refresh().await);
}

#[tokio::test]
async fn the_first_answer_counts_and_the_second_is_told_so() {
    let (lab, human) = Lab::with_human().await;
    let number = lab.population.phone_number(human);
    let ask = lab.mobile_id(human, &HASH);
    let id = lab.begin("/mid-api/authentication", &ask).await;
    let page = format!("/phones/{id}");
    let encoded = number.replace('+', "%2B");
    let send = |button: &str, page_of: &str| {
        let body = format!("decision={button}&page={page_of}");
        lab.answer(Method::POST, &page, FORM, body)
    };
    let first = send("refuse", &encoded).await;
    assert_eq!(
        header(&first, "location"),
        Some(format!("/phones/{number}"))
    );
    for page_of in ["", &encoded] {
        let second = send("confirm", page_of).await;
        assert_eq!(second.status.as_u16(), 409);
        let text = String::from_utf8(second.body.to_vec()).unwrap();
        assert!(text.contains("role=\"alert\""), "{text}");
    }
    let session = format!("/mid-api/authentication/session/{id}");
    assert_eq!(lab.complete(&session).await["result"], "USER_CANCELLED");
}

#[tokio::test]
async fn buttons_lead_nowhere_else() {
    let (lab, human) = Lab::with_human().await;
    for elsewhere in ["//evil.example", "..%2Fid-card", "%0D%0Aset-cookie"] {
        let ask = lab.mobile_id(human, &HASH);
        let id = lab.begin("/mid-api/authentication", &ask).await;
        let body = format!("decision=refuse&page={elsewhere}");
        let answer = lab
            .answer(Method::POST, &format!("/phones/{id}"), FORM, body)
            .await;
        assert_eq!(header(&answer, "location").as_deref(), Some("/phones"));
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_be_pressed() {
    let (lab, human) = Lab::with_human().await;
    let ask = lab.mobile_id(human, &HASH);
    let id = lab.begin("/mid-api/authentication", &ask).await;
    for (id, button, expected) in [
        ("x", "confirm", 404),
        (id.as_str(), "maybe", 400),
        (id.as_str(), "", 400),
    ] {
        let body = format!("decision={button}");
        let path = format!("/phones/{id}");
        assert_eq!(lab.raw(Method::POST, &path, FORM, body).await.0, expected);
    }
    for nobody in ["+37200000000000", "PNOEE-1-ROAD-Q", "x"] {
        assert_eq!(lab.page(&format!("/phones/{nobody}")).await.0, 404);
    }
    assert_eq!(lab.page("/style.css").await.0, 200);
}
