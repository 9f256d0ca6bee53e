//! The authority's key and certificate, and the certificates that it signs.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use der::asn1::ObjectIdentifier;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CustomExtension,
    DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose,
    SerialNumber,
};
use sim_clock::{Clock, UtcTime};
use sim_evidence::certificate::{Certificate, CertificateError};
use sim_evidence::der_writer::{DerWriter, tag};
use sim_evidence::keys::{KeyError, SigningKey};

use super::config::CaConfig;
use crate::profile::Profile;

const KEY_FILE: &str = "ca.key";
const CERTIFICATE_FILE: &str = "ca.pem";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Validity of the authority's own certificate, which begins a day before it is made.
const ROOT_VALIDITY: Duration = Duration::from_secs(20 * 365 * 24 * 60 * 60);
/// Certificates are valid from a little before they are issued, so that a verifier whose clock is
/// a little behind accepts them at once.
const BACKDATING: Duration = Duration::from_secs(300);
/// Octets of a serial number: enough that random ones never meet.
const SERIAL_LEN: usize = 16;

const EXTENDED_KEY_USAGE: &[u64] = &[2, 5, 29, 37];
const AUTHORITY_INFORMATION: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];
const OCSP_NO_CHECK: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 48, 1, 5];
const SERIAL_NUMBER: &[u64] = &[2, 5, 4, 5];
const CERTIFICATE_POLICIES: &[u64] = &[2, 5, 29, 32];
const QC_STATEMENTS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 3];
const QUALIFIED_ON_DEVICE: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.194112.1.2");
const QC_COMPLIANCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.1");
const QC_DEVICE: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.4");
const QC_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.6");
const QC_TYPE_SIGNATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.1862.1.6.1");
const ACCESS_BY_OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
/// DER of NULL.
const NULL: [u8; 2] = [0x05, 0x00];

/// Why the authority's own key or certificate is not usable.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// A file could not be read or written.
    #[error("read or write {}", .path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The key could not be made or read.
    #[error("use the authority's key")]
    Key(#[from] KeyError),
    /// The certificate could not be read.
    #[error("read the authority's certificate")]
    Certificate(#[from] CertificateError),
    /// The certificate could not be made or is not one to issue with.
    #[error("make the authority's certificate")]
    Make(#[from] rcgen::Error),
    /// The folder's certificate belongs to another key.
    #[error("use the authority's certificate: it is of another key")]
    KeyMismatch,
}

/// Why a certificate is not issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The request is not PKCS#10, something follows it, or its signature is not of its key.
    #[error("verify the signing request: {0}")]
    Request(rcgen::Error),
    /// Something follows the request.
    #[error("verify the signing request: bytes follow it")]
    TrailingBytes,
    /// A signing certificate must name a member of the authority's instance.
    #[error("certify the subject: it does not name a member of {0}")]
    Subject(String),
    /// A person's certificate must name a person of the authority's country.
    #[error("certify the subject: its serialNumber does not begin with PNO{0}-")]
    Person(String),
    /// The end of validity is not after its start, or a time is beyond the year 9999.
    #[error("certify from {} to {}: not a period", .0.rfc3339_seconds(), .1.rfc3339_seconds())]
    Validity(UtcTime, UtcTime),
    /// The certificate could not be signed.
    #[error("sign the certificate")]
    Sign(rcgen::Error),
}

/// From when to when a certificate shall be valid; what is missing is the authority's choice.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Validity {
    /// Milliseconds since the epoch.
    pub(crate) not_before_ms: Option<i64>,
    /// Milliseconds since the epoch.
    pub(crate) not_after_ms: Option<i64>,
}

/// Signs certificates with the authority's key.
pub(crate) struct CertificateIssuer {
    issuer: Issuer<'static, SigningKey>,
    certificate: Certificate,
    instance: String,
    validity: Duration,
    clock: Clock,
}

