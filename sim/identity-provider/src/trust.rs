//! From a certificate to a person: whose it is, and whether the people's authority says so.

use std::time::Duration;

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use der::Decode;
use der::asn1::ObjectIdentifier;
use sim_clock::UtcTime;
use sim_evidence::certificate::{
    Certificate, CertificateError, CertificationAuthority, PathError, TrustAnchors, verify_path,
};
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage};
use x509_cert::name::Name;

use crate::carriers::Refusal;
use crate::person::Person;

const SURNAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.4");
const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
const GIVEN_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.42");
const CLIENT_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
/// How old an answer of the OCSP responder may be.
const OCSP_FRESHNESS: Duration = Duration::from_secs(15 * 60);

/// What the provider trusts about people.
pub(crate) struct PeopleTrust {
    anchors: TrustAnchors,
    /// `PNO` and the country's code and a dash (ETSI EN 319 412-1, section 5.1.3).
    prefix: String,
}

/// Why a certificate or a signature proves nobody.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Distrust {
    #[error("read the certificate")]
    Certificate(#[from] CertificateError),
    #[error("read the certificate's fields")]
    Fields(#[from] der::Error),
    #[error("trust the certificate")]
    Path(#[from] PathError),
    #[error("the certificate is not for logging in: {0}")]
    Usage(&'static str),
    #[error("the certificate names no person of this country: {0}")]
    Subject(&'static str),
    #[error("the signature does not fit the certificate's key and the hash")]
    Signature,
    #[error("the certificate is another person's")]
    OtherPerson,
}

// === impl Distrust ===

impl Distrust {
    /// What a person, and a robot, is told.
    pub(crate) const fn refusal(&self) -> Refusal {
        match self {
            Self::Certificate(_) | Self::Fields(_) | Self::Path(_) => Refusal::CERTIFICATE,
            Self::Usage(_) | Self::Subject(_) => Refusal::CERTIFICATE,
            Self::Signature => Refusal::SIGNATURE,
            Self::OtherPerson => Refusal::OTHER_PERSON,
        }
    }
}

// === impl PeopleTrust ===

impl PeopleTrust {
    pub(crate) fn new(people_ca_pem: &str, country: &str) -> Result<Self, CertificateError> {
        let authority = CertificationAuthority {
            certificate: Certificate::from_pem(people_ca_pem)?,
            ocsp_responders: Vec::new(),
        };
        Ok(Self {
            anchors: TrustAnchors {
                certification_authorities: vec![authority],
                time_stamping_authorities: Vec::new(),
                ocsp_freshness: OCSP_FRESHNESS,
            },
            prefix: format!("PNO{country}-"),
        })
    }

    /// The person that a certificate names, where the people's authority issued it for logging in
    /// and it is valid at `now`.
    pub(crate) fn person(
        &self,
        certificate: &Certificate,
        now: UtcTime,
    ) -> Result<Person, Distrust> {
        verify_path(certificate, &self.anchors, now)?;
        require_log_in_usage(certificate)?;
        let subject = Name::from_der(certificate.subject_der())?;
        let one = |kind: &ObjectIdentifier, what| {
            only_text(&subject, kind)?.ok_or(Distrust::Subject(what))
        };
        let number = one(&SERIAL_NUMBER, "serialNumber")?;
        let national_id = number
            .strip_prefix(&self.prefix)
            .filter(|id| !id.is_empty());
        Ok(Person {
            national_id: national_id
                .ok_or(Distrust::Subject("serialNumber"))?
                .to_owned(),
            given_name: one(&GIVEN_NAME, "GN")?,
            family_name: one(&SURNAME, "SN")?,
        })
    }

    /// The person whose certificate this is, and whose key made `signature` (r‖s) over `hash`, a
    /// SHA-256. They must be the one that was asked.
    pub(crate) fn signer(
        &self,
        certificate_der: Vec<u8>,
        hash: &[u8; 32],
        signature: &[u8],
        asked: &str,
        now: UtcTime,
    ) -> Result<Person, Distrust> {
        let certificate = Certificate::parse(certificate_der)?;
        let person = self.person(&certificate, now)?;
        verify_hash(&certificate, hash, signature)?;
        if person.national_id != asked {
            return Err(Distrust::OtherPerson);
        }
        Ok(person)
    }
}

/// A key of another kind than P-256 fits no signature here.
fn verify_hash(
    certificate: &Certificate,
    hash: &[u8; 32],
    signature: &[u8],
) -> Result<(), Distrust> {
    let hash = Digest::import_less_safe(hash, &SHA256).map_err(|_| Distrust::Signature)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, certificate.public_key_bits())
        .verify_digest(&hash, signature)
        .map_err(|_| Distrust::Signature)
}

/// A certificate for signing documents must not log anybody in: people sign what they are shown.
fn require_log_in_usage(certificate: &Certificate) -> Result<(), Distrust> {
    let parsed = x509_cert::Certificate::from_der(certificate.der())?;
    let tbs = parsed.tbs_certificate();
    let usage = tbs.get_extension::<KeyUsage>()?;
    if !usage.is_some_and(|(_, usage)| usage.digital_signature()) {
        return Err(Distrust::Usage("no key usage digitalSignature"));
    }
    let purposes = tbs.get_extension::<ExtendedKeyUsage>()?;
    if !purposes.is_some_and(|(_, purposes)| purposes.0.contains(&CLIENT_AUTHENTICATION)) {
        return Err(Distrust::Usage("no purpose clientAuth"));
    }
    Ok(())
}

/// The text of the only attribute of this kind; of two, nobody knows which one is meant.
fn only_text(name: &Name, kind: &ObjectIdentifier) -> Result<Option<String>, Distrust> {
    let mut found = None;
    for attribute in name.iter().filter(|attribute| attribute.oid == *kind) {
        if found.is_some() {
            return Err(Distrust::Subject("an attribute twice"));
        }
        let text = String::from_utf8(attribute.value.value().to_vec());
        found = Some(text.map_err(|_| Distrust::Subject("text that is not UTF-8"))?);
    }
    Ok(found)
}
