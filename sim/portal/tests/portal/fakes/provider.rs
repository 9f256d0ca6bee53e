//! An identity provider that lets everybody in, signs with RS256, and can be told to cheat.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sim_clock::Clock;

use super::{CLIENT_ID, CLIENT_SECRET};

/// Two keys: the published one, and one that nobody published.
static KEYS: LazyLock<[KeyPair; 2]> =
    LazyLock::new(|| [(); 2].map(|()| KeyPair::generate(KeySize::Rsa2048).unwrap()));

/// How a token is made, apart from its claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Signing {
    #[default]
    Honest,
    /// `alg` is `none`, and there is no signature.
    None,
    /// `alg` is `HS256`, keyed with the published modulus, which a careless library would try.
    Hs256,
    /// The name of the published key, the signature of another.
    OtherKey,
    /// Another key that is named by a name that is not published.
    UnknownKey,
    /// Signed honestly, and changed afterwards.
    Changed,
    /// Another key, which the header itself brings along.
    OwnKey,
}

/// What the provider does to those who log in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tricks {
    pub(crate) signing: Signing,
    /// Claims that replace the honest ones; `null` takes one away.
    pub(crate) claims: Value,
    /// Instead of a code.
    pub(crate) error: Option<&'static str>,
}

#[derive(Default)]
struct Kept {
    url: Mutex<String>,
    tricks: Mutex<Tricks>,
    /// Codes that can be used, with the request they answer.
    codes: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
    /// The last request to `/oidc/authorize`.
    last: Mutex<BTreeMap<String, String>>,
    kid: Mutex<String>,
    keys_asked: Mutex<usize>,
    sub: Mutex<String>,
}

/// The provider.
pub(crate) struct FakeProvider {
    pub(crate) url: String,
    kept: Arc<Kept>,
}

impl FakeProvider {
    pub(crate) async fn start() -> Self {
        let kept = Arc::new(Kept::default());
        *kept.kid.lock() = "key-1".to_owned();
        *kept.sub.lock() = "XX48001010001".to_owned();
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/oidc/jwks", get(jwks))
            .route("/oidc/authorize", get(authorize))
            .route("/oidc/token", post(token))
            .with_state(Arc::clone(&kept));
        let url = super::serve(app).await;
        kept.url.lock().clone_from(&url);
        Self { url, kept }
    }

    pub(crate) fn play(&self, tricks: Tricks) {
        *self.kept.tricks.lock() = tricks;
    }

    /// Who logs in from now on.
    pub(crate) fn log_in_as(&self, sub: &str) {
        *self.kept.sub.lock() = sub.to_owned();
    }

    /// Forgets every code, as when they were not used in time.
    pub(crate) fn forget_codes(&self) {
        self.kept.codes.lock().clear();
    }

    /// Publishes its key under another name.
    pub(crate) fn rename_key(&self, kid: &str) {
        *self.kept.kid.lock() = kid.to_owned();
    }

    /// A logout token, with these claims in place of the usual ones.
    pub(crate) fn logout_token(&self, changed: &Value) -> String {
        let mut claims = json!({
            "iss": self.url, "aud": CLIENT_ID, "iat": Clock::wall().now().as_millis() / 1_000,
            "jti": "1", "sid": "session-1",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} }
        });
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap());
        let header = json!({ "alg": "RS256", "kid": *self.kept.kid.lock() });
        let message = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature = signed(&KEYS[0], &message);
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub(crate) fn keys_asked(&self) -> usize {
        *self.kept.keys_asked.lock()
    }

    /// A parameter of the last request for a log-in.
    pub(crate) fn last(&self, parameter: &str) -> String {
        self.kept
            .last
            .lock()
            .get(parameter)
            .cloned()
            .unwrap_or_default()
    }
}

async fn metadata(State(kept): State<Arc<Kept>>) -> Json<Value> {
    let url = kept.url.lock().clone();
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/oidc/authorize"),
        "token_endpoint": format!("{url}/oidc/token"),
        "jwks_uri": format!("{url}/oidc/jwks"),
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn jwks(State(kept): State<Arc<Kept>>) -> Json<Value> {
    *kept.keys_asked.lock() += 1;
    let public = KEYS[0].public_key();
    Json(json!({ "keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": *kept.kid.lock(),
        "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
        "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
    }] }))
}

