//! A call of a citizens' service, and why it may be refused.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

/// A call as the security server passes it on.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Parts of the path, decoded; the first names the service.
    segments: Vec<String>,
    query: BTreeMap<String, String>,
    /// `X-Road-Client`.
    pub(crate) client: Option<String>,
    /// `X-Road-UserId`.
    pub(crate) user: Option<String>,
    /// `X-Road-Issue`.
    pub(crate) issue: Option<String>,
    /// `X-Road-Id`.
    pub(crate) message_id: Option<String>,
    pub(crate) body: Bytes,
}

/// Why a call is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no such path")]
    NotFound,
    #[error("this path takes {0}")]
    Method(&'static str),
    #[error("nobody has this national ID")]
    UnknownPerson,
    #[error("there is nothing with this code")]
    Unknown,
    #[error("X-Road-UserId must say on whose behalf personal data are read")]
    NoUser,
    #[error("X-Road-Client must say who reads personal data")]
    NoClient,
    #[error("only the person themselves may do this")]
    NotTheirs,
    #[error("the person has blocked their record")]
    Blocked,
    #[error("the person has not consented to this")]
    NoConsent,
    #[error("the official may look at nobody's data")]
    Sanctioned,
    #[error("there is no official left who may handle this")]
    NoOfficial,
    #[error("{0}")]
    Malformed(String),
    #[error("{0}")]
    Conflict(&'static str),
    #[error("what was read could not be written down, so it is not told")]
    NotWritten,
    #[error("another registry did not answer: {0}")]
    Elsewhere(String),
}

// === impl Call ===

impl Call {
    pub(crate) fn new(parts: &Parts, body: Bytes) -> Result<Self, Refusal> {
        let mut segments = Vec::new();
        for segment in parts.uri.path().split('/').skip(1) {
            let decoded = percent_decode_str(segment).decode_utf8();
            let decoded = decoded.map_err(|_| Refusal::NotFound)?;
            segments.push(decoded.into_owned());
        }
        // `/service` and `/service/` are the same.
        if segments.len() > 1 && segments.last().is_some_and(String::is_empty) {
            segments.pop();
        }
        let query = parts.uri.query().unwrap_or_default();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let mut read = BTreeMap::new();
        for pair in pairs {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8();
            let value =
                value.map_err(|_| Refusal::Malformed("the query is not UTF-8".to_owned()))?;
            read.insert(name.to_owned(), value.into_owned());
        }
        Ok(Self {
            method: parts.method.clone(),
            segments,
            query: read,
            client: header(&parts.headers, "x-road-client"),
            user: header(&parts.headers, "x-road-userid"),
            issue: header(&parts.headers, "x-road-issue"),
            message_id: header(&parts.headers, "x-road-id"),
            body,
        })
    }

    pub(crate) fn service(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }

    /// For whom the call is made, and which subsystem makes it.
    pub(crate) fn on_behalf(&self) -> Result<(&str, &str), Refusal> {
        let user = self.user.as_deref().ok_or(Refusal::NoUser)?;
        let client = self.client.as_deref().ok_or(Refusal::NoClient)?;
        Ok((user, client))
    }

    /// What stands behind the service.
    pub(crate) fn rest(&self) -> &[String] {
        self.segments.get(1..).unwrap_or_default()
    }

    /// The one part behind the service.
    pub(crate) fn only_segment(&self) -> Result<&str, Refusal> {
        match self.rest() {
            [segment] if !segment.is_empty() => Ok(segment),
            _ => Err(Refusal::NotFound),
        }
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The body, which must be a JSON object of this form.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        // Left to itself, serde would also take the fields as a list, without their names.
        if let Some(first) = self.body.trim_ascii_start().first()
            && *first != b'{'
        {
            return Err(Refusal::Malformed("the body is no object".to_owned()));
        }
        serde_json::from_slice(&self.body).map_err(|error| Refusal::Malformed(error.to_string()))
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (!value.is_empty()).then(|| value.to_owned())
}

// === impl Refusal ===

impl Refusal {
    pub(crate) const fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::UnknownPerson => (StatusCode::NOT_FOUND, "unknown_person"),
            Self::Unknown => (StatusCode::NOT_FOUND, "unknown"),
            Self::NoUser => (StatusCode::BAD_REQUEST, "no_user"),
            Self::NoClient => (StatusCode::BAD_REQUEST, "no_client"),
            Self::NotTheirs => (StatusCode::FORBIDDEN, "not_theirs"),
            Self::Blocked => (StatusCode::FORBIDDEN, "blocked"),
            Self::NoConsent => (StatusCode::FORBIDDEN, "no_consent"),
            Self::Sanctioned => (StatusCode::FORBIDDEN, "sanctioned"),
            Self::NoOfficial => (StatusCode::SERVICE_UNAVAILABLE, "no_official"),
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed_request"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::NotWritten => (StatusCode::INTERNAL_SERVER_ERROR, "not_written"),
            Self::Elsewhere(_) => (StatusCode::BAD_GATEWAY, "elsewhere"),
        }
    }
}
