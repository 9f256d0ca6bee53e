//! A country made on the spot: an authority, its services, and members that sign.

use std::path::Path;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose, SerialNumber,
};
use sim_clock::UtcTime;
use sim_evidence::certificate::Certificate;
use sim_evidence::digest::Sha512;
use sim_evidence::keys::SigningKey;
use sim_evidence::ocsp::{
    CertId, CertIdAlgorithm, CertificateStatus, ResponseSigner, SingleStatus,
};
use sim_evidence::signature::MemberSigner;
use sim_evidence::time_stamp::{self, TokenSigner};

/// Seconds for which an OCSP response is fresh.
const FRESHNESS_S: u64 = 3_600;

/// When everything is signed, unless a test says otherwise.
pub(crate) fn now() -> UtcTime {
    UtcTime::parse_rfc3339("2026-03-01T12:00:00.250Z").unwrap()
}

/// An authority that issues certificates.
pub(crate) struct Authority {
    key: SigningKey,
    pub(crate) certificate: Certificate,
    params: CertificateParams,
}

/// A member that can sign, and the proof that its certificate is good.
pub(crate) struct Member {
    pub(crate) signer: MemberSigner,
    pub(crate) ocsp: Vec<u8>,
}

/// All that stands behind a run's evidence.
pub(crate) struct Country {
    pub(crate) authority: Authority,
    pub(crate) responder: ResponseSigner,
    pub(crate) time_stamper: TokenSigner,
    pub(crate) consumer: Member,
    pub(crate) provider: Member,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = params(
            &[
                (DnType::OrganizationName, "Test"),
                (DnType::CommonName, "CA"),
            ],
            1,
        );
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
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

    /// A responder whose certificate says that it may be one.
    pub(crate) fn responder(&self) -> ResponseSigner {
        let mut params = params(&[(DnType::CommonName, "OCSP")], 2);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let purpose = "300a06082b06010505070309";
        params.custom_extensions.push(critical_purposes(purpose));
        let (key, certificate) = self.issue(&params);
        ResponseSigner::new(key, certificate)
    }

    pub(crate) fn time_stamper(&self) -> TokenSigner {
        let mut params = params(&[(DnType::CommonName, "TSA")], 3);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params
            .custom_extensions
            .push(critical_purposes("300a06082b06010505070308"));
        let (key, certificate) = self.issue(&params);
        TokenSigner::new(key, certificate)
    }
}

impl Country {
    pub(crate) fn new() -> Self {
        let authority = Authority::new();
        let responder = authority.responder();
        let member = |code, serial| {
            let (key, certificate) = authority.issue(&signing_params(code, serial));
            let ocsp = status(
                &responder,
                &authority,
                &certificate,
                CertificateStatus::Good,
                now(),
            );
            Member {
                signer: MemberSigner::new(key, certificate),
                ocsp,
            }
        };
        Self {
            consumer: member("8", 8),
            provider: member("7", 7),
            time_stamper: authority.time_stamper(),
            responder,
            authority,
        }
    }

    /// Another member, whose certificate is as good as any.
    pub(crate) fn member(&self, params: &CertificateParams) -> Member {
        let (key, certificate) = self.authority.issue(params);
        let ocsp = self.status_of(&certificate, CertificateStatus::Good, now());
        Member {
            signer: MemberSigner::new(key, certificate),
            ocsp,
        }
    }

    pub(crate) fn status_of(
        &self,
        certificate: &Certificate,
        is: CertificateStatus,
        at: UtcTime,
    ) -> Vec<u8> {
        status(&self.responder, &self.authority, certificate, is, at)
    }

    pub(crate) fn token(&self, imprint: &Sha512, at: UtcTime) -> Vec<u8> {
        token_by(&self.time_stamper, imprint, at)
    }

    /// Writes the folder `trust` of a run.
    pub(crate) fn write_trust(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
        write("ca.pem", self.authority.certificate.to_pem());
        write("ocsp.pem", self.responder.certificate().to_pem());
        write("tsa.pem", self.time_stamper.certificate().to_pem());
        write(
            "shared-params.xml",
            format!(
                "<ns3:conf xmlns:ns3=\"http://x-road.eu/xsd/xroad.xsd\">\n  \
                 <instanceIdentifier>EE</instanceIdentifier>\n  <globalSettings>\
                 <ocspFreshnessSeconds>{FRESHNESS_S}</ocspFreshnessSeconds></globalSettings>\n\
                 </ns3:conf>"
            ),
        );
    }
}

/// A token by any authority.
pub(crate) fn token_by(signer: &TokenSigner, imprint: &Sha512, at: UtcTime) -> Vec<u8> {
    let request = time_stamp::parse_request(&time_stamp::request(imprint)).unwrap();
    let response = signer.grant(&request, [9; 16], at);
    let token = time_stamp::token_of_response(&response).unwrap();
    time_stamp::with_certificate(&token, signer.certificate()).unwrap()
}

/// An OCSP response of `responder` about one certificate.
pub(crate) fn status(
    responder: &ResponseSigner,
    authority: &Authority,
    certificate: &Certificate,
    status: CertificateStatus,
    at: UtcTime,
) -> Vec<u8> {
    let cert_id = CertId::of(certificate, &authority.certificate, CertIdAlgorithm::Sha1);
    let next_update = Some(at.plus(Duration::from_secs(2 * FRESHNESS_S)));
    responder.respond(
        &[SingleStatus {
            cert_id,
            status,
            this_update: at,
            next_update,
        }],
        None,
        at,
    )
}

/// Parameters of a certificate that signs for the member `EE/GOV/<code>`.
pub(crate) fn signing_params(code: &str, serial: u8) -> CertificateParams {
    let subject = [
        (DnType::CountryName, "EE"),
        (DnType::OrganizationName, "GOV"),
        (DnType::CommonName, code),
    ];
    let mut params = params(&subject, serial);
    params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
    params
}

/// A certificate valid for two hundred days around [`now`].
pub(crate) fn params(subject: &[(DnType, &str)], serial: u8) -> CertificateParams {
    let days = Duration::from_secs(100 * 24 * 60 * 60);
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in subject {
        params.distinguished_name.push(kind.clone(), *value);
    }
    params.serial_number = Some(SerialNumber::from_slice(&[0x00, 0xf1, 0x02, serial]));
    params.not_before = now().minus(days).to_offset_date_time();
    params.not_after = now().plus(days).to_offset_date_time();
    params
}

/// An extended key usage that is critical, by its DER in hexadecimal.
fn critical_purposes(der: &str) -> CustomExtension {
    let mut purposes =
        CustomExtension::from_oid_content(&[2, 5, 29, 37], hex::decode(der).unwrap());
    purposes.set_criticality(true);
    purposes
}

/// A purpose that is not critical, and so binds nobody.
pub(crate) fn lax_purpose(params: &mut CertificateParams, purpose: ExtendedKeyUsagePurpose) {
    params.extended_key_usages = vec![purpose];
}
