//! Why a registry gave no answer, and whose fault it is.

use serde::Deserialize;
use sim_domain::headers;
use sim_http_client::{HttpAnswer, HttpClientError};
use sim_http1::InvalidHeader;

/// Longest text of somebody else that is repeated on a page, in characters.
const MAX_REPEATED: usize = 300;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// No complete answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The portal's own security server cannot be reached.
    #[error("the exchange cannot be reached: {0}")]
    Unreachable(#[source] HttpClientError),
    /// A security server, the portal's or the registry's, refused or failed.
    #[error("the exchange says {code}: {message}")]
    Exchange { code: String, message: String },
    /// The registry refused or failed.
    #[error("the registry says {status} {code}: {message}")]
    Registry {
        status: u16,
        code: String,
        message: String,
    },
    /// The registry does not know the person, or the thing.
    #[error("the registry knows nothing: {message}")]
    Unknown { message: String },
    /// The answer is not what its description says.
    #[error("the answer is unreadable: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The question could not be put together.
    #[error(transparent)]
    Question(#[from] InvalidHeader),
}

/// A fault of X-Road, or the refusal of a registry; members of both are optional here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    r#type: String,
    code: String,
    message: String,
}

// === impl Trouble ===

impl Trouble {
    /// What a status other than success means.
    pub(super) fn of_refusal(answer: &HttpAnswer) -> Self {
        let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
        let message = shortened(&refusal.message);
        let status = answer.status.as_u16();
        if let Some(fault) = answer.headers.text(headers::ERROR) {
            let code = if refusal.r#type.is_empty() {
                fault
            } else {
                &refusal.r#type
            };
            return Self::Exchange {
                code: shortened(code),
                message,
            };
        }
        match status {
            404 => Self::Unknown { message },
            _ => Self::Registry {
                status,
                code: shortened(&refusal.code),
                message,
            },
        }
    }

    /// Whether the service failed, in contrast to an answer that says no.
    pub(crate) const fn is_failure(&self) -> bool {
        match self {
            Self::Unknown { .. } => false,
            Self::Registry { status, .. } => *status >= 500,
            _ => true,
        }
    }
}

impl From<HttpClientError> for Trouble {
    fn from(error: HttpClientError) -> Self {
        match error {
            HttpClientError::ReadTimeout | HttpClientError::ConnectTimeout(_) => Self::TimedOut,
            other => Self::Unreachable(other),
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_REPEATED).collect()
}
