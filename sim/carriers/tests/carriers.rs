//! The carriers as relying parties meet them, with a real certification authority behind them.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail wherever something is missing"
)]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request};
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};
use sim_carriers::{CarriersConfig, PhoneBehaviour, RelyingParty, of_mobile_id};
use sim_evidence::certificate::Certificate;
use sim_http_client::{Bounds, once};
use sim_population::{Ages, PeopleConfig, Population, PopulationPlan};
use sim_trust_services::authority;
use time::macros::date;
use tokio::sync::oneshot;

const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 64 * 1024,
    within: Duration::from_secs(30),
};
const UUID: &str = "00000000-0000-4000-8000-000000000001";
const NAME: &str = "State portal";

struct Lab {
    url: String,
    population: Population,
    ca: Certificate,
    _folder: tempfile::TempDir,
}

fn phones(refuse: u32, mistype: u32, absent: u32) -> PhoneBehaviour {
    PhoneBehaviour {
        median_ms: 1,
        p99_ms: 2,
        refuse_per_mille: refuse,
        mistype_per_mille: mistype,
        absent_per_mille: absent,
    }
}

impl Lab {
    async fn start(phones: PhoneBehaviour, human: &[u64]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let people = PeopleConfig {
            seed: 7,
            plan: PopulationPlan {
                ages: Ages::All,
                ..PopulationPlan::pensioners(500, 5, date!(2026 - 02 - 05))
            },
        };
        let population = Population::of(&people).unwrap();
        let ca_config = json!({
            "listen": ANY_PORT, "instance": "EE", "name": "People's CA",
            "enrolment_token": "token", "folder": folder.path().join("ca"),
        });
        let (up, is_up) = oneshot::channel();
        let ca_config: authority::CaConfig = serde_json::from_value(ca_config).unwrap();
        tokio::spawn(authority::run(
            ca_config,
            |ready| up.send(ready).unwrap(),
            std::future::pending(),
        ));
        let ca = is_up.await.unwrap();
        let human = human
            .iter()
            .map(|index| population.national_id(*index).to_string());
        let config = CarriersConfig {
            listen: ANY_PORT,
            country: "EE".to_owned(),
            people,
            ca_url: ca.url,
            enrolment_token: "token".to_owned(),
            relying_parties: vec![RelyingParty {
                uuid: UUID.to_owned(),
                name: NAME.to_owned(),
            }],
            phones,
            human_phones: human.collect(),
        };
        let (up, is_up) = oneshot::channel();
        tokio::spawn(sim_carriers::run(
            config,
            |ready| up.send(ready).unwrap(),
            std::future::pending(),
        ));
        Self {
            url: is_up.await.unwrap().url,
            population,
            ca: Certificate::from_pem(&ca.certificate_pem).unwrap(),
            _folder: folder,
        }
    }

    fn alive(&self, from: u64) -> u64 {
        (from..500)
            .find(|index| !self.population.is_deceased(*index))
            .unwrap()
    }

    fn mobile_id(&self, index: u64, hash: &[u8]) -> Value {
        json!({
            "relyingPartyUUID": UUID, "relyingPartyName": NAME,
            "phoneNumber": self.population.phone_number(index),
            "nationalIdentityNumber": self.population.national_id(index).to_string(),
            "hash": STANDARD.encode(hash), "hashType": "SHA256", "language": "ENG",
            "displayText": "Log in?",
        })
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(Method::POST, path, "application/json", body.to_string())
            .await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send(Method::GET, path, "", String::new()).await
    }

    async fn send(&self, method: Method, path: &str, kind: &str, body: String) -> (u16, Value) {
        let (status, body) = self.raw(method, path, kind, body).await;
        (
            status,
            serde_json::from_str(&body).unwrap_or(Value::String(body)),
        )
    }

