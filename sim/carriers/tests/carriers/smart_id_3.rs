//! Smart-ID, version 3: the flows that begin with a notification.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::lab::{FORM, Lab, NAME, UUID, certificate, header, verifies};

const BASE: &str = "/smart-id-rp/v3";
const CHALLENGE: [u8; 64] = [7; 64];

fn interactions() -> String {
    STANDARD.encode(
        json!([
            {"type": "confirmationMessageAndVerificationCodeChoice", "displayText200": "Log in?"},
            {"type": "displayTextAndPIN", "displayText60": "Log in?"}])
        .to_string(),
    )
}

fn ask(hash: &str) -> Value {
    json!({
        "relyingPartyUUID": UUID, "relyingPartyName": NAME, "certificateLevel": "QUALIFIED",
        "signatureProtocol": "ACSP_V2", "vcType": "numeric4", "interactions": interactions(),
        "signatureProtocolParameters": {
            "rpChallenge": STANDARD.encode(CHALLENGE), "signatureAlgorithm": "rsassa-pss",
            "signatureAlgorithmParameters": {"hashAlgorithm": hash}},
    })
}

fn ask_to_sign() -> Value {
    json!({
        "relyingPartyUUID": UUID, "relyingPartyName": NAME, "certificateLevel": "QSCD",
        "signatureProtocol": "RAW_DIGEST_SIGNATURE", "interactions": interactions(),
        "signatureProtocolParameters": {
            "digest": STANDARD.encode([5; 32]), "signatureAlgorithm": "rsassa-pss",
            "signatureAlgorithmParameters": {"hashAlgorithm": "SHA-256"}},
    })
}

fn etsi(lab: &Lab, operation: &str, person: u64) -> String {
    format!(
        "{BASE}/{operation}/notification/etsi/PNOEE-{}",
        lab.id(person)
    )
}

/// The payload as a relying party puts it together again.
fn payload(signature: &Value, interaction: &str) -> String {
    let part = |name: &str| signature[name].as_str().unwrap().to_owned();
    [
        "smart-id".to_owned(),
        "ACSP_V2".to_owned(),
        part("serverRandom"),
        STANDARD.encode(CHALLENGE),
        part("userChallenge"),
        STANDARD.encode(NAME),
        String::new(),
        STANDARD.encode(Sha256::digest(interactions())),
        interaction.to_owned(),
        String::new(),
        part("flowType"),
    ]
    .join("|")
}

#[tokio::test]
async fn who_proves_who_they_are_signs_what_both_sides_put_in() {
    let lab = Lab::start().await;
    let person = lab.alive(0);
    let digest = |hash: &str, text: &str| match hash {
        "SHA-256" => Sha256::digest(text).to_vec(),
        "SHA-384" => Sha384::digest(text).to_vec(),
        _ => Sha512::digest(text).to_vec(),
    };
    for hash in ["SHA-256", "SHA-384", "SHA-512"] {
        let id = lab
            .begin(&etsi(&lab, "authentication", person), &ask(hash))
            .await;
        let done = lab.complete(&format!("{BASE}/session/{id}")).await;
        assert_eq!(done["result"]["endResult"], "OK", "{done}");
        assert_eq!(done["signatureProtocol"], "ACSP_V2");
        let interaction = "confirmationMessageAndVerificationCodeChoice";
        assert_eq!(done["interactionTypeUsed"], interaction);
        let signature = &done["signature"];
        assert_eq!(signature["flowType"], "Notification");
        assert_eq!(
            signature["signatureAlgorithmParameters"]["hashAlgorithm"],
            hash
        );
        let own = certificate(&done["cert"]["value"]);
        assert!(own.is_issued_by(&lab.ca) && own.can_authenticate());
        let signed = digest(hash, &payload(signature, interaction));
        assert!(verifies(&own, &signed, &signature["value"]), "{done}");
        let other = digest(hash, &payload(signature, "displayTextAndPIN"));
        assert!(!verifies(&own, &other, &signature["value"]));
    }
}

#[tokio::test]
async fn the_signer_compares_a_code_that_the_service_made() {
    let (lab, human) = Lab::with_human().await;
    let document = format!("PNOEE-{}-ROAD-Q", lab.id(human));
    let path = format!("{BASE}/signature/certificate/{document}");
    let who = json!({ "relyingPartyUUID": UUID, "relyingPartyName": NAME });
    let (status, found) = lab.post(&path, &who).await;
    assert_eq!((status, &found["state"]), (200, &json!("OK")), "{found}");

    let path = format!("{BASE}/signature/notification/document/{document}");
    let (status, begun) = lab.post(&path, &ask_to_sign()).await;
    assert_eq!(status, 200, "{begun}");
    let (status, again) = lab.post(&path, &ask_to_sign()).await;
    assert_eq!((status, &again), (200, &begun));
    assert_eq!(begun["vc"]["type"], "numeric4");
    let code = begun["vc"]["value"].as_str().unwrap();
    let (_, page) = lab.page("/phones").await;
    assert!(page.contains(&format!(">{code}</output>")), "{page}");
    let id = begun["sessionID"].as_str().unwrap();
    let form = "decision=confirm".to_owned();
    lab.raw(Method::POST, &format!("/phones/{id}"), FORM, form)
        .await;
    let done = lab.complete(&format!("{BASE}/session/{id}")).await;
    assert_eq!(done["signatureProtocol"], "RAW_DIGEST_SIGNATURE", "{done}");
    assert_eq!(done["cert"], found["cert"]);
    let own = certificate(&found["cert"]["value"]);
    assert!(own.can_sign() && verifies(&own, &[5; 32], &done["signature"]["value"]));
}

