//! OCSP (RFC 6960): requests, responses and their verification.
//!
//! X-Road asks with SHA-1 CertIDs and without a nonce, and encloses the response in every signature
//! document. [`verify_response`] holds one against the certificate it is about, the authority that
//! issued that certificate, and a freshness.

mod basic_response;
mod cert_id;
mod extensions;
mod request;
mod response;
#[cfg(test)]
mod tests;
mod verification;

pub use cert_id::{CertId, CertIdAlgorithm};
pub use request::{
    MAX_CERTIFICATES, OcspRequest, RequestError, parse_request, request, request_for,
};
pub use response::{
    CertificateStatus, ErrorStatus, ResponderId, ResponseSigner, SingleStatus, error_response,
};
pub use verification::{OcspError, OcspVerdict, nonce_of, verify_response};
