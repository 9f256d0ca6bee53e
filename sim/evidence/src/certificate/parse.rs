//! Reading a certificate, and keeping where in its encoding the fields stand.

use bytes::Bytes;
use der::asn1::{BitString, BitStringRef, ObjectIdentifier};
use der::{AnyRef, Decode, Reader, SliceReader};
use sim_clock::UtcTime;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

use super::{Parts, distinguished_name};
use crate::keys::{KeyError, PublicKey, SignatureScheme};

/// Largest certificate that is read, in bytes; real ones have one to three thousand.
pub const MAX_CERTIFICATE_LEN: usize = 64 * 1024;

/// Why bytes are not a certificate that Roadtest can use.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// More than [`MAX_CERTIFICATE_LEN`] bytes.
    #[error("read a certificate of {0} bytes: too long")]
    TooLong(usize),
    /// Not DER, or not a certificate.
    #[error("read a certificate")]
    Encoding(#[from] der::Error),
    /// The two places that name the signature algorithm differ.
    #[error("read a certificate: it names two signature algorithms")]
    TwoAlgorithms,
    /// The public key is of an unsupported kind.
    #[error("read a certificate's public key")]
    PublicKey(#[from] KeyError),
    /// Not a PEM block that holds a certificate.
    #[error("read a certificate from PEM")]
    Pem,
}

/// What the extensions allow the key to do.
#[derive(Default)]
pub(super) struct Usage {
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) purposes: Vec<ObjectIdentifier>,
    pub(super) purposes_critical: bool,
}

impl Parts {
    pub(super) fn read(der: Bytes) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE_LEN {
            return Err(CertificateError::TooLong(der.len()));
        }
        let parsed = x509_cert::Certificate::from_der(&der)?;
        let tbs = parsed.tbs_certificate();
        if tbs.signature() != parsed.signature_algorithm() {
            return Err(CertificateError::TwoAlgorithms);
        }
        let fields = TbsFields::locate(&der)?;
        let key = tbs.subject_public_key_info();
        let curve = key.algorithm.parameters.as_ref();
        let curve: Option<ObjectIdentifier> = curve.and_then(|any| any.decode_as().ok());
        let key_bits = whole_bytes(&key.subject_public_key)?.to_vec();
        let public_key = PublicKey::from_parts(&key.algorithm.oid, curve.as_ref(), &key_bits)?;
        Ok(Self {
            to_be_signed: der.slice_ref(fields.to_be_signed),
            spki: der.slice_ref(fields.spki),
            subject: der.slice_ref(fields.subject),
            issuer: der.slice_ref(fields.issuer),
            key_bits,
            serial: tbs.serial_number().as_bytes().to_vec(),
            issuer_text: distinguished_name::rfc2253(tbs.issuer()),
            subject_text: distinguished_name::rfc2253(tbs.subject()),
            member: distinguished_name::member(tbs.subject()),
            not_before: utc_time(tbs.validity().not_before),
            not_after: utc_time(tbs.validity().not_after),
            usage: Usage::of(tbs)?,
            public_key,
            scheme: SignatureScheme::of_algorithm(&parsed.signature_algorithm().oid),
            signature: whole_bytes(parsed.signature())?.to_vec(),
            der,
        })
    }
}

impl Usage {
    fn of(tbs: &x509_cert::TbsCertificate) -> Result<Self, der::Error> {
        let purposes = tbs.get_extension::<ExtendedKeyUsage>()?;
        Ok(Self {
            basic_constraints: tbs
                .get_extension::<BasicConstraints>()?
                .map(|(_, value)| value),
            key_usage: tbs.get_extension::<KeyUsage>()?.map(|(_, value)| value),
            purposes_critical: purposes.as_ref().is_some_and(|(critical, _)| *critical),
            purposes: purposes.map(|(_, value)| value.0).unwrap_or_default(),
        })
    }
}

/// Where the fields stand whose very bytes matter.
struct TbsFields<'a> {
    to_be_signed: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    spki: &'a [u8],
}

impl<'a> TbsFields<'a> {
    fn locate(der: &'a [u8]) -> Result<Self, der::Error> {
        let mut outer = SliceReader::new(der)?;
        outer.sequence(|certificate| {
            let to_be_signed = certificate.tlv_bytes()?;
            AnyRef::decode(certificate)?;
            BitStringRef::decode(certificate)?;
            let mut inner = SliceReader::new(to_be_signed)?;
            inner.sequence(|tbs| {
                if tbs.peek_byte() == Some(0xa0) {
                    tbs.tlv_bytes()?; // version
                }
                tbs.tlv_bytes()?; // serialNumber
                tbs.tlv_bytes()?; // signature
                let issuer = tbs.tlv_bytes()?;
                tbs.tlv_bytes()?; // validity
                let subject = tbs.tlv_bytes()?;
                let spki = tbs.tlv_bytes()?;
                while !tbs.is_finished() {
                    tbs.tlv_bytes()?; // unique identifiers, extensions
                }
                Ok(Self {
                    to_be_signed,
                    issuer,
                    subject,
                    spki,
                })
            })
        })
    }
}

/// A bit string's bytes, where it has no bits beyond them.
fn whole_bytes(bits: &BitString) -> Result<&[u8], der::Error> {
    bits.as_bytes()
        .ok_or_else(|| der::Tag::BitString.value_error().into())
}

fn utc_time(time: x509_cert::time::Time) -> UtcTime {
    let since_epoch = time.to_unix_duration().as_millis();
    // The last year that X.509 can write is 9999.
    UtcTime::from_millis(i64::try_from(since_epoch).unwrap_or(i64::MAX))
}
