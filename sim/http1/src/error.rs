//! What can go wrong on a connection.

use std::io;

use thiserror::Error;

/// Why there is no request to answer.
#[derive(Debug, Error)]
pub enum RequestError {
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    /// It ended in the middle of a head.
    #[error("the connection ended in the middle of a head")]
    Truncated,
    /// The head did not arrive in time.
    #[error("no whole head arrived in time")]
    TimedOut,
    /// The head is longer than [`crate::MAX_HEAD_BYTES`] or has more lines than
    /// [`crate::MAX_HEADER_LINES`]. Answered with 431.
    #[error("the head is too large")]
    TooLarge,
    /// Not a head of HTTP/1, or one whose message has no certain length. Answered with 400.
    #[error("malformed head: {0}")]
    Malformed(&'static str),
}

/// Why a body was not read to its end.
#[derive(Debug, Error)]
pub enum BodyError {
    /// More bytes than this limit.
    #[error("the body holds more than {0} bytes")]
    TooLarge(usize),
    /// The connection broke or ended in the middle.
    #[error("the body broke off: {0}")]
    Broken(io::Error),
    /// Its framing is not that of RFC 9112.
    #[error("the body broke off: {0}")]
    Malformed(&'static str),
    /// It did not arrive in time.
    #[error("the body did not arrive in time")]
    TimedOut,
}

/// Why a request got no answer.
#[derive(Debug, Error)]
pub enum ExchangeError {
    /// The connection was closed before anything was sent; the request can be sent elsewhere.
    #[error("the connection was closed before anything was sent: {0}")]
    NotSent(io::Error),
    /// It broke, and the request may have arrived.
    #[error("{0}")]
    Broken(#[source] io::Error),
    /// What came back is not HTTP.
    #[error("malformed answer: {0}")]
    Malformed(&'static str),
    /// The answer's body is longer than this limit.
    #[error("the answer holds more than {0} bytes")]
    TooLarge(usize),
}

/// A header that would not stay on its own line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the header `{0}` cannot be sent")]
pub struct InvalidHeader(pub String);
