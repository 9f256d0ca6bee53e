//! The real trust services, and people's keys.

use std::net::SocketAddr;

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;
use sim_trust_services::enrolment::{self, PersonName};
use sim_trust_services::{Profile, authority, ocsp, time_stamping};
use tempfile::TempDir;
use tokio::sync::oneshot;

const TOKEN: &str = "token";

/// An authority for people, its responder, and a time-stamping authority.
pub(crate) struct Trust {
    pub(crate) ca: authority::Ready,
    pub(crate) ocsp_url: String,
    pub(crate) tsa_url: String,
    _folder: TempDir,
}

/// A person's key and certificate for signing.
#[derive(Clone)]
pub(crate) struct Signer {
    key: SigningKey,
    point: Vec<u8>,
    /// DER.
    pub(crate) certificate: Vec<u8>,
}

impl Trust {
    pub(crate) async fn start() -> Self {
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        let folder = tempfile::tempdir().unwrap();
        let config = json!({
            "listen": any_port, "instance": "XX", "name": "People's CA",
            "enrolment_token": TOKEN, "folder": folder.path().join("ca"),
        });
        let config: authority::CaConfig = serde_json::from_value(config).unwrap();
        let (up, is_up) = oneshot::channel();
        let tell = |ready| drop(up.send(ready));
        tokio::spawn(authority::run(config, tell, std::future::pending()));
        let ca = is_up.await.unwrap();
        let of_ca = json!({ "listen": any_port, "ca_url": ca.url, "enrolment_token": TOKEN });
        let config: ocsp::OcspConfig = serde_json::from_value(of_ca.clone()).unwrap();
        let (up, is_up) = oneshot::channel();
        let tell = |ready: ocsp::Ready| drop(up.send(ready.url));
        tokio::spawn(ocsp::run(config, tell, std::future::pending()));
        let ocsp_url = is_up.await.unwrap();
        let config: time_stamping::TsaConfig = serde_json::from_value(of_ca).unwrap();
        let (up, is_up) = oneshot::channel();
        let tell = |ready: time_stamping::Ready| drop(up.send(ready.url));
        tokio::spawn(time_stamping::run(config, tell, std::future::pending()));
        Self {
            ca,
            ocsp_url,
            tsa_url: is_up.await.unwrap(),
            _folder: folder,
        }
    }

    /// A new key and certificate of this person.
    pub(crate) async fn signer(&self, national_id: &str) -> Signer {
        let seed: Vec<u8> = national_id.bytes().cycle().take(32).collect();
        let key = SigningKey::from_slice(&seed).unwrap();
        let point = key.verifying_key().to_sec1_point(false).as_bytes().to_vec();
        let mut signer = Signer {
            key,
            point,
            certificate: Vec::new(),
        };
        let name = PersonName {
            country: "XX",
            national_id,
            given_name: "Avocet",
            surname: "Whimbrel",
        };
        let request = enrolment::person_request(&signer, &name).unwrap();
        let issued =
            enrolment::request_certificate(&self.ca.url, TOKEN, Profile::PersonSigning, request);
        signer.certificate = issued.await.unwrap();
        signer
    }

    pub(crate) async fn revoke(&self, signer: &Signer) {
        let certificate = signer.certificate.clone();
        let certificate = sim_evidence::certificate::Certificate::parse(certificate).unwrap();
        enrolment::revoke(&self.ca.url, TOKEN, &certificate, Some(1))
            .await
            .unwrap();
    }
}

impl Signer {
    /// r and s over a SHA-256.
    pub(crate) fn sign_hash(&self, hash: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key.sign_prehash(hash).unwrap();
        signature.to_bytes().to_vec()
    }
}

impl rcgen::PublicKeyData for Signer {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Signer {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: p256::ecdsa::DerSignature = self.key.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}
