//! Services that share sessions: `portal` and `other`, which hear of logouts.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::browser::{Browser, Page};
use crate::relying_party::basic;
use crate::world::{REDIRECT_URI, World};

pub(crate) const OTHER_REDIRECT_URI: &str = "http://127.0.0.1:1/callback?a=b";
pub(crate) const AFTERWARDS: &str = "https://portal.example/logged-out";

/// Where both services hear of logouts.
pub(crate) struct Ears {
    /// Logout tokens, as they came.
    pub(crate) heard: Mutex<Vec<String>>,
    /// Calls that are still answered with an error.
    pub(crate) deaf: Mutex<usize>,
}

async fn hear(State(ears): State<Arc<Ears>>, body: Bytes) -> StatusCode {
    let mut deaf = ears.deaf.lock();
    if *deaf > 0 {
        *deaf -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let form: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).unwrap();
    let [(name, token)] = form.try_into().unwrap();
    assert_eq!(name, "logout_token");
    ears.heard.lock().push(token);
    StatusCode::OK
}

/// A world whose services hear of logouts.
pub(crate) async fn shared() -> (World, Arc<Ears>) {
    let ears = Arc::new(Ears {
        heard: Mutex::default(),
        deaf: Mutex::new(0),
    });
    let app = Router::new()
        .route("/heard", post(hear))
        .with_state(Arc::clone(&ears));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/heard", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let world = World::with(|config| {
        for client in &mut config.relying_parties {
            client.backchannel_logout_uri = Some(uri.clone());
            client.post_logout_redirect_uris = vec![AFTERWARDS.to_owned()];
        }
    });
    (world.await, ears)
}

impl World {
    pub(crate) fn sign_on_url(&self, name: &str, changes: &[(&str, &str)]) -> String {
        let mut all = vec![("client_id", name)];
        if name == "other" {
            all.push(("redirect_uri", OTHER_REDIRECT_URI));
        }
        all.extend(changes);
        self.authorize_at("/oauth2/auth", &all)
    }

    /// The first person signs on to `portal` with a new browser; what the service gets.
    pub(crate) async fn sign_on(&self) -> (Browser, Value) {
        let mut browser = Browser::new(&self.url);
        let asked = browser.get(&self.sign_on_url("portal", &[])).await;
        let path = asked.location().to_owned();
        let page = browser.get(&path).await;
        let back = self.answer(&mut browser, &path, &page).await;
        let tokens = self.bring("portal", &back).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
        (browser, tokens.json())
    }

    /// Somebody with a session goes on with it to `other`.
    pub(crate) async fn go_on(&self, browser: &mut Browser) -> Value {
        let asked = browser.get(&self.sign_on_url("other", &[])).await;
        let path = asked.location().to_owned();
        let page = browser.get(&path).await;
        let fields = [("csrf", page.csrf())];
        let back = browser.post(&format!("{path}/continue"), &fields).await;
        let tokens = self.bring("other", &back).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
        tokens.json()
    }

    /// Brings the code that somebody came back with.
    pub(crate) async fn bring(&self, name: &str, back: &Page) -> Page {
        let code = back.sent("code").unwrap();
        let redirect_uri = match name {
            "other" => OTHER_REDIRECT_URI,
            _ => REDIRECT_URI,
        };
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect_uri),
        ];
        self.ask_for_tokens(name, &fields).await
    }

    pub(crate) async fn refresh(&self, name: &str, tokens: &Value) -> Page {
        let token = tokens["refresh_token"].as_str().unwrap();
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.ask_for_tokens(name, &fields).await
    }

    pub(crate) async fn ask_for_tokens(&self, name: &str, fields: &[(&str, &str)]) -> Page {
        let mut caller = Browser::new(&self.url);
        caller.headers.push(("authorization", basic(name)));
        caller.post("/oauth2/token", fields).await
    }

    /// The claims of an ID token of single sign-on.
    pub(crate) async fn session_claims(&self, tokens: &Value, audience: &str) -> Value {
        let token = tokens["id_token"].as_str().unwrap();
        let issuer = &self.ready.sign_on_issuer;
        self.claims_of(issuer, token, audience).await
    }

    /// Begins to log out of `portal` with this ID token, and `changes`.
    pub(crate) fn logout_url(&self, id_token: &str, changes: &[(&str, &str)]) -> String {
        let mut fields = vec![
            ("id_token_hint", id_token),
            ("post_logout_redirect_uri", AFTERWARDS),
            ("state", "bye-bye-bye"),
        ];
        fields.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        fields.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        let query = serde_urlencoded::to_string(fields).unwrap();
        format!("{}/oauth2/sessions/logout?{query}", self.url)
    }
}
