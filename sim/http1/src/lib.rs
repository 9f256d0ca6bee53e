//! HTTP/1.1 (RFC 9112) for the hot path: one exchange at a time over a kept connection.
//!
//! Every message crosses four sockets, so what an HTTP library does beyond reading and writing is
//! paid four times. This one keeps to what an exchange needs: a head is parsed where it was read,
//! header lines keep their order and case, a body is a slice of the buffer it arrived in, and what
//! is sent goes out in one gathered write. There is no task, channel or timer behind a connection.
//!
//! [`ServerConnection`] answers, [`ClientConnection`] asks; [`Deadline`] bounds either in time
//! without touching the timer at every exchange.
//!
//! It is not: HTTP/2, pipelining (a second request waits in the buffer), upgrades, or trailers
//! (read and dropped).
//!
//! Messages whose length two parties could understand differently are refused: both
//! `Content-Length` and `Transfer-Encoding`, contradictory lengths, any coding but `chunked`
//! (RFC 9112, section 6.3; request smuggling).

mod answer;
mod body;
mod client;
mod deadline;
mod error;
mod head;
mod headers;
mod server;
mod wire;

pub use answer::Answer;
pub use client::{ClientConnection, OutgoingRequest, Response};
pub use deadline::Deadline;
pub use error::{BodyError, ExchangeError, InvalidHeader, RequestError};
pub use head::{MAX_HEAD_BYTES, MAX_HEADER_LINES, RequestHead, ResponseHead};
pub use headers::Headers;
pub use server::{Incoming, ServerConnection};
pub use wire::Stream;
