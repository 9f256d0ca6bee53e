//! Why a signature is refused, and what a fault code calls it.

use crate::certificate::PathError;
use crate::hash_chain::ChainError;
use crate::ocsp::OcspError;

/// Why a signature does not prove a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The document has another form than X-Road members' documents have here.
    #[error("read the signature document")]
    Malformed,
    /// The hash chain does not lead from the message to the signature.
    #[error("verify the hash chain")]
    Chain(#[from] ChainError),
    /// The message has a body and the signature comes without a hash chain to cover it.
    #[error("find the message's body in what is signed")]
    BodyNotSigned,
    /// The signing certificate's key is not for signatures.
    #[error("find nonRepudiation in the signing certificate's key usage")]
    NotForSigning,
    /// The signing certificate is another member's.
    #[error("find the sender in the signing certificate's subject")]
    OtherMember,
    /// The signature is over another message.
    #[error("compare the digest of the message with the signed one")]
    OtherMessage,
    /// The signed properties are not those that were signed.
    #[error("compare the digest of the signed properties with the signed one")]
    ChangedProperties,
    /// The signature's value is not the key's over the document.
    #[error("verify the signature's value")]
    WrongValue,
    /// No approved authority vouches for the certificate now.
    #[error("verify the signing certificate's path")]
    Path(#[from] PathError),
    /// The enclosed OCSP response does not show the certificate to be good now.
    #[error("verify the signing certificate's OCSP response")]
    Ocsp(#[from] OcspError),
}

impl SignatureError {
    /// What follows `signature_verification.` in the fault code, as X-Road's verifier has it.
    #[must_use]
    pub const fn fault_suffix(&self) -> &'static str {
        match self {
            Self::Malformed | Self::BodyNotSigned => "malformed_signature",
            Self::Chain(error) => chain_suffix(error),
            Self::NotForSigning | Self::OtherMember => "incorrect_certificate",
            Self::OtherMessage | Self::ChangedProperties | Self::WrongValue => {
                "invalid_signature_value"
            }
            Self::Path(PathError::UnknownIssuer) => "cannot_create_cert_path",
            Self::Path(_) | Self::Ocsp(OcspError::Revoked { .. } | OcspError::Unknown) => {
                "invalid_cert_path.cert_validation"
            }
            Self::Ocsp(_) => "invalid_cert_path.incorrect_validation_info",
        }
    }
}

const fn chain_suffix(error: &ChainError) -> &'static str {
    match error {
        ChainError::MalformedResult | ChainError::WrongResult => {
            "malformed_signature.invalid_hash_chain_result"
        }
        ChainError::MalformedChain => "malformed_signature.malformed_hash_chain",
        ChainError::DanglingReference(_)
        | ChainError::AbsentPart(_)
        | ChainError::WrongDigest(_) => "malformed_signature.invalid_hash_chain_ref",
        ChainError::UnusedPart(_) => "malformed_signature.hashchain_unused_inputs",
    }
}
