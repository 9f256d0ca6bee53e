//! What of the configuration registrations do not change: trust services, intervals, sources; and
//! the parameters that follow from both.

use std::collections::BTreeSet;
use std::time::Duration;

use sim_domain::ClientId;
use sim_evidence::certificate::{Certificate, CertificationAuthority, TrustAnchors};
use sim_global_configuration::private_parameters::ManagementService;
use sim_global_configuration::registration::MANAGEMENT_PATH;
use sim_global_configuration::shared_parameters::{
    ApprovedCertificationAuthority, ApprovedTimeStampingAuthority, CaInfo, ConfigurationSource,
    GlobalGroup, Maintenance, Member, MemberClass, OcspInfo, SecurityServer, Subsystem,
};
use sim_global_configuration::{PrivateParameters, SharedParameters};

use crate::config::{CentralServerConfig, ConfigError, Settings, read_certificate};
use crate::registrations::{RegisteredServer, Registrations};

/// X-Road's class for subjects with C = instance, O = member class, CN = member code.
const CERTIFICATE_PROFILE: &str =
    "ee.ria.xroad.common.certificateprofile.impl.EjbcaCertificateProfileInfoProvider";
/// X-Road's well-known group of all that own a security server.
const OWNERS_GROUP: &str = "security-server-owners";

/// The country without its registrations.
#[derive(Debug)]
pub(crate) struct Country {
    instance: String,
    url: String,
    source: ConfigurationSource,
    certification_authorities: Vec<ApprovedCertificationAuthority>,
    time_stamping_authorities: Vec<ApprovedTimeStampingAuthority>,
    management_provider: ClientId,
    settings: Settings,
    trust_anchors: TrustAnchors,
}

// === impl Country ===

impl Country {
    /// The country of `config`, whose configuration is published at `url` and verified with
    /// `certificate`.
    pub(crate) fn new(
        config: &CentralServerConfig,
        url: String,
        certificate: &Certificate,
    ) -> Result<Self, ConfigError> {
        let mut trust_anchors = TrustAnchors {
            certification_authorities: Vec::new(),
            time_stamping_authorities: Vec::new(),
            ocsp_freshness: seconds(config.settings.ocsp_freshness_s),
        };
        let mut certification_authorities = Vec::new();
        for authority in &config.authorities {
            let certificate = read_certificate(&authority.name, &authority.certificate_pem)?;
            let responder = &authority.ocsp_responder_certificate_pem;
            let responder = read_certificate(&authority.name, responder)?;
            certification_authorities.push(ApprovedCertificationAuthority {
                name: authority.name.clone(),
                authentication_only: false,
                top: CaInfo {
                    certificate: certificate.der().clone(),
                    ocsp: vec![OcspInfo {
                        url: authority.ocsp_url.clone(),
                        certificate: Some(responder.der().clone()),
                    }],
                },
                intermediates: Vec::new(),
                certificate_profile: CERTIFICATE_PROFILE.to_owned(),
            });
            let anchor = CertificationAuthority {
                certificate,
                ocsp_responders: vec![responder],
            };
            trust_anchors.certification_authorities.push(anchor);
        }
        let mut time_stamping_authorities = Vec::new();
        for authority in &config.time_stamping {
            let certificate = read_certificate(&authority.name, &authority.certificate_pem)?;
            time_stamping_authorities.push(ApprovedTimeStampingAuthority {
                name: authority.name.clone(),
                url: authority.url.clone(),
                certificate: certificate.der().clone(),
            });
            trust_anchors.time_stamping_authorities.push(certificate);
        }
        let first = config.members.first().ok_or(ConfigError::NoMembers)?;
        Ok(Self {
            instance: config.instance.clone(),
            source: ConfigurationSource {
                address: config.listen.ip().to_string(),
                internal_verification_certificates: vec![certificate.der().clone()],
                external_verification_certificates: vec![certificate.der().clone()],
            },
            url,
            certification_authorities,
            time_stamping_authorities,
            management_provider: ClientId::of_member(first.id.clone()),
            settings: config.settings,
            trust_anchors,
        })
    }

    /// The instance identifier.
    pub(crate) fn instance(&self) -> &str {
        &self.instance
    }

    /// Intervals.
    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whom the country trusts.
    pub(crate) const fn trust_anchors(&self) -> &TrustAnchors {
        &self.trust_anchors
    }

    /// The shared parameters with `registrations`.
    pub(crate) fn shared_parameters(&self, registrations: &Registrations) -> SharedParameters {
        let members = registrations.members.iter().map(|(id, member)| Member {
            id: id.clone(),
            name: member.name.clone(),
            subsystems: member.subsystems.iter().cloned().map(unnamed).collect(),
        });
        let servers = registrations.security_servers.iter();
        let classes: BTreeSet<&str> = registrations.members.keys().map(|id| id.class()).collect();
        SharedParameters {
            instance: self.instance.clone(),
            sources: vec![self.source.clone()],
            certification_authorities: self.certification_authorities.clone(),
            time_stamping_authorities: self.time_stamping_authorities.clone(),
            members: members.collect(),
            security_servers: servers.map(|(id, server)| published(id, server)).collect(),
            global_groups: vec![owners(registrations)],
            member_classes: classes.into_iter().map(member_class).collect(),
            ocsp_freshness: seconds(self.settings.ocsp_freshness_s),
        }
    }

    /// The private parameters.
    pub(crate) fn private_parameters(&self) -> PrivateParameters {
        PrivateParameters {
            instance: self.instance.clone(),
            federation_anchors: Vec::new(),
            management_service: ManagementService {
                registration_address: format!("{}{MANAGEMENT_PATH}", self.url),
                registration_certificate: None,
                provider: self.management_provider.clone(),
            },
            time_stamping_interval: seconds(self.settings.time_stamping_interval_s),
        }
    }
}

fn published(id: &sim_domain::SecurityServerId, server: &RegisteredServer) -> SecurityServer {
    let hash = server.authentication_certificate_sha256.as_deref();
    let hash = hash.and_then(|hex| <[u8; 32]>::try_from(hex::decode(hex).ok()?).ok());
    SecurityServer {
        id: id.clone(),
        address: Some(server.address.clone()),
        authentication_certificate_hashes: hash.into_iter().collect(),
        clients: server.clients.iter().cloned().collect(),
        maintenance: server.maintenance.as_ref().map(|state| Maintenance {
            message: state.message.clone(),
        }),
    }
}

fn owners(registrations: &Registrations) -> GlobalGroup {
    let owners: BTreeSet<_> = registrations
        .security_servers
        .keys()
        .map(|id| id.owner())
        .collect();
    GlobalGroup {
        code: OWNERS_GROUP.to_owned(),
        description: "Owners of security servers".to_owned(),
        members: owners
            .into_iter()
            .cloned()
            .map(ClientId::of_member)
            .collect(),
    }
}

fn unnamed(id: ClientId) -> Subsystem {
    Subsystem { id, name: None }
}

fn member_class(code: &str) -> MemberClass {
    MemberClass {
        code: code.to_owned(),
        description: code.to_owned(),
    }
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(seconds.into())
}