    async fn raw(&self, method: Method, path: &str, kind: &str, body: String) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("content-type", kind)
            .body(Bytes::from(body))
            .unwrap();
        let answer = once(request, BOUNDS).await.unwrap();
        let body = String::from_utf8(answer.body.to_vec()).unwrap();
        (answer.status.as_u16(), body)
    }

    /// Begins a session and polls it to its end.
    async fn mobile_id_to_end(&self, kind: &str, body: &Value) -> Value {
        let (status, begun) = self.post(&format!("/mid-api/{kind}"), body).await;
        assert_eq!(status, 200, "{begun}");
        let id = begun["sessionID"].as_str().unwrap();
        loop {
            let path = format!("/mid-api/{kind}/session/{id}?timeoutMs=1000");
            let (status, polled) = self.get(&path).await;
            assert_eq!(status, 200, "{polled}");
            if polled["state"] == "COMPLETE" {
                return polled;
            }
        }
    }
}

fn verifies(certificate: &Certificate, digest: &[u8], signature: &Value) -> bool {
    let key = VerifyingKey::from_sec1_bytes(certificate.public_key_bits()).unwrap();
    let raw = STANDARD.decode(signature.as_str().unwrap()).unwrap();
    key.verify_prehash(digest, &Signature::from_slice(&raw).unwrap())
        .is_ok()
}

