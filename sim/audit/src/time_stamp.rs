//! Time-stamp tokens (RFC 3161): CMS signed data (RFC 5652) over what was stamped, and when.

use cms::cert::x509::attr::Attribute;
use cms::cert::x509::der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use cms::cert::x509::der::{self, Decode, Encode, Reader, Tag, Tagged};
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use sim_clock::UtcTime;

use crate::certificate::{Certificate, TIME_STAMPING};
use crate::digest::Digest;
use crate::keys::{self, SHA512_OID};
use crate::kinds::{self, Kind};
use crate::trust::Trust;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// SigningCertificateV2 (RFC 5816).
const SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
/// What an ESSCertIDv2 means where it names no algorithm.
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// What a token says.
#[derive(Debug)]
struct Info {
    algorithm: ObjectIdentifier,
    imprint: Vec<u8>,
    time: UtcTime,
}

/// Verifies a token over `imprint`; its time.
///
/// A token that is good in itself but covers something else is told from one that is not.
pub(crate) fn verify(
    token: &[u8],
    imprint: &Digest,
    trust: &Trust,
) -> Result<UtcTime, (Kind, String)> {
    let info = verify_token(token, trust)
        .map_err(|what| (kinds::TIME_STAMP_INVALID, format!("token: {what}")))?;
    if info.algorithm != SHA512_OID || info.imprint != imprint {
        let text = "the token covers something else than its batch".to_owned();
        return Err((kinds::ANOTHER_BATCH, text));
    }
    Ok(info.time)
}

fn verify_token(token: &[u8], trust: &Trust) -> Result<Info, String> {
    let content = ContentInfo::from_der(token).map_err(text)?;
    if content.to_der().as_deref() != Ok(token) {
        return Err("not in DER".to_owned());
    }
    if content.content_type != SIGNED_DATA {
        return Err("no signed data".to_owned());
    }
    let signed: SignedData = content.content.decode_as().map_err(text)?;
    let inner = &signed.encap_content_info;
    let content = inner
        .econtent
        .as_ref()
        .filter(|_| inner.econtent_type == TST_INFO);
    let content = content.ok_or("no time-stamp inside")?;
    let content = content
        .decode_as::<OctetStringRef<'_>>()
        .map_err(text)?
        .as_bytes();
    let info = Info::parse(content)?;
    let [signer] = signed.signer_infos.0.as_slice() else {
        return Err("not signed by exactly one".to_owned());
    };
    let authority = trust
        .time_stamping_authorities
        .iter()
        .find(|authority| is_of(signer, authority))
        .ok_or("not signed by an approved authority")?;
    if !authority.is_only_for(TIME_STAMPING) {
        return Err("its authority may not sign time-stamps".to_owned());
    }
    if !authority.is_valid_at(info.time) {
        return Err("its authority's certificate was not valid then".to_owned());
    }
    verify_signer(signer, content, authority)?;
    Ok(info)
}

/// True where the signer says that it is this authority.
fn is_of(signer: &SignerInfo, authority: &Certificate) -> bool {
    let SignerIdentifier::IssuerAndSerialNumber(id) = &signer.sid else {
        return false;
    };
    let certificate = &authority.parsed().tbs_certificate;
    id.issuer == certificate.issuer && id.serial_number == certificate.serial_number
}

/// The signed attributes must be of this content, name the authority, and be signed by it.
fn verify_signer(
    signer: &SignerInfo,
    content: &[u8],
    authority: &Certificate,
) -> Result<(), String> {
    let attributes = signer.signed_attrs.as_ref().ok_or("nothing is signed")?;
    let value = |oid| {
        let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
        match (found.next(), found.next()) {
            (Some(attribute), None) => single(attribute),
            _ => None,
        }
    };
    let content_type = value(CONTENT_TYPE).and_then(|value| value.decode_as().ok());
    if content_type != Some(TST_INFO) {
        return Err("its attributes are of another content".to_owned());
    }
    let digest = keys::digest(signer.digest_alg.oid, content);
    let claimed = value(MESSAGE_DIGEST).filter(|value| value.tag() == Tag::OctetString);
    if digest.is_none() || claimed.as_ref().map(|claimed| claimed.value()) != digest.as_deref() {
        return Err("its digest is not that of its content".to_owned());
    }
    let named = value(SIGNING_CERTIFICATE).and_then(|value| first_certificate(value).ok());
    let (algorithm, hash) = named.ok_or("it does not name its certificate")?;
    if keys::digest(algorithm, authority.der()) != Some(hash) {
        return Err("it names another certificate".to_owned());
    }
    // What is signed is the set itself, not the implicitly tagged field.
    let signed = attributes.to_der().map_err(text)?;
    let signature = signer.signature.as_bytes();
    if authority
        .key()
        .verifies_der(signer.signature_algorithm.oid, &signed, signature)
    {
        Ok(())
    } else {
        Err("its signature is invalid".to_owned())
    }
}