impl CertificateIssuer {
    /// Takes key and certificate from the folder, or makes both where there is no key yet.
    pub(crate) fn open(config: &CaConfig, clock: Clock) -> Result<Self, IssuerError> {
        let folder = &config.folder;
        fs::create_dir_all(folder).map_err(|source| at(folder, source))?;
        let key = read_or_make_key(&folder.join(KEY_FILE))?;
        let params = root_params(&config.name, clock.now());
        let path = folder.join(CERTIFICATE_FILE);
        let certificate = if path.exists() {
            let pem = fs::read_to_string(&path).map_err(|source| at(&path, source))?;
            Certificate::from_pem(&pem)?
        } else {
            let made = params.self_signed(&key)?;
            let certificate = Certificate::parse(made.der().to_vec())?;
            write_new(&path, certificate.to_pem().as_bytes(), 0o644)?;
            certificate
        };
        if certificate.public_key_bits() != key.public_point() {
            return Err(IssuerError::KeyMismatch);
        }
        // The issuer's name must be the kept certificate's, whatever the name configured now.
        let issuer = Issuer::from_ca_cert_der(&certificate.der().to_vec().into(), key)?;
        Ok(Self {
            issuer,
            certificate,
            instance: config.instance.clone(),
            validity: DAY.saturating_mul(config.certificate_days),
            clock,
        })
    }

    pub(crate) const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Certifies the key of a PKCS#10 request, once its signature has shown that who asks has it.
    /// Subject and key are the request's, everything else is the profile's.
    pub(crate) fn issue(
        &self,
        profile: Profile,
        request: &[u8],
        validity: Validity,
        ocsp_url: Option<&str>,
    ) -> Result<Certificate, IssueError> {
        if sim_evidence::der_reader::DerReader::only_sequence(request).is_err() {
            return Err(IssueError::TrailingBytes);
        }
        let mut request = CertificateSigningRequestParams::from_der(&request.into())
            .map_err(IssueError::Request)?;
        self.check_person(profile, &request.params.distinguished_name)?;
        let (not_before, not_after) = self.period(validity)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = request.params.distinguished_name;
        params.not_before = not_before.to_offset_date_time();
        params.not_after = not_after.to_offset_date_time();
        params.serial_number = Some(SerialNumber::from_slice(&random_serial()));
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        add_purposes(&mut params, profile);
        if let Some(url) = ocsp_url {
            params.custom_extensions.push(authority_information(url));
        }
        request.params = params;
        let made = request.signed_by(&self.issuer).map_err(IssueError::Sign)?;
        let certificate = Certificate::parse(made.der().to_vec())
            .map_err(|_| IssueError::Request(rcgen::Error::UnsupportedSignatureAlgorithm))?;
        self.check_subject(profile, &certificate)?;
        Ok(certificate)
    }

    /// Names of people are those of ETSI EN 319 412-1, section 5.1.3: `PNO`, country, `-`, code.
    fn check_person(
        &self,
        profile: Profile,
        subject: &DistinguishedName,
    ) -> Result<(), IssueError> {
        let is_person = matches!(
            profile,
            Profile::PersonAuthentication | Profile::PersonSigning
        );
        let prefix = format!("PNO{}-", self.instance);
        let serial_number = subject.get(&DnType::CustomDnType(SERIAL_NUMBER.to_vec()));
        let text = match serial_number {
            Some(DnValue::Utf8String(text)) => text.as_str(),
            Some(DnValue::PrintableString(text)) => text.as_str(),
            _ => "",
        };
        if is_person && !(text.starts_with(&prefix) && text.len() > prefix.len()) {
            return Err(IssueError::Person(self.instance.clone()));
        }
        Ok(())
    }

    fn check_subject(&self, profile: Profile, made: &Certificate) -> Result<(), IssueError> {
        let member = made.subject_member();
        let of_instance = member.is_some_and(|member| member.instance() == self.instance);
        if profile == Profile::Signing && !of_instance {
            return Err(IssueError::Subject(self.instance.clone()));
        }
        Ok(())
    }

    fn period(&self, validity: Validity) -> Result<(UtcTime, UtcTime), IssueError> {
        let now = self.clock.now();
        let not_before = validity
            .not_before_ms
            .map_or_else(|| now.minus(BACKDATING), UtcTime::from_millis);
        let not_after = validity
            .not_after_ms
            .map_or_else(|| now.plus(self.validity), UtcTime::from_millis);
        // 9999-12-31T23:59:59Z is the last time that a certificate can state.
        let representable = UtcTime::from_millis(0)..=UtcTime::from_millis(253_402_300_799_000);
        if not_after <= not_before
            || !representable.contains(&not_before)
            || !representable.contains(&not_after)
        {
            return Err(IssueError::Validity(not_before, not_after));
        }
        Ok((not_before, not_after))
    }
}

