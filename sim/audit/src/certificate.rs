//! X.509 certificates, as far as evidence depends on them.

use cms::cert::x509::Certificate as X509;
use cms::cert::x509::attr::AttributeTypeAndValue;
use cms::cert::x509::der::asn1::{ObjectIdentifier, PrintableStringRef, Utf8StringRef};
use cms::cert::x509::der::{Decode, Encode, Tag, Tagged};
use cms::cert::x509::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use sim_clock::UtcTime;
use sim_domain::MemberId;

use crate::keys::PublicKey;

const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// May sign time-stamps (RFC 3161, section 2.3).
pub(crate) const TIME_STAMPING: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
/// May sign OCSP responses (RFC 6960, section 4.2.2.2).
pub(crate) const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");

/// A certificate with a key of a kind that members or trust services have.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    parsed: X509,
    key: PublicKey,
}

// === impl Certificate ===

impl Certificate {
    pub(crate) fn parse(der: &[u8]) -> Result<Self, String> {
        let parsed = X509::from_der(der).map_err(|error| format!("no certificate: {error}"))?;
        Self::of(parsed, Some(der))
    }

    /// Reads every certificate of a PEM text.
    pub(crate) fn parse_pem(text: &[u8]) -> Result<Vec<Self>, String> {
        let parsed = X509::load_pem_chain(text).map_err(|error| error.to_string())?;
        parsed
            .into_iter()
            .map(|certificate| Self::of(certificate, None))
            .collect()
    }

    /// What was parsed must be what was given, to the last byte: a signature covers the bytes.
    pub(crate) fn of(parsed: X509, given: Option<&[u8]>) -> Result<Self, String> {
        let der = parsed
            .to_der()
            .map_err(|error| format!("no certificate: {error}"))?;
        if given.is_some_and(|given| given != der) {
            return Err("its certificate is not in DER".to_owned());
        }
        let info = &parsed.tbs_certificate.subject_public_key_info;
        let bits = info.subject_public_key.raw_bytes();
        let key = PublicKey::of(info.algorithm.oid, bits)
            .ok_or("its key is neither on P-256 nor RSA of 2,048 bits or more")?;
        Ok(Self { der, parsed, key })
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) const fn key(&self) -> &PublicKey {
        &self.key
    }

    pub(crate) const fn parsed(&self) -> &X509 {
        &self.parsed
    }

    /// DER of the subject's name.
    pub(crate) fn subject(&self) -> Vec<u8> {
        self.parsed
            .tbs_certificate
            .subject
            .to_der()
            .unwrap_or_default()
    }

    /// The bits of the public key.
    pub(crate) fn key_bits(&self) -> &[u8] {
        self.parsed
            .tbs_certificate
            .subject_public_key_info
            .subject_public_key
            .raw_bytes()
    }

    pub(crate) fn serial(&self) -> &[u8] {
        self.parsed.tbs_certificate.serial_number.as_bytes()
    }

    /// The serial number as a decimal text.
    pub(crate) fn serial_decimal(&self) -> String {
        decimal(self.serial())
    }

    /// The issuer's name as text (RFC 2253).
    pub(crate) fn issuer_text(&self) -> String {
        self.parsed.tbs_certificate.issuer.to_string()
    }

    pub(crate) fn is_valid_at(&self, time: UtcTime) -> bool {
        let validity = &self.parsed.tbs_certificate.validity;
        let seconds = time.as_millis().div_euclid(1_000);
        let second = |time: cms::cert::x509::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
        };
        (second(validity.not_before)..=second(validity.not_after)).contains(&seconds)
    }

    /// True where `issuer` issued and signed this certificate, and may do so.
    pub(crate) fn is_issued_by(&self, issuer: &Self) -> bool {
        let tbs = &self.parsed.tbs_certificate;
        let inner = tbs.signature.oid == self.parsed.signature_algorithm.oid;
        let Ok(signed) = tbs.to_der() else {
            return false;
        };
        inner
            && tbs.issuer == issuer.parsed.tbs_certificate.subject
            && issuer.is_authority()
            && self.parsed.signature.as_bytes().is_some_and(|signature| {
                issuer
                    .key
                    .verifies_der(self.parsed.signature_algorithm.oid, &signed, signature)
            })
    }

    fn is_authority(&self) -> bool {
        let constraints = self.parsed.tbs_certificate.get::<BasicConstraints>();
        let is_ca = matches!(
            constraints,
            Ok(Some((_, BasicConstraints { ca: true, .. })))
        );
        is_ca && self.key_usage().is_some_and(|usage| usage.key_cert_sign())
    }

    /// True where it may sign for a member what nobody can deny later.
    pub(crate) fn can_sign_messages(&self) -> bool {
        self.key_usage()
            .is_some_and(|usage| usage.non_repudiation())
    }

    /// True where its key is for `purpose`, and for nothing else.
    pub(crate) fn is_only_for(&self, purpose: ObjectIdentifier) -> bool {
        let usage = self.parsed.tbs_certificate.get::<ExtendedKeyUsage>();
        matches!(usage, Ok(Some((true, ExtendedKeyUsage(purposes)))) if purposes == [purpose])
    }

    fn key_usage(&self) -> Option<KeyUsage> {
        let usage = self.parsed.tbs_certificate.get::<KeyUsage>();
        usage.ok().flatten().map(|(_, usage)| usage)
    }

    /// The member it was issued to: C is the instance, O the class, CN the code.
    pub(crate) fn member(&self) -> Option<MemberId> {
        let mut parts = [None, None, None];
        for name in &self.parsed.tbs_certificate.subject.0 {
            let [attribute] = name.0.as_slice() else {
                return None;
            };
            let place = [COUNTRY, ORGANISATION, COMMON_NAME]
                .iter()
                .position(|oid| *oid == attribute.oid)?;
            if parts[place].replace(text(attribute)?).is_some() {
                return None;
            }
        }
        let [instance, class, code] = parts;
        MemberId::new(instance?, class?, code?).ok()
    }
}

/// The text of a name's attribute.
fn text(attribute: &AttributeTypeAndValue) -> Option<&str> {
    match attribute.value.tag() {
        Tag::Utf8String => attribute
            .value
            .decode_as::<Utf8StringRef<'_>>()
            .ok()
            .map(|text| text.as_str()),
        Tag::PrintableString => attribute
            .value
            .decode_as::<PrintableStringRef<'_>>()
            .ok()
            .map(|text| text.as_str()),
        _ => None,
    }
}

/// A big-endian number as a decimal text.
fn decimal(bytes: &[u8]) -> String {
    let mut digits = vec![0u8];
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            let value = u32::from(*digit) * 256 + carry;
            *digit = (value % 10) as u8;
            carry = value / 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    digits
        .iter()
        .rev()
        .map(|digit| char::from(b'0' + digit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_decimals() {
        assert_eq!(decimal(&[]), "0");
        assert_eq!(decimal(&[0]), "0");
        assert_eq!(decimal(&[1, 0]), "256");
        assert_eq!(decimal(&[0xff; 16]), u128::MAX.to_string());
        assert_eq!(
            decimal(&0x4412_aed4_28a5_30b5_u64.to_be_bytes()),
            0x4412_aed4_28a5_30b5_u64.to_string()
        );
    }
}
