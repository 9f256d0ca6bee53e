//! Mobile-ID: proofs, signatures, results and refusals.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::json;
use sim_carriers::Troubles;

use crate::lab::{FORM, Lab, certificate, phones, verifies};

#[tokio::test]
async fn it_proves_who_somebody_is_and_signs() {
    let lab = Lab::start().await;
    let person = lab.alive(0);
    let hash = [0x2f; 32];
    let ask = lab.mobile_id(person, &hash);
    let done = lab.mobile_id_to_end("authentication", &ask).await;
    assert_eq!(done["result"], "OK", "{done}");
    assert_eq!(done["signature"]["algorithm"], "SHA256WithECEncryption");
    let own = certificate(&done["cert"]);
    assert!(own.is_issued_by(&lab.ca) && own.can_authenticate());
    let surname = lab.population.person(person).surname.to_uppercase();
    let subject = own.subject_rfc2253();
    assert!(subject.contains(&surname), "{subject}");
    assert!(verifies(&own, &hash, &done["signature"]["value"]));
    assert!(!verifies(&own, &[0x30; 32], &done["signature"]["value"]));

    let (_, found) = lab.post("/mid-api/certificate", &ask).await;
    assert_eq!(found["result"], "OK", "{found}");
    let signing = certificate(&found["cert"]);
    assert!(signing.can_sign() && !signing.can_authenticate());
    assert_ne!(signing.public_key_bits(), own.public_key_bits());
    let signed = lab.mobile_id_to_end("signature", &ask).await;
    assert!(signed["cert"].is_null());
    assert!(verifies(&signing, &hash, &signed["signature"]["value"]));

    // Two certificates, however often they were used.
    assert_eq!(lab.stop().await.certificates_issued, 2);
}

#[tokio::test]
async fn the_algorithm_says_what_made_the_hash() {
    let lab = Lab::start().await;
    for (name, len) in [("SHA256", 32), ("SHA384", 48), ("SHA512", 64)] {
        let mut ask = lab.mobile_id(lab.alive(0), &vec![9; len]);
        ask["hashType"] = name.into();
        let done = lab.mobile_id_to_end("authentication", &ask).await;
        let algorithm = format!("{name}WithECEncryption");
        assert_eq!(done["signature"]["algorithm"], algorithm, "{done}");
        let own = certificate(&done["cert"]);
        assert!(verifies(&own, &vec![9; len], &done["signature"]["value"]));
    }
}

#[tokio::test]
async fn nobody_learns_from_the_first_answer_who_has_a_phone() {
    let lab = Lab::start().await;
    let person = lab.alive(0);
    let dead = (0..).find(|index| lab.population.is_deceased(*index));
    let mut others_number = lab.mobile_id(person, &[1; 32]);
    others_number["phoneNumber"] = lab.population.phone_number(lab.alive(person + 1)).into();
    let mut strangers_id = lab.mobile_id(person, &[1; 32]);
    strangers_id["nationalIdentityNumber"] = "1".into();
    let of_dead = lab.mobile_id(dead.unwrap(), &[1; 32]);
    for ask in [&others_number, &strangers_id, &of_dead] {
        let (_, found) = lab.post("/mid-api/certificate", ask).await;
        assert_eq!(found["result"], "NOT_FOUND");
        assert!(found["cert"].is_null());
        let id = lab.begin("/mid-api/authentication", ask).await;
        let own = lab.mobile_id(person, &[1; 32]);
        let of_somebody = lab.begin("/mid-api/authentication", &own).await;
        assert_eq!(id.len(), of_somebody.len());
        let path = format!("/mid-api/authentication/session/{id}");
        assert_eq!(lab.complete(&path).await["result"], "NOT_MID_CLIENT");
        let elsewhere = format!("/mid-api/signature/session/{id}");
        assert_eq!(lab.get(&elsewhere).await.0, 404);
    }
}

