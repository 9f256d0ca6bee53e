//! An authority, its OCSP responder and one member that signs, all at one moment in time.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyUsagePurpose, SerialNumber,
};
use sim_clock::UtcTime;
use sim_domain::identifiers::MemberId;
use sim_evidence::certificate::{Certificate, CertificationAuthority, TrustAnchors};
use sim_evidence::keys::SigningKey;
use sim_evidence::ocsp::{
    CertId, CertIdAlgorithm, CertificateStatus, ResponseSigner, SingleStatus,
};
use sim_evidence::signature::MemberSigner;

/// The moment at which everything is signed and verified: 2026-03-01T12:00:00Z.
///
/// It stands still, so what a verifier remembers never grows old during a measurement.
pub const NOW: UtcTime = UtcTime::from_millis(1_772_366_400_000);

/// The member's code; [`MEMBER_CLASS`] and [`INSTANCE`] complete its name.
pub const MEMBER_CODE: &str = "70000310";
/// The member's class.
pub const MEMBER_CLASS: &str = "GOV";
/// The X-Road instance.
pub const INSTANCE: &str = "EE";

/// How long certificates are valid before and after [`NOW`].
const HALF_VALIDITY: Duration = Duration::from_secs(180 * 24 * 60 * 60);
/// How old an OCSP response may be; this one is new.
const OCSP_FRESHNESS: Duration = Duration::from_secs(3600);

/// What one side needs to sign and the other to verify.
pub struct Country {
    /// The member whose messages are signed.
    pub member: MemberId,
    /// Signs in its name.
    pub signer: MemberSigner,
    /// The OCSP response, DER, that vouches for its certificate.
    pub ocsp_response: Vec<u8>,
    /// Whom a verifier trusts.
    pub anchors: TrustAnchors,
}

impl Country {
    /// A country with new keys.
    #[must_use]
    pub fn new() -> Self {
        let (ca_key, ca_params) = (new_key(), authority_params());
        let ca = ca_params.self_signed(&ca_key);
        let ca = parsed(&ca.expect("the parameters are those of an authority"));
        let issuer = Issuer::from_params(&ca_params, &ca_key);
        let (responder_key, responder) = issue(&responder_params(), &issuer);
        let (key, certificate) = issue(&member_params(), &issuer);
        let status = SingleStatus {
            cert_id: CertId::of(&certificate, &ca, CertIdAlgorithm::Sha1),
            status: CertificateStatus::Good,
            this_update: NOW,
            next_update: Some(NOW.plus(OCSP_FRESHNESS)),
        };
        let responder = ResponseSigner::new(responder_key, responder);
        Self {
            member: MemberId::new(INSTANCE, MEMBER_CLASS, MEMBER_CODE).expect("a valid name"),
            signer: MemberSigner::new(key, certificate),
            ocsp_response: responder.respond(&[status], None, NOW),
            anchors: TrustAnchors {
                certification_authorities: vec![CertificationAuthority {
                    certificate: ca,
                    ocsp_responders: Vec::new(),
                }],
                time_stamping_authorities: Vec::new(),
                ocsp_freshness: OCSP_FRESHNESS,
            },
        }
    }
}

impl Default for Country {
    fn default() -> Self {
        Self::new()
    }
}

fn authority_params() -> CertificateParams {
    let mut params = params(&[(DnType::CommonName, "Benchmark CA")], 1);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn responder_params() -> CertificateParams {
    let mut params = params(&[(DnType::CommonName, "Benchmark OCSP responder")], 2);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    params
}

fn member_params() -> CertificateParams {
    let subject = [
        (DnType::CountryName, INSTANCE),
        (DnType::OrganizationName, MEMBER_CLASS),
        (DnType::CommonName, MEMBER_CODE),
    ];
    let mut params = params(&subject, 3);
    params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
    params
}

fn params(subject: &[(DnType, &str)], serial: u64) -> CertificateParams {
    let mut params = CertificateParams::default();
    // The library's default has a common name of its own.
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in subject {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params.serial_number = Some(SerialNumber::from(serial));
    params.not_before = NOW.minus(HALF_VALIDITY).to_offset_date_time();
    params.not_after = NOW.plus(HALF_VALIDITY).to_offset_date_time();
    params
}

fn issue(
    params: &CertificateParams,
    issuer: &Issuer<'_, &SigningKey>,
) -> (SigningKey, Certificate) {
    let key = new_key();
    let certificate = params.signed_by(&key, issuer);
    let certificate = parsed(&certificate.expect("the parameters are complete"));
    (key, certificate)
}

fn new_key() -> SigningKey {
    SigningKey::generate().expect("the processor is supported and the system has randomness")
}

fn parsed(certificate: &rcgen::Certificate) -> Certificate {
    Certificate::parse(certificate.der().to_vec()).expect("what was issued here can be read")
}
