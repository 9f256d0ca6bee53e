//! Verifying tokens (RFC 3161 section 2.4.2, RFC 5816) against the approved authorities.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use der::asn1::ObjectIdentifier;
use sim_clock::UtcTime;

use super::fail_info::FailInfo;
use super::imprint::{Imprint, ImprintAlgorithm};
use super::signer::{GRANTED, GRANTED_WITH_MODS};
use super::token::{SignerInfo, Token, TstInfo};
use crate::certificate::Certificate;
use crate::der_reader::{DerError, DerReader};
use crate::der_writer::{DerWriter, tag};
use crate::digest::Sha512;
use crate::keys::SignatureScheme;
use crate::object_identifiers as oid;

/// rsaEncryption (RFC 3279): some signers name the kind of key here instead of the signature.
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Why a token proves nothing; a fragment for "is not proven: ...".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeStampError {
    /// The bytes are not a `TimeStampResp` or a token.
    #[error("the time-stamp is malformed: {0}")]
    Malformed(#[from] DerError),
    /// A syntactically valid part that no token has; the text names it.
    #[error("the time-stamp is malformed: {0}")]
    Unexpected(&'static str),
    /// The authority refused; with its reason, where it gave one that RFC 3161 knows.
    #[error("the time-stamping authority rejected the request (status {status}, {reason:?})")]
    Rejected {
        /// `PKIStatus`.
        status: u8,
        /// `PKIFailureInfo`.
        reason: Option<FailInfo>,
    },
    /// The response says granted but carries no token.
    #[error("the time-stamp response has no token")]
    NoToken,
    /// There is not exactly one signer.
    #[error("the time-stamp does not have exactly one signer")]
    SignerCount,
    /// The token is about other bytes.
    #[error("the time-stamp is over something else")]
    WrongImprint,
    /// No approved authority has the certificate that the signer names.
    #[error("the time-stamp is not from an approved authority")]
    UnknownAuthority,
    /// The certificate is not for time-stamping alone, or was not valid at the time stated.
    #[error("the time-stamping authority's certificate does not allow the time-stamp")]
    UnfitCertificate,
    /// The token encloses certificates, but none is the approved authority's.
    #[error("the time-stamp encloses another certificate than its authority's")]
    WrongCertificate,
    /// The signed attribute that names the signer's certificate is missing or names another.
    #[error("the time-stamp's signed attributes name another certificate")]
    WrongSigningCertificate,
    /// The signed digest is missing or not that of the content.
    #[error("the time-stamp's signed attributes do not fit its content")]
    WrongMessageDigest,
    /// The digest or the signature is of a kind that is not supported.
    #[error("the time-stamp uses unsupported algorithm {0}")]
    UnsupportedAlgorithm(ObjectIdentifier),
    /// The signature is not the authority's over these bytes.
    #[error("the time-stamp has a wrong signature")]
    BadSignature,
}

/// What a token states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// What was stamped.
    pub imprint: Imprint,
    /// When.
    pub gen_time: UtcTime,
    /// Under which policy.
    pub policy: ObjectIdentifier,
    /// The token's serial number: contents octets of the INTEGER.
    pub serial: Vec<u8>,
    /// The request's nonce: contents octets of the INTEGER.
    pub nonce: Option<Vec<u8>>,
}

/// The token of a `TimeStampResp` that grants one; bytes after the response are refused.
///
/// # Errors
///
/// [`TimeStampError::Rejected`], [`TimeStampError::NoToken`], or that it cannot be read.
pub fn token_of_response(response: &[u8]) -> Result<Vec<u8>, TimeStampError> {
    let mut response = DerReader::only_sequence(response)?;
    let mut info = response.sequence()?;
    let status = info.small_integer()?;
    // The text is for people; what counts are the numbers.
    info.optional(tag::SEQUENCE)?;
    let reason = info.optional(tag::BIT_STRING)?;
    info.finish()?;
    if status != GRANTED && status != GRANTED_WITH_MODS {
        let reason = reason.and_then(FailInfo::from_bit_string_contents);
        return Err(TimeStampError::Rejected { status, reason });
    }
    if response.is_empty() {
        return Err(TimeStampError::NoToken);
    }
    let token = response.element(tag::SEQUENCE)?.encoded.to_vec();
    response.finish()?;
    Ok(token)
}

/// What `token` states, without any verification.
///
/// # Errors
///
/// That it cannot be read.
pub fn facts(token: &[u8]) -> Result<TokenFacts, TimeStampError> {
    let info = TstInfo::parse(Token::parse(token)?.info)?;
    Ok(TokenFacts {
        imprint: info.imprint,
        gen_time: info.gen_time,
        policy: info.policy,
        serial: info.serial,
        nonce: info.nonce,
    })
}

/// Checks that one of `authorities` stamped `imprint`, and says when.
///
/// The token may or may not enclose the authority's certificate; bytes after it are refused. The
/// certificate must be for time-stamping alone and have been valid at the time stated.
///
/// # Errors
///
/// Whatever is wrong first, in the order of the steps in the body.
pub fn verify_token(
    token: &[u8],
    imprint: &Sha512,
    authorities: &[Certificate],
) -> Result<UtcTime, TimeStampError> {
    let token = Token::parse(token)?;
    let info = TstInfo::parse(token.info)?;
    if info.imprint != Imprint::from(imprint) {
        return Err(TimeStampError::WrongImprint);
    }
    let authority = authorities
        .iter()
        .find(|authority| token.signer.names(authority))
        .ok_or(TimeStampError::UnknownAuthority)?;
    if !authority.can_time_stamp() || !authority.is_valid_at(info.gen_time) {
        return Err(TimeStampError::UnfitCertificate);
    }
    verify_enclosed(token.certificates, authority)?;
    verify_attributes(&token, authority)?;
    verify_signature(&token.signer, authority)?;
    Ok(info.gen_time)
}

/// Enclosed certificates help other verifiers; one of them must be the one that is approved.
fn verify_enclosed(
    certificates: Option<&[u8]>,
    authority: &Certificate,
) -> Result<(), TimeStampError> {
    let Some(certificates) = certificates else {
        return Ok(());
    };
    let mut list = DerReader::new(certificates);
    let mut found = false;
    while !list.is_empty() {
        found |= list.any()?.encoded == &authority.der()[..];
    }
    if found {
        Ok(())
    } else {
        Err(TimeStampError::WrongCertificate)
    }
}

fn verify_attributes(token: &Token<'_>, authority: &Certificate) -> Result<(), TimeStampError> {
    let signer = &token.signer;
    let content_type = match signer.attribute(oid::CONTENT_TYPE)? {
        Some(mut value) => Some(value.oid()?),
        None => None,
    };
    if content_type != Some(oid::TST_INFO) {
        return Err(TimeStampError::Unexpected("signed content type"));
    }
    let algorithm = ImprintAlgorithm::from_oid(signer.digest_algorithm).ok_or(
        TimeStampError::UnsupportedAlgorithm(signer.digest_algorithm),
    )?;
    let stated = match signer.attribute(oid::MESSAGE_DIGEST)? {
        Some(mut value) => value.contents(tag::OCTET_STRING)?,
        None => return Err(TimeStampError::WrongMessageDigest),
    };
    if stated != algorithm.digest(token.info) {
        return Err(TimeStampError::WrongMessageDigest);
    }
    let names = if let Some(value) = signer.attribute(oid::SIGNING_CERTIFICATE_V2)? {
        names_by_sha2(value, authority)?
    } else if let Some(value) = signer.attribute(oid::SIGNING_CERTIFICATE)? {
        names_by_sha1(value, authority)?
    } else {
        false
    };
    if names {
        Ok(())
    } else {
        Err(TimeStampError::WrongSigningCertificate)
    }
}

/// `SigningCertificateV2` (RFC 5035): the first certificate named is the signer's.
fn names_by_sha2(
    mut value: DerReader<'_>,
    authority: &Certificate,
) -> Result<bool, TimeStampError> {
    let mut id = value.sequence()?.sequence()?.sequence()?;
    let stated = id.any()?;
    if stated.tag == tag::OCTET_STRING {
        return Ok(stated.contents == authority.sha256());
    }
    let algorithm = DerReader::new(stated.encoded).algorithm()?;
    let known = ImprintAlgorithm::from_oid(algorithm)
        .ok_or(TimeStampError::UnsupportedAlgorithm(algorithm))?;
    Ok(id.contents(tag::OCTET_STRING)? == known.digest(authority.der()))
}

/// `SigningCertificate` (RFC 2634), which authorities of real installations still write. That SHA-1
/// collides does no harm: the certificate is one of the approved ones already.
fn names_by_sha1(
    mut value: DerReader<'_>,
    authority: &Certificate,
) -> Result<bool, TimeStampError> {
    let mut id = value.sequence()?.sequence()?.sequence()?;
    let stated = id.contents(tag::OCTET_STRING)?;
    Ok(stated == digest(&SHA1_FOR_LEGACY_USE_ONLY, authority.der()).as_ref())
}

fn verify_signature(
    signer: &SignerInfo<'_>,
    authority: &Certificate,
) -> Result<(), TimeStampError> {
    let scheme = if signer.signature_algorithm == RSA_ENCRYPTION {
        rsa_scheme(signer.digest_algorithm)
    } else {
        SignatureScheme::of_algorithm(&signer.signature_algorithm)
    }
    .ok_or(TimeStampError::UnsupportedAlgorithm(
        signer.signature_algorithm,
    ))?;
    // RFC 5652 section 5.4: what is signed is the SET OF, not the IMPLICIT tag it is sent under.
    let mut signed = DerWriter::new();
    signed.element(tag::SET, signer.attributes);
    authority
        .public_key()
        .verify(scheme, &signed.into_bytes(), signer.signature)
        .map_err(|_| TimeStampError::BadSignature)
}

fn rsa_scheme(digest: ObjectIdentifier) -> Option<SignatureScheme> {
    ImprintAlgorithm::from_oid(digest).map(|digest| match digest {
        ImprintAlgorithm::Sha256 => SignatureScheme::RsaSha256,
        ImprintAlgorithm::Sha384 => SignatureScheme::RsaSha384,
        ImprintAlgorithm::Sha512 => SignatureScheme::RsaSha512,
    })
}

impl SignerInfo<'_> {
    fn names(&self, certificate: &Certificate) -> bool {
        self.issuer == certificate.issuer_der() && self.serial == certificate.serial_bytes()
    }
}
