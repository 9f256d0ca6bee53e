//! The messages of one liveness question, by number: what all subjects take as input.
//!
//! One person is asked about, nobody has died, so both bodies are short: the usual exchange of the
//! pension scenario. Heads have the headers that hyper's clients and services send.

use sim_domain::rest::{RestRequest, RestResponse};
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::Leaf;

/// The request's method.
pub const VERB: &str = "POST";
/// The request's target.
pub const TARGET: &str = "/r1/EE/GOV/70008440/population/liveness/liveness";
/// Who asks, as the header has it.
pub const CLIENT: &str = "EE/GOV/70000310/pensions";
/// The answer's body.
pub const RESPONSE_BODY: &str = r#"{"deceased":[],"unknown":[]}"#;

/// The message ID of exchange `number`.
#[must_use]
pub fn message_id(number: u64) -> String {
    format!("benchmark-{number:09}")
}

/// The UUID of exchange `number`.
#[must_use]
pub fn request_id(number: u64) -> String {
    format!("5b8c2f6e-0d1a-4c37-9e52-{number:012x}")
}

/// The headers of the client's HTTP request.
#[must_use]
pub fn request_headers(number: u64) -> Vec<(String, String)> {
    [
        ("host", "127.10.0.1:8080"),
        ("x-road-client", CLIENT),
        ("x-road-id", &message_id(number)),
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("content-length", "23"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// The headers of the service's HTTP answer.
#[must_use]
pub fn response_headers() -> Vec<(String, String)> {
    [
        ("content-type", "application/json"),
        ("content-length", "28"),
        ("date", "Sun, 01 Mar 2026 12:00:00 GMT"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// The request's body.
#[must_use]
pub fn request_body(number: u64) -> String {
    format!(r#"{{"ids":["{:011}"]}}"#, 37_605_030_299 + number)
}

/// The request of exchange `number`.
#[must_use]
pub fn request(number: u64) -> RestRequest {
    let headers = request_headers(number);
    let request_id = request_id(number);
    RestRequest::from_parts(VERB, TARGET, &headers, &request_id, || message_id(number))
        .expect("the request is valid")
}

/// The answer to `request`.
#[must_use]
pub fn response(request: &RestRequest, request_hash: &str) -> RestResponse {
    RestResponse::from_parts(200, "OK", &response_headers(), request, request_hash)
}

/// The digests of the request of exchange `number`, head and body.
#[must_use]
pub fn leaf(number: u64) -> Leaf {
    Leaf {
        message: Sha512::of(&request(number).serialised),
        attachment: Some(Sha512::of(request_body(number).as_bytes())),
    }
}

/// The digests of the first `count` requests.
#[must_use]
pub fn leaves(count: usize) -> Vec<Leaf> {
    (0..).take(count).map(leaf).collect()
}
