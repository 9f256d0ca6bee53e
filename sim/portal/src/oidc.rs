//! Logging in through the identity provider: OpenID Connect, authorisation code with PKCE.
//!
//! 1. `attempt`: a random value goes into a cookie; `state`, `nonce` and the PKCE verifier are
//!    derived from it, so that a log-in under way needs no memory and belongs to one browser.
//! 2. The browser goes to the provider and comes back with a code and the state.
//! 3. `tokens`: the code is exchanged for an ID token, over a connection of the portal's own.
//! 4. `id_token`: the token is checked; `keys` has the provider's keys.
//!
//! Written after OpenID Connect Core 1.0, RFC 7636 (PKCE), RFC 9207 (`iss` in the answer), and
//! TARA's specification where it deviates.

mod attempt;
mod id_token;
mod keys;
mod logout_token;
mod metadata;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use sim_clock::{Clock, UtcTime};
use sim_http_client::{Bounds, HttpClient, HttpClientError};

use crate::config::PortalConfig;
use crate::secrets::{NoRandomness, Seal};
use crate::sessions::Person;
use crate::texts::Language;

pub use attempt::ATTEMPT_LIFETIME;
pub(crate) use attempt::Attempt;
pub use id_token::CLOCK_SKEW;
pub(crate) use id_token::TokenError;
use keys::Keys;
pub(crate) use logout_token::LoggedOut;
use metadata::Metadata;

/// How long the provider may take for one answer.
const PROVIDER_TIME_LIMIT: Duration = Duration::from_secs(5);
/// The longest answer of the provider that is read, in bytes.
const MAX_PROVIDER_ANSWER_BYTES: usize = 256 * 1024;
/// What is asked for. `phone` gives the number of those who log in by it, for signing later.
const SCOPE: &str = "openid phone";
/// The level of assurance that is asked for and that the token must show.
const REQUIRED_ACR: &str = "high";

const BOUNDS: Bounds = Bounds {
    max_answer_bytes: MAX_PROVIDER_ANSWER_BYTES,
    within: PROVIDER_TIME_LIMIT,
};

/// The provider, as the portal knows it.
pub(crate) struct Provider {
    issuer: String,
    client_id: String,
    /// For the header `Authorization`, made once.
    authorization: String,
    country: String,
    redirect_uri: String,
    http: HttpClient,
    clock: Clock,
    metadata: Mutex<Option<Arc<Metadata>>>,
    keys: Keys,
    used: attempt::Used,
}

/// Somebody the provider vouched for.
pub(crate) struct LoggedIn {
    pub(crate) person: Person,
    pub(crate) id_token: String,
    pub(crate) provider_session: Option<String>,
}

