//! The object identifiers of OCSP responses and time-stamp tokens, each with the RFC that names it.

use der::asn1::ObjectIdentifier;

const fn oid(text: &'static str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// SHA-1 (RFC 3279); still what CertIDs are made with.
pub const SHA_1: ObjectIdentifier = oid("1.3.14.3.2.26");
/// SHA-256 (RFC 5754).
pub const SHA_256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
/// SHA-384 (RFC 5754).
pub const SHA_384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
/// SHA-512 (RFC 5754).
pub const SHA_512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");

/// ecdsa-with-SHA256 (RFC 5758).
pub const ECDSA_WITH_SHA_256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");

/// The basic OCSP response type (RFC 6960).
pub const OCSP_BASIC: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.1");
/// The nonce extension of OCSP (RFC 9654).
pub const OCSP_NONCE: ObjectIdentifier = oid("1.3.6.1.5.5.7.48.1.2");

/// CMS signed data (RFC 5652).
pub const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
/// The content of a time-stamp token (RFC 3161).
pub const TST_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");
/// Signed attribute: type of the content (RFC 5652).
pub const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
/// Signed attribute: digest of the content (RFC 5652).
pub const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
/// Signed attribute: SHA-1 of the signer's certificate (RFC 2634).
pub const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
/// Signed attribute: digest of the signer's certificate (RFC 5035).
pub const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
/// Best practices time-stamp policy (ETSI EN 319 421).
pub const BEST_PRACTICES_POLICY: ObjectIdentifier = oid("0.4.0.2023.1.1");
