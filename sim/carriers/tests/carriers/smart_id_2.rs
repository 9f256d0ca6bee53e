//! Smart-ID, version 2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};
use sim_carriers::Troubles;

use crate::lab::{FORM, Lab, NAME, UUID, certificate, phones, verifies};

const BASE: &str = "/smart-id-rp/v2";
const HASH: [u8; 64] = [9; 64];

fn ask() -> Value {
    json!({
        "relyingPartyUUID": UUID, "relyingPartyName": NAME, "hash": STANDARD.encode(HASH),
        "hashType": "SHA512",
        "allowedInteractionsOrder": [
            {"type": "confirmationMessage", "displayText200": "Do you want to log in?"},
            {"type": "displayTextAndPIN", "displayText60": "Log in?"}],
    })
}

fn choose() -> Value {
    json!({ "relyingPartyUUID": UUID, "relyingPartyName": NAME })
}

async fn to_end(lab: &Lab, path: &str, body: &Value) -> Value {
    let id = lab.begin(path, body).await;
    lab.complete(&format!("{BASE}/session/{id}")).await
}

fn etsi(lab: &Lab, operation: &str, person: u64) -> String {
    format!("{BASE}/{operation}/etsi/PNOEE-{}", lab.id(person))
}

#[tokio::test]
async fn it_proves_who_somebody_is_and_signs_with_the_chosen_document() {
    let lab = Lab::start().await;
    let person = lab.alive(0);
    let done = to_end(&lab, &etsi(&lab, "authentication", person), &ask()).await;
    assert_eq!(done["result"]["endResult"], "OK", "{done}");
    assert_eq!(done["interactionFlowUsed"], "confirmationMessage");
    assert_eq!(done["signature"]["algorithm"], "sha512WithECDSAEncryption");
    assert_eq!(done["cert"]["certificateLevel"], "QUALIFIED");
    let own = certificate(&done["cert"]["value"]);
    assert!(own.is_issued_by(&lab.ca) && own.can_authenticate());
    assert!(verifies(&own, &HASH, &done["signature"]["value"]));

    let chosen = to_end(&lab, &etsi(&lab, "certificatechoice", person), &choose()).await;
    assert_eq!(chosen["result"]["endResult"], "OK", "{chosen}");
    assert!(chosen["signature"].is_null() && chosen["interactionFlowUsed"].is_null());
    let document = chosen["result"]["documentNumber"].as_str().unwrap();
    assert_eq!(document, format!("PNOEE-{}-ROAD-Q", lab.id(person)));
    let path = format!("{BASE}/signature/document/{document}");
    let signed = to_end(&lab, &path, &ask()).await;
    assert_eq!(signed["cert"], chosen["cert"]);
    let signing = certificate(&chosen["cert"]["value"]);
    assert!(signing.can_sign() && !signing.can_authenticate());
    assert!(verifies(&signing, &HASH, &signed["signature"]["value"]));
}

#[tokio::test]
async fn the_same_request_is_the_same_session() {
    let lab = Lab::start().await;
    let path = etsi(&lab, "authentication", lab.alive(0));
    let first = lab.begin(&path, &ask()).await;
    assert_eq!(lab.begin(&path, &ask()).await, first);
    let mut changed = ask();
    changed["nonce"] = "n".into();
    let with_nonce = lab.begin(&path, &changed).await;
    assert_ne!(with_nonce, first);
    assert_eq!(lab.begin(&path, &changed).await, with_nonce);
    changed["allowedInteractionsOrder"][0]["displayText200"] = "Pay?".into();
    assert_ne!(lab.begin(&path, &changed).await, with_nonce);
    let elsewhere = etsi(&lab, "signature", lab.alive(0));
    assert_ne!(lab.begin(&elsewhere, &ask()).await, first);
    assert_eq!(lab.stop().await.begun, 4);
}

