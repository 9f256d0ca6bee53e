//! Why a request is refused, as RFC 9457 writes it.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::smart_id::account::NoAccount;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("{words}")]
    Parameter { name: &'static str, words: String },
    #[error("the relying party is not known")]
    RelyingParty,
    #[error("the relying party may not ask for the phone's address")]
    AddressIsNotShared,
    #[error(transparent)]
    Account(#[from] NoAccount),
    #[error("there is no such session")]
    Session,
    #[error("there is nothing here")]
    Path,
    #[error("the method is not allowed")]
    Method,
    #[error("internal error")]
    Internal,
}

impl Problem {
    /// Something is wrong with the parameter `name`; with no name, with the request as a whole.
    pub(super) fn parameter(name: &'static str, words: impl Into<String>) -> Self {
        Self::Parameter {
            name,
            words: words.into(),
        }
    }

    /// Version 3 has 404 where version 2 had statuses of its own.
    const fn status(&self) -> StatusCode {
        match self {
            Self::Parameter { .. } | Self::Account(NoAccount::Malformed) => StatusCode::BAD_REQUEST,
            Self::RelyingParty => StatusCode::UNAUTHORIZED,
            Self::AddressIsNotShared | Self::Account(NoAccount::Forbidden) => StatusCode::FORBIDDEN,
            Self::Account(NoAccount::Nobody | NoAccount::OtherLevel | NoAccount::MustOpenApp)
            | Self::Session
            | Self::Path => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn errors(&self) -> Option<Value> {
        let detail = self.to_string();
        match self {
            Self::Parameter { name, .. } => Some(json!([{ "detail": detail, "paramName": name }])),
            Self::AddressIsNotShared => {
                let name = "shareMdClientIpAddress";
                Some(json!([{ "detail": detail, "paramName": name }]))
            }
            Self::Account(NoAccount::OtherLevel) => {
                Some(json!([{ "detail": detail, "code": "NO_SUITABLE_ACCOUNT_FOUND" }]))
            }
            _ => None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let title = status.canonical_reason().unwrap_or_default();
        let mut body = json!({
            "type": "about:blank",
            "status": status.as_u16(),
            "title": title,
            "detail": self.to_string(),
        });
        if let Some(errors) = self.errors() {
            body["errors"] = errors;
        }
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, Json(body).into_response().into_body()).into_response()
    }
}
