//! What the provider says of itself (OpenID Connect Discovery 1.0).

use bytes::Bytes;
use http::{Request, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sim_http_client::HttpClient;

use super::{BOUNDS, ProviderError};

/// The part of the metadata that is used here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
    #[serde(default)]
    pub(super) end_session_endpoint: Option<String>,
}

impl Metadata {
    /// Asks the provider, which must be `issuer` to the letter (section 4.3).
    pub(super) async fn ask(http: &HttpClient, issuer: &str) -> Result<Self, ProviderError> {
        let base = issuer.trim_end_matches('/');
        let metadata: Self = get(http, &format!("{base}/.well-known/openid-configuration")).await?;
        if metadata.issuer != issuer {
            return Err(ProviderError::OtherIssuer(metadata.issuer));
        }
        Ok(metadata)
    }
}

/// The JSON at `url`.
pub(super) async fn get<T: DeserializeOwned>(
    http: &HttpClient,
    url: &str,
) -> Result<T, ProviderError> {
    let request = Request::get(url).body(Bytes::new())?;
    let answer = http.call(request, BOUNDS).await?;
    if answer.status != StatusCode::OK {
        return Err(ProviderError::Status(answer.status));
    }
    Ok(serde_json::from_slice(&answer.body)?)
}
