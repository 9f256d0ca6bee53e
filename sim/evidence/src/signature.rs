//! Signature documents: XAdES as X-Road's members sign their messages with.
//!
//! A [`MemberSigner`] writes the documents and a [`SignatureVerifier`] checks them. Both work from
//! one template: the document is written in canonical form (Canonical XML 1.0), so that its own
//! bytes, with the namespaces in scope added, are what is digested and signed, and so that a
//! verifier can hold every byte against what it must be. A document of any other form is refused.
//!
//! The form is ETSI TS 101 903 (XAdES) in an ETSI TS 102 918 (ASiC) root, with ECDSA P-256 or RSA
//! over SHA-512, the signing certificate and one OCSP response enclosed.

mod cache;
mod error;
mod signer;
mod template;
mod verifier;

pub use error::SignatureError;
pub use signer::{MemberSigner, MessageSignature, SignedBatch};
pub use verifier::{SignatureVerifier, Verified};

#[cfg(test)]
mod tests;
