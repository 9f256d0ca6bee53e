//! Parsers of what other security servers send, for fuzzing alone: no part of this crate's
//! interface.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sim_domain::headers;

use crate::transport::multipart;

/// Reads `body` both as a peer's request and as its answer; whether it was either.
#[must_use]
pub fn read_peer_message(content_type: &[u8], body: &Bytes) -> bool {
    let Ok(content_type) = HeaderValue::from_bytes(content_type) else {
        return false;
    };
    let mut map = HeaderMap::new();
    map.insert(CONTENT_TYPE, content_type);
    for (name, value) in [
        (headers::HASH_ALGORITHM, "SHA-512"),
        (headers::MESSAGE_TYPE, headers::MESSAGE_TYPE_REST),
    ] {
        let name = HeaderName::from_static(name);
        map.insert(name, HeaderValue::from_static(value));
    }
    let answer = multipart::parse_answer(StatusCode::OK, &map, body);
    multipart::parse_request(&map, body).is_ok() || answer.is_ok()
}
