//! Carriers whose one person does what the test decides.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::trust::Signer;

/// As whom the portal asks.
pub(crate) const UUID: &str = "00000000-0000-4000-8000-000000000000";
pub(crate) const NAME: &str = "PORTAL";
/// Whose phone it is.
pub(crate) const PHONE: &str = "+99950000001";
/// How long a poll is held while nobody has decided.
const HELD: Duration = Duration::from_millis(100);

struct Kept {
    /// What the person does: the carrier's word for it, or nothing yet.
    decision: watch::Sender<Option<&'static str>>,
    /// Requests for signatures.
    asked: Mutex<Vec<Value>>,
    /// Whose certificate is told.
    certificate_of: Mutex<Signer>,
    /// Whose key signs.
    key_of: Mutex<Signer>,
}

/// Mobile-ID and Smart-ID.
pub(crate) struct FakeCarriers {
    pub(crate) url: String,
    kept: Arc<Kept>,
}

impl FakeCarriers {
    pub(crate) async fn start(signer: Signer) -> Self {
        let kept = Arc::new(Kept {
            decision: watch::Sender::new(Some("OK")),
            asked: Mutex::default(),
            certificate_of: Mutex::new(signer.clone()),
            key_of: Mutex::new(signer),
        });
        let app = Router::new()
            .route("/mid-api/certificate", post(certificate))
            .route("/mid-api/signature", post(sign))
            .route("/mid-api/signature/session/{id}", get(mobile_id_session))
            .route("/smart-id-rp/v2/certificatechoice/etsi/{who}", post(choose))
            .route("/smart-id-rp/v2/signature/etsi/{who}", post(smart_id_sign))
            .route("/smart-id-rp/v2/session/{id}", get(smart_id_session))
            .with_state(Arc::clone(&kept));
        Self {
            url: super::serve(app).await,
            kept,
        }
    }

    /// From now on, the person does this; `None` lets the phone lie.
    pub(crate) fn decide(&self, decision: Option<&'static str>) {
        self.kept.decision.send_replace(decision);
    }

    /// From now on, one certificate is told and another key signs.
    pub(crate) fn cheat(&self, certificate_of: &Signer, key_of: &Signer) {
        *self.kept.certificate_of.lock() = certificate_of.clone();
        *self.kept.key_of.lock() = key_of.clone();
    }

    pub(crate) fn asked(&self) -> Vec<Value> {
        self.kept.asked.lock().clone()
    }
}

impl Kept {
    fn certificate(&self) -> String {
        STANDARD.encode(&self.certificate_of.lock().certificate)
    }

    /// Over what was asked for last.
    fn signature(&self) -> String {
        let asked = self.asked.lock();
        let hash = asked
            .last()
            .and_then(|asked| asked["hash"].as_str())
            .unwrap();
        STANDARD.encode(
            self.key_of
                .lock()
                .sign_hash(&STANDARD.decode(hash).unwrap()),
        )
    }
}

async fn certificate(State(kept): State<Arc<Kept>>, Json(request): Json<Value>) -> Response {
    if request["relyingPartyUUID"] != UUID || request["relyingPartyName"] != NAME {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if request["phoneNumber"] != PHONE {
        return Json(json!({ "result": "NOT_FOUND" })).into_response();
    }
    Json(json!({ "result": "OK", "cert": kept.certificate() })).into_response()
}

async fn sign(State(kept): State<Arc<Kept>>, Json(request): Json<Value>) -> Json<Value> {
    kept.asked.lock().push(request);
    Json(json!({ "sessionID": "mobile-id" }))
}

async fn mobile_id_session(State(kept): State<Arc<Kept>>) -> Json<Value> {
    Json(match decision(&kept).await {
        None => json!({ "state": "RUNNING" }),
        Some("OK") => json!({ "state": "COMPLETE", "result": "OK",
                "signature": { "value": kept.signature() } }),
        Some(result) => json!({ "state": "COMPLETE", "result": result }),
    })
}

async fn choose(Path(who): Path<String>) -> Response {
    if who != "PNOXX-48001010001" {
        return StatusCode::NOT_FOUND.into_response();
    }
    Json(json!({ "sessionID": "choice" })).into_response()
}

async fn smart_id_sign(State(kept): State<Arc<Kept>>, Json(request): Json<Value>) -> Json<Value> {
    kept.asked.lock().push(request);
    Json(json!({ "sessionID": "smart-id" }))
}

async fn smart_id_session(State(kept): State<Arc<Kept>>, Path(id): Path<String>) -> Json<Value> {
    let Some(result) = decision(&kept).await else {
        return Json(json!({ "state": "RUNNING" }));
    };
    let mut answer = json!({ "state": "COMPLETE", "result": { "endResult": result } });
    if result == "OK" {
        answer["cert"] = json!({ "value": kept.certificate() });
        if id == "smart-id" {
            answer["signature"] = json!({ "value": kept.signature() });
        }
    }
    Json(answer)
}

async fn decision(kept: &Kept) -> Option<&'static str> {
    let mut decision = kept.decision.subscribe();
    let decided = decision.wait_for(Option::is_some);
    match tokio::time::timeout(HELD, decided).await {
        Ok(Ok(decided)) => *decided,
        _ => None,
    }
}