#[tokio::test]
async fn refusals_say_on_which_screen() {
    let (lab, human) = Lab::with_human().await;
    let path = etsi(&lab, "authentication", human);
    for (interaction, button, expected) in [
        (
            "displayTextAndPIN",
            "refuse",
            "USER_REFUSED_DISPLAYTEXTANDPIN",
        ),
        (
            "displayTextAndPIN",
            "wrong-code",
            "USER_REFUSED_DISPLAYTEXTANDPIN",
        ),
        ("verificationCodeChoice", "refuse", "USER_REFUSED_VC_CHOICE"),
        ("verificationCodeChoice", "wrong-code", "WRONG_VC"),
        (
            "confirmationMessage",
            "refuse",
            "USER_REFUSED_CONFIRMATIONMESSAGE",
        ),
        (
            "confirmationMessageAndVerificationCodeChoice",
            "refuse",
            "USER_REFUSED_CONFIRMATIONMESSAGE_WITH_VC_CHOICE",
        ),
        (
            "confirmationMessageAndVerificationCodeChoice",
            "wrong-code",
            "WRONG_VC",
        ),
        ("verificationCodeChoice", "confirm", "OK"),
    ] {
        let mut ask = ask();
        // Else the same screen twice would be the same session.
        ask["nonce"] = button.into();
        ask["allowedInteractionsOrder"] = json!([
            {"type": interaction, "displayText60": "Log in?", "displayText200": "Log in?"}]);
        let id = lab.begin(&path, &ask).await;
        let form = format!("decision={button}");
        lab.raw(Method::POST, &format!("/phones/{id}"), FORM, form)
            .await;
        let done = lab.complete(&format!("{BASE}/session/{id}")).await;
        assert_eq!(
            done["result"]["endResult"], expected,
            "{interaction} {button}"
        );
        let is_ok = expected == "OK";
        assert_eq!(done["cert"].is_object(), is_ok, "{done}");
        assert_eq!(
            done["result"]["documentNumber"].is_string(),
            is_ok,
            "{done}"
        );
    }
    let id = lab
        .begin(&etsi(&lab, "certificatechoice", human), &choose())
        .await;
    let form = "decision=refuse".to_owned();
    lab.raw(Method::POST, &format!("/phones/{id}"), FORM, form)
        .await;
    let done = lab.complete(&format!("{BASE}/session/{id}")).await;
    assert_eq!(done["result"]["endResult"], "USER_REFUSED_CERT_CHOICE");
}

#[tokio::test]
async fn simulated_people_and_their_apps_fail_in_their_own_ways() {
    let nothing = Troubles::default();
    let locked = Troubles {
        locked_smart_id_per_mille: 1_000,
        ..nothing
    };
    let old = Troubles {
        old_app_per_mille: 1_000,
        ..nothing
    };
    let refused = "USER_REFUSED_CONFIRMATIONMESSAGE";
    let unsupported = "REQUIRED_INTERACTION_NOT_SUPPORTED_BY_APP";
    for (phones, troubles, expected) in [
        (phones(1_000, 0, 0), nothing, refused),
        (phones(0, 1_000, 0), nothing, "DOCUMENT_UNUSABLE"),
        (phones(0, 0, 1_000), nothing, "TIMEOUT"),
        (phones(0, 0, 0), locked, "DOCUMENT_UNUSABLE"),
        (phones(0, 0, 0), old, unsupported),
    ] {
        let lab = Lab::with(|config| {
            config.phones = phones;
            config.troubles = troubles;
        })
        .await;
        let mut ask = ask();
        ask["allowedInteractionsOrder"]
            .as_array_mut()
            .unwrap()
            .pop();
        let done = to_end(&lab, &etsi(&lab, "signature", lab.alive(0)), &ask).await;
        assert_eq!(done["result"]["endResult"], expected);
        assert!(done["signature"].is_null() && done["cert"].is_null());
        assert_eq!(lab.stop().await.ended[expected], 1);
    }
}

#[tokio::test]
async fn an_old_app_takes_what_it_can_do() {
    let lab = Lab::with(|config| config.troubles.old_app_per_mille = 1_000).await;
    let done = to_end(&lab, &etsi(&lab, "authentication", lab.alive(0)), &ask()).await;
    assert_eq!(done["interactionFlowUsed"], "displayTextAndPIN", "{done}");
}