#[tokio::test]
async fn every_result_can_come() {
    let troubles = |change: fn(&mut Troubles)| {
        let mut troubles = Troubles::default();
        change(&mut troubles);
        (phones(0, 0, 0), troubles)
    };
    let people = |phones| (phones, Troubles::default());
    for ((phones, troubles), expected) in [
        (people(phones(1_000, 0, 0)), "USER_CANCELLED"),
        (people(phones(0, 1_000, 0)), "SIM_ERROR"),
        (people(phones(0, 0, 1_000)), "PHONE_ABSENT"),
        (
            troubles(|all| all.undelivered_per_mille = 1_000),
            "DELIVERY_ERROR",
        ),
        (troubles(|all| all.sim_error_per_mille = 1_000), "SIM_ERROR"),
        (
            troubles(|all| all.sim_mismatch_per_mille = 1_000),
            "SIGNATURE_HASH_MISMATCH",
        ),
        (
            troubles(|all| all.without_mobile_id_per_mille = 1_000),
            "NOT_MID_CLIENT",
        ),
    ] {
        let lab = Lab::with(|config| {
            config.phones = phones;
            config.troubles = troubles;
        })
        .await;
        let ask = lab.mobile_id(lab.alive(0), &[1; 32]);
        let done = lab.mobile_id_to_end("authentication", &ask).await;
        assert_eq!(done["result"], expected);
        assert!(done["signature"].is_null() && done["cert"].is_null());
        let summary = lab.stop().await;
        assert_eq!((summary.begun, summary.ended[expected]), (1, 1));
    }
}

#[tokio::test]
async fn bad_requests_are_refused_by_name() {
    let lab = Lab::start().await;
    let good = lab.mobile_id(lab.alive(0), &[1; 32]);
    let long = "x".repeat(101);
    for (field, value, status, said) in [
        ("relyingPartyName", "Somebody", 401, "authorize"),
        ("relyingPartyUUID", "x", 401, "authorize"),
        ("relyingPartyUUID", "", 400, "Required relyingPartyUUID"),
        ("phoneNumber", "37200000766", 400, "phoneNumber must be +"),
        ("phoneNumber", "+372 000", 400, "phoneNumber must be +"),
        (
            "nationalIdentityNumber",
            "",
            400,
            "Required nationalIdentity",
        ),
        ("hash", "AAAA", 400, "32 bytes"),
        ("hash", "%", 400, "Base64"),
        ("hash", "", 400, "Required hash is missing"),
        ("hashType", "MD5", 400, "SHA256, SHA384 or SHA512"),
        ("hashType", "SHA512", 400, "64 bytes"),
        ("language", "XXX", 400, "EST"),
        ("displayText", &long, 400, "100 bytes"),
        ("displayTextFormat", "ASCII", 400, "GSM-7"),
    ] {
        let mut bad = good.clone();
        bad[field] = value.into();
        let (found, body) = lab.post("/mid-api/authentication", &bad).await;
        assert_eq!(found, status, "{field}: {body}");
        assert!(body["error"].as_str().unwrap().contains(said), "{body}");
        assert!(body["traceId"].is_string() && body["time"].is_string());
    }
    for field in good.as_object().unwrap().keys() {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(field);
        let (status, body) = lab.post("/mid-api/signature", &bad).await;
        let expected = if field == "displayText" { 200 } else { 400 };
        assert_eq!(status, expected, "{field}: {body}");
    }
    let mut shouted = good.clone();
    shouted["relyingPartyName"] = "STATE PORTAL".into();
    let (status, _) = lab.post("/mid-api/signature", &shouted).await;
    assert_eq!(status, 200, "capitals do not matter in the name");
}

