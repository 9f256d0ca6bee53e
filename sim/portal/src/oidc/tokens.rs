//! Exchanging the code for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use serde::Deserialize;

use super::metadata::Metadata;
use super::{BOUNDS, LoginError, Provider, ProviderError};

/// What the provider gives for a code.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) id_token: String,
    #[serde(default)]
    pub(super) access_token: Option<String>,
}

impl Provider {
    pub(super) async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        verifier: &str,
    ) -> Result<Tokens, LoginError> {
        let asked = self
            .ask_for_tokens(&metadata.token_endpoint, code, verifier)
            .await;
        asked.map_err(|source| LoginError::Provider {
            what: "an ID token",
            source,
        })
    }

    async fn ask_for_tokens(
        &self,
        endpoint: &str,
        code: &str,
        verifier: &str,
    ) -> Result<Tokens, ProviderError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", verifier),
        ];
        let form = serde_urlencoded::to_string(form).expect("pairs of texts can be encoded");
        let request = Request::post(endpoint)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .body(Bytes::from(form))?;
        let answer = self.http.call(request, BOUNDS).await?;
        if answer.status != StatusCode::OK {
            return Err(ProviderError::Status(answer.status));
        }
        Ok(serde_json::from_slice(&answer.body)?)
    }
}

/// `client_secret_basic`: both are form-encoded before they are joined (RFC 6749 section 2.3.1).
pub(super) fn basic(client_id: &str, client_secret: &str) -> String {
    let encoded = |text: &str| {
        let pair = serde_urlencoded::to_string([("", text)]).expect("a text can be encoded");
        pair.trim_start_matches('=').to_owned()
    };
    let joined = format!("{}:{}", encoded(client_id), encoded(client_secret));
    format!("Basic {}", STANDARD.encode(joined))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_secret_are_encoded_each() {
        let basic = basic("portal", "a:b+c d=");
        let joined = STANDARD.decode(basic.trim_start_matches("Basic ")).unwrap();
        assert_eq!(String::from_utf8(joined).unwrap(), "portal:a%3Ab%2Bc+d%3D");
    }
}
