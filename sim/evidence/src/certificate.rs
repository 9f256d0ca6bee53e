//! X.509 certificates as messages, OCSP responses and time-stamps need them.
//!
//! A [`Certificate`] is read once and then answers without parsing; its encoding is kept, because
//! digests and signatures are over those bytes. The path rule is that of a country whose approved
//! authorities issue directly: a certificate is good when an approved authority signed it.

mod distinguished_name;
mod parse;
mod path;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use der::asn1::ObjectIdentifier;
use sim_clock::UtcTime;
use sim_domain::identifiers::MemberId;
use x509_cert::ext::pkix::KeyUsage;

pub use parse::{CertificateError, MAX_CERTIFICATE_LEN};
pub use path::{PathError, verify_path};

use parse::Usage;

use crate::digest::{Sha512, sha256};
use crate::keys::{PublicKey, SignatureScheme};

const CLIENT_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");

/// A certificate that was read; clones share it, and equality is that of the encodings.
#[derive(Clone)]
pub struct Certificate(Arc<Parts>);

struct Parts {
    der: Bytes,
    to_be_signed: Bytes,
    spki: Bytes,
    subject: Bytes,
    issuer: Bytes,
    key_bits: Vec<u8>,
    serial: Vec<u8>,
    issuer_text: String,
    subject_text: String,
    member: Option<MemberId>,
    not_before: UtcTime,
    not_after: UtcTime,
    usage: Usage,
    public_key: PublicKey,
    scheme: Option<SignatureScheme>,
    signature: Vec<u8>,
}

/// One approved authority and the certificates that may sign OCSP responses for it, besides its
/// own and those it issued for that purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificationAuthority {
    /// The authority's own certificate.
    pub certificate: Certificate,
    /// Responders that the configuration names.
    pub ocsp_responders: Vec<Certificate>,
}

/// What a verifier trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustAnchors {
    /// Approved authorities.
    pub certification_authorities: Vec<CertificationAuthority>,
    /// Certificates of the approved time-stamping authorities.
    pub time_stamping_authorities: Vec<Certificate>,
    /// How old an OCSP response's `thisUpdate` may be.
    pub ocsp_freshness: Duration,
}

// === impl Certificate ===

impl Certificate {
    /// Reads one DER certificate, with nothing after it.
    ///
    /// # Errors
    ///
    /// See [`CertificateError`]. An unknown *signature* algorithm is not one of them: it shows when
    /// the signature is verified.
    pub fn parse(der: impl Into<Bytes>) -> Result<Self, CertificateError> {
        Parts::read(der.into()).map(|parts| Self(Arc::new(parts)))
    }

