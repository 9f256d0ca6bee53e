//! Certificate statuses: those of this server's own certificates, kept fresh, and those of other
//! security servers, remembered.

mod own;
mod peers;

use sim_evidence::ocsp::OcspError;
use sim_http_client::HttpClientError;

pub(crate) use own::OwnStatuses;
pub(crate) use peers::PeerStatuses;

/// Why a certificate's status could not be had, or is no good one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StatusError {
    /// The certificate does not lead to an approved authority.
    #[error("certificate path: {0}")]
    Path(#[from] sim_evidence::certificate::PathError),
    /// No OCSP responder is known for the authority.
    #[error("the global configuration names no OCSP responder for the certificate's authority")]
    NoResponder,
    /// The responder could not be asked.
    #[error("the OCSP responder did not answer: {0}")]
    Fetch(#[from] HttpClientError),
    /// The responder answered with another HTTP status than 200.
    #[error("the OCSP responder answered with HTTP status {0}")]
    Status(http::StatusCode),
    /// The response does not show that the certificate is good.
    #[error("OCSP response: {0}")]
    Invalid(#[from] OcspError),
}

impl StatusError {
    /// Whether the responder itself says that the certificate must not be used.
    fn condemns(&self) -> bool {
        matches!(
            self,
            Self::Invalid(OcspError::Revoked { .. } | OcspError::Unknown)
        )
    }
}
