//! The supervisory body's HTTP interface.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

use super::Summary;

/// Where the list is.
pub(super) const LIST_PATH: &str = "/trust-list.xml";
/// Where the certificate of who signed it is, DER.
const SIGNER_PATH: &str = "/trust-list-signer.cer";
/// ETSI TS 119 612, annex H.
const LIST_TYPE: &str = "application/vnd.etsi.tsl+xml";
/// RFC 2585, section 4.1.
const CERTIFICATE_TYPE: &str = "application/pkix-cert";

/// The publisher while it serves.
pub(super) struct Publisher {
    list: Bytes,
    signer: Bytes,
    fetched: AtomicU64,
}

/// The routes of the publisher.
pub(super) fn app(state: Arc<Publisher>) -> Router {
    Router::new()
        .route(LIST_PATH, get(list))
        .route(SIGNER_PATH, get(signer))
        .route("/health", get(|| async { "ok\n" }))
        .with_state(state)
}

async fn list(State(state): State<Arc<Publisher>>) -> Response {
    state.fetched.fetch_add(1, Ordering::Relaxed);
    ([(header::CONTENT_TYPE, LIST_TYPE)], state.list.clone()).into_response()
}

async fn signer(State(state): State<Arc<Publisher>>) -> Response {
    let typed = [(header::CONTENT_TYPE, CERTIFICATE_TYPE)];
    (typed, state.signer.clone()).into_response()
}

// === impl Publisher ===

impl Publisher {
    pub(super) fn new(list_xml: String, signer: Vec<u8>) -> Self {
        Self {
            list: list_xml.into(),
            signer: signer.into(),
            fetched: AtomicU64::new(0),
        }
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            fetched: self.fetched.load(Ordering::Relaxed),
        }
    }
}
