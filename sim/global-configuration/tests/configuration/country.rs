//! A small country, made on the spot.

use std::time::Duration;

use rcgen::{CertificateParams, DistinguishedName, DnType};
use sim_clock::{Clock, UtcTime};
use sim_domain::{ClientId, MemberId, SecurityServerId};
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::SigningKey;
use sim_global_configuration::private_parameters::ManagementService;
use sim_global_configuration::shared_parameters::{
    ApprovedCertificationAuthority, ApprovedTimeStampingAuthority, CaInfo, ConfigurationSource,
    GlobalGroup, Maintenance, Member, MemberClass, OcspInfo, SecurityServer, SharedParameters,
    Subsystem,
};
use sim_global_configuration::signed_directory::{
    Directory, DirectoryPart, DirectorySigner, PRIVATE_PARAMETERS, PartHash, SHARED_PARAMETERS,
};
use sim_global_configuration::{Anchor, AnchorSource, PrivateParameters};

pub(crate) const INSTANCE: &str = "EE";
pub(crate) const AUTHENTICATION_HASH: [u8; 32] = [7; 32];

/// A self-signed certificate and its key.
pub(crate) fn certificate(name: &str) -> (SigningKey, Certificate) {
    let key = SigningKey::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let certificate = params.self_signed(&key).unwrap();
    (key, Certificate::parse(certificate.der().to_vec()).unwrap())
}

pub(crate) fn signer() -> DirectorySigner {
    let (key, certificate) = certificate("signs the configuration");
    DirectorySigner::new(key, certificate).unwrap()
}

pub(crate) fn member(code: &str) -> MemberId {
    MemberId::new(INSTANCE, "GOV", code).unwrap()
}

pub(crate) fn subsystem(code: &str, subsystem: &str) -> ClientId {
    ClientId::subsystem_of(member(code), subsystem).unwrap()
}

pub(crate) fn server(code: &str) -> SecurityServerId {
    SecurityServerId::new(member(code), "ss").unwrap()
}

/// Two members, each with a server; the second one in maintenance.
pub(crate) fn shared() -> SharedParameters {
    let ca = certificate("Authority").1.der().clone();
    let responder = certificate("Responder").1.der().clone();
    let tsa = certificate("Time").1.der().clone();
    let source = certificate("Source").1.der().clone();
    let entry = |code: &str, hash, clients, maintenance| SecurityServer {
        id: server(code),
        address: Some(format!("127.0.0.{code}")),
        authentication_certificate_hashes: vec![hash],
        clients,
        maintenance,
    };
    let registered = |code: &str, subsystem_code: &str| Member {
        id: member(code),
        name: format!("Ministry <{code}> & sons"),
        subsystems: vec![Subsystem {
            id: subsystem(code, subsystem_code),
            name: None,
        }],
    };
    SharedParameters {
        instance: INSTANCE.to_owned(),
        sources: vec![ConfigurationSource {
            address: "cs".to_owned(),
            internal_verification_certificates: vec![source.clone()],
            external_verification_certificates: vec![source],
        }],
        certification_authorities: vec![ApprovedCertificationAuthority {
            name: "Authority".to_owned(),
            authentication_only: false,
            top: CaInfo {
                certificate: ca,
                ocsp: vec![OcspInfo {
                    url: "http://ocsp".to_owned(),
                    certificate: Some(responder),
                }],
            },
            intermediates: Vec::new(),
            certificate_profile: "profile".to_owned(),
        }],
        time_stamping_authorities: vec![ApprovedTimeStampingAuthority {
            name: "Time".to_owned(),
            url: "http://tsa".to_owned(),
            certificate: tsa,
        }],
        members: vec![registered("1", "pensions"), registered("2", "population")],
        security_servers: vec![
            entry(
                "1",
                AUTHENTICATION_HASH,
                vec![subsystem("1", "pensions")],
                None,
            ),
            entry(
                "2",
                [8; 32],
                vec![subsystem("2", "population"), subsystem("1", "pensions")],
                Some(Maintenance {
                    message: Some("back at noon".to_owned()),
                }),
            ),
        ],
        global_groups: vec![GlobalGroup {
            code: "security-server-owners".to_owned(),
            description: "Owners".to_owned(),
            members: vec![
                ClientId::of_member(member("1")),
                subsystem("2", "population"),
            ],
        }],
        member_classes: vec![MemberClass {
            code: "GOV".to_owned(),
            description: "Government".to_owned(),
        }],
        ocsp_freshness: Duration::from_secs(3600),
    }
}

pub(crate) fn private() -> PrivateParameters {
    PrivateParameters {
        instance: INSTANCE.to_owned(),
        federation_anchors: Vec::new(),
        management_service: ManagementService {
            registration_address: "http://cs/management".to_owned(),
            registration_certificate: None,
            provider: ClientId::of_member(member("1")),
        },
        time_stamping_interval: Duration::from_secs(60),
    }
}

/// A directory over two documents, below `/V6/1/`.
pub(crate) fn directory(shared: &[u8], private: &[u8], expires_at: UtcTime) -> Directory {
    let part = |identifier: &str, location: &str, content| DirectoryPart {
        content_identifier: identifier.to_owned(),
        instance: Some(INSTANCE.to_owned()),
        location: location.to_owned(),
        file_name: None,
        hash: PartHash::of(content),
    };
    Directory {
        expires_at,
        version: 6,
        parts: vec![
            part(SHARED_PARAMETERS, "/V6/1/shared-params.xml", shared),
            part(PRIVATE_PARAMETERS, "/V6/1/private-params.xml", private),
        ],
    }
}

/// An anchor that names `url` and the key of `signer`.
pub(crate) fn anchor(url: &str, signer: &DirectorySigner) -> Anchor {
    Anchor {
        generated_at: None,
        instance: INSTANCE.to_owned(),
        sources: vec![AnchorSource {
            download_url: url.to_owned(),
            verification_certificates: vec![signer.certificate().der().clone()],
        }],
    }
}

/// A whole second, ten minutes from now.
pub(crate) fn soon() -> UtcTime {
    let at = Clock::wall()
        .now()
        .plus(Duration::from_secs(600))
        .as_millis();
    UtcTime::from_millis(at - at % 1000)
}
