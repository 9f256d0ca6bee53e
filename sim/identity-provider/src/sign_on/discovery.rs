//! What single sign-on says of itself.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::json;

use super::claims::CLAIMS;
use crate::oidc::discovery::KEEP;
use crate::oidc::{ACR_VALUES, SIGN_ON_SCOPES};
use crate::provider::Provider;

pub(crate) async fn metadata(State(provider): State<Arc<Provider>>) -> impl IntoResponse {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    let languages = provider.languages.iter();
    let languages: Vec<_> = languages.map(|language| language.code()).collect();
    let metadata = json!({
        "issuer": provider.sign_on_issuer,
        "authorization_endpoint": at("/oauth2/auth"),
        "token_endpoint": at("/oauth2/token"),
        "end_session_endpoint": at("/oauth2/sessions/logout"),
        "jwks_uri": at("/oidc/jwks"),
        "scopes_supported": SIGN_ON_SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "acr_values_supported": ACR_VALUES,
        "prompt_values_supported": ["none", "login", "consent"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": CLAIMS,
        "ui_locales_supported": languages,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    });
    ([(header::CACHE_CONTROL, KEEP)], Json(metadata))
}