#[tokio::test]
async fn every_refusal_has_a_body() {
    let lab = Lab::start().await;
    let session = "/mid-api/authentication/session/x";
    for (method, path, expected) in [
        (Method::GET, session, 404),
        (Method::GET, &format!("{session}?timeoutMs=soon"), 400),
        (Method::GET, "/mid-api/signature/session/x", 404),
        (Method::POST, session, 405),
        (Method::GET, "/mid-api/authentication", 405),
        (Method::GET, "/mid-api/nothing", 404),
        (Method::POST, "/mid-api/authentication", 400),
        (Method::POST, "/mid-api/certificate", 400),
    ] {
        let body = "no JSON".to_owned();
        let (status, body) = lab.raw(method, path, "application/json", body).await;
        assert_eq!(status, expected, "{path}: {body}");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let [error, trace] = ["error", "traceId"].map(|field| body[field].as_str().unwrap());
        assert!(!error.is_empty());
        assert_eq!(trace.len(), 16);
    }
    let (status, version) = lab.page("/mid-api/version").await;
    assert_eq!(status, 200);
    assert!(version.starts_with("Version: 5."), "{version}");
}

#[tokio::test]
async fn a_second_poll_sends_the_first_one_home() {
    let (lab, human) = Lab::with_human().await;
    let ask = lab.mobile_id(human, &[1; 32]);
    let id = lab.begin("/mid-api/authentication", &ask).await;
    let path = format!("/mid-api/authentication/session/{id}?timeoutMs=60000");
    // Three polls, and nobody answers the phone: two are sent home by a later one each; the third
    // hears that the person refused, which they do once the others are at home.
    let refuse = || async {
        let form = "decision=refuse".to_owned();
        let page = format!("/phones/{id}");
        assert_eq!(lab.raw(Method::POST, &page, FORM, form).await.0, 303);
    };
    let states = std::sync::Mutex::new(Vec::new());
    let poll = || async {
        let (_, polled) = lab.get(&path).await;
        let is_second = {
            let mut states = states.lock().unwrap();
            states.push(polled["state"].clone());
            states.len() == 2
        };
        if is_second {
            refuse().await;
        }
    };
    tokio::join!(poll(), poll(), poll());
    let states = states.into_inner().unwrap();
    assert_eq!(states, ["RUNNING", "RUNNING", "COMPLETE"]);
}

#[tokio::test]
async fn a_poll_that_says_less_than_a_second_waits_a_second_and_ends_running() {
    let (lab, human) = Lab::with_human().await;
    let ask = lab.mobile_id(human, &[1; 32]);
    let id = lab.begin("/mid-api/signature", &ask).await;
    let path = format!("/mid-api/signature/session/{id}?timeoutMs=0");
    let (status, polled) = lab.get(&path).await;
    assert_eq!((status, &polled["state"]), (200, &json!("RUNNING")));
    assert!(polled["traceId"].is_string() && polled["result"].is_null());
}

#[tokio::test]
async fn without_an_authority_the_service_has_failed_and_not_the_person() {
    let lab = Lab::with(|config| config.ca_url = "http://127.0.0.1:1".to_owned()).await;
    let ask = lab.mobile_id(lab.alive(0), &[1; 32]);
    let (status, body) = lab.post("/mid-api/certificate", &ask).await;
    assert_eq!((status, &body["error"]), (500, &json!("Internal error")));
    let id = lab.begin("/mid-api/authentication", &ask).await;
    let path = format!("/mid-api/authentication/session/{id}?timeoutMs=60000");
    let (status, body) = lab.get(&path).await;
    assert_eq!((status, &body["error"]), (500, &json!("Internal error")));
}

#[tokio::test]
async fn keys_follow_from_the_seed_and_certificates_do_not() {
    let own = |lab: Lab| async move {
        let ask = lab.mobile_id(lab.alive(0), &[1; 32]);
        let done = lab.mobile_id_to_end("authentication", &ask).await;
        let cert = done["cert"].as_str().unwrap();
        let bytes = STANDARD.decode(cert).unwrap();
        (certificate(&done["cert"]).public_key_bits().to_vec(), bytes)
    };
    let (first, second) = (own(Lab::start().await).await, own(Lab::start().await).await);
    assert_eq!(first.0, second.0);
    assert_ne!(first.1, second.1);
    let other = own(Lab::with(|config| config.people.seed = 8).await).await;
    assert_ne!(first.0, other.0);
}
