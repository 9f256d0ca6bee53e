//! The token endpoint of single sign-on: a code, and then refresh tokens, for ID tokens.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};
use sim_clock::UtcTime;

use super::claims;
use crate::config::OidcClient;
use crate::flows::Protocol;
use crate::grants::{Grant, NotRedeemed, Redemption};
use crate::oidc::Parameters;
use crate::oidc::client::{Refused, authenticate, form, pragma, required};
use crate::provider::Provider;
use crate::secrets::random_text;
use crate::sessions::NotRefreshed;

pub(crate) async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match answer(&provider, &headers, &body) {
        Ok(tokens) => {
            provider.count(|summary| summary.tokens += 1);
            (pragma(), Json(tokens)).into_response()
        }
        Err(refused) => {
            tracing::info!(reason = ?refused, "no token is given");
            provider.count(|summary| summary.refused_codes += 1);
            refused.into_response()
        }
    }
}

fn answer(provider: &Provider, headers: &HeaderMap, body: &[u8]) -> Result<Value, Refused> {
    let parameters = form(headers, body)?;
    let client = authenticate(provider, headers, &parameters)?;
    match required(&parameters, "grant_type")? {
        "authorization_code" => redeem(provider, client, &parameters),
        "refresh_token" => refresh(provider, client, &parameters),
        _ => Err(Refused::GrantType),
    }
}

fn redeem(
    provider: &Provider,
    client: &OidcClient,
    parameters: &Parameters,
) -> Result<Value, Refused> {
    let code = required(parameters, "code")?;
    let redemption = Redemption {
        protocol: Protocol::SignOn,
        code,
        client_id: &client.client_id,
        redirect_uri: required(parameters, "redirect_uri")?,
        code_verifier: parameters.get("code_verifier")?,
    };
    let now = provider.now();
    let redeemed = provider.grants.redeem(&redemption, now);
    // A code is forgotten earlier than the session that it opened.
    if matches!(
        redeemed,
        Err(NotRedeemed::UsedBefore | NotRedeemed::Unknown)
    ) {
        provider.sessions.take_back(code);
    }
    let (access_token, grant) = redeemed?;
    let refresh_token = provider.sessions.begin_family(&grant, code, now)?;
    let nonce = grant.request.nonce.as_deref();
    tokens(provider, &grant, nonce, (access_token, refresh_token), now)
}

fn refresh(
    provider: &Provider,
    client: &OidcClient,
    parameters: &Parameters,
) -> Result<Value, Refused> {
    let token = required(parameters, "refresh_token")?;
    let now = provider.now();
    let scope = parameters.get("scope")?;
    let access_token = random_text().map_err(NotRefreshed::from)?;
    let (next, grant) = provider.sessions.refresh(token, &client.client_id, now)?;
    let granted = granted(&grant);
    let is_granted = |scope: &str| granted.split(' ').any(|granted| granted == scope);
    if !scope.unwrap_or_default().split_whitespace().all(is_granted) {
        return Err(Refused::Scope);
    }
    provider.count(|summary| summary.refreshed += 1);
    tokens(provider, &grant, None, (access_token, next), now)
}

fn tokens(
    provider: &Provider,
    grant: &Grant,
    nonce: Option<&str>,
    (access_token, refresh_token): (String, String),
    now: UtcTime,
) -> Result<Value, Refused> {
    let claims = claims::id_token(provider, grant, &access_token, nonce, now);
    let id_token = provider.key.sign(&claims)?;
    Ok(json!({
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": provider.session_s,
        "id_token": id_token,
        "refresh_token": refresh_token,
        "scope": granted(grant),
    }))
}

const fn granted(grant: &Grant) -> &'static str {
    if grant.request.wants_phone {
        "openid phone"
    } else {
        "openid"
    }
}
