//! Asking the carriers, who ask people on their phones.
//!
//! An [`Order`] is started, which gives a session and a verification code; then the session is
//! asked with long polls until the person has answered. Written after the REST interfaces of
//! Mobile-ID and Smart-ID 2.

mod mobile_id;
mod smart_id;

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sim_http_client::{Bounds, HttpAnswer, HttpClient};

use crate::config::{CarrierRelyingParty, IdentityProviderConfig};
use crate::person::Method;
use crate::texts::Language;

/// How long one long poll may wait for the person.
const POLL: Duration = Duration::from_secs(10);
/// How much longer than that a carrier's answer may take.
const GRACE: Duration = Duration::from_secs(5);
/// How long a person may take; carriers give up after two minutes themselves.
const PATIENCE: Duration = Duration::from_secs(150);
/// Between two long polls, for a carrier that does not wait.
const PAUSE: Duration = Duration::from_millis(100);
/// Long polls that may fail one after the other.
const MAX_FAILED_POLLS: u32 = 3;
/// The longest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// The longest name of a result that is shown, in bytes.
const MAX_RESULT_BYTES: usize = 64;

/// Both carriers.
pub(crate) struct Carriers {
    http: HttpClient,
    base: String,
    relying_party: CarrierRelyingParty,
    country: String,
}

/// Whom to ask on which phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    MobileId {
        national_id: String,
        phone_number: String,
    },
    SmartId {
        national_id: String,
    },
}

/// What came from the phone; nothing of it is verified.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) certificate: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

/// Why nobody was logged in: a carrier's word for it, or ours, in capitals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) Cow<'static, str>);

/// What a session says.
enum Poll {
    Running,
    Complete(Result<Signed, Refusal>),
}

// === impl Order ===

impl Order {
    pub(crate) const fn method(&self) -> Method {
        match self {
            Self::MobileId { .. } => Method::MobileId,
            Self::SmartId { .. } => Method::SmartId,
        }
    }

    pub(crate) fn national_id(&self) -> &str {
        match self {
            Self::MobileId { national_id, .. } | Self::SmartId { national_id } => national_id,
        }
    }

    pub(crate) fn phone_number(&self) -> Option<&str> {
        match self {
            Self::MobileId { phone_number, .. } => Some(phone_number),
            Self::SmartId { .. } => None,
        }
    }

    /// The four digits that the page and the phone show.
    pub(crate) fn verification_code(&self, hash: &[u8; 32]) -> String {
        match self {
            Self::MobileId { .. } => mobile_id::verification_code(hash),
            Self::SmartId { .. } => smart_id::verification_code(hash),
        }
    }
}

// === impl Refusal ===

impl Refusal {
    pub(crate) const NO_ACCOUNT: Self = Self(Cow::Borrowed("NO_ACCOUNT"));
    pub(crate) const TIMEOUT: Self = Self(Cow::Borrowed("TIMEOUT"));
    pub(crate) const UNAVAILABLE: Self = Self(Cow::Borrowed("CARRIER_UNAVAILABLE"));
    pub(crate) const NOT_ACCEPTED: Self = Self(Cow::Borrowed("ANSWER_NOT_ACCEPTED"));
    pub(crate) const CERTIFICATE: Self = Self(Cow::Borrowed("CERTIFICATE_NOT_TRUSTED"));
    pub(crate) const SIGNATURE: Self = Self(Cow::Borrowed("SIGNATURE_NOT_VALID"));
    pub(crate) const OTHER_PERSON: Self = Self(Cow::Borrowed("OTHER_PERSON"));
    pub(crate) const TOO_MANY_ATTEMPTS: Self = Self(Cow::Borrowed("TOO_MANY_ATTEMPTS"));

    /// A carrier's result, where it looks like one.
    fn of_carrier(result: &str) -> Self {
        let is_word = (1..=MAX_RESULT_BYTES).contains(&result.len())
            && result
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        if is_word {
            Self(Cow::Owned(result.to_owned()))
        } else {
            Self::NOT_ACCEPTED
        }
    }
}

