//! Refused management requests: a status, a word for programs and a sentence for people.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sim_domain::IdentifierError;
use sim_global_configuration::registration::Refusal;

use crate::registrations::ChangeError;
use crate::server::ApplyError;

/// A management request that did not take effect.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status,
            code,
            message,
        }
    }
}

impl From<ApplyError> for Refused {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Refused(change) => {
                Self::new(status(&change), change.code(), change.to_string())
            }
            ApplyError::Store(_) | ApplyError::Publish(_) => {
                tracing::error!(%error, "a management request failed");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal_error",
                    error.to_string(),
                )
            }
        }
    }
}

impl From<IdentifierError> for Refused {
    fn from(error: IdentifierError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_identifier", error.to_string())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let refusal = Refusal {
            error: self.code.to_owned(),
            message: self.message,
        };
        (self.status, Json(refusal)).into_response()
    }
}

const fn status(change: &ChangeError) -> StatusCode {
    match change {
        ChangeError::UnknownMember(_)
        | ChangeError::UnknownClient(_)
        | ChangeError::UnknownServer(_)
        | ChangeError::NoCertificate(_) => StatusCode::NOT_FOUND,
        ChangeError::DuplicateServer(_) | ChangeError::DuplicateCertificate(_) => {
            StatusCode::CONFLICT
        }
        ChangeError::Address(_) | ChangeError::TooManyClients => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
