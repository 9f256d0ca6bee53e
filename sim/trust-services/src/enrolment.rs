//! The client side of the certification authority: asking for certificates and having them revoked.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use rcgen::string::PrintableString;
use rcgen::{CertificateParams, DistinguishedName, DnType, DnValue};
use sim_clock::UtcTime;
use sim_domain::identifiers::MemberId;
use sim_evidence::certificate::{Certificate, CertificateError};
use sim_evidence::keys::{KeyError, KeyType, MemberKey, SigningKey};

use sim_http_client::{Bounds, HttpClientError};

use crate::authority::Status;
use crate::profile::Profile;

/// No answer of the authority is longer, or takes longer.
const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 64 * 1024,
    within: Duration::from_secs(10),
};

/// Why there is no certificate, revocation or status.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// The key could not be made.
    #[error("make a key")]
    Key(#[from] KeyError),
    /// The signing request could not be made.
    #[error("make a signing request")]
    Request(#[from] rcgen::Error),
    /// The authority did not answer.
    #[error("ask the certification authority")]
    Call(#[from] HttpClientError),
    /// The authority refused.
    #[error("ask the certification authority: it answered {status}: {message}")]
    Refused {
        /// HTTP status.
        status: StatusCode,
        /// The authority's words.
        message: String,
    },
    /// The answer is not a certificate.
    #[error("read the certification authority's certificate")]
    Certificate(#[from] CertificateError),
    /// The certificate issued is for another key.
    #[error("use the certificate issued: it is for another key")]
    OtherKey,
    /// The answer is not what the authority answers.
    #[error("read the certification authority's answer")]
    Answer(#[source] serde_json::Error),
}

/// From when to when a certificate shall be valid, where that is not left to the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First instant; whole seconds count.
    pub not_before: UtcTime,
    /// Last instant; whole seconds count.
    pub not_after: UtcTime,
}

/// A signing request (PKCS#10, DER) whose subject names `member` as X-Road's test profile does: C is
/// the instance, O the member class, CN the member code.
///
/// # Errors
///
/// [`EnrolmentError::Request`] where the request cannot be signed.
pub fn member_request(
    key: &impl rcgen::SigningKey,
    member: &MemberId,
) -> Result<Vec<u8>, EnrolmentError> {
    request(
        key,
        [
            (DnType::CountryName, country(member.instance())),
            (DnType::OrganizationName, DnValue::from(member.class())),
            (DnType::CommonName, DnValue::from(member.code())),
        ],
    )
}

/// A person as certificates name them (ETSI EN 319 412-1 and 412-2).
#[derive(Clone, Copy, Debug)]
pub struct PersonName<'a> {
    /// Country code of two letters.
    pub country: &'a str,
    /// National ID, without the country.
    pub national_id: &'a str,
    /// Given name.
    pub given_name: &'a str,
    /// Surname.
    pub surname: &'a str,
}

/// A signing request (PKCS#10, DER) of a person: C, CN `SURNAME,GIVEN,CODE`, SN, GN and
/// serialNumber `PNO<C>-CODE`, as Estonia's cards have them.
///
/// # Errors
///
/// [`EnrolmentError::Request`] where the request cannot be signed.
pub fn person_request(
    key: &impl rcgen::SigningKey,
    person: &PersonName<'_>,
) -> Result<Vec<u8>, EnrolmentError> {
    let PersonName {
        country: of_country,
        national_id,
        given_name,
        surname,
    } = person;
    let upper = |text: &str| text.to_uppercase();
    let common_name = format!("{},{},{national_id}", upper(surname), upper(given_name));
    let serial_number = format!("PNO{of_country}-{national_id}");
    request(
        key,
        [
            (DnType::CountryName, country(of_country)),
            (DnType::CommonName, DnValue::from(common_name)),
            (
                DnType::CustomDnType(vec![2, 5, 4, 4]),
                DnValue::from(upper(surname)),
            ),
            (
                DnType::CustomDnType(vec![2, 5, 4, 42]),
                DnValue::from(upper(given_name)),
            ),
            (
                DnType::CustomDnType(vec![2, 5, 4, 5]),
                country(&serial_number),
            ),
        ],
    )
}

/// A signing request (PKCS#10, DER) of a service that is no member.
///
/// # Errors
///
/// [`EnrolmentError::Request`] where the request cannot be signed.
pub fn service_request(key: &SigningKey, common_name: &str) -> Result<Vec<u8>, EnrolmentError> {
    request(
        key,
        [
            (DnType::OrganizationName, DnValue::from("Roadtest")),
            (DnType::CommonName, DnValue::from(common_name)),
        ],
    )
}

/// Has a certificate issued for a signing request; returns its DER.
///
/// # Errors
///
/// [`EnrolmentError::Refused`] for a wrong token or an unacceptable request, or that there was no
/// answer.
pub async fn request_certificate(
    ca_url: &str,
    token: &str,
    profile: Profile,
    csr_der: Vec<u8>,
) -> Result<Vec<u8>, EnrolmentError> {
    post_request(&certificates_url(ca_url, profile), token, csr_der).await
}

/// As [`request_certificate`], for a period of one's own choice: also one that is over, or has not
/// begun.
///
/// # Errors
///
/// As [`request_certificate`].
pub async fn request_certificate_for(
    ca_url: &str,
    token: &str,
    profile: Profile,
    csr_der: Vec<u8>,
    period: Period,
) -> Result<Vec<u8>, EnrolmentError> {
    let url = format!(
        "{}?not_before_ms={}&not_after_ms={}",
        certificates_url(ca_url, profile),
        period.not_before.as_millis(),
        period.not_after.as_millis()
    );
    post_request(&url, token, csr_der).await
}

/// A new key of this type and its certificate for a member.
///
/// # Errors
///
/// As [`request_certificate`].
pub async fn enrol_member(
    ca_url: &str,
    token: &str,
    profile: Profile,
    member: &MemberId,
    key_type: KeyType,
) -> Result<(MemberKey, Certificate), EnrolmentError> {
    let key = MemberKey::generate(key_type)?;
    let csr = member_request(&key, member)?;
    let certificate = request_certificate(ca_url, token, profile, csr).await?;
    let certificate = certified(key.public_key_bits(), certificate)?;
    Ok((key, certificate))
}

/// A new key and its certificate for a service that is no member.
///
/// # Errors
///
/// As [`request_certificate`].
pub async fn enrol_service(
    ca_url: &str,
    token: &str,
    profile: Profile,
    common_name: &str,
) -> Result<(SigningKey, Certificate), EnrolmentError> {
    let key = SigningKey::generate()?;
    let csr = service_request(&key, common_name)?;
    let certificate = request_certificate(ca_url, token, profile, csr).await?;
    let certificate = certified(key.public_point(), certificate)?;
    Ok((key, certificate))
}

/// Revokes a certificate, with a `CRLReason` of RFC 5280 section 5.3.1 where one is given; says since
/// when it is revoked.
///
/// # Errors
///
/// [`EnrolmentError::Refused`] for a wrong token or a serial number that was never issued.
pub async fn revoke(
    ca_url: &str,
    token: &str,
    certificate: &Certificate,
    reason: Option<u8>,
) -> Result<Status, EnrolmentError> {
    let serial = hex::encode(certificate.serial_bytes());
    let body = serde_json::json!({ "serial": serial, "reason": reason }).to_string();
    let url = format!("{}/revocations", base(ca_url));
    let call = send(Method::POST, &url, token, "application/json", body.into());
    serde_json::from_slice(&call.await?).map_err(EnrolmentError::Answer)
}

/// What became of a serial number (contents octets of the INTEGER).
///
/// # Errors
///
/// That there was no answer.
pub async fn certificate_status(ca_url: &str, serial: &[u8]) -> Result<Status, EnrolmentError> {
    let url = format!("{}/status/{}", base(ca_url), hex::encode(serial));
    serde_json::from_slice(&get(&url).await?).map_err(EnrolmentError::Answer)
}

/// The authority's own certificate.
///
/// # Errors
///
/// That there was no answer, or no certificate in it.
pub async fn authority_certificate(ca_url: &str) -> Result<Certificate, EnrolmentError> {
    let url = format!("{}/ca.pem", base(ca_url));
    let pem = get(&url).await?;
    Ok(Certificate::from_pem(&String::from_utf8_lossy(&pem))?)
}

/// Tells the authority where the OCSP responder is, for the certificates it issues from now on.
pub(crate) async fn announce_responder(
    ca_url: &str,
    token: &str,
    ocsp_url: &str,
) -> Result<(), EnrolmentError> {
    let url = format!("{}/ocsp-url", base(ca_url));
    let body = ocsp_url.to_owned().into();
    send(Method::PUT, &url, token, "text/plain", body)
        .await
        .map(drop)
}

fn request<const N: usize>(
    key: &impl rcgen::SigningKey,
    subject: [(DnType, DnValue); N],
) -> Result<Vec<u8>, EnrolmentError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in subject {
        params.distinguished_name.push(kind, value);
    }
    Ok(params.serialize_request(key)?.der().to_vec())
}

/// X.520 wants countryName printable; an instance that is not is written as UTF-8.
fn country(instance: &str) -> DnValue {
    PrintableString::try_from(instance)
        .map_or_else(|_| DnValue::from(instance), DnValue::PrintableString)
}

/// The certificate issued, which must be for the key with these public bits.
fn certified(key_bits: &[u8], certificate: Vec<u8>) -> Result<Certificate, EnrolmentError> {
    let certificate = Certificate::parse(certificate)?;
    if certificate.public_key_bits() != key_bits {
        return Err(EnrolmentError::OtherKey);
    }
    Ok(certificate)
}

async fn post_request(url: &str, token: &str, csr: Vec<u8>) -> Result<Vec<u8>, EnrolmentError> {
    let call = send(Method::POST, url, token, "application/pkcs10", csr.into());
    Ok(call.await?.to_vec())
}

async fn get(url: &str) -> Result<Bytes, EnrolmentError> {
    accepted(Request::get(url), Bytes::new()).await
}

async fn send(
    method: Method,
    url: &str,
    token: &str,
    content_type: &str,
    body: Bytes,
) -> Result<Bytes, EnrolmentError> {
    let request = Request::builder()
        .method(method)
        .uri(url)
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, content_type);
    accepted(request, body).await
}

/// The body of the answer, where the authority did what it was asked.
async fn accepted(request: http::request::Builder, body: Bytes) -> Result<Bytes, EnrolmentError> {
    let request = request.body(body).map_err(HttpClientError::from)?;
    let answer = sim_http_client::once(request, BOUNDS).await?;
    if answer.status.is_success() {
        return Ok(answer.body);
    }
    let message = String::from_utf8_lossy(&answer.body).trim_end().to_owned();
    Err(EnrolmentError::Refused {
        status: answer.status,
        message,
    })
}

fn certificates_url(ca_url: &str, profile: Profile) -> String {
    format!("{}/certificates/{profile}", base(ca_url))
}

fn base(ca_url: &str) -> &str {
    ca_url.trim_end_matches('/')
}
