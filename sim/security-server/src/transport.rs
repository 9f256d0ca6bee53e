//! Messages between security servers: their form and the connections they travel over
//! (PR-MESSTRANSP).
//!
//! - [`multipart`]: a message as the body of an HTTP request or response. Write one with
//!   [`OutgoingMessage`](multipart::OutgoingMessage), read one with
//!   [`parse_request`](multipart::parse_request) or [`PeerAnswer::parse`](peers::PeerAnswer::parse).
//! - [`tls`]: both ends of a TLS connection on which each server proves that it holds the key of
//!   its authentication certificate.
//! - [`peers`]: the client side: kept connections to other security servers.
//!   [`Peers::open`](peers::Peers::open) gives a connection whose certificate is to be judged
//!   first; only then does [`exchange`](peers::PeerConnection::exchange) send anything.
//! - [`ocsp_channel`]: how a server hands out, over plain HTTP, the OCSP responses for its own
//!   authentication certificate.
//!
//! It is not: a judge of certificates and signatures, or of who may ask what. A handshake proves
//! that the other side owns the certificate it shows, nothing more; the proxies decide what the
//! certificate is good for, message by message, so that a certificate which is withdrawn stops
//! counting on connections that are already open.

pub(crate) mod multipart;
pub(crate) mod ocsp_channel;
pub(crate) mod peers;
pub(crate) mod tls;

#[cfg(test)]
mod tests;