// === impl Carriers ===

impl Carriers {
    pub(crate) fn new(config: &IdentityProviderConfig) -> Self {
        Self {
            http: HttpClient::default(),
            base: config.carriers_url.trim_end_matches('/').to_owned(),
            relying_party: config.carrier_rp.clone(),
            country: config.country.clone(),
        }
    }

    /// Has the person's phone asked; gives the session.
    pub(crate) async fn start(
        &self,
        order: &Order,
        hash: &[u8; 32],
        language: Language,
    ) -> Result<String, Refusal> {
        let session = match order {
            Order::MobileId {
                national_id,
                phone_number,
            } => {
                self.start_mobile_id(national_id, phone_number, hash, language)
                    .await?
            }
            Order::SmartId { national_id } => {
                self.start_smart_id(national_id, hash, language).await?
            }
        };
        let is_session = (1..=MAX_RESULT_BYTES).contains(&session.len())
            && session
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_session.then_some(session).ok_or(Refusal::NOT_ACCEPTED)
    }

    /// Waits for the person to answer, as long as a person may take.
    pub(crate) async fn wait(&self, method: Method, session: &str) -> Result<Signed, Refusal> {
        tokio::time::timeout(PATIENCE, self.poll_until_complete(method, session))
            .await
            .unwrap_or(Err(Refusal::TIMEOUT))
    }

    async fn poll_until_complete(&self, method: Method, session: &str) -> Result<Signed, Refusal> {
        let mut failed = 0;
        loop {
            let poll = match method {
                Method::MobileId => self.poll_mobile_id(session).await,
                Method::SmartId => self.poll_smart_id(session).await,
                Method::IdCard => return Err(Refusal::NOT_ACCEPTED),
            };
            match poll {
                Ok(Poll::Complete(answer)) => return answer,
                Ok(Poll::Running) => failed = 0,
                Err(refusal) => {
                    failed += 1;
                    if failed == MAX_FAILED_POLLS {
                        return Err(refusal);
                    }
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Refusal> {
        let body = serde_json::to_vec(body).map_err(|_| Refusal::NOT_ACCEPTED)?;
        let request = Request::post(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Bytes::from(body));
        self.call(request, GRACE).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Refusal> {
        let url = format!("{}{path}?timeoutMs={}", self.base, POLL.as_millis());
        let request = Request::get(url)
            .header(header::ACCEPT, "application/json")
            .body(Bytes::new());
        self.call(request, POLL + GRACE).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        request: Result<Request<Bytes>, http::Error>,
        within: Duration,
    ) -> Result<T, Refusal> {
        let bounds = Bounds {
            max_answer_bytes: MAX_ANSWER_BYTES,
            within,
        };
        let request = request.map_err(|_| Refusal::NOT_ACCEPTED)?;
        match self.http.call(request, bounds).await {
            Ok(answer) => read(&answer),
            Err(error) => {
                tracing::warn!(%error, "a carrier does not answer");
                Err(Refusal::UNAVAILABLE)
            }
        }
    }
}

fn read<T: DeserializeOwned>(answer: &HttpAnswer) -> Result<T, Refusal> {
    match answer.status {
        StatusCode::OK => serde_json::from_slice(&answer.body).map_err(|error| {
            tracing::warn!(%error, "a carrier's answer is not what it should be");
            Refusal::UNAVAILABLE
        }),
        StatusCode::NOT_FOUND => Err(Refusal::NO_ACCOUNT),
        status => {
            tracing::warn!(%status, "a carrier refused");
            Err(Refusal::UNAVAILABLE)
        }
    }
}

/// Both texts of an answer, decoded.
fn signed(certificate: &str, signature: &str) -> Result<Signed, Refusal> {
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| Refusal::NOT_ACCEPTED);
    Ok(Signed {
        certificate: decode(certificate)?,
        signature: decode(signature)?,
    })
}
