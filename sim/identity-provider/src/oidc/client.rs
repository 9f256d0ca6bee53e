//! Who asks at a token endpoint, and how they are refused.

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::parameters::{Parameters, Unusable};
use crate::config::OidcClient;
use crate::grants::NotRedeemed;
use crate::key::TokenKeyError;
use crate::provider::Provider;
use crate::secrets::same;
use crate::sessions::NotRefreshed;

const FORM: &str = "application/x-www-form-urlencoded";

/// Why there are no tokens (RFC 6749, section 5.2).
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the body is not a form")]
    NotAForm,
    #[error(transparent)]
    Parameter(#[from] Unusable),
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("the grant type is not supported here")]
    GrantType,
    #[error("the client proves itself twice, or unreadably")]
    Authentication,
    #[error("the client is not known, or its secret is another")]
    Client,
    /// Which of its reasons it is, stays here.
    #[error("the code is not valid")]
    Code(#[from] NotRedeemed),
    #[error("the refresh token is not valid")]
    RefreshToken(#[from] NotRefreshed),
    #[error("a scope was not granted before")]
    Scope,
    #[error("the token could not be signed")]
    Signing(#[from] TokenKeyError),
}

/// The parameters of a request, which must be a form.
pub(crate) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, Refused> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case(FORM) {
        return Err(Refused::NotAForm);
    }
    Ok(Parameters::parse(body))
}

/// The value of a parameter that must be there.
pub(crate) fn required<'a>(
    parameters: &'a Parameters,
    name: &'static str,
) -> Result<&'a str, Refused> {
    parameters.get(name)?.ok_or(Refused::Missing(name))
}

/// The client that the request proves to be from: `client_secret_basic` or `client_secret_post`,
/// never both.
pub(crate) fn authenticate<'a>(
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
pub(crate) const fn pragma() -> [(header::HeaderName, &'static str); 1] {
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
            Self::Code(_) | Self::RefreshToken(_) => (bad, "invalid_grant"),
            Self::Scope => (bad, "invalid_scope"),
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
