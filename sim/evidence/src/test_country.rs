//! For tests: an authority, a member and their certificates, all of them made on the spot.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose, SerialNumber,
};
use sim_clock::UtcTime;
use sim_domain::identifiers::MemberId;
use std::time::Duration;

use crate::certificate::{Certificate, CertificationAuthority, TrustAnchors};
use crate::keys::SigningKey;
use crate::time_stamp::TokenSigner;

/// The time at which everything happens, unless a test says otherwise.
pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";

/// An approved authority.
pub(crate) struct TestAuthority {
    pub(crate) key: SigningKey,
    pub(crate) certificate: Certificate,
    params: CertificateParams,
}

pub(crate) fn now() -> UtcTime {
    UtcTime::parse_rfc3339(NOW).unwrap()
}

pub(crate) fn days(count: u64) -> Duration {
    Duration::from_secs(count * 24 * 60 * 60)
}

pub(crate) fn member(code: &str) -> MemberId {
    MemberId::new("EE", "GOV", code).unwrap()
}

/// Parameters for a certificate with this subject, valid for a year around [`NOW`].
pub(crate) fn params(subject: &[(DnType, &str)], serial: &[u8]) -> CertificateParams {
    let mut params = CertificateParams::default();
    // The library's default has a common name of its own.
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in subject {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params.serial_number = Some(SerialNumber::from_slice(serial));
    params.not_before = now().minus(days(180)).to_offset_date_time();
    params.not_after = now().plus(days(180)).to_offset_date_time();
    params
}

/// Parameters of a member's signing certificate.
pub(crate) fn signing_params(code: &str) -> CertificateParams {
    let subject = [
        (DnType::CountryName, "EE"),
        (DnType::OrganizationName, "GOV"),
        (DnType::CommonName, code),
    ];
    let mut params = params(&subject, &[0x00, 0xf1, 0x02, 0x03]);
    params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
    params
}

impl TestAuthority {
    pub(crate) fn new(name: &str) -> Self {
        let subject = [
            (DnType::OrganizationName, "Test"),
            (DnType::CommonName, name),
        ];
        let mut params = params(&subject, &[1]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self::with(params)
    }

    /// An issuer with this self-signed certificate, whether or not it may issue.
    pub(crate) fn with(params: CertificateParams) -> Self {
        let key = SigningKey::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let certificate = Certificate::parse(certificate.der().to_vec()).unwrap();
        Self {
            key,
            certificate,
            params,
        }
    }

    pub(crate) fn issue(&self, params: &CertificateParams) -> (SigningKey, Certificate) {
        let key = SigningKey::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        (key, Certificate::parse(certificate.der().to_vec()).unwrap())
    }

    /// A member's signing key and certificate.
    pub(crate) fn signing(&self, code: &str) -> (SigningKey, Certificate) {
        self.issue(&signing_params(code))
    }

    /// A key and certificate for one purpose, as OCSP responders and time-stampers have it.
    pub(crate) fn service(&self, purpose: ExtendedKeyUsagePurpose) -> (SigningKey, Certificate) {
        let mut params = params(&[(DnType::CommonName, "Service")], &[7]);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
        self.issue(&params)
    }

    /// A time-stamper: its certificate allows that alone, and says that this is critical.
    pub(crate) fn time_stamper(&self) -> TokenSigner {
        let mut params = params(&[(DnType::CommonName, "TSA")], &[8]);
        let purposes = hex::decode("300a06082b06010505070308").unwrap();
        let mut purposes = CustomExtension::from_oid_content(&[2, 5, 29, 37], purposes);
        purposes.set_criticality(true);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.custom_extensions.push(purposes);
        let (key, certificate) = self.issue(&params);
        TokenSigner::new(key, certificate)
    }

    /// This authority as the one that is approved.
    pub(crate) fn anchors(&self) -> TrustAnchors {
        TrustAnchors {
            certification_authorities: vec![CertificationAuthority {
                certificate: self.certificate.clone(),
                ocsp_responders: Vec::new(),
            }],
            time_stamping_authorities: Vec::new(),
            ocsp_freshness: Duration::from_secs(3600),
        }
    }
}
