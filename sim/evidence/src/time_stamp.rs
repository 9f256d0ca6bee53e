//! Time-stamp tokens (RFC 3161): requests, responses and their verification.
//!
//! X-Road asks with a SHA-512 imprint, without a nonce and without wanting the authority's
//! certificate, which it knows from the global configuration and puts into the token itself:
//! [`with_certificate`].

mod fail_info;
mod imprint;
mod insertion;
mod request;
mod signer;
#[cfg(test)]
mod tests;
mod token;
mod verification;

pub use fail_info::FailInfo;
pub use imprint::{Imprint, ImprintAlgorithm};
pub use insertion::with_certificate;
pub use request::{RequestError, TimeStampRequest, parse_request, request, request_for};
pub use signer::{TokenSigner, reject};
pub use verification::{TimeStampError, TokenFacts, facts, token_of_response, verify_token};
