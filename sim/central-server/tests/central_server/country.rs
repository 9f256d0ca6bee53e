//! A certification authority made on the spot, and the configuration that names it.

use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyUsagePurpose,
};
use sim_central_server::CentralServerConfig;
use sim_central_server::config::{AuthorityConfig, MemberConfig, Settings, TimeStampingConfig};
use sim_domain::{ClientId, MemberId, SecurityServerId};
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::SigningKey;
use sim_global_configuration::registration::SecurityServerRegistration;

pub(crate) const TOKEN: &str = "a token for tests";

/// Issues certificates.
pub(crate) struct Authority {
    key: SigningKey,
    params: CertificateParams,
    pub(crate) certificate: Certificate,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = named(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = SigningKey::generate().unwrap();
        let certificate = parse(&params.self_signed(&key).unwrap());
        Self {
            key,
            params,
            certificate,
        }
    }

    /// A new authentication certificate.
    pub(crate) fn authentication(&self) -> Certificate {
        let mut params = named("authenticates a security server");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(&params)
    }

    /// A new signing certificate, which cannot authenticate.
    pub(crate) fn signing(&self) -> Certificate {
        let mut params = named("signs messages");
        params.key_usages = vec![KeyUsagePurpose::ContentCommitment];
        self.issue(&params)
    }

    fn issue(&self, params: &CertificateParams) -> Certificate {
        let issuer = Issuer::from_params(&self.params, &self.key);
        parse(
            &params
                .signed_by(&SigningKey::generate().unwrap(), &issuer)
                .unwrap(),
        )
    }
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn parse(certificate: &rcgen::Certificate) -> Certificate {
    Certificate::parse(certificate.der().to_vec()).unwrap()
}

pub(crate) fn member(code: &str) -> MemberId {
    MemberId::new("EE", "GOV", code).unwrap()
}

pub(crate) fn subsystem(code: &str, subsystem: &str) -> ClientId {
    ClientId::subsystem_of(member(code), subsystem).unwrap()
}

pub(crate) fn server(code: &str) -> SecurityServerId {
    SecurityServerId::new(member(code), "ss").unwrap()
}

/// Server `ss` of member `code` for `clients`, with `certificate`.
pub(crate) fn registration(
    code: &str,
    certificate: &Certificate,
    clients: &[ClientId],
) -> SecurityServerRegistration {
    SecurityServerRegistration::new(server(code), "127.0.0.1", certificate, clients.to_vec())
}

/// Two members, `1` with subsystem `pensions` and `2` with `population`, and one of a code that a
/// URL cannot carry as it is.
pub(crate) fn config(folder: &Path, authority: &Authority) -> CentralServerConfig {
    let pem = authority.certificate.to_pem();
    let registered = |code: &str, subsystem: &str| MemberConfig {
        id: member(code),
        name: format!("Ministry {code} <&>"),
        subsystems: vec![subsystem.to_owned()],
    };
    CentralServerConfig {
        instance: "EE".to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        data_folder: folder.to_owned(),
        members: vec![
            registered("1", "pensions"),
            registered("2", "population"),
            registered("Ämt & Söhne", "x y"),
        ],
        authorities: vec![AuthorityConfig {
            name: "Authority".to_owned(),
            certificate_pem: pem.clone(),
            ocsp_url: "http://127.0.0.1:1/ocsp".to_owned(),
            ocsp_responder_certificate_pem: pem.clone(),
        }],
        time_stamping: vec![TimeStampingConfig {
            name: "Time".to_owned(),
            url: "http://127.0.0.1:1/tsa".to_owned(),
            certificate_pem: pem,
        }],
        settings: Settings::default(),
        management_token: TOKEN.to_owned(),
        clock_offset_ms: 0,
    }
}
