//! The signed directory: which files make up the configuration, their hashes, until when they
//! hold, and the central server's signature over all of that.
//!
//! The format is that of X-Road (*Protocol for Downloading Configuration*, PR-GCONF): a
//! `multipart/related` of a `multipart/mixed` with one part a file, and the signature. The signed
//! bytes run from the first inner boundary to the line end behind the last one, exactly as sent.
//!
//! [`compose`] signs with ECDSA on P-256 over SHA-512, the signature in ASN.1 DER form;
//! [`verify`] accepts that, and RSA as most X-Road installations have it.

mod compose;
mod multipart;
mod verify;

use sim_clock::UtcTime;
use sim_evidence::certificate::Certificate;
use sim_evidence::digest::{Sha512, sha256};
use sim_evidence::keys::{KeyError, SignatureScheme, SigningKey};
use thiserror::Error;

pub use compose::compose;
pub use multipart::{Dissected, MultipartError, dissect};
pub use verify::verify;

/// Version of the configuration's content that Roadtest speaks.
pub const CONFIGURATION_VERSION: u32 = 6;
/// Identifier of the part that holds `shared-params.xml`.
pub const SHARED_PARAMETERS: &str = "SHARED-PARAMETERS";
/// Identifier of the part that holds `private-params.xml`.
pub const PRIVATE_PARAMETERS: &str = "PRIVATE-PARAMETERS";
/// Largest directory that is read, in bytes; one of two parts has about 2,000.
pub const MAX_DIRECTORY_BYTES: usize = 256 * 1024;
/// Most parts in a directory; X-Road itself has five kinds.
pub const MAX_PARTS: usize = 64;

/// What a signed directory says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// From when on the configuration must not be used; whole seconds.
    pub expires_at: UtcTime,
    /// Version of the files' content.
    pub version: u32,
    /// The files.
    pub parts: Vec<DirectoryPart>,
}

/// A file of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryPart {
    /// What the file is, such as [`SHARED_PARAMETERS`].
    pub content_identifier: String,
    /// Whose it is.
    pub instance: Option<String>,
    /// Path at the host that gave the directory, or a whole URL.
    pub location: String,
    /// Name under which a client should keep it.
    pub file_name: Option<String>,
    /// The hash of its bytes.
    pub hash: PartHash,
}

/// The hash of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartHash {
    /// SHA-512, the default.
    Sha512(Sha512),
    /// SHA-256.
    Sha256([u8; 32]),
}

/// The central server's signing key and the certificate that anchors carry.
#[derive(Clone, Debug)]
pub struct DirectorySigner {
    key: SigningKey,
    certificate: Certificate,
}

/// Why a directory is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DirectoryError {
    /// More than [`MAX_DIRECTORY_BYTES`] bytes.
    #[error("read the directory: it has {0} bytes, more than {MAX_DIRECTORY_BYTES}")]
    TooLong(usize),
    /// The multipart structure is broken.
    #[error("read the directory: {0}")]
    Multipart(#[from] MultipartError),
    /// A header is absent, is there twice, is not one of the format, or has a wrong value.
    #[error("read the directory: header {header}: {problem}")]
    Header {
        /// The header's name.
        header: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// There are more than [`MAX_PARTS`] parts.
    #[error("read the directory: it has more than {MAX_PARTS} parts")]
    TooManyParts,
    /// None of the known verification certificates is the one the signature names.
    #[error("find the verification certificate: the directory is signed with an unknown key")]
    UnknownCertificate,
    /// The signature algorithm is not accepted.
    #[error("verify the signature: algorithm `{0}` is not accepted")]
    Algorithm(String),
    /// The signature is not that key's over these bytes.
    #[error("verify the signature: {0}")]
    Signature(KeyError),
}

/// Signature algorithms, as the directory names them.
const SIGNATURE_ALGORITHMS: [(&str, SignatureScheme); 5] = [
    (ECDSA_SHA512, SignatureScheme::EcdsaSha512Asn1),
    (
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        SignatureScheme::EcdsaSha256Asn1,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        SignatureScheme::RsaSha512,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        SignatureScheme::RsaSha384,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        SignatureScheme::RsaSha256,
    ),
];
/// What [`compose`] signs with.
const ECDSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512";
/// SHA-512 as the directory names it.
const SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
/// SHA-256 as the directory names it.
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

// === impl PartHash ===

impl PartHash {
    /// SHA-512 of `content`.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self::Sha512(Sha512::of(content))
    }

    /// Whether `content` has this hash.
    #[must_use]
    pub fn matches(&self, content: &[u8]) -> bool {
        match self {
            Self::Sha512(hash) => Sha512::of(content) == *hash,
            Self::Sha256(hash) => sha256(content) == *hash,
        }
    }

    const fn algorithm(&self) -> &'static str {
        match self {
            Self::Sha512(_) => SHA512,
            Self::Sha256(_) => SHA256,
        }
    }

    const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sha512(hash) => hash.as_bytes(),
            Self::Sha256(hash) => hash,
        }
    }

    fn from_parts(algorithm: &str, hash: Vec<u8>) -> Option<Self> {
        match algorithm {
            SHA512 => Some(Self::Sha512(Sha512::from_bytes(hash.try_into().ok()?))),
            SHA256 => Some(Self::Sha256(hash.try_into().ok()?)),
            _ => None,
        }
    }
}

// === impl DirectorySigner ===

impl DirectorySigner {
    /// Signs with `key`; `certificate` is what clients verify with.
    ///
    /// # Errors
    ///
    /// [`KeyError::BadSignature`] where the certificate is not for this key.
    pub fn new(key: SigningKey, certificate: Certificate) -> Result<Self, KeyError> {
        const PROBE: &[u8] = b"does the certificate belong to the key?";
        let signature = key.sign_sha512_asn1(&[PROBE]);
        let scheme = SignatureScheme::EcdsaSha512Asn1;
        certificate.public_key().verify(scheme, PROBE, &signature)?;
        Ok(Self { key, certificate })
    }

    /// The certificate that clients verify with.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}
