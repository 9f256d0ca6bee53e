//! The people's OCSP responder, which says what a test tells it.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use parking_lot::Mutex;
use sim_clock::{Clock, UtcTime};
use sim_evidence::ocsp::{CertificateStatus, ResponseSigner, SingleStatus, parse_request};
use tokio::net::TcpListener;

/// What it says of every certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Status(CertificateStatus),
    /// Good, but to an earlier question.
    ToAnotherQuestion,
    /// Good, but an hour ago.
    Stale,
    Nothing,
}

pub(crate) struct Responder {
    signer: Mutex<ResponseSigner>,
    pub(crate) says: Mutex<Says>,
}

impl Responder {
    /// Listens; gives its URL.
    pub(crate) async fn start(signer: ResponseSigner) -> (Arc<Self>, String) {
        let responder = Arc::new(Self {
            signer: Mutex::new(signer),
            says: Mutex::new(Says::Status(CertificateStatus::Good)),
        });
        let app = Router::new()
            .route("/", post(answer))
            .with_state(Arc::clone(&responder));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (responder, url)
    }

    pub(crate) fn say(&self, says: Says) {
        *self.says.lock() = says;
    }

    /// From now on somebody else answers.
    pub(crate) fn replace(&self, signer: ResponseSigner) {
        *self.signer.lock() = signer;
    }
}

async fn answer(State(responder): State<Arc<Responder>>, body: Bytes) -> Response {
    let request = parse_request(&body).unwrap();
    let now = Clock::wall().now();
    let hour = std::time::Duration::from_secs(3_600);
    let (status, this_update, nonce): (_, UtcTime, _) = match *responder.says.lock() {
        Says::Nothing => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Says::Status(status) => (status, now, request.nonce),
        Says::ToAnotherQuestion => (CertificateStatus::Good, now, Some(vec![7; 32])),
        Says::Stale => (CertificateStatus::Good, now.minus(hour), request.nonce),
    };
    let statuses: Vec<_> = request
        .certificates
        .into_iter()
        .map(|cert_id| SingleStatus {
            cert_id,
            status,
            this_update,
            next_update: None,
        })
        .collect();
    let signer = responder.signer.lock();
    signer
        .respond(&statuses, nonce.as_deref(), now)
        .into_response()
}
