//! The structure of a token: a CMS `SignedData` (RFC 5652) with one signer over a `TSTInfo`.
//!
//! This only reads. Whether what was read may be believed is for `verification` to say.

use der::asn1::ObjectIdentifier;
use sim_clock::UtcTime;

use super::imprint::{Imprint, ImprintError};
use super::verification::TimeStampError;
use crate::der_reader::{DerError, DerReader};
use crate::der_writer::tag;
use crate::object_identifiers as oid;

/// The serial number of a token has up to 160 bits, and an octet for its sign.
const MAX_SERIAL_OCTETS: usize = 21;
/// Certificates in X-Road have serial numbers of up to 20 octets, and an octet for the sign.
const MAX_CERTIFICATE_SERIAL_OCTETS: usize = 21;

/// A token that was read.
pub(super) struct Token<'a> {
    /// `SignedData` up to its certificates.
    pub(super) before_certificates: &'a [u8],
    /// Contents octets of the certificate set, where there is one.
    pub(super) certificates: Option<&'a [u8]>,
    /// `SignedData` from after its certificates.
    pub(super) after_certificates: &'a [u8],
    /// The encoded `TSTInfo`.
    pub(super) info: &'a [u8],
    /// The one signer.
    pub(super) signer: SignerInfo<'a>,
}

/// `SignerInfo`.
pub(super) struct SignerInfo<'a> {
    /// The signer's certificate's issuer: a DER `Name`.
    pub(super) issuer: &'a [u8],
    /// The signer's certificate's serial number.
    pub(super) serial: &'a [u8],
    /// What the content was digested with.
    pub(super) digest_algorithm: ObjectIdentifier,
    /// Contents octets of the signed attributes.
    pub(super) attributes: &'a [u8],
    /// What the signature was made with.
    pub(super) signature_algorithm: ObjectIdentifier,
    /// The signature.
    pub(super) signature: &'a [u8],
}

/// `TSTInfo`.
pub(super) struct TstInfo {
    pub(super) policy: ObjectIdentifier,
    pub(super) imprint: Imprint,
    pub(super) serial: Vec<u8>,
    pub(super) gen_time: UtcTime,
    pub(super) nonce: Option<Vec<u8>>,
}

impl<'a> Token<'a> {
    /// Reads a token; bytes after it are refused.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, TimeStampError> {
        let mut content_info = DerReader::only_sequence(bytes)?;
        if content_info.oid()? != oid::SIGNED_DATA {
            return Err(TimeStampError::Unexpected(
                "content that is not signed data",
            ));
        }
        let explicit = content_info.contents(tag::constructed(0))?;
        content_info.finish()?;

        let mut data = DerReader::only_sequence(explicit)?;
        let whole = data.remaining();
        if data.small_integer()? != 3 {
            return Err(TimeStampError::Unexpected(
                "version of signed data other than 3",
            ));
        }
        let mut digests = data.nested(tag::SET)?;
        let info = read_content(data.sequence()?)?;
        let before_certificates = &whole[..whole.len() - data.remaining().len()];
        let certificates = data.optional(tag::constructed(0))?;
        let after_certificates = data.remaining();
        // Revocation lists, which could stand here, are nothing a time-stamping authority sends.
        let mut signers = data.nested(tag::SET)?;
        data.finish()?;
        if signers.is_empty() {
            return Err(TimeStampError::SignerCount);
        }
        let signer = SignerInfo::read(signers.sequence()?)?;
        if !signers.is_empty() {
            return Err(TimeStampError::SignerCount);
        }
        if digests.algorithm()? != signer.digest_algorithm || !digests.is_empty() {
            return Err(TimeStampError::Unexpected(
                "digest algorithms other than the signer's",
            ));
        }
        Ok(Self {
            before_certificates,
            certificates,
            after_certificates,
            info,
            signer,
        })
    }
}

fn read_content(mut content: DerReader<'_>) -> Result<&[u8], TimeStampError> {
    if content.oid()? != oid::TST_INFO {
        return Err(TimeStampError::Unexpected("content that is not a TSTInfo"));
    }
    let mut explicit = content.nested(tag::constructed(0))?;
    content.finish()?;
    let info = explicit.contents(tag::OCTET_STRING)?;
    explicit.finish()?;
    Ok(info)
}

impl<'a> SignerInfo<'a> {
    fn read(mut fields: DerReader<'a>) -> Result<Self, TimeStampError> {
        if fields.small_integer()? != 1 {
            return Err(TimeStampError::Unexpected(
                "signer not named by issuer and serial number",
            ));
        }
        let mut name = fields.sequence()?;
        let issuer = name.element(tag::SEQUENCE)?.encoded;
        let serial = name.integer(MAX_CERTIFICATE_SERIAL_OCTETS)?;
        name.finish()?;
        let digest_algorithm = fields.algorithm()?;
        let attributes = fields.contents(tag::constructed(0))?;
        let signature_algorithm = fields.algorithm()?;
        let signature = fields.contents(tag::OCTET_STRING)?;
        // Unsigned attributes prove nothing and are let pass.
        fields.optional(tag::constructed(1))?;
        fields.finish()?;
        Ok(Self {
            issuer,
            serial,
            digest_algorithm,
            attributes,
            signature_algorithm,
            signature,
        })
    }

    /// The only value of the signed attribute `wanted`; `None` where there is no such attribute.
    pub(super) fn attribute(
        &self,
        wanted: ObjectIdentifier,
    ) -> Result<Option<DerReader<'a>>, TimeStampError> {
        let mut found = None;
        let mut list = DerReader::new(self.attributes);
        while !list.is_empty() {
            let mut attribute = list.sequence()?;
            let oid = attribute.oid()?;
            let mut values = attribute.nested(tag::SET)?;
            attribute.finish()?;
            if oid != wanted {
                continue;
            }
            let value = values.any()?.encoded;
            if found.is_some() || !values.is_empty() {
                return Err(TimeStampError::Unexpected("repeated signed attribute"));
            }
            found = Some(DerReader::new(value));
        }
        Ok(found)
    }
}

impl TstInfo {
    /// Reads a `TSTInfo`; bytes after it are refused.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, TimeStampError> {
        let mut fields = DerReader::only_sequence(bytes)?;
        if fields.small_integer()? != 1 {
            return Err(TimeStampError::Unexpected(
                "version of TSTInfo other than 1",
            ));
        }
        let policy = fields.oid()?;
        let imprint = Imprint::read(&mut fields)?;
        let serial = fields.integer(MAX_SERIAL_OCTETS)?.to_vec();
        let gen_time = fields.generalized_time()?;
        // Accuracy and ordering say how far two stamps can be compared, which nobody here does.
        fields.optional(tag::SEQUENCE)?;
        fields.optional(tag::BOOLEAN)?;
        let nonce = fields.optional(tag::INTEGER)?.map(<[u8]>::to_vec);
        fields.optional(tag::constructed(0))?;
        if fields.optional(tag::constructed(1))?.is_some() {
            return Err(TimeStampError::Unexpected("extension of TSTInfo"));
        }
        fields.finish()?;
        Ok(Self {
            policy,
            imprint,
            serial,
            gen_time,
            nonce,
        })
    }
}

impl From<ImprintError> for TimeStampError {
    fn from(error: ImprintError) -> Self {
        match error {
            ImprintError::Malformed(error) => Self::Malformed(error),
            ImprintError::UnknownAlgorithm => {
                Self::Malformed(DerError::BadValue("a digest algorithm"))
            }
            ImprintError::WrongLength => Self::Malformed(DerError::BadValue("an imprint")),
        }
    }
}
