//! From a certificate to a person: whose it is, and whether the people's authority says so.

mod status;

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use der::Decode;
use der::asn1::ObjectIdentifier;
use sim_clock::UtcTime;
use sim_evidence::certificate::{
    Certificate, CertificateError, CertificationAuthority, PathError, TrustAnchors, verify_path,
};
use sim_evidence::ocsp::OcspError;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage};
use x509_cert::name::Name;

use crate::carriers::{Refusal, Signed};
use crate::config::IdentityProviderConfig;
use crate::person::Person;
use status::{FRESHNESS, NotGood, Responder};

const SURNAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.4");
const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
const GIVEN_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.42");
const CLIENT_AUTHENTICATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

/// What the provider trusts about people.
pub(crate) struct PeopleTrust {
    anchors: TrustAnchors,
    responder: Responder,
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
    #[error("the certificate is not known to be good")]
    Status(#[from] NotGood),
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
            Self::Status(NotGood::Answer(OcspError::Revoked { .. })) => Refusal::REVOKED,
            Self::Status(NotGood::Answer(OcspError::Unknown)) => Refusal::CERTIFICATE,
            Self::Status(_) => Refusal::STATUS_UNKNOWN,
        }
    }
}

// === impl PeopleTrust ===

impl PeopleTrust {
    pub(crate) fn new(config: &IdentityProviderConfig) -> Result<Self, CertificateError> {
        let authority = CertificationAuthority {
            certificate: Certificate::from_pem(&config.people_ca_pem)?,
            ocsp_responders: Vec::new(),
        };
        Ok(Self {
            anchors: TrustAnchors {
                certification_authorities: vec![authority],
                time_stamping_authorities: Vec::new(),
                ocsp_freshness: FRESHNESS,
            },
            responder: Responder::new(&config.people_ocsp_url),
            prefix: format!("PNO{}-", config.country),
        })
    }

    /// The authority's subject, DER.
    pub(crate) fn authority(&self) -> &[u8] {
        let authority = self.anchors.certification_authorities.first();
        authority.map_or(&[], |authority| authority.certificate.subject_der())
    }

    /// The person whose ID-card has this certificate.
    pub(crate) async fn card_holder(
        &self,
        certificate_der: Vec<u8>,
        now: UtcTime,
    ) -> Result<Person, Distrust> {
        let certificate = Certificate::parse(certificate_der)?;
        self.holder(&certificate, now).await
    }

    /// The person that a certificate names, where the people's authority issued it for logging in
    /// and it is valid and not revoked at `now`. Whoever shows it must have proved to hold its key.
    async fn holder(&self, certificate: &Certificate, now: UtcTime) -> Result<Person, Distrust> {
        let authority = verify_path(certificate, &self.anchors, now)?;
        let person = self.person(certificate)?;
        self.responder
            .require_good(certificate, authority, now)
            .await?;
        Ok(person)
    }

    /// The person whose certificate this is, and whose key made `signature` (r‖s) over `hash`, a
    /// SHA-256. They must be the one that was asked.
    pub(crate) async fn signer(
        &self,
        signed: Signed,
        hash: &[u8; 32],
        asked: &str,
        now: UtcTime,
    ) -> Result<Person, Distrust> {
        let certificate = Certificate::parse(signed.certificate)?;
        verify_hash(&certificate, hash, &signed.signature)?;
        let person = self.holder(&certificate, now).await?;
        if person.national_id != asked {
            return Err(Distrust::OtherPerson);
        }
        Ok(person)
    }

    fn person(&self, certificate: &Certificate) -> Result<Person, Distrust> {
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
