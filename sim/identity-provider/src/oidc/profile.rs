//! The userinfo endpoint: what an access token allows to learn (OpenID Connect Core, section 5.3).

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::claims;
use super::parameters::Parameters;
use crate::provider::Provider;

/// How a refusal is written (RFC 6750, section 3).
const CHALLENGE: &str =
    "Bearer error=\"invalid_token\", error_description=\"the access token is not valid\"";

/// The token is in the header `Authorization`, or in the query as TARA has it.
pub(crate) async fn profile(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let asked = parameters.get("access_token").ok().flatten();
    // None, or two: which one is meant?
    let ((Some(token), None) | (None, Some(token))) = (bearer(&headers), asked) else {
        return refused();
    };
    match provider.grants.of_token(token, provider.now()) {
        Some(grant) => Json(json!(claims::user_info(&provider, &grant))).into_response(),
        None => refused(),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

fn refused() -> Response {
    let body = json!({
        "error": "invalid_token",
        "error_description": "the access token is not valid",
    });
    let challenge = [(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static(CHALLENGE),
    )];
    (StatusCode::UNAUTHORIZED, challenge, Json(body)).into_response()
}