#[tokio::test]
async fn a_refusal_names_the_screen_and_a_choice_has_none() {
    let (lab, human) = Lab::with_human().await;
    let refuse = |id: String| {
        let lab = &lab;
        async move {
            let form = "decision=refuse".to_owned();
            lab.raw(Method::POST, &format!("/phones/{id}"), FORM, form)
                .await;
            lab.complete(&format!("{BASE}/session/{id}")).await["result"].clone()
        }
    };
    let id = lab
        .begin(&etsi(&lab, "authentication", human), &ask("SHA-512"))
        .await;
    let refused = refuse(id).await;
    assert_eq!(refused["endResult"], "USER_REFUSED_INTERACTION");
    let interaction = "confirmationMessageAndVerificationCodeChoice";
    assert_eq!(refused["details"]["interaction"], interaction);

    let mut choose = json!({ "relyingPartyUUID": UUID, "relyingPartyName": NAME });
    let path = etsi(&lab, "signature/certificate-choice", human);
    let id = lab.begin(&path, &choose).await;
    let refused = refuse(id).await;
    assert_eq!(refused, json!({ "endResult": "USER_REFUSED_CERT_CHOICE" }));

    choose["nonce"] = "2".into();
    let id = lab.begin(&path, &choose).await;
    let form = "decision=confirm".to_owned();
    lab.raw(Method::POST, &format!("/phones/{id}"), FORM, form)
        .await;
    let done = lab.complete(&format!("{BASE}/session/{id}")).await;
    assert_eq!(
        done["signature"],
        json!({ "flowType": "Notification" }),
        "{done}"
    );
    assert!(certificate(&done["cert"]["value"]).can_sign());
}

#[tokio::test]
async fn without_an_authority_the_server_says_so() {
    let lab = Lab::with(|config| config.ca_url = "http://127.0.0.1:1".to_owned()).await;
    let path = etsi(&lab, "authentication", lab.alive(0));
    let id = lab.begin(&path, &ask("SHA-256")).await;
    let done = lab.complete(&format!("{BASE}/session/{id}")).await;
    assert_eq!(done["result"]["endResult"], "SERVER_ERROR");
}

#[tokio::test]
async fn problems_say_what_is_wrong() {
    let lab = Lab::start().await;
    let person = lab.alive(0);
    let path = etsi(&lab, "authentication", person);
    let parameters = "/signatureProtocolParameters";
    let old_choice = json!([{"type": "verificationCodeChoice", "displayText60": "x"}]);
    let old_choice = STANDARD.encode(old_choice.to_string());
    for (pointer, value, expected, name) in [
        ("/relyingPartyName", json!("x"), 401, None),
        (
            "/signatureProtocol",
            json!("RAW_DIGEST_SIGNATURE"),
            400,
            Some("signatureProtocol"),
        ),
        ("/vcType", json!("alpha"), 400, Some("vcType")),
        (
            "/certificateLevel",
            json!("QSCD"),
            400,
            Some("certificateLevel"),
        ),
        ("/interactions", json!("%"), 400, Some("interactions")),
        (
            "/interactions",
            json!(old_choice),
            400,
            Some("interactions"),
        ),
        (
            &format!("{parameters}/rpChallenge"),
            json!(STANDARD.encode([1; 31])),
            400,
            Some("rpChallenge"),
        ),
        (
            &format!("{parameters}/signatureAlgorithm"),
            json!("ecdsa"),
            400,
            Some("signatureAlgorithm"),
        ),
        (
            &format!("{parameters}/signatureAlgorithmParameters/hashAlgorithm"),
            json!("SHA3-512"),
            400,
            Some("hashAlgorithm"),
        ),
    ] {
        let mut bad = ask("SHA-512");
        *bad.pointer_mut(pointer).unwrap() = value;
        let body = bad.to_string();
        let answer = lab
            .answer(Method::POST, &path, "application/json", body)
            .await;
        assert_eq!(answer.status.as_u16(), expected, "{pointer}");
        let kind = header(&answer, "content-type");
        assert_eq!(kind.as_deref(), Some("application/problem+json"));
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(problem["status"], expected, "{problem}");
        if let Some(name) = name {
            assert_eq!(problem["errors"][0]["paramName"], name, "{problem}");
        }
    }
    let mut shares = ask("SHA-512");
    shares["requestProperties"] = json!({ "shareMdClientIpAddress": true });
    assert_eq!(lab.post(&path, &shares).await.0, 403);
    for nowhere in ["authentication/device-link/anonymous", "nothing"] {
        let (status, _) = lab
            .post(&format!("{BASE}/{nowhere}"), &ask("SHA-512"))
            .await;
        assert_eq!(status, 404);
    }
    assert_eq!(lab.get(&format!("{BASE}/session/x")).await.0, 404);
}

#[tokio::test]
async fn other_levels_are_a_404_with_a_code() {
    let lab = Lab::with(|config| config.troubles.basic_smart_id_per_mille = 1_000).await;
    let path = etsi(&lab, "authentication", lab.alive(0));
    let (status, problem) = lab.post(&path, &ask("SHA-512")).await;
    assert_eq!(status, 404);
    assert_eq!(problem["errors"][0]["code"], "NO_SUITABLE_ACCOUNT_FOUND");
}
