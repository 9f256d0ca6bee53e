//! Why another security server gave no answer, and what the client proxy then says.

use std::io;

use sim_domain::fault::{FaultCode, Reason};
use sim_evidence::certificate::CertificateError;
use thiserror::Error;

/// Why there is no complete answer.
#[derive(Debug, Error)]
pub(crate) enum TransportError {
    /// The host name means nothing.
    #[error("the host of {address} is unknown: {source}")]
    UnknownHost {
        /// Host and port.
        address: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// The server cannot be reached.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// Host and port.
        address: String,
        /// What the system said; a time-out, too.
        source: io::Error,
    },
    /// As many connections are open as may be.
    #[error("too many connections to other security servers are open")]
    TooManyConnections,
    /// The TLS handshake failed.
    #[error("the TLS handshake with {address} failed: {source}")]
    Handshake {
        /// Host and port.
        address: String,
        /// What TLS said; a time-out, too.
        source: io::Error,
    },
    /// The server showed no certificate that can be read.
    #[error("the certificate of {address} cannot be used")]
    Certificate {
        /// Host and port.
        address: String,
        /// Why, where there is one.
        source: Option<CertificateError>,
    },
    /// The connection had to be replaced, and another server answered there.
    #[error("{0} now shows another certificate")]
    CertificateChanged(String),
    /// A header of the message cannot be sent.
    #[error("{0}")]
    Header(sim_http1::InvalidHeader),
    /// The connection broke before the answer was complete.
    #[error("the connection to {address} broke: {source}")]
    Broken {
        /// Host and port.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The answer's body is longer than it may be.
    #[error("the answer holds more than {0} bytes")]
    AnswerTooLarge(usize),
    /// The answer did not arrive in time.
    #[error("Read timed out")]
    ReadTimeout,
}

impl TransportError {
    /// The code of this failure; `side` makes the code of a reason.
    pub(crate) fn fault_code(&self, side: impl Fn(Reason) -> FaultCode) -> FaultCode {
        side(match self {
            Self::UnknownHost { .. } => Reason::UnknownHost,
            Self::Connect { .. } => Reason::NetworkError,
            Self::TooManyConnections => Reason::Overloaded,
            Self::Handshake { .. } | Self::Certificate { .. } | Self::CertificateChanged(_) => {
                Reason::SslAuthenticationFailed
            }
            Self::Header(_) | Self::Broken { .. } | Self::AnswerTooLarge(_) | Self::ReadTimeout => {
                Reason::IoError
            }
        })
    }
}
