//! REST messages in the form that is signed, sent between security servers and logged (PR-REST).
//!
//! A request is serialised as its verb, its target and its headers, a response as status, reason
//! and headers: each on a line of its own that ends with CRLF, `Name:Value` without a space.
//! Bodies travel beside them. The bytes are kept exactly as they were made or received, because
//! digests and signatures are over them.

mod lines;
mod request;
mod response;

use thiserror::Error;

use crate::fault::{FaultCode, Reason};
use crate::identifiers::IdentifierError;

pub use lines::Headers;
pub use request::{RestRequest, VERBS};
pub use response::{Mismatch, RestResponse};

/// First path segment of every REST request: protocol version 1.
pub const PATH_PREFIX: &str = "/r1/";

/// Longest accepted message ID, in bytes: what X-Road's message log holds.
pub const MAX_MESSAGE_ID_BYTES: usize = 255;

/// Why a client's request is refused before it becomes a message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The HTTP method is not one of [`VERBS`].
    #[error("`{0}` is not a supported method")]
    Verb(String),
    /// The target is not `/r1/INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE[/path][?query]`, or not
    /// correctly percent-encoded.
    #[error("`{0}` is not the address of a service")]
    Target(String),
    /// The service's identifier in the target is malformed.
    #[error("malformed service in the request target: {0}")]
    Service(#[source] IdentifierError),
    /// There is no `X-Road-Client`.
    #[error("the X-Road-Client header is missing")]
    MissingClient,
    /// `X-Road-Client` is malformed.
    #[error("malformed X-Road-Client: {0}")]
    Client(#[source] IdentifierError),
    /// `X-Road-Security-Server` is malformed.
    #[error("malformed X-Road-Security-Server: {0}")]
    SecurityServer(#[source] IdentifierError),
    /// `X-Road-Id` is longer than [`MAX_MESSAGE_ID_BYTES`].
    #[error("the X-Road-Id is longer than {MAX_MESSAGE_ID_BYTES} bytes")]
    MessageId,
    /// A header cannot be written on a line of its own.
    #[error("the header `{0}` cannot be part of a message")]
    Header(String),
}

/// Why received bytes are not a serialised REST message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MessageError {
    /// The bytes are not UTF-8.
    #[error("the message is not UTF-8")]
    Utf8,
    /// A line does not end with CRLF, or holds a control character.
    #[error("line {0} of the message is malformed")]
    Line(usize),
    /// A line is no header, or holds one that must not be part of a message.
    #[error("the header `{0}` cannot be part of a message")]
    Header(String),
    /// The status line is not a three-digit HTTP status.
    #[error("`{0}` is not an HTTP status")]
    Status(String),
    /// A header that every message has is missing or empty.
    #[error("the message has no {0}")]
    MissingHeader(&'static str),
    /// The message is a request and says what no client may ask.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The identifier in this header of a response is malformed.
    #[error("malformed {0}: {1}")]
    Identifier(&'static str, #[source] IdentifierError),
}

// === impl RequestError ===

impl RequestError {
    /// What X-Road's client proxy answers: `internal_error`, save for an absent client.
    #[must_use]
    pub fn fault_code(&self) -> FaultCode {
        match self {
            Self::MissingClient => FaultCode::client_proxy(Reason::InvalidClientIdentifier),
            _ => FaultCode::client_proxy(Reason::InternalError),
        }
    }
}
