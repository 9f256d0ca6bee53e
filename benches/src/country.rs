//! An authority, its services and the members that sign, all at one moment in time.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer,
    KeyUsagePurpose, SerialNumber,
};
use sim_clock::UtcTime;
use sim_domain::identifiers::MemberId;
use sim_evidence::certificate::{Certificate, CertificationAuthority, TrustAnchors};
use sim_evidence::keys::SigningKey;
use sim_evidence::ocsp::{
    CertId, CertIdAlgorithm, CertificateStatus, ResponseSigner, SingleStatus,
};
use sim_evidence::signature::MemberSigner;
use sim_evidence::time_stamp::TokenSigner;

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
pub const OCSP_FRESHNESS: Duration = Duration::from_secs(3600);

/// Purpose of a certificate that signs OCSP responses, as DER: RFC 6960, section 4.2.2.2.
const OCSP_SIGNING: [u8; 12] = purpose(9);
/// Purpose of a certificate that signs time-stamps, as DER: RFC 3161, section 2.3.
const TIME_STAMPING: [u8; 12] = purpose(8);

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

/// A certification authority, and the responder that vouches for what it issued.
pub struct Authority {
    key: SigningKey,
    params: CertificateParams,
    certificate: Certificate,
    responder: ResponseSigner,
}

/// A member that signs, and the OCSP response, DER, that vouches for its certificate.
pub struct Member {
    /// Signs in its name.
    pub signer: MemberSigner,
    /// Vouches for its certificate.
    pub ocsp_response: Vec<u8>,
}

// === impl Country ===

impl Country {
    /// A country with new keys.
    #[must_use]
    pub fn new() -> Self {
        let authority = Authority::new();
        let Member {
            signer,
            ocsp_response,
        } = authority.member(MEMBER_CODE, 3);
        Self {
            member: MemberId::new(INSTANCE, MEMBER_CLASS, MEMBER_CODE).expect("a valid name"),
            signer,
            ocsp_response,
            anchors: TrustAnchors {
                certification_authorities: vec![CertificationAuthority {
                    certificate: authority.certificate,
                    ocsp_responders: Vec::new(),
                }],
                time_stamping_authorities: Vec::new(),
                ocsp_freshness: OCSP_FRESHNESS,
            },
        }
    }
}

// === impl Authority ===

impl Authority {
    /// An authority with new keys.
    #[must_use]
    pub fn new() -> Self {
        let (key, params) = (new_key(), authority_params());
        let certificate = params.self_signed(&key);
        let certificate = parsed(&certificate.expect("the parameters are those of an authority"));
        let issuer = Issuer::from_params(&params, &key);
        let responder = service_params("Benchmark OCSP responder", 2, OCSP_SIGNING);
        let (responder_key, responder) = issue(&responder, &issuer);
        Self {
            responder: ResponseSigner::new(responder_key, responder),
            key,
            params,
            certificate,
        }
    }

    /// A member with this code, and `serial` as its certificate's number.
    #[must_use]
    pub fn member(&self, code: &str, serial: u64) -> Member {
        let (key, certificate) = issue(&member_params(code, serial), &self.issuer());
        let status = SingleStatus {
            cert_id: CertId::of(&certificate, &self.certificate, CertIdAlgorithm::Sha1),
            status: CertificateStatus::Good,
            this_update: NOW,
            next_update: Some(NOW.plus(OCSP_FRESHNESS)),
        };
        Member {
            signer: MemberSigner::new(key, certificate),
            ocsp_response: self.responder.respond(&[status], None, NOW),
        }
    }

    /// A time-stamping authority, and `serial` as its certificate's number.
    #[must_use]
    pub fn time_stamper(&self, serial: u64) -> TokenSigner {
        let params = service_params("Benchmark TSA", serial, TIME_STAMPING);
        let (key, certificate) = issue(&params, &self.issuer());
        TokenSigner::new(key, certificate)
    }

    /// Its own certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The certificate of its OCSP responder.
    #[must_use]
    pub fn responder_certificate(&self) -> &Certificate {
        self.responder.certificate()
    }

    fn issuer(&self) -> Issuer<'_, &SigningKey> {
        Issuer::from_params(&self.params, &self.key)
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
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

/// Of a service whose certificate is for this purpose and nothing else.
fn service_params(name: &str, serial: u64, purpose: [u8; 12]) -> CertificateParams {
    let mut params = params(&[(DnType::CommonName, name)], serial);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // The library marks no purpose as critical; one that is not binds nobody.
    let mut purpose = CustomExtension::from_oid_content(&[2, 5, 29, 37], purpose.to_vec());
    purpose.set_criticality(true);
    params.custom_extensions.push(purpose);
    params
}

/// A sequence of one object identifier, 1.3.6.1.5.5.7.3.`number`, as DER.
const fn purpose(number: u8) -> [u8; 12] {
    [0x30, 10, 0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, number]
}

fn member_params(code: &str, serial: u64) -> CertificateParams {
    let subject = [
        (DnType::CountryName, INSTANCE),
        (DnType::OrganizationName, MEMBER_CLASS),
        (DnType::CommonName, code),
    ];
    let mut params = params(&subject, serial);
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
