//! Carriers and an authority for people that run, and what questions them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request};
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};
use sim_carriers::{CarriersConfig, Error, PhoneBehaviour, RelyingParty, Summary, Troubles};
use sim_evidence::certificate::Certificate;
use sim_http_client::{Bounds, once};
use sim_population::{Ages, PeopleConfig, Population, PopulationPlan};
use sim_trust_services::authority;
use time::macros::date;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
pub(crate) const UUID: &str = "00000000-0000-4000-8000-000000000001";
pub(crate) const NAME: &str = "State portal";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
const PEOPLE: u64 = 500;
const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 64 * 1024,
    within: Duration::from_secs(90),
};

pub(crate) struct Lab {
    pub(crate) url: String,
    pub(crate) population: Population,
    pub(crate) ca: Certificate,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<Summary, Error>>,
    _folder: tempfile::TempDir,
}

/// Shares in 1,000; the others confirm, at once.
pub(crate) fn phones(refuse: u32, mistype: u32, absent: u32) -> PhoneBehaviour {
    PhoneBehaviour {
        median_ms: 1,
        p99_ms: 2,
        refuse_per_mille: refuse,
        mistype_per_mille: mistype,
        absent_per_mille: absent,
    }
}

pub(crate) fn people() -> PeopleConfig {
    PeopleConfig {
        seed: 7,
        plan: PopulationPlan {
            ages: Ages::All,
            ..PopulationPlan::pensioners(PEOPLE, 5, date!(2026 - 02 - 05))
        },
    }
}

/// Everybody confirms, and there is no authority.
pub(crate) fn config() -> CarriersConfig {
    CarriersConfig {
        listen: ANY_PORT,
        country: "EE".to_owned(),
        people: people(),
        ca_url: "http://127.0.0.1:1".to_owned(),
        enrolment_token: "token".to_owned(),
        relying_parties: vec![RelyingParty {
            uuid: UUID.to_owned(),
            name: NAME.to_owned(),
        }],
        phones: phones(0, 0, 0),
        human_phones: Vec::new(),
        troubles: Troubles::default(),
    }
}

impl Lab {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// Carriers whose configuration was changed first.
    pub(crate) async fn with(change: impl FnOnce(&mut CarriersConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
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
        let mut config = CarriersConfig {
            ca_url: ca.url,
            ..config()
        };
        change(&mut config);
        let population = Population::of(&config.people).unwrap();
        let (up, is_up) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(sim_carriers::run(
            config,
            |ready| up.send(ready).unwrap(),
            async move {
                stopped.await.ok();
            },
        ));
        Self {
            url: is_up.await.unwrap().url,
            population,
            ca: Certificate::from_pem(&ca.certificate_pem).unwrap(),
            stop,
            ended,
            _folder: folder,
        }
    }

    /// The carriers, and somebody alive whose phone a person in the room answers.
    pub(crate) async fn with_human() -> (Self, u64) {
        let human = alive(&Population::of(&people()).unwrap(), 0);
        let lab = Self::with(|config| {
            let population = Population::of(&config.people).unwrap();
            config.human_phones = vec![population.national_id(human).to_string()];
        })
        .await;
        (lab, human)
    }

    pub(crate) async fn stop(self) -> Summary {
        self.stop.send(()).unwrap();
        self.ended.await.unwrap().unwrap()
    }

    /// The first who is alive, from this one on.
    pub(crate) fn alive(&self, from: u64) -> u64 {
        alive(&self.population, from)
    }

    pub(crate) fn id(&self, person: u64) -> String {
        self.population.national_id(person).to_string()
    }

    /// What a relying party asks of Mobile-ID.
    pub(crate) fn mobile_id(&self, person: u64, hash: &[u8]) -> Value {
        json!({
            "relyingPartyUUID": UUID, "relyingPartyName": NAME,
            "phoneNumber": self.population.phone_number(person),
            "nationalIdentityNumber": self.id(person),
            "hash": STANDARD.encode(hash), "hashType": "SHA256", "language": "ENG",
            "displayText": "Log in?",
        })
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let (status, body) = self
            .raw(Method::POST, path, "application/json", body.to_string())
            .await;
        (status, parsed(body))
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let (status, body) = self.page(path).await;
        (status, parsed(body))
    }

    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        self.raw(Method::GET, path, "", String::new()).await
    }

    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: String,
    ) -> (u16, String) {
        let answer = self.answer(method, path, kind, body).await;
        let body = String::from_utf8(answer.body.to_vec()).unwrap();
        (answer.status.as_u16(), body)
    }

    pub(crate) async fn answer(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: String,
    ) -> sim_http_client::HttpAnswer {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("content-type", kind)
            .body(Bytes::from(body))
            .unwrap();
        once(request, BOUNDS).await.unwrap()
    }

    /// Begins a session and says its ID.
    pub(crate) async fn begin(&self, path: &str, body: &Value) -> String {
        let (status, begun) = self.post(path, body).await;
        assert_eq!(status, 200, "{begun}");
        begun["sessionID"].as_str().unwrap().to_owned()
    }

    /// Polls a session to its end.
    pub(crate) async fn complete(&self, path: &str) -> Value {
        loop {
            let (status, polled) = self.get(&format!("{path}?timeoutMs=60000")).await;
            assert_eq!(status, 200, "{polled}");
            if polled["state"] == "COMPLETE" {
                return polled;
            }
            assert_eq!(polled["state"], "RUNNING", "{polled}");
        }
    }

    /// Begins a Mobile-ID session and polls it to its end.
    pub(crate) async fn mobile_id_to_end(&self, kind: &str, body: &Value) -> Value {
        let id = self.begin(&format!("/mid-api/{kind}"), body).await;
        self.complete(&format!("/mid-api/{kind}/session/{id}"))
            .await
    }
}

pub(crate) fn header(answer: &sim_http_client::HttpAnswer, name: &str) -> Option<String> {
    answer.headers.text(name).map(str::to_owned)
}

fn alive(population: &Population, from: u64) -> u64 {
    (from..PEOPLE)
        .find(|index| !population.is_deceased(*index))
        .unwrap()
}

fn parsed(body: String) -> Value {
    serde_json::from_str(&body).unwrap_or(Value::String(body))
}

/// Whether somebody with this certificate signed the digest.
pub(crate) fn verifies(certificate: &Certificate, digest: &[u8], signature: &Value) -> bool {
    let key = VerifyingKey::from_sec1_bytes(certificate.public_key_bits()).unwrap();
    let raw = STANDARD.decode(signature.as_str().unwrap()).unwrap();
    key.verify_prehash(digest, &Signature::from_slice(&raw).unwrap())
        .is_ok()
}

pub(crate) fn certificate(text: &Value) -> Certificate {
    Certificate::parse(STANDARD.decode(text.as_str().unwrap()).unwrap()).unwrap()
}