/// Why somebody was not logged in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    /// The answer does not belong to a log-in that this browser began.
    #[error("the answer belongs to no log-in of this browser: {0}")]
    State(&'static str),
    /// The person went back.
    #[error("the person cancelled")]
    Cancelled,
    /// The provider refused.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// The provider did not answer as it should.
    #[error("ask the provider for {what}")]
    Provider {
        what: &'static str,
        source: ProviderError,
    },
    /// The ID token is not acceptable.
    #[error("the ID token is not accepted")]
    Token(#[from] TokenError),
    /// No log-in can be begun that nobody could guess.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// What was wrong with an answer of the provider.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error(transparent)]
    Call(#[from] HttpClientError),
    #[error("status {0}")]
    Status(http::StatusCode),
    #[error("not the JSON expected: {0}")]
    Json(#[from] serde_json::Error),
    #[error("it says that it is `{0}`")]
    OtherIssuer(String),
    #[error("malformed request: {0}")]
    Request(#[from] http::Error),
}

// === impl Provider ===

impl Provider {
    pub(crate) fn new(
        config: &PortalConfig,
        public_url: &str,
        http: HttpClient,
        clock: Clock,
    ) -> Self {
        Self {
            issuer: config.issuer.clone(),
            client_id: config.client_id.clone(),
            authorization: tokens::basic(&config.client_id, &config.client_secret),
            country: config.country.clone(),
            redirect_uri: format!("{public_url}/login/callback"),
            http,
            clock,
            metadata: Mutex::default(),
            keys: Keys::default(),
            used: attempt::Used::default(),
        }
    }

    /// Where the browser goes to log in.
    pub(crate) async fn login_url(
        &self,
        attempt: &Attempt,
        seal: &Seal,
        language: Language,
    ) -> Result<String, LoginError> {
        let metadata = self.metadata().await?;
        let query = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", SCOPE),
            ("state", &attempt.state(seal)),
            ("nonce", &attempt.nonce(seal)),
            ("code_challenge", &attempt.code_challenge(seal)),
            ("code_challenge_method", "S256"),
            ("acr_values", REQUIRED_ACR),
            ("ui_locales", language.code()),
        ];
        Ok(with_query(&metadata.authorization_endpoint, &query))
    }

    /// Checks what the browser brought back, and asks the provider who it is.
    ///
    /// Whatever comes of it, the attempt cannot be used again.
    pub(crate) async fn finish(
        &self,
        attempt: &Attempt,
        seal: &Seal,
        answer: &Answer,
    ) -> Result<LoggedIn, LoginError> {
        let now = self.clock.now();
        self.accept(attempt, seal, answer, now)?;
        if let Some(error) = &answer.error {
            return Err(match error.as_str() {
                // The first is TARA's word, the second OAuth's.
                "user_cancel" | "access_denied" => LoginError::Cancelled,
                other => LoginError::Refused(other.to_owned()),
            });
        }
        let Some(code) = &answer.code else {
            return Err(LoginError::State("it has neither code nor error"));
        };
        let metadata = self.metadata().await?;
        let verifier = attempt.code_verifier(seal);
        let tokens = self.exchange(&metadata, code, &verifier).await?;
        let key = self.key_of(&metadata, &tokens.id_token).await?;
        let expected = id_token::Expected {
            issuer: &self.issuer,
            client_id: &self.client_id,
            country: &self.country,
            acr: REQUIRED_ACR,
            nonce: &attempt.nonce(seal),
            state: &attempt.state(seal),
            access_token: tokens.access_token.as_deref(),
            // The way through the provider and the token's own are far shorter than a clock's lead.
            now: self.clock.now(),
        };
        let claims = id_token::read(&tokens.id_token, &key, &expected)?;
        Ok(LoggedIn {
            person: claims.person(&self.country),
            provider_session: claims.sid,
            id_token: tokens.id_token,
        })
    }

    /// Where the browser goes to end its session at the provider too; `None` where the provider
    /// has none.
    pub(crate) fn logout_url(&self, id_token: &str, back_to: &str) -> Option<String> {
        let metadata = self.metadata.lock().clone()?;
        let endpoint = metadata.end_session_endpoint.as_ref()?;
        let query = [
            ("id_token_hint", id_token),
            ("post_logout_redirect_uri", back_to),
        ];
        Some(with_query(endpoint, &query))
    }

    /// Whose sessions a logout token of the provider ends.
    pub(crate) async fn logged_out(&self, token: &str) -> Result<LoggedOut, LoginError> {
        let metadata = self.metadata().await?;
        let key = self.key_of(&metadata, token).await?;
        let (issuer, client_id) = (&self.issuer, &self.client_id);
        Ok(logout_token::read(
            token,
            &key,
            issuer,
            client_id,
            self.clock.now(),
        )?)
    }

    fn accept(
        &self,
        attempt: &Attempt,
        seal: &Seal,
        answer: &Answer,
        now: UtcTime,
    ) -> Result<(), LoginError> {
        if !attempt.is_state(answer.state.as_deref().unwrap_or_default(), seal) {
            return Err(LoginError::State("its state is another"));
        }
        if attempt.is_over(now) {
            return Err(LoginError::State("the log-in was begun too long ago"));
        }
        if !self.used.take(attempt, now) {
            return Err(LoginError::State("the log-in was answered before"));
        }
        // RFC 9207: where the provider names itself, it must be the one that was asked.
        match &answer.iss {
            Some(iss) if *iss != self.issuer => {
                Err(LoginError::State("it comes from another provider"))
            }
            _ => Ok(()),
        }
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, LoginError> {
        let known = self.metadata.lock().clone();
        if let Some(metadata) = known {
            return Ok(metadata);
        }
        let metadata = Metadata::ask(&self.http, &self.issuer).await;
        let metadata = metadata
            .map(Arc::new)
            .map_err(|source| LoginError::Provider {
                what: "its metadata",
                source,
            })?;
        *self.metadata.lock() = Some(Arc::clone(&metadata));
        Ok(metadata)
    }

    async fn key_of(&self, metadata: &Metadata, token: &str) -> Result<keys::Key, LoginError> {
        let kid = id_token::key_name(token)?;
        let now = self.clock.now();
        let key = self
            .keys
            .find(&kid, &self.http, &metadata.jwks_uri, now)
            .await;
        let key = key.map_err(|source| LoginError::Provider {
            what: "its keys",
            source,
        })?;
        Ok(key.ok_or(TokenError::UnknownKey(kid))?)
    }
}

/// What the browser brings back from the provider.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

fn with_query(url: &str, query: &[(&str, &str)]) -> String {
    let query = serde_urlencoded::to_string(query).expect("pairs of texts can be encoded");
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{query}")
}