    /// Reads one certificate from PEM text.
    ///
    /// # Errors
    ///
    /// [`CertificateError::Pem`] where `text` is not one `CERTIFICATE` block, else as
    /// [`Self::parse`].
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        let block = pem::parse(text).map_err(|_| CertificateError::Pem)?;
        if block.tag() != "CERTIFICATE" {
            return Err(CertificateError::Pem);
        }
        Self::parse(block.into_contents())
    }

    /// The certificate as a PEM block.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
        pem::encode_config(&pem::Pem::new("CERTIFICATE", self.der().to_vec()), config)
    }

    /// The encoding that was read.
    #[must_use]
    pub fn der(&self) -> &Bytes {
        &self.0.der
    }

    /// SHA-256 of the encoding: how global configuration names authentication certificates.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        sha256(self.der())
    }

    /// SHA-512 of the encoding: how a signature document names its signing certificate.
    #[must_use]
    pub fn sha512(&self) -> Sha512 {
        Sha512::of(self.der())
    }

    /// The member that the subject names: C is the instance, O the member class, CN the code.
    #[must_use]
    pub fn subject_member(&self) -> Option<MemberId> {
        self.0.member.clone()
    }

    /// Whether the subject names `member`.
    #[must_use]
    pub fn names_member(&self, member: &MemberId) -> bool {
        self.0.member.as_ref() == Some(member)
    }

    /// The issuer as RFC 2253 text, e.g. `CN=Test CA,O=Test`.
    #[must_use]
    pub fn issuer_rfc2253(&self) -> String {
        self.0.issuer_text.clone()
    }

    /// The subject as RFC 2253 text.
    #[must_use]
    pub fn subject_rfc2253(&self) -> String {
        self.0.subject_text.clone()
    }

    /// The subject's DER `Name`.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.0.subject
    }

    /// The issuer's DER `Name`.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.0.issuer
    }

    /// The serial number in decimal.
    #[must_use]
    pub fn serial_decimal(&self) -> String {
        decimal(&self.0.serial)
    }

    /// The serial number as big-endian two's complement, as in the encoding.
    #[must_use]
    pub fn serial_bytes(&self) -> &[u8] {
        &self.0.serial
    }

    /// First instant of validity.
    #[must_use]
    pub fn not_before(&self) -> UtcTime {
        self.0.not_before
    }

    /// Last second of validity.
    #[must_use]
    pub fn not_after(&self) -> UtcTime {
        self.0.not_after
    }

    /// Whether `at` is within the validity, both ends included (RFC 5280, 4.1.2.5).
    #[must_use]
    pub fn is_valid_at(&self, at: UtcTime) -> bool {
        self.not_before() <= at && at <= self.not_after()
    }

    /// Whether the key may sign messages: key usage nonRepudiation.
    #[must_use]
    pub fn can_sign(&self) -> bool {
        self.has_usage(KeyUsage::non_repudiation)
    }

    /// Whether the key may authenticate a security server: purpose clientAuth or, as X-Road has
    /// it, a key usage of signing or enciphering.
    #[must_use]
    pub fn can_authenticate(&self) -> bool {
        self.has_purpose(&CLIENT_AUTHENTICATION)
            || self.has_usage(KeyUsage::digital_signature)
            || self.has_usage(KeyUsage::key_encipherment)
            || self.has_usage(KeyUsage::data_encipherment)
    }

    /// Whether the key may sign OCSP responses for its issuer (RFC 6960, 4.2.2.2).
    #[must_use]
    pub fn can_sign_ocsp(&self) -> bool {
        self.has_purpose(&OCSP_SIGNING)
    }

    /// Whether the key may sign time-stamps: that purpose alone, critical (RFC 3161, 2.3).
    #[must_use]
    pub fn can_time_stamp(&self) -> bool {
        let usage = &self.0.usage;
        usage.purposes_critical && usage.purposes == [TIME_STAMPING]
    }

    /// Whether this is an authority's certificate: CA flag set, key usage, where present, with
    /// keyCertSign.
    #[must_use]
    pub fn can_issue(&self) -> bool {
        let usage = &self.0.usage;
        let is_authority = usage
            .basic_constraints
            .as_ref()
            .is_some_and(|basic| basic.ca);
        is_authority && usage.key_usage.as_ref().is_none_or(KeyUsage::key_cert_sign)
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    /// The DER SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.0.spki
    }

    /// The key's bits alone, without tag, length and count of unused bits: what RFC 6960 hashes.
    #[must_use]
    pub fn public_key_bits(&self) -> &[u8] {
        &self.0.key_bits
    }

    /// Whether `issuer` is named as the issuer and its key made the signature.
    #[must_use]
    pub fn is_issued_by(&self, issuer: &Self) -> bool {
        let Some(scheme) = self.0.scheme else {
            return false;
        };
        let signed = &self.0.to_be_signed;
        self.issuer_der() == issuer.subject_der()
            && issuer
                .public_key()
                .verify(scheme, signed, &self.0.signature)
                .is_ok()
    }

    fn has_usage(&self, usage: impl Fn(&KeyUsage) -> bool) -> bool {
        self.0.usage.key_usage.as_ref().is_some_and(usage)
    }

    fn has_purpose(&self, purpose: &ObjectIdentifier) -> bool {
        self.0.usage.purposes.contains(purpose)
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subject, serial) = (&self.0.subject_text, self.serial_decimal());
        write!(formatter, "Certificate({subject}, serial {serial})")
    }
}

/// A big-endian number in decimal, by long division.
fn decimal(bytes: &[u8]) -> String {
    let mut number = bytes.to_vec();
    let mut digits = Vec::new();
    while number.iter().any(|byte| *byte != 0) {
        let mut remainder = 0_u16;
        for byte in &mut number {
            let dividend = remainder << 8 | u16::from(*byte);
            *byte = u8::try_from(dividend / 10).expect("remainder < 10, so the quotient < 256");
            remainder = dividend % 10;
        }
        digits.push(char::from(
            b'0' + u8::try_from(remainder).expect("remainder < 10"),
        ));
    }
    if digits.is_empty() {
        digits.push('0');
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests;
