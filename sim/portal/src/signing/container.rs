//! The signed document: an ASiC-E container, made by `sim_signed_documents`. Before a person is
//! asked, their certificate is checked; before anything is handed in, their signature is.

use std::time::Duration;

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use bytes::Bytes;
use der::Decode;
use der::asn1::ObjectIdentifier;
use http::{Request, StatusCode, header};
use sim_clock::{Clock, UtcTime};
use sim_evidence::certificate::{Certificate, CertificateError, CertificationAuthority};
use sim_evidence::ocsp::{self, OcspError};
use sim_http_client::{Bounds, HttpClient, HttpClientError};
use sim_signed_documents::{Draft, DraftError, NotaryError};
use x509_cert::name::Name;

use crate::config::PortalConfig;
use crate::sessions::Person;

/// How old a word on a certificate may be.
const OCSP_FRESHNESS: Duration = Duration::from_secs(15 * 60);
/// No answer of the responder is longer, or takes longer.
const OCSP_BOUNDS: Bounds = Bounds {
    max_answer_bytes: 64 * 1024,
    within: Duration::from_secs(10),
};
/// `serialNumber` (X.520).
const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");

/// Knows whose signatures count, and makes them last.
pub(crate) struct Notary {
    http: HttpClient,
    clock: Clock,
    authority: CertificationAuthority,
    ocsp_url: String,
    inner: sim_signed_documents::Notary,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(super) enum ContainerError {
    #[error(transparent)]
    Draft(#[from] DraftError),
    #[error(transparent)]
    Notary(#[from] NotaryError),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error("the people's authority did not issue the certificate")]
    OtherAuthority,
    #[error("the certificate is not valid now")]
    NotValid,
    #[error("the certificate is somebody else's")]
    OtherPerson,
    #[error("malformed request: {0}")]
    Request(#[from] http::Error),
    #[error(transparent)]
    Call(#[from] HttpClientError),
    #[error("the OCSP responder answered {0}")]
    Status(StatusCode),
    #[error(transparent)]
    Ocsp(#[from] OcspError),
    #[error("the signature is not the person's")]
    OtherSignature,
}

// === impl ContainerError ===

impl ContainerError {
    /// For pages and robots: whether it is the person's key or the trust services.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Draft(_)
            | Self::Certificate(_)
            | Self::OtherAuthority
            | Self::NotValid
            | Self::OtherPerson
            | Self::Ocsp(OcspError::Revoked { .. } | OcspError::Unknown) => "CERTIFICATE",
            Self::OtherSignature => "SIGNATURE",
            Self::Notary(_)
            | Self::Request(_)
            | Self::Call(_)
            | Self::Status(_)
            | Self::Ocsp(_) => "TRUST_SERVICE",
        }
    }
}

// === impl Notary ===

impl Notary {
    pub(crate) fn new(
        config: &PortalConfig,
        http: HttpClient,
        clock: Clock,
    ) -> Result<Self, CertificateError> {
        let certificate = Certificate::from_pem(&config.people_ca_pem)?;
        let (tsa_url, ocsp_url) = (&config.tsa_url, &config.people_ocsp_url);
        let issuer = certificate.clone();
        Ok(Self {
            inner: sim_signed_documents::Notary::new(http.clone(), tsa_url, ocsp_url, issuer),
            http,
            clock,
            authority: CertificationAuthority {
                certificate,
                ocsp_responders: Vec::new(),
            },
            ocsp_url: ocsp_url.clone(),
        })
    }

    /// Checks that a certificate (DER) is the person's own, issued by the people's authority and
    /// good now.
    pub(super) async fn check(&self, der: Vec<u8>, person: &Person) -> Result<(), ContainerError> {
        let certificate = Certificate::parse(der)?;
        let issuer = &self.authority.certificate;
        if !certificate.is_issued_by(issuer) {
            return Err(ContainerError::OtherAuthority);
        }
        let now = self.clock.now();
        if !certificate.is_valid_at(now) {
            return Err(ContainerError::NotValid);
        }
        if !names(&certificate, person) {
            return Err(ContainerError::OtherPerson);
        }
        let response = self.ask_about(&certificate).await?;
        let now = self.clock.now();
        ocsp::verify_response(
            &response,
            &certificate,
            &self.authority,
            OCSP_FRESHNESS,
            now,
        )?;
        Ok(())
    }

    /// The document with the person's signature, r and s, once that is found to be theirs.
    pub(super) async fn complete(
        &self,
        draft: Draft,
        signature: &[u8],
    ) -> Result<Bytes, ContainerError> {
        let digest = draft.digest_to_sign();
        let digest = Digest::import_less_safe(&digest, &SHA256);
        let digest = digest.map_err(|_| ContainerError::OtherSignature)?;
        let key = draft.certificate().public_key_bits();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
            .verify_digest(&digest, signature)
            .map_err(|_| ContainerError::OtherSignature)?;
        Ok(self.inner.complete(&draft.signed(signature)?).await?.into())
    }

    async fn ask_about(&self, certificate: &Certificate) -> Result<Bytes, ContainerError> {
        let question = ocsp::request(certificate, &self.authority.certificate);
        let request = Request::post(&self.ocsp_url)
            .header(header::CONTENT_TYPE, "application/ocsp-request")
            .body(Bytes::from(question))?;
        let answer = self.http.call(request, OCSP_BOUNDS).await?;
        if answer.status == StatusCode::OK {
            Ok(answer.body)
        } else {
            Err(ContainerError::Status(answer.status))
        }
    }
}

/// A document of these files, to be signed with this certificate (DER).
pub(super) fn draft(
    files: Vec<sim_signed_documents::DataFile>,
    certificate: Vec<u8>,
    at: UtcTime,
) -> Result<Draft, ContainerError> {
    Ok(Draft::new(files, certificate, at)?)
}

/// Whether the subject has one `serialNumber`, which is the person's: `PNOEE-38001085718`
/// (ETSI EN 319 412-1, section 5.1.3).
fn names(certificate: &Certificate, person: &Person) -> bool {
    let Ok(subject) = Name::from_der(certificate.subject_der()) else {
        return false;
    };
    let mut numbers = subject
        .iter()
        .filter(|attribute| attribute.oid == SERIAL_NUMBER);
    let expected = format!("PNO{}-{}", person.country(), person.national_id);
    let first = numbers.next();
    first.is_some_and(|number| number.value.value() == expected.as_bytes())
        && numbers.next().is_none()
}
