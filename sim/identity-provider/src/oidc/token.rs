//! The token endpoint: a relying party brings a code and gets an ID token.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::claims;
use super::parameters::{Parameters, Unusable};
use crate::config::OidcClient;
use crate::grants::{NotRedeemed, Redemption};
use crate::key::TokenKeyError;
use crate::provider::Provider;
use crate::secrets::same;

const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Serialize)]
struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
    id_token: String,
}

/// Why there are no tokens (RFC 6749, section 5.2).
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the body is not a form")]
    NotAForm,
    #[error(transparent)]
    Parameter(#[from] Unusable),
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("only the grant type `authorization_code` is supported")]
    GrantType,
    #[error("the client proves itself twice, or unreadably")]
    Authentication,
    #[error("the client is not known, or its secret is another")]
    Client,
    /// Which of its reasons it is, stays here.
    #[error("the code is not valid")]
    Code(#[from] NotRedeemed),
    #[error("the token could not be signed")]
    Signing(#[from] TokenKeyError),
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
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case(FORM) {
        return Err(Refused::NotAForm);
    }
    let parameters = Parameters::parse(body);
    let client = authenticate(provider, headers, &parameters)?;
    let get = |name| parameters.get(name)?.ok_or(Refused::Missing(name));
    if get("grant_type")? != "authorization_code" {
        return Err(Refused::GrantType);
    }
    let redemption = Redemption {
        code: get("code")?,
        client_id: &client.client_id,
        redirect_uri: get("redirect_uri")?,
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

/// The client that the request proves to be from: `client_secret_basic` or `client_secret_post`,
/// never both.
fn authenticate<'a>(
    provider: &'a Provider,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<&'a OidcClient, Refused> {
    let posted = parameters.get("client_secret")?;
    let named = parameters.get("client_id")?;
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    let (name, secret) = match (authorizations.next(), posted) {
        (Some(basic), None) if authorizations.next().is_none() => {
            let (name, secret) = read_basic(basic.as_bytes()).ok_or(Refused::Client)?;
            if named.is_some_and(|named| named != name) {
                return Err(Refused::Authentication);
            }
            (name, secret)
        }
        (None, Some(posted)) => (named.ok_or(Refused::Client)?.to_owned(), posted.to_owned()),
        (None, None) => return Err(Refused::Client),
        _ => return Err(Refused::Authentication),
    };
    let client = provider.clients.get(&name).ok_or(Refused::Client)?;
    same(&secret, &client.client_secret)
        .then_some(client)
        .ok_or(Refused::Client)
}

/// Name and secret, each form-encoded before they were joined (RFC 6749, section 2.3.1).
fn read_basic(value: &[u8]) -> Option<(String, String)> {
    let value = std::str::from_utf8(value).ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let joined = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, secret) = joined.split_once(':')?;
    Some((form_decoded(name)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    // A bare `&` or `=` would be structure; neither stands in something encoded.
    if text.contains(['&', '=']) {
        return None;
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&format!("v={text}")).ok()?;
    pairs.into_iter().next().map(|(_, value)| value)
}

/// For caches older than HTTP/1.1 (RFC 6749, section 5.1); `Cache-Control` is on every answer.
const fn pragma() -> [(header::HeaderName, &'static str); 1] {
    [(header::PRAGMA, "no-cache")]
}

// === impl Refused ===

impl Refused {
    const fn error(&self) -> (StatusCode, &'static str) {
        let bad = StatusCode::BAD_REQUEST;
        match self {
            Self::NotAForm | Self::Parameter(_) | Self::Missing(_) | Self::Authentication => {
                (bad, "invalid_request")
            }
            Self::GrantType => (bad, "unsupported_grant_type"),
            Self::Client => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::Code(_) => (bad, "invalid_grant"),
            Self::Signing(_) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, error) = self.error();
        let body = json!({ "error": error, "error_description": self.to_string() });
        let mut response = (status, pragma(), Json(body)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = header::HeaderValue::from_static("Basic realm=\"token\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_secret_are_decoded_each() {
        let basic = |joined: &str| format!("Basic {}", STANDARD.encode(joined));
        let read = read_basic(basic("portal:a%3Ab%2Bc+d%3D").as_bytes());
        assert_eq!(read, Some(("portal".to_owned(), "a:b+c d=".to_owned())));
        assert_eq!(read_basic(b"Bearer x"), None);
        assert_eq!(read_basic(basic("no colon").as_bytes()), None);
        assert_eq!(read_basic(basic("a:b&c=d").as_bytes()), None);
    }
}
