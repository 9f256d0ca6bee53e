//! Parsers of what other security servers send, for fuzzing alone: no part of this crate's
//! interface.

use bytes::Bytes;
use http::StatusCode;
use sim_domain::headers;
use sim_http1::Headers;

use crate::transport::multipart;

/// Reads `body` both as a peer's request and as its answer; whether it was either.
#[must_use]
pub fn read_peer_message(content_type: &[u8], body: &Bytes) -> bool {
    let lines = Headers::of(&[
        ("content-type", content_type),
        (headers::HASH_ALGORITHM, b"SHA-512"),
        (headers::MESSAGE_TYPE, headers::MESSAGE_TYPE_REST.as_bytes()),
    ]);
    let answer = multipart::parse_answer(StatusCode::OK, &lines, body);
    multipart::parse_request(&lines, body).is_ok() || answer.is_ok()
}
