//! Documents that people sign: ASiC-E containers (ETSI EN 319 162-1) with XAdES signatures
//! (ETSI EN 319 132-1) that last, as Estonia's own library makes and accepts them.
//!
//! 1. [`Draft::new`] takes the files, the signer's certificate and the time;
//! 2. [`Draft::digest_to_sign`] goes to whatever holds the person's key;
//! 3. [`Draft::signed`] takes the signature;
//! 4. a [`Notary`] asks the time-stamping authority and then the OCSP responder, in that order, and
//!    [`Signed::container`] puts everything into one file.
//!
//! The XML is written in canonical form (Canonical XML 1.1), so that what is digested is what is in
//! the file but for the namespaces of the elements around it.
//!
//! [`TrustList`] is the list by which others know whom to trust (ETSI TS 119 612).
//!
//! It holds no key of a person and asks nobody for one.

mod container;
mod draft;
mod notary;
mod trust_list;
mod xml;

pub use container::MEDIA_TYPE;
pub use draft::{DataFile, Draft, DraftError, Signed};
pub use notary::{Notary, NotaryError};
pub use trust_list::{TrustList, TrustedService, TrustedServiceKind};