async fn authorize(
    State(kept): State<Arc<Kept>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    kept.last.lock().clone_from(&query);
    let back = &query["redirect_uri"];
    let state = &query["state"];
    if let Some(error) = kept.tricks.lock().error {
        return Redirect::to(&format!("{back}?error={error}&state={state}")).into_response();
    }
    let code = uuid::Uuid::new_v4().to_string();
    let to = format!("{back}?code={code}&state={state}");
    kept.codes.lock().insert(code, query);
    Redirect::to(&to).into_response()
}

async fn token(State(kept): State<Arc<Kept>>, headers: HeaderMap, form: String) -> Response {
    let refuse =
        |why: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response();
    let secret = serde_urlencoded::to_string([("", CLIENT_SECRET)]).unwrap();
    let expected = STANDARD.encode(format!("{CLIENT_ID}:{}", &secret[1..]));
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if shown != Some(&format!("Basic {expected}")) {
        return refuse("invalid_client");
    }
    let form: BTreeMap<String, String> = serde_urlencoded::from_str(&form).unwrap();
    let Some(asked) = kept.codes.lock().remove(&form["code"]) else {
        return refuse("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
    if challenge != asked["code_challenge"] || form["redirect_uri"] != asked["redirect_uri"] {
        return refuse("invalid_grant");
    }
    let access_token = uuid::Uuid::new_v4().to_string();
    let id_token = id_token(&kept, &asked, &access_token);
    Json(json!({
        "access_token": access_token, "token_type": "bearer", "expires_in": 40, "id_token": id_token
    }))
    .into_response()
}

fn id_token(kept: &Kept, asked: &BTreeMap<String, String>, access_token: &str) -> String {
    let tricks = kept.tricks.lock().clone();
    let now = Clock::wall().now().as_millis() / 1_000;
    let hash = digest(&SHA256, access_token.as_bytes());
    let mut claims = json!({
        "jti": uuid::Uuid::new_v4().to_string(),
        "iss": *kept.url.lock(), "aud": CLIENT_ID, "exp": now + 40, "iat": now, "nbf": now,
        "sub": *kept.sub.lock(), "nonce": asked["nonce"], "state": asked["state"],
        "sid": "session-1", "amr": ["mID"], "acr": "high", "phone_number": "+99950000001", "phone_number_verified": true,
        "at_hash": STANDARD.encode(&hash.as_ref()[..16]),
        "profile_attributes": {
            "given_name": "Avocet", "family_name": "Whimbrel", "date_of_birth": "1980-01-01"
        }
    });
    for (name, value) in tricks.claims.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    let claims: serde_json::Map<_, _> = claims
        .as_object()
        .unwrap()
        .clone()
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    let kid = match tricks.signing {
        Signing::UnknownKey => "nobody's".to_owned(),
        _ => kept.kid.lock().clone(),
    };
    let alg = match tricks.signing {
        Signing::None => "none",
        Signing::Hs256 => "HS256",
        _ => "RS256",
    };
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap());
    let mut header = json!({ "alg": alg, "kid": kid, "typ": "JWT" });
    if tricks.signing == Signing::OwnKey {
        let public = KEYS[1].public_key();
        header["jwk"] = json!({
            "kty": "RSA", "kid": kid,
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        });
        header["jku"] = json!(format!("{}/attacker/jwks", *kept.url.lock()));
    }
    let header = encoded(&header);
    let mut message = format!("{header}.{}", encoded(&Value::Object(claims)));
    let signature = match tricks.signing {
        Signing::None => Vec::new(),
        Signing::Hs256 => {
            let modulus = KEYS[0].public_key().modulus();
            let key = hmac::Key::new(hmac::HMAC_SHA256, modulus.big_endian_without_leading_zero());
            hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
        }
        Signing::OtherKey | Signing::UnknownKey | Signing::OwnKey => signed(&KEYS[1], &message),
        Signing::Honest => signed(&KEYS[0], &message),
        Signing::Changed => {
            let signature = signed(&KEYS[0], &message);
            let somebody_else = json!({
                "iss": *kept.url.lock(), "aud": CLIENT_ID, "exp": now + 40, "iat": now,
                "sub": "XX37906060006", "nonce": asked["nonce"], "acr": "high"
            });
            message = format!("{header}.{}", encoded(&somebody_else));
            signature
        }
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn signed(key: &KeyPair, message: &str) -> Vec<u8> {
    let mut signature = vec![0; key.public_modulus_len()];
    let random = SystemRandom::new();
    key.sign(
        &RSA_PKCS1_SHA256,
        &random,
        message.as_bytes(),
        &mut signature,
    )
    .unwrap();
    signature
}
