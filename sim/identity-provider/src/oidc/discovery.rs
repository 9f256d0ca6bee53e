//! What the provider says of itself, and its keys (OpenID Connect Discovery 1.0, RFC 7517).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;

use crate::provider::Provider;

/// How long relying parties may keep the answers, in seconds. The key is made anew at every start.
pub(crate) const KEEP: &str = "public, max-age=60";

#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    scopes_supported: &'static [&'static str],
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 1],
    acr_values_supported: [&'static str; 3],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    claims_supported: &'static [&'static str],
    ui_locales_supported: Vec<&'static str>,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
}

pub(crate) async fn metadata(State(provider): State<Arc<Provider>>) -> impl IntoResponse {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    let languages = provider.languages.iter();
    let metadata = Metadata {
        issuer: &provider.issuer,
        authorization_endpoint: at("/oidc/authorize"),
        token_endpoint: at("/oidc/token"),
        userinfo_endpoint: at("/oidc/profile"),
        jwks_uri: at("/oidc/jwks"),
        scopes_supported: super::request::SCOPES,
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code"],
        acr_values_supported: super::request::ACR_VALUES,
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
        code_challenge_methods_supported: ["S256"],
        claims_supported: super::claims::CLAIMS,
        ui_locales_supported: languages.map(|language| language.code()).collect(),
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
    };
    let json = serde_json::to_value(metadata).expect("texts, lists of them and truth values");
    ([(header::CACHE_CONTROL, KEEP)], Json(json))
}

pub(crate) async fn keys(State(provider): State<Arc<Provider>>) -> impl IntoResponse {
    let json = serde_json::to_value(provider.key.public()).expect("texts and lists of them");
    ([(header::CACHE_CONTROL, KEEP)], Json(json))
}
