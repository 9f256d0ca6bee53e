//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};

use crate::oidc::{authorize, discovery, profile, token};
use crate::provider::Provider;
use crate::{login, pages, style};

/// No form is longer, in bytes.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// For what is no page: nothing of it may be run, loaded or framed.
const NO_PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Said with every answer unless it says otherwise. The address of a flow is nobody else's business,
/// but a form must be able to say where it was: `same-origin`.
const HEADERS: [(header::HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, NO_PAGE),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// The routes of the provider.
pub(crate) fn app(provider: Arc<Provider>) -> Router {
    Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(discovery::metadata),
        )
        .route(
            "/oidc/.well-known/openid-configuration",
            get(discovery::metadata),
        )
        .route("/oidc/jwks", get(discovery::keys))
        .route("/oidc/authorize", get(authorize::authorize))
        .route("/oidc/token", post(token::token))
        .route("/oidc/profile", get(profile::profile))
        .route("/login/{flow}", get(login::choose))
        .route("/login/{flow}/mobile-id", post(login::mobile_id))
        .route("/login/{flow}/smart-id", post(login::smart_id))
        .route("/login/{flow}/wait", get(login::wait))
        .route("/login/{flow}/cancel", post(login::cancel))
        .route("/login/{flow}/language", post(login::choose_language))
        .route(style::PATH, get(style::sheet))
        .route(style::ICON_PATH, get(style::icon))
        .route("/health", get(|| async { "ok\n" }))
        .route("/", get(pages::home))
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(map_response(with_headers))
        .with_state(provider)
}

async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    response
}
