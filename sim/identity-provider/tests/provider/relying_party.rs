//! A relying party: brings codes and reads ID tokens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use crate::browser::{Browser, Page};
use crate::world::{REDIRECT_URI, World};

/// Name and secret as `client_secret_basic`.
pub(crate) fn basic(name: &str) -> String {
    let encode = |text: &str| {
        let pair = serde_urlencoded::to_string([("", text)]).unwrap();
        pair.trim_start_matches('=').to_owned()
    };
    let secret = encode(&format!("secret of {name}: &%"));
    format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{secret}", encode(name)))
    )
}

impl World {
    /// Brings a code as `name`.
    pub(crate) async fn redeem_as(&self, name: &str, code: &str, more: &[(&str, &str)]) -> Page {
        let mut caller = Browser::new(&self.url);
        caller.headers.push(("authorization", basic(name)));
        let mut fields = vec![("grant_type", "authorization_code"), ("code", code)];
        if !more.iter().any(|(name, _)| *name == "redirect_uri") {
            fields.push(("redirect_uri", REDIRECT_URI));
        }
        fields.extend(more);
        caller.post("/oidc/token", &fields).await
    }

    pub(crate) async fn redeem(&self, code: &str) -> Page {
        self.redeem_as("portal", code, &[]).await
    }

    pub(crate) async fn profile(&self, access_token: &str) -> Page {
        let mut caller = Browser::new(&self.url);
        caller
            .headers
            .push(("authorization", format!("Bearer {access_token}")));
        caller.get("/oidc/profile").await
    }

    /// The claims of an ID token, verified with the keys that the provider publishes.
    pub(crate) async fn claims(&self, id_token: &str, audience: &str) -> Value {
        self.claims_of(&self.url, id_token, audience).await
    }

    /// The same of a token that another issuer has made.
    pub(crate) async fn claims_of(&self, issuer: &str, id_token: &str, audience: &str) -> Value {
        let keys = Browser::new(&self.url).get("/oidc/jwks").await;
        let keys: JwkSet = serde_json::from_str(&keys.text).unwrap();
        let name = jsonwebtoken::decode_header(id_token).unwrap().kid.unwrap();
        let key = DecodingKey::from_jwk(keys.find(&name).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[audience]);
        validation.set_issuer(&[issuer]);
        validation.validate_nbf = true;
        jsonwebtoken::decode::<Value>(id_token, &key, &validation)
            .unwrap()
            .claims
    }
}
