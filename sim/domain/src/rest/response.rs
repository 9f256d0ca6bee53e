//! Responses: from the service's HTTP response, and back from their serialised form.

use bytes::Bytes;
use thiserror::Error;

use super::{Headers, MessageError, RestRequest, lines};
use crate::fault::{FaultCode, Reason};
use crate::headers;
use crate::identifiers::{ClientId, ServiceId};

/// Headers that only the provider's security server may set.
const SET_BY_PROVIDER: [&str; 4] = [
    headers::ID,
    headers::CLIENT,
    headers::REQUEST_ID,
    headers::REQUEST_HASH,
];

/// A REST response, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestResponse {
    /// The service's HTTP status.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// The surviving headers, in order, with those that the provider's security server added.
    pub headers: Headers,
    /// The message ID of the request.
    pub id: String,
    /// Who asked.
    pub client: ClientId,
    /// What was asked.
    pub service: ServiceId,
    /// The UUID of the exchange.
    pub request_id: String,
    /// Base64 of the request's digest.
    pub request_hash: String,
    /// The bytes that are signed, sent and logged.
    pub serialised: Bytes,
}

/// How a response does not belong to its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Mismatch {
    /// It is for another client.
    #[error("the response is for another client")]
    Client,
    /// It has another message ID.
    #[error("the response has another message ID")]
    Id,
    /// It is from another service.
    #[error("the response is from another service")]
    Service,
    /// It belongs to another exchange.
    #[error("the response has another request ID")]
    RequestId,
    /// The provider saw another request.
    #[error("the response answers a request with another hash")]
    RequestHash,
}

impl RestResponse {
    /// The message that a service's answer to `request` becomes.
    ///
    /// Headers of one hop are left out, as are those that name the exchange: they are set from
    /// the request. `request_hash` is base64. A header that cannot stand on one line, which an
    /// HTTP library does not let through, is left out too.
    #[must_use]
    pub fn from_parts<N: AsRef<str>, V: AsRef<str>>(
        status: u16,
        reason: &str,
        service_headers: &[(N, V)],
        request: &RestRequest,
        request_hash: &str,
    ) -> Self {
        let mut kept = Headers::with_capacity(service_headers.len() + 5);
        for (name, value) in service_headers {
            let (name, value) = (name.as_ref(), value.as_ref());
            let dropped = headers::never_forwarded(name)
                || SET_BY_PROVIDER.iter().any(|own| headers::is(name, own));
            if !dropped && headers::is_name(name) && headers::is_value(value) {
                kept.push((name.to_owned(), value.to_owned()));
            }
        }
        let added = [
            (headers::ID, request.id.clone()),
            (headers::CLIENT, request.client.to_encoded()),
            (headers::SERVICE, request.service.to_encoded()),
            (headers::REQUEST_ID, request.request_id.clone()),
            (headers::REQUEST_HASH, request_hash.to_owned()),
        ];
        kept.extend(added.map(|(name, value)| (name.to_owned(), value)));
        let reason = if headers::is_value(reason) {
            reason
        } else {
            ""
        };
        Self {
            status,
            reason: reason.to_owned(),
            id: request.id.clone(),
            client: request.client.clone(),
            service: request.service.clone(),
            request_id: request.request_id.clone(),
            request_hash: request_hash.to_owned(),
            serialised: lines::write([&status.to_string(), reason], &kept),
            headers: kept,
        }
    }

    /// Reads a response that another security server serialised.
    pub fn parse(serialised: Bytes) -> Result<Self, MessageError> {
        let lines = lines::read(&serialised)?;
        let [status, reason] = lines.opening;
        let reason = reason.to_owned();
        let status = parse_status(status)?;
        let headers = lines.headers;
        let client = identifier(&headers, headers::CLIENT, ClientId::parse_encoded)?;
        let service = identifier(&headers, headers::SERVICE, ServiceId::parse_encoded)?;
        Ok(Self {
            status,
            reason,
            id: lines::required(&headers, headers::ID)?.to_owned(),
            client,
            service,
            request_id: lines::required(&headers, headers::REQUEST_ID)?.to_owned(),
            request_hash: lines::required(&headers, headers::REQUEST_HASH)?.to_owned(),
            headers,
            serialised,
        })
    }

    /// Whether this response answers `request`, whose hash is `request_hash` in base64.
    pub fn check_answers(&self, request: &RestRequest, request_hash: &str) -> Result<(), Mismatch> {
        let checks = [
            (self.client == request.client, Mismatch::Client),
            (self.id == request.id, Mismatch::Id),
            (self.service == request.service, Mismatch::Service),
            (self.request_id == request.request_id, Mismatch::RequestId),
            (self.request_hash == request_hash, Mismatch::RequestHash),
        ];
        match checks.into_iter().find(|(holds, _)| !holds) {
            Some((_, mismatch)) => Err(mismatch),
            None => Ok(()),
        }
    }
}

impl Mismatch {
    /// What the client proxy answers.
    #[must_use]
    pub fn fault_code(self) -> FaultCode {
        FaultCode::client_proxy(Reason::InconsistentResponse)
    }
}

fn parse_status(line: &str) -> Result<u16, MessageError> {
    let refused = || MessageError::Status(line.chars().take(20).collect());
    if line.len() != 3 || !line.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused());
    }
    line.parse()
        .ok()
        .filter(|status| *status >= 100)
        .ok_or_else(refused)
}

fn identifier<T>(
    headers: &[(String, String)],
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, crate::IdentifierError>,
) -> Result<T, MessageError> {
    let text = lines::required(headers, name)?;
    parse(text).map_err(|error| MessageError::Identifier(name, error))
}
