//! The simulated card reader.

use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::lab::{Lab, certificate, verifies};

fn openssl(folder: &std::path::Path, arguments: &str) -> Output {
    Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("openssl is installed")
}

#[tokio::test]
async fn the_reader_shows_a_card_and_signs_with_it() {
    let lab = Lab::start().await;
    let id = lab.id(lab.alive(0));
    let digest = [4; 32];
    let body = json!({ "hash": STANDARD.encode(digest) });
    let (status, signed) = lab.post(&format!("/id-card/{id}/sign"), &body).await;
    assert_eq!(status, 200, "{signed}");
    let own = certificate(&signed["cert"]);
    assert!(own.is_issued_by(&lab.ca) && own.can_sign() && !own.can_authenticate());
    assert!(verifies(&own, &digest, &signed["signature"]));
    let (_, shown) = lab.get(&format!("/id-card/{id}/certificate")).await;
    assert_eq!(shown["cert"], signed["cert"]);
}

#[tokio::test]
async fn openssl_takes_card_and_key_as_a_tls_client_would() {
    let lab = Lab::start().await;
    let id = lab.id(lab.alive(0));
    let (status, pem) = lab.page(&format!("/id-card/{id}")).await;
    assert_eq!(status, 200);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("card.pem"), pem).unwrap();
    std::fs::write(folder.path().join("ca.pem"), lab.ca.to_pem()).unwrap();
    let run = |arguments| {
        let output = openssl(folder.path(), arguments);
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    run("verify -x509_strict -CAfile ca.pem -purpose sslclient card.pem");
    run("pkey -in card.pem -check -noout");
    let of_key = run("pkey -in card.pem -pubout");
    assert_eq!(of_key, run("x509 -in card.pem -noout -pubkey"));
}

#[tokio::test]
async fn who_is_not_alive_has_no_card() {
    let lab = Lab::start().await;
    let dead = (0..).find(|index| lab.population.is_deceased(*index));
    let dead = lab.id(dead.unwrap());
    let good = json!({ "hash": STANDARD.encode([4; 32]) });
    for id in ["1", &dead] {
        assert_eq!(lab.get(&format!("/id-card/{id}")).await.0, 404);
        assert_eq!(lab.get(&format!("/id-card/{id}/certificate")).await.0, 404);
        let (status, body) = lab.post(&format!("/id-card/{id}/sign"), &good).await;
        assert_eq!(status, 404);
        assert!(body["error"].is_string());
    }
    let path = format!("/id-card/{}/sign", lab.id(lab.alive(0)));
    for bad in [json!({}), json!({ "hash": "AAAA" }), json!({ "hash": "%" })] {
        let (status, body) = lab.post(&path, &bad).await;
        assert_eq!(status, 400, "{body}");
        assert!(body["error"].is_string());
    }
}