/// The only value of an attribute.
fn single(attribute: &Attribute) -> Option<AnyRef<'_>> {
    match attribute.values.as_slice() {
        [value] => Some(AnyRef::from(value)),
        _ => None,
    }
}

/// Algorithm and hash of the first certificate that a SigningCertificateV2 names.
fn first_certificate(value: AnyRef<'_>) -> der::Result<(ObjectIdentifier, Vec<u8>)> {
    let mut certificates = None;
    value.sequence(|reader| {
        certificates = Some(AnyRef::decode(reader)?);
        skip_rest(reader)
    })?;
    let certificates = certificates.ok_or(Tag::Sequence.value_error())?;
    let mut first = None;
    certificates.sequence(|reader| {
        first = Some(AnyRef::decode(reader)?);
        skip_rest(reader)
    })?;
    let mut found = None;
    first
        .ok_or(Tag::Sequence.value_error())?
        .sequence(|reader| {
            let mut field = AnyRef::decode(reader)?;
            let mut algorithm = SHA256;
            if field.tag() == Tag::Sequence {
                field.sequence(|reader| {
                    algorithm = ObjectIdentifier::decode(reader)?;
                    skip_rest(reader)
                })?;
                field = AnyRef::decode(reader)?;
            }
            found = Some((
                algorithm,
                field.decode_as::<OctetStringRef<'_>>()?.as_bytes().to_vec(),
            ));
            skip_rest(reader)
        })?;
    found.ok_or(Tag::Sequence.value_error())
}

impl Info {
    /// Reads a TSTInfo, whose time may have fractions.
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut found = None;
        AnyRef::try_from(bytes)
            .and_then(|info| {
                info.sequence(|reader| {
                    let version = u8::decode(reader)?;
                    let _policy = ObjectIdentifier::decode(reader)?;
                    let (algorithm, imprint) = message_imprint(AnyRef::decode(reader)?)?;
                    let _serial = AnyRef::decode(reader)?;
                    let time = AnyRef::decode(reader)?;
                    found = Some((version, algorithm, imprint, time));
                    skip_rest(reader)
                })
            })
            .map_err(text)?;
        let (version, algorithm, imprint, time) = found.ok_or("empty")?;
        if version != 1 || time.tag() != Tag::GeneralizedTime {
            return Err("no time-stamp of version 1".to_owned());
        }
        let time = generalized_time(time.value()).ok_or("its time is none")?;
        Ok(Self {
            algorithm,
            imprint,
            time,
        })
    }
}

fn message_imprint(value: AnyRef<'_>) -> der::Result<(ObjectIdentifier, Vec<u8>)> {
    value.sequence(|reader| {
        let algorithm = AnyRef::decode(reader)?.sequence(|reader| {
            let oid = ObjectIdentifier::decode(reader)?;
            skip_rest(reader)?;
            Ok(oid)
        })?;
        let imprint = <OctetStringRef<'_>>::decode(reader)?.as_bytes().to_vec();
        Ok((algorithm, imprint))
    })
}

fn skip_rest<'r>(reader: &mut impl Reader<'r>) -> der::Result<()> {
    while !reader.is_finished() {
        AnyRef::decode(reader)?;
    }
    Ok(())
}

/// `YYYYMMDDHHMMSS[.fff]Z`; fractions below a millisecond are cut.
fn generalized_time(bytes: &[u8]) -> Option<UtcTime> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let part = |from, to| &whole[from..to];
    UtcTime::parse_rfc3339(&format!(
        "{}-{}-{}T{}:{}:{}.{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14),
        &fraction[..fraction.len().min(9)],
    ))
}

fn text(error: der::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_tokens_have_fractions() {
        for (text, expected) in [
            ("20261121225333.959Z", Some("2026-11-21T22:53:33.959Z")),
            ("20261121225333.9Z", Some("2026-11-21T22:53:33.900Z")),
            ("20261121225333Z", Some("2026-11-21T22:53:33.000Z")),
            ("20261121225333.Z", None),
            ("20261121225333", None),
            ("202611212253Z", None),
            ("20261321225333Z", None),
        ] {
            let time = generalized_time(text.as_bytes()).map(UtcTime::rfc3339_millis);
            assert_eq!(time.as_deref(), expected, "{text}");
        }
    }
}
