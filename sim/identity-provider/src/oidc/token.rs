//! The token endpoint of log-ins: a relying party brings a code and gets an ID token.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::claims;
use super::client::{Refused, authenticate, form, pragma, required};
use crate::flows::Protocol;
use crate::grants::Redemption;
use crate::provider::Provider;

#[derive(Serialize)]
struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
    id_token: String,
}

pub(crate) async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match redeem(&provider, &headers, &body) {
        Ok(tokens) => {
            provider.count(|summary| summary.tokens += 1);
            (pragma(), Json(json!(tokens))).into_response()
        }
        Err(refused) => {
            tracing::info!(reason = ?refused, "no token is given");
            provider.count(|summary| summary.refused_codes += 1);
            refused.into_response()
        }
    }
}

fn redeem(provider: &Provider, headers: &HeaderMap, body: &[u8]) -> Result<Tokens, Refused> {
    let parameters = form(headers, body)?;
    let client = authenticate(provider, headers, &parameters)?;
    if required(&parameters, "grant_type")? != "authorization_code" {
        return Err(Refused::GrantType);
    }
    let redemption = Redemption {
        protocol: Protocol::LogIn,
        code: required(&parameters, "code")?,
        client_id: &client.client_id,
        redirect_uri: required(&parameters, "redirect_uri")?,
        code_verifier: parameters.get("code_verifier")?,
    };
    let now = provider.now();
    let (access_token, grant) = provider.grants.redeem(&redemption, now)?;
    let claims = claims::id_token(provider, &grant, &access_token, now);
    let id_token = provider.key.sign(&claims)?;
    Ok(Tokens {
        access_token,
        token_type: "bearer",
        expires_in: provider.token_s,
        id_token,
    })
}