fn root_params(name: &str, now: UtcTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Roadtest");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = now.minus(DAY).to_offset_date_time();
    params.not_after = now.plus(ROOT_VALIDITY).to_offset_date_time();
    params.serial_number = Some(SerialNumber::from_slice(&random_serial()));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// Key usage and extended key usage of X-Road's profiles.
fn add_purposes(params: &mut CertificateParams, profile: Profile) {
    match profile {
        Profile::Signing => params.key_usages = vec![KeyUsagePurpose::ContentCommitment],
        Profile::Authentication => {
            params.key_usages = vec![
                KeyUsagePurpose::DigitalSignature,
                KeyUsagePurpose::KeyEncipherment,
                KeyUsagePurpose::DataEncipherment,
                KeyUsagePurpose::KeyAgreement,
            ];
            params.extended_key_usages = vec![
                ExtendedKeyUsagePurpose::ClientAuth,
                ExtendedKeyUsagePurpose::ServerAuth,
            ];
        }
        Profile::OcspResponder => {
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.custom_extensions.push(only_purpose(OCSP_SIGNING));
            // Nobody need ask the responder whether its own certificate is good.
            let no_check = CustomExtension::from_oid_content(OCSP_NO_CHECK, NULL.to_vec());
            params.custom_extensions.push(no_check);
        }
        Profile::TimeStamping => {
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.custom_extensions.push(only_purpose(TIME_STAMPING));
        }
        Profile::PersonAuthentication => {
            params.key_usages = vec![
                KeyUsagePurpose::DigitalSignature,
                KeyUsagePurpose::KeyAgreement,
            ];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }
        Profile::PersonSigning => {
            params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
            params.custom_extensions.push(qualified_policy());
            params.custom_extensions.push(qualified_statements());
        }
    }
}

/// The policy of certificates for people on a signature device (ETSI EN 319 411-2, QCP-n-qscd).
fn qualified_policy() -> CustomExtension {
    let content = DerWriter::sequence_of_bytes(|policies| {
        policies.sequence(|policy| policy.oid(QUALIFIED_ON_DEVICE));
    });
    CustomExtension::from_oid_content(CERTIFICATE_POLICIES, content)
}

/// That it is qualified, on a signature device, and for signatures (ETSI EN 319 412-5, section 4).
fn qualified_statements() -> CustomExtension {
    let content = DerWriter::sequence_of_bytes(|statements| {
        statements.sequence(|statement| statement.oid(QC_COMPLIANCE));
        statements.sequence(|statement| statement.oid(QC_DEVICE));
        statements.sequence(|statement| {
            statement.oid(QC_TYPE);
            statement.sequence(|types| types.oid(QC_TYPE_SIGNATURE));
        });
    });
    CustomExtension::from_oid_content(QC_STATEMENTS, content)
}

/// A critical extended key usage of one purpose; the issuing library only writes it non-critical.
fn only_purpose(purpose: ObjectIdentifier) -> CustomExtension {
    let content = DerWriter::sequence_of_bytes(|purposes| purposes.oid(purpose));
    let mut extension = CustomExtension::from_oid_content(EXTENDED_KEY_USAGE, content);
    extension.set_criticality(true);
    extension
}

/// Where the certificate's status can be asked (RFC 5280 section 4.2.2.1).
fn authority_information(ocsp_url: &str) -> CustomExtension {
    let content = DerWriter::sequence_of_bytes(|descriptions| {
        descriptions.sequence(|description| {
            description.oid(ACCESS_BY_OCSP);
            // GeneralName: uniformResourceIdentifier.
            description.element(tag::primitive(6), ocsp_url.as_bytes());
        });
    });
    CustomExtension::from_oid_content(AUTHORITY_INFORMATION, content)
}

/// A positive number of exactly [`SERIAL_LEN`] octets.
fn random_serial() -> [u8; SERIAL_LEN] {
    let mut serial = [0; SERIAL_LEN];
    aws_lc_rs::rand::fill(&mut serial).expect("the operating system gives random numbers");
    serial[0] = serial[0] & 0x7f | 0x40;
    serial
}

fn read_or_make_key(path: &Path) -> Result<SigningKey, IssuerError> {
    match fs::read(path) {
        Ok(der) => Ok(SigningKey::from_pkcs8_der(&der)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = SigningKey::generate()?;
            write_new(path, &key.to_pkcs8_der(), 0o600)?;
            Ok(key)
        }
        Err(source) => Err(at(path, source)),
    }
}

fn write_new(path: &Path, contents: &[u8], mode: u32) -> Result<(), IssuerError> {
    let written = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)?;
        file.write_all(contents)?;
        file.sync_all()
    };
    written().map_err(|source| at(path, source))
}

fn at(path: &Path, source: io::Error) -> IssuerError {
    IssuerError::File {
        path: path.to_owned(),
        source,
    }
}
