//! A stand-in for both carriers, which does what a test tells it.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::country::Card;

/// What comes from the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A signature over the hash.
    Sign,
    /// A signature over another hash.
    SignAnother,
    /// No signature, but this result.
    Result(&'static str),
    /// Nobody has an account.
    NotFound,
    /// Something that is no answer.
    Garbage,
}

pub(crate) struct Carrier {
    /// Whose certificate and key answer.
    pub(crate) card: Mutex<Arc<Card>>,
    pub(crate) answer: Mutex<Answer>,
    /// Requests that began a session, as they came.
    pub(crate) asked: Mutex<Vec<Value>>,
    /// Whether people have answered; sessions run until then.
    answered: watch::Sender<bool>,
}

impl Carrier {
    /// Listens; gives its URL.
    pub(crate) async fn start(card: Card) -> (Arc<Self>, String) {
        let carrier = Arc::new(Self {
            card: Mutex::new(Arc::new(card)),
            answer: Mutex::new(Answer::Sign),
            asked: Mutex::default(),
            answered: watch::Sender::new(true),
        });
        let app = Router::new()
            .route("/mid-api/authentication", post(begin_mobile_id))
            .route(
                "/mid-api/authentication/session/{id}",
                get(mobile_id_session),
            )
            .route(
                "/smart-id-rp/v2/authentication/etsi/{person}",
                post(begin_smart_id),
            )
            .route("/smart-id-rp/v2/session/{id}", get(smart_id_session))
            .with_state(Arc::clone(&carrier));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (carrier, url)
    }

    /// People look at their phones, and do nothing until [`Self::let_answer`].
    pub(crate) fn hold(&self) {
        self.answered.send_replace(false);
    }

    pub(crate) fn let_answer(&self) {
        self.answered.send_replace(true);
    }

    fn begin(&self, request: Value) -> Response {
        if *self.answer.lock() == Answer::NotFound {
            return (StatusCode::NOT_FOUND, Json(json!({ "error": "no" }))).into_response();
        }
        self.asked.lock().push(request);
        Json(json!({ "sessionID": uuid::Uuid::new_v4().to_string() })).into_response()
    }

    /// Certificate and signature for the hash asked for last, both in base64.
    fn signed(&self) -> (String, String) {
        let asked = self.asked.lock();
        let hash = asked.last().unwrap()["hash"].as_str().unwrap();
        let mut hash = STANDARD.decode(hash).unwrap();
        if *self.answer.lock() == Answer::SignAnother {
            hash = digest(&SHA256, b"another").as_ref().to_vec();
        }
        let card = self.card.lock();
        (
            STANDARD.encode(&card.certificate),
            STANDARD.encode(card.sign(&hash)),
        )
    }

    /// As a long poll: RUNNING after the time asked for.
    async fn wait(&self, query: &BTreeMap<String, String>) -> bool {
        let mut answered = self.answered.subscribe();
        let timeout = query["timeoutMs"].parse().unwrap();
        let timeout = std::time::Duration::from_millis(timeout);
        let answered = answered.wait_for(|answered| *answered);
        tokio::time::timeout(timeout, answered).await.is_ok()
    }
}

async fn begin_mobile_id(
    State(carrier): State<Arc<Carrier>>,
    Json(request): Json<Value>,
) -> Response {
    carrier.begin(request)
}

async fn begin_smart_id(
    State(carrier): State<Arc<Carrier>>,
    Path(person): Path<String>,
    Json(mut request): Json<Value>,
) -> Response {
    request["person"] = json!(person);
    carrier.begin(request)
}

async fn mobile_id_session(
    State(carrier): State<Arc<Carrier>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    if !carrier.wait(&query).await {
        return Json(json!({ "state": "RUNNING" })).into_response();
    }
    let answer = *carrier.answer.lock();
    match answer {
        Answer::Garbage => "garbage".into_response(),
        Answer::Result(result) => {
            Json(json!({ "state": "COMPLETE", "result": result })).into_response()
        }
        _ => {
            let (cert, value) = carrier.signed();
            let signature = json!({ "value": value, "algorithm": "SHA256WithECEncryption" });
            let answer = json!({ "state": "COMPLETE", "result": "OK", "signature": signature, "cert": cert });
            Json(answer).into_response()
        }
    }
}

async fn smart_id_session(
    State(carrier): State<Arc<Carrier>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    if !carrier.wait(&query).await {
        return Json(json!({ "state": "RUNNING" })).into_response();
    }
    let answer = *carrier.answer.lock();
    match answer {
        Answer::Garbage => "garbage".into_response(),
        Answer::Result(result) => {
            Json(json!({ "state": "COMPLETE", "result": { "endResult": result } })).into_response()
        }
        _ => {
            let (cert, value) = carrier.signed();
            let answer = json!({
                "state": "COMPLETE",
                "result": { "endResult": "OK", "documentNumber": "PNOEE-1-ABCD-Q" },
                "signature": { "value": value, "algorithm": "sha256WithECDSAEncryption" },
                "cert": { "value": cert, "certificateLevel": "QUALIFIED" },
            });
            Json(answer).into_response()
        }
    }
}