#[tokio::test]
async fn accounts_that_cannot_be_asked_have_statuses_of_their_own() {
    let all = 1_000;
    let mut basic = ask();
    basic["certificateLevel"] = "ADVANCED".into();
    let of = |change: fn(&mut Troubles, u32)| {
        let mut troubles = Troubles::default();
        change(&mut troubles, all);
        troubles
    };
    for (troubles, ask, expected) in [
        (
            of(|it, all| it.without_smart_id_per_mille = all),
            ask(),
            404,
        ),
        (of(|it, all| it.basic_smart_id_per_mille = all), ask(), 471),
        (
            of(|it, all| it.basic_smart_id_per_mille = all),
            basic.clone(),
            403,
        ),
        (
            of(|it, all| it.app_must_be_opened_per_mille = all),
            ask(),
            472,
        ),
        (of(|it, _| it.smart_id_under_maintenance = true), ask(), 580),
        (Troubles::default(), basic, 200),
    ] {
        let lab = Lab::with(|config| config.troubles = troubles).await;
        let path = etsi(&lab, "authentication", lab.alive(0));
        let (status, body) = lab.post(&path, &ask).await;
        assert_eq!(status, expected, "{body}");
    }
    let lab = Lab::start().await;
    let old = etsi(&lab, "authentication", lab.alive(0)).replace("/v2/", "/v1/");
    assert_eq!(lab.post(&old, &ask()).await.0, 480);
}

#[tokio::test]
async fn bad_requests_are_refused() {
    let lab = Lab::start().await;
    let id = lab.id(lab.alive(0));
    let authentication = format!("{BASE}/authentication");
    let good = format!("{authentication}/etsi/PNOEE-{id}");
    for (path, expected) in [
        (format!("{authentication}/etsi/PNOLV-{id}"), 404),
        (format!("{authentication}/etsi/PASEE-{id}"), 404),
        (format!("{authentication}/etsi/{id}"), 400),
        (format!("{authentication}/etsi/PNOEE-1"), 404),
        (format!("{authentication}/document/PNOEE-{id}-ROAD-NQ"), 404),
        (format!("{authentication}/document/PNOEE-{id}-OTHR-Q"), 404),
        (format!("{authentication}/document/PNOEE-{id}"), 404),
        (format!("{authentication}/private/BANK/{id}"), 404),
        (format!("{authentication}/other/PNOEE-{id}"), 404),
        (format!("{BASE}/nothing"), 404),
        (format!("{BASE}/session/x"), 405),
    ] {
        let (status, body) = lab.post(&path, &ask()).await;
        assert_eq!(status, expected, "{path}: {body}");
        assert_eq!(body["code"], expected, "{body}");
    }
    for (field, value, expected) in [
        ("relyingPartyName", json!("x"), 401),
        ("relyingPartyUUID", json!("x"), 401),
        ("relyingPartyUUID", json!(null), 400),
        ("allowedInteractionsOrder", json!([]), 400),
        ("allowedInteractionsOrder", json!([{"type": "shout"}]), 400),
        ("nonce", json!("x".repeat(31)), 400),
        ("nonce", json!(""), 400),
        ("certificateLevel", json!("BEST"), 400),
        ("certificateLevel", json!("QSCD"), 400),
        ("hash", json!("AAAA"), 400),
        ("hash", json!(null), 400),
        ("hashType", json!("SHA1"), 400),
    ] {
        let mut bad = ask();
        bad[field] = value;
        let (status, body) = lab.post(&good, &bad).await;
        assert_eq!(status, expected, "{field}: {body}");
    }
    let (status, _) = lab.get(&format!("{BASE}/session/x")).await;
    assert_eq!(status, 404);
    // One protocol's session is not another's.
    let session = lab
        .begin("/mid-api/signature", &lab.mobile_id(lab.alive(0), &[1; 32]))
        .await;
    assert_eq!(lab.get(&format!("{BASE}/session/{session}")).await.0, 404);
}

#[tokio::test]
async fn properties_that_mean_nothing_are_named() {
    let lab = Lab::start().await;
    let mut ask = ask();
    ask["requestProperties"] = json!({ "shareMdClientIpAddress": true });
    let done = to_end(&lab, &etsi(&lab, "authentication", lab.alive(0)), &ask).await;
    assert_eq!(done["ignoredProperties"], json!(["shareMdClientIpAddress"]));
    assert!(done["deviceIpAddress"].is_null());
}
