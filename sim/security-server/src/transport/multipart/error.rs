//! Why a peer's message could not be read, and what a security server then says.

use sim_domain::fault::{FaultCode, Reason};
use thiserror::Error;

use super::framing::FramingError;

/// Why a message between security servers could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum MultipartError {
    /// The peer answered with an HTTP status that is none of the transport's.
    #[error("the other security server answered with HTTP status {0}")]
    Status(http::StatusCode),
    /// The content type is not that of a message.
    #[error("the message has the content type `{0}`")]
    ContentType(String),
    /// The message is digested with another algorithm than SHA-512, or does not say so.
    #[error("the message's x-hash-algorithm is `{0}` instead of `SHA-512`")]
    HashAlgorithm(String),
    /// A request is not marked as a REST message.
    #[error("the message's x-road-message-type is `{0}` instead of `REST`")]
    MessageType(String),
    /// The multipart is malformed or cut short.
    #[error("the multipart is malformed: {0}")]
    Framing(#[from] FramingError),
    /// A part stands where none of its type may.
    #[error("unexpected part `{0}`")]
    UnexpectedPart(String),
    /// Something follows the signature.
    #[error("something follows the signature")]
    AfterSignature,
    /// There is no REST part.
    #[error("the message has no REST part")]
    MissingRest,
    /// There is no signature.
    #[error("the message has no signature")]
    MissingSignature,
    /// The reply is a SOAP message but no fault.
    #[error("the reply is a malformed SOAP fault")]
    Soap,
}

impl MultipartError {
    /// The code with which the server that read the message answers; `side` makes the code of a
    /// reason, such as [`FaultCode::server_proxy`].
    pub(crate) fn fault_code(&self, side: impl Fn(Reason) -> FaultCode) -> FaultCode {
        let nested = |reason: Reason| side(Reason::ServiceFailed).nested(reason);
        match self {
            Self::Status(_) => side(Reason::HttpError),
            Self::MissingRest => side(Reason::MissingRest),
            Self::MissingSignature => side(Reason::MissingSignature),
            Self::ContentType(_) => nested(Reason::InvalidContentType),
            Self::Framing(_) => nested(Reason::MimeParsingFailed),
            Self::Soap => nested(Reason::InvalidSoap),
            Self::HashAlgorithm(_)
            | Self::MessageType(_)
            | Self::UnexpectedPart(_)
            | Self::AfterSignature => nested(Reason::InvalidMessage),
        }
    }
}
