//! A small global configuration: its documents, and the directory that names them.

use std::time::Duration;

use benches::country::NOW;
use bytes::Bytes;
use rcgen::{CertificateParams, DnType};
use sim_domain::{ClientId, MemberId, SecurityServerId};
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::SigningKey;
use sim_global_configuration::shared_parameters::{
    ApprovedCertificationAuthority, ApprovedTimeStampingAuthority, CaInfo, ConfigurationSource,
    GlobalGroup, Maintenance, Member, MemberClass, OcspInfo, SecurityServer, Subsystem,
};
use sim_global_configuration::signed_directory::{
    Directory, DirectoryPart, DirectorySigner, PartHash, SHARED_PARAMETERS, compose,
};
use sim_global_configuration::{Anchor, AnchorSource, SharedParameters};

/// What a central server publishes.
pub struct Configuration {
    /// Where to begin.
    pub anchor: Vec<u8>,
    /// The parameters.
    pub shared: Vec<u8>,
    /// Names the parameters, signed.
    pub directory: Vec<u8>,
    /// Who signed it.
    pub signer: Certificate,
}

impl Default for Configuration {
    fn default() -> Self {
        let key = SigningKey::generate().expect("the system has randomness");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "source");
        let made = params.self_signed(&key).expect("the parameters are complete");
        let der = Bytes::copy_from_slice(made.der());
        let signer = Certificate::parse(der.clone()).expect("it was just made");
        let shared = shared(&der).to_xml().expect("all references are there");
        let anchor = Anchor {
            generated_at: Some(NOW),
            instance: "EE".to_owned(),
            sources: vec![AnchorSource {
                download_url: "http://127.0.0.1/".to_owned(),
                verification_certificates: vec![der],
            }],
        };
        let directory = Directory {
            expires_at: NOW,
            version: 6,
            parts: vec![DirectoryPart {
                content_identifier: SHARED_PARAMETERS.to_owned(),
                instance: Some("EE".to_owned()),
                location: "/V6/1/shared-params.xml".to_owned(),
                file_name: None,
                hash: PartHash::of(shared.as_bytes()),
            }],
        };
        let by = DirectorySigner::new(key, signer.clone()).expect("they belong together");
        Self {
            anchor: anchor.to_xml().into_bytes(),
            shared: shared.into_bytes(),
            directory: compose(&directory, &by),
            signer,
        }
    }
}

fn shared(certificate: &Bytes) -> SharedParameters {
    let member = MemberId::new("EE", "GOV", "1").expect("a valid name");
    let subsystem = ClientId::subsystem_of(member.clone(), "pensions").expect("a valid name");
    let certificate = || certificate.clone();
    SharedParameters {
        instance: "EE".to_owned(),
        sources: vec![ConfigurationSource {
            address: "cs".to_owned(),
            internal_verification_certificates: vec![certificate()],
            external_verification_certificates: Vec::new(),
        }],
        certification_authorities: vec![ApprovedCertificationAuthority {
            name: "Authority".to_owned(),
            authentication_only: false,
            top: CaInfo {
                certificate: certificate(),
                ocsp: vec![OcspInfo {
                    url: "http://ocsp".to_owned(),
                    certificate: Some(certificate()),
                }],
            },
            intermediates: Vec::new(),
            certificate_profile: "profile".to_owned(),
        }],
        time_stamping_authorities: vec![ApprovedTimeStampingAuthority {
            name: "Time".to_owned(),
            url: "http://tsa".to_owned(),
            certificate: certificate(),
        }],
        members: vec![Member {
            id: member.clone(),
            name: "Ministry <1> & sons".to_owned(),
            subsystems: vec![Subsystem {
                id: subsystem.clone(),
                name: None,
            }],
        }],
        security_servers: vec![SecurityServer {
            id: SecurityServerId::new(member, "ss1").expect("a valid name"),
            address: Some("127.0.0.1".to_owned()),
            authentication_certificate_hashes: vec![[7; 32]],
            clients: vec![subsystem.clone()],
            maintenance: Some(Maintenance {
                message: Some("back at noon".to_owned()),
            }),
        }],
        global_groups: vec![GlobalGroup {
            code: "owners".to_owned(),
            description: "Owners".to_owned(),
            members: vec![subsystem],
        }],
        member_classes: vec![MemberClass {
            code: "GOV".to_owned(),
            description: "Government".to_owned(),
        }],
        ocsp_freshness: Duration::from_secs(3600),
    }
}
