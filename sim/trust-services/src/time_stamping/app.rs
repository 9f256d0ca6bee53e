//! The authority's HTTP interface (RFC 3161 section 3.4).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use parking_lot::Mutex;
use sim_clock::Clock;
use sim_evidence::time_stamp::{TokenSigner, parse_request, reject, token_of_response};

use super::Summary;
use super::serials::Serials;

const QUERY_TYPE: &str = "application/timestamp-query";
const REPLY_TYPE: &str = "application/timestamp-reply";

/// The authority while it serves.
pub(super) struct TimeStamper {
    signer: TokenSigner,
    serials: Serials,
    clock: Clock,
    summary: Mutex<Summary>,
}

/// The routes of the authority.
pub(super) fn app(state: Arc<TimeStamper>) -> Router {
    Router::new()
        .route("/", post(stamp))
        .route("/health", get(|| async { "ok\n" }))
        .with_state(state)
}

async fn stamp(
    State(state): State<Arc<TimeStamper>>,
    headers: HeaderMap,
    query: Bytes,
) -> Response {
    if headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|value| value != QUERY_TYPE)
    {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    ([(header::CONTENT_TYPE, REPLY_TYPE)], state.reply(&query)).into_response()
}

impl TimeStamper {
    pub(super) fn new(signer: TokenSigner, clock: Clock) -> Self {
        Self {
            signer,
            serials: Serials::new(),
            clock,
            summary: Mutex::default(),
        }
    }

    pub(super) fn summary(&self) -> Summary {
        *self.summary.lock()
    }

    fn reply(&self, query: &[u8]) -> Vec<u8> {
        let reply = match parse_request(query) {
            Ok(request) => self
                .signer
                .grant(&request, self.serials.next(), self.clock.now()),
            Err(error) => {
                tracing::debug!(%error, "rejected a time-stamp request");
                reject(error.fail_info())
            }
        };
        let mut summary = self.summary.lock();
        match token_of_response(&reply) {
            Ok(_) => summary.granted += 1,
            Err(_) => summary.rejected += 1,
        }
        drop(summary);
        reply
    }
}