fn certificate(text: &Value) -> Certificate {
    Certificate::parse(STANDARD.decode(text.as_str().unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn mobile_id_proves_who_somebody_is_and_signs() {
    let lab = Lab::start(phones(0, 0, 0), &[]).await;
    let index = lab.alive(0);
    let person = lab.population.person(index);
    let hash = [0x2f; 32];
    let done = lab
        .mobile_id_to_end("authentication", &lab.mobile_id(index, &hash))
        .await;
    assert_eq!(done["result"], "OK", "{done}");
    let own = certificate(&done["cert"]);
    assert!(own.is_issued_by(&lab.ca) && own.can_authenticate());
    let subject = own.subject_rfc2253();
    assert!(
        subject.contains(&person.surname.to_uppercase()),
        "{subject}"
    );
    assert!(verifies(&own, &hash, &done["signature"]["value"]));
    assert!(!verifies(&own, &[0x30; 32], &done["signature"]["value"]));

    let mut ask = lab.mobile_id(index, &hash);
    let (_, found) = lab.post("/mid-api/certificate", &ask).await;
    assert_eq!(found["result"], "OK", "{found}");
    let signing = certificate(&found["cert"]);
    assert!(signing.can_sign() && !signing.can_authenticate());
    let signed = lab.mobile_id_to_end("signature", &ask).await;
    assert!(signed["cert"].is_null());
    assert!(verifies(&signing, &hash, &signed["signature"]["value"]));

    // Somebody else's number, and a stranger's.
    ask["phoneNumber"] = lab.population.phone_number(lab.alive(index + 1)).into();
    let (_, found) = lab.post("/mid-api/certificate", &ask).await;
    assert_eq!(found["result"], "NOT_FOUND");
    let done = lab.mobile_id_to_end("authentication", &ask).await;
    assert_eq!(done["result"], "NOT_MID_CLIENT");
}

#[tokio::test]
async fn people_refuse_mistype_and_are_absent() {
    for (behaviour, expected) in [
        (phones(1_000, 0, 0), "USER_CANCELLED"),
        (phones(0, 1_000, 0), "SIM_ERROR"),
        (phones(0, 0, 1_000), "PHONE_ABSENT"),
    ] {
        let lab = Lab::start(behaviour, &[]).await;
        let ask = lab.mobile_id(lab.alive(0), &[1; 32]);
        let done = lab.mobile_id_to_end("authentication", &ask).await;
        assert_eq!(done["result"], expected);
        assert!(done["signature"].is_null() && done["cert"].is_null());
    }
}

#[tokio::test]
async fn bad_requests_are_refused_by_name() {
    let lab = Lab::start(phones(0, 0, 0), &[]).await;
    let good = lab.mobile_id(lab.alive(0), &[1; 32]);
    for (field, value, status, said) in [
        ("relyingPartyName", "Somebody", 401, "relying party"),
        ("relyingPartyUUID", "x", 401, "relying party"),
        ("hash", "AAAA", 400, "32 bytes"),
        ("hash", "%", 400, "base64"),
        ("hashType", "MD5", 400, "SHA256, SHA384 or SHA512"),
        ("language", "XXX", 400, "EST"),
        ("displayText", &"x".repeat(101), 400, "100 bytes"),
    ] {
        let mut bad = good.clone();
        bad[field] = value.into();
        let (found, body) = lab.post("/mid-api/authentication", &bad).await;
        assert_eq!(found, status, "{field}: {body}");
        assert!(body["error"].as_str().unwrap().contains(said), "{body}");
        assert!(body["traceId"].is_string() && body["time"].is_string());
    }
    let (status, _) = lab.post("/mid-api/authentication", &json!({})).await;
    assert_eq!(status, 400);
    let (status, _) = lab.get("/mid-api/signature/session/unknown").await;
    assert_eq!(status, 404);
    let (status, begun) = lab.post("/mid-api/authentication", &good).await;
    assert_eq!(status, 200);
    let id = begun["sessionID"].as_str().unwrap();
    // An authentication cannot be asked for as a signature.
    let (status, _) = lab.get(&format!("/mid-api/signature/session/{id}")).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_person_in_the_room_answers_their_own_phone() {
    let lab = Lab::start(phones(0, 0, 0), &[0, 1, 2, 3, 4, 5]).await;
    let index = lab.alive(0);
    let hash = [0x2f; 32];
    let ask = lab.mobile_id(index, &hash);
    let (_, begun) = lab.post("/mid-api/authentication", &ask).await;
    let id = begun["sessionID"].as_str().unwrap().to_owned();
    let path = format!("/mid-api/authentication/session/{id}?timeoutMs=1000");
    let (_, polled) = lab.get(&path).await;
    assert_eq!(polled["state"], "RUNNING");
    let (_, page) = lab.raw(Method::GET, "/phones", "", String::new()).await;
    assert!(
        page.contains(&of_mobile_id(&hash)) && page.contains(NAME),
        "{page}"
    );
    let form = "application/x-www-form-urlencoded";
    let decide = |text: &str| lab.raw(Method::POST, "/phones/x", form, text.to_owned());
    assert_eq!(decide("decision=confirm").await.0, 404);
    let own = format!("/phones/{id}");
    let (status, _) = lab
        .raw(Method::POST, &own, form, "decision=maybe".to_owned())
        .await;
    assert_eq!(status, 400);
    let (status, _) = lab
        .raw(Method::POST, &own, form, "decision=refuse".to_owned())
        .await;
    assert_eq!(status, 303);
    let (_, polled) = lab.get(&path).await;
    assert_eq!(polled["result"], "USER_CANCELLED");
    let (_, page) = lab.raw(Method::GET, "/phones", "", String::new()).await;
    assert!(page.contains("Nothing waits for anybody"), "{page}");
}

#[tokio::test]
async fn a_second_poll_sends_the_first_one_home() {
    let lab = Lab::start(phones(0, 0, 0), &[0, 1, 2, 3, 4, 5]).await;
    let ask = lab.mobile_id(lab.alive(0), &[1; 32]);
    let (_, begun) = lab.post("/mid-api/authentication", &ask).await;
    let id = begun["sessionID"].as_str().unwrap();
    let long = format!("/mid-api/authentication/session/{id}?timeoutMs=60000");
    let short = format!("/mid-api/authentication/session/{id}?timeoutMs=1000");
    // Both end though nobody answers the phone: the long one because of the short one.
    let (first, second) = tokio::join!(lab.get(&long), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        lab.get(&short).await
    });
    assert_eq!(first.1["state"], "RUNNING");
    assert_eq!(second.1["state"], "RUNNING");
}

#[tokio::test]
async fn smart_id_knows_people_by_id_and_document() {
    let lab = Lab::start(phones(0, 0, 0), &[]).await;
    let index = lab.alive(0);
    let id = lab.population.national_id(index);
    let body = json!({
        "relyingPartyUUID": UUID, "relyingPartyName": NAME, "hash": STANDARD.encode([9; 64]),
        "hashType": "SHA512",
        "allowedInteractionsOrder": [{"type": "displayTextAndPIN", "displayText60": "Log in?"}],
    });
    let base = "/smart-id-rp/v2";
    let by_id = format!("{base}/authentication/etsi/PNOEE-{id}");
    let (status, begun) = lab.post(&by_id, &body).await;
    assert_eq!(status, 200, "{begun}");
    let (_, again) = lab.post(&by_id, &body).await;
    assert_eq!(begun, again, "the same request is the same session");
    let mut other = body.clone();
    other["nonce"] = "n".into();
    assert_ne!(lab.post(&by_id, &other).await.1, begun);
    let session = format!(
        "{base}/session/{}?timeoutMs=5000",
        begun["sessionID"].as_str().unwrap()
    );
    let (_, done) = lab.get(&session).await;
    assert_eq!(done["result"]["endResult"], "OK", "{done}");
    let own = certificate(&done["cert"]["value"]);
    assert!(verifies(&own, &[9; 64], &done["signature"]["value"]));
    let document = done["result"]["documentNumber"].as_str().unwrap();
    let (status, _) = lab
        .post(&format!("{base}/signature/document/{document}"), &body)
        .await;
    assert_eq!(status, 200);
    let (status, begun) = lab
        .post(&format!("{base}/certificatechoice/etsi/PNOEE-{id}"), &body)
        .await;
    assert_eq!(status, 200, "{begun}");

    for (path, change, expected) in [
        (format!("{base}/authentication/etsi/PNOLV-{id}"), None, 404),
        (
            format!("{base}/authentication/private/PNOEE-{id}"),
            None,
            404,
        ),
        (
            by_id.clone(),
            Some(("allowedInteractionsOrder", json!([]))),
            400,
        ),
        (by_id.clone(), Some(("nonce", "x".repeat(31).into())), 400),
        (
            by_id.clone(),
            Some(("certificateLevel", "BEST".into())),
            400,
        ),
        (by_id.clone(), Some(("relyingPartyName", "x".into())), 401),
    ] {
        let mut bad = body.clone();
        if let Some((field, value)) = change {
            bad[field] = value;
        }
        assert_eq!(lab.post(&path, &bad).await.0, expected, "{path}");
    }
}

#[tokio::test]
async fn the_reader_shows_a_card_and_signs_with_it() {
    let lab = Lab::start(phones(0, 0, 0), &[]).await;
    let id = lab.population.national_id(lab.alive(0));
    let (status, pem) = lab
        .raw(Method::GET, &format!("/id-card/{id}"), "", String::new())
        .await;
    assert_eq!(status, 200);
    assert!(pem.contains("BEGIN CERTIFICATE") && pem.contains("BEGIN PRIVATE KEY"));
    let digest = [4; 32];
    let body = json!({ "hash": STANDARD.encode(digest) });
    let (_, signed) = lab.post(&format!("/id-card/{id}/sign"), &body).await;
    let own = certificate(&signed["cert"]);
    assert!(own.can_sign() && verifies(&own, &digest, &signed["signature"]));
    assert_eq!(lab.get("/id-card/1").await.0, 404);
    // OpenSSL sees a qualified certificate for signatures.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signing.pem");
    std::fs::write(&path, own.to_pem()).unwrap();
    let shown = std::process::Command::new("openssl")
        .args(["x509", "-noout", "-text", "-in"])
        .arg(&path)
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    for part in [
        "Non Repudiation",
        "0.4.0.194112.1.2",
        "qcStatements",
        "serialNumber = PNOEE-",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}
