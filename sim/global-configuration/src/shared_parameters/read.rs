//! `shared-params.xml` to [`SharedParameters`].

use std::collections::{BTreeMap, BTreeSet};

use sim_domain::{ClientId, MemberId, SecurityServerId};

use super::{
    ApprovedCertificationAuthority, ApprovedTimeStampingAuthority, CaInfo, ConfigurationSource,
    GlobalGroup, Maintenance, Member, MemberClass, OcspInfo, SecurityServer, SharedParameters,
    SharedParametersError, Subsystem,
};
use crate::identifiers::read_client;
use crate::xml::{Element, XmlError, parse};

pub(super) fn read(document: &[u8]) -> Result<SharedParameters, SharedParametersError> {
    let root = parse(document)?;
    root.expect_root("conf")?;
    let mut content = root.sequence()?;
    let instance = content.required("instanceIdentifier")?.string()?.to_owned();
    let sources = content.repeated("source", read_source)?;
    let certification_authorities = content.repeated("approvedCA", read_approved_ca)?;
    let time_stamping_authorities = content.repeated("approvedTSA", read_approved_tsa)?;
    let mut registered = Registered::default();
    let members = content.repeated("member", |element| {
        read_member(element, &instance, &mut registered)
    })?;
    let mut servers = BTreeSet::new();
    let security_servers = content.repeated("securityServer", |element| {
        let server = read_security_server(element, &registered)?;
        if !servers.insert(server.id.clone()) {
            return Err(duplicate(&server.id));
        }
        Ok(server)
    })?;
    let global_groups = content.repeated("globalGroup", read_group)?;
    // Central services are gone from X-Road; old documents may still list them.
    content.repeated("centralService", |_| Ok::<_, XmlError>(()))?;
    let mut settings = content.required("globalSettings")?.sequence()?;
    let member_classes = settings.repeated("memberClass", read_class)?;
    let ocsp_freshness = settings.required("ocspFreshnessSeconds")?.seconds()?;
    settings.finish()?;
    content.finish()?;
    Ok(SharedParameters {
        instance,
        sources,
        certification_authorities,
        time_stamping_authorities,
        members,
        security_servers,
        global_groups,
        member_classes,
        ocsp_freshness,
    })
}

/// Members and subsystems by the identifier of their element, and all that have been seen.
#[derive(Default)]
struct Registered {
    by_element: BTreeMap<String, ClientId>,
    clients: BTreeSet<ClientId>,
}

impl Registered {
    fn add(&mut self, element: &Element, client: &ClientId) -> Result<(), SharedParametersError> {
        if let Some(id) = &element.id
            && self.by_element.insert(id.clone(), client.clone()).is_some()
        {
            return Err(SharedParametersError::DuplicateElementId(id.clone()));
        }
        if !self.clients.insert(client.clone()) {
            return Err(duplicate(client));
        }
        Ok(())
    }
}

fn read_source(element: &Element) -> Result<ConfigurationSource, XmlError> {
    let mut content = element.sequence()?;
    let source = ConfigurationSource {
        address: content.required("address")?.string()?.to_owned(),
        internal_verification_certificates: content
            .repeated("internalVerificationCert", Element::certificate)?,
        external_verification_certificates: content
            .repeated("externalVerificationCert", Element::certificate)?,
    };
    content.finish()?;
    Ok(source)
}

fn read_approved_ca(element: &Element) -> Result<ApprovedCertificationAuthority, XmlError> {
    let mut content = element.sequence()?;
    let name = content.required("name")?.string()?.to_owned();
    let authentication_only = content.optional("authenticationOnly").map(Element::boolean);
    let authority = ApprovedCertificationAuthority {
        name,
        authentication_only: authentication_only.transpose()?.unwrap_or(false),
        top: read_ca_info(content.required("topCA")?)?,
        intermediates: content.repeated("intermediateCA", read_ca_info)?,
        certificate_profile: content
            .required("certificateProfileInfo")?
            .string()?
            .to_owned(),
    };
    // How certificates are asked for by people and by ACME: not Roadtest's way.
    content.optional("defaultCsrFormat");
    content.optional("acmeServer");
    content.finish()?;
    Ok(authority)
}

fn read_ca_info(element: &Element) -> Result<CaInfo, XmlError> {
    let mut content = element.sequence()?;
    let certificate = content.required("cert")?.certificate()?;
    let ocsp = content.repeated("ocsp", |element| {
        let mut content = element.sequence()?;
        let url = content.required("url")?.token()?.to_owned();
        let certificate = content
            .optional("cert")
            .map(Element::certificate)
            .transpose()?;
        content.optional("costType");
        content.finish()?;
        Ok::<_, XmlError>(OcspInfo { url, certificate })
    })?;
    content.finish()?;
    Ok(CaInfo { certificate, ocsp })
}

fn read_approved_tsa(element: &Element) -> Result<ApprovedTimeStampingAuthority, XmlError> {
    let mut content = element.sequence()?;
    let authority = ApprovedTimeStampingAuthority {
        name: content.required("name")?.string()?.to_owned(),
        url: content.required("url")?.token()?.to_owned(),
        certificate: content.required("cert")?.certificate()?,
    };
    content.optional("costType");
    content.finish()?;
    Ok(authority)
}

fn read_member(
    element: &Element,
    instance: &str,
    registered: &mut Registered,
) -> Result<Member, SharedParametersError> {
    let mut content = element.sequence()?;
    let class = read_class(content.required("memberClass")?)?;
    let code = content.required("memberCode")?.string()?;
    let id = MemberId::new(instance, &class.code, code)?;
    registered.add(element, &ClientId::of_member(id.clone()))?;
    let name = content.required("name")?.string()?.to_owned();
    let subsystems = content.repeated("subsystem", |element| {
        let mut content = element.sequence()?;
        let code = content.required("subsystemCode")?.string()?;
        let name = content.optional("subsystemName").map(Element::string);
        let name = name.transpose()?.map(str::to_owned);
        content.finish()?;
        let id = ClientId::subsystem_of(id.clone(), code)?;
        registered.add(element, &id)?;
        Ok::<_, SharedParametersError>(Subsystem { id, name })
    })?;
    content.finish()?;
    Ok(Member {
        id,
        name,
        subsystems,
    })
}

fn read_security_server(
    element: &Element,
    registered: &Registered,
) -> Result<SecurityServer, SharedParametersError> {
    let mut content = element.sequence()?;
    let owner = content.required("owner")?.token()?;
    let code = content.required("serverCode")?.string()?;
    let resolve = |reference: &str| {
        let client = registered.by_element.get(reference);
        client.ok_or_else(|| SharedParametersError::DanglingReference {
            server: code.to_owned(),
            reference: reference.to_owned(),
        })
    };
    let owner = resolve(owner)?;
    if owner.subsystem().is_some() {
        return Err(SharedParametersError::Misplaced(owner.to_string()));
    }
    let id = SecurityServerId::new(owner.member().clone(), code)?;
    let address = content.optional("address").map(Element::token);
    let server = SecurityServer {
        id,
        address: address.transpose()?.map(str::to_owned),
        authentication_certificate_hashes: content.repeated("authCertHash", read_hash)?,
        clients: content.repeated("client", |element| resolve(element.token()?).cloned())?,
        maintenance: content
            .optional("inMaintenanceMode")
            .map(read_maintenance)
            .transpose()?,
    };
    content.finish()?;
    Ok(server)
}

fn read_maintenance(element: &Element) -> Result<Maintenance, XmlError> {
    let mut content = element.sequence()?;
    let message = content.optional("message").map(Element::string);
    let message = message.transpose()?.map(str::to_owned);
    content.finish()?;
    Ok(Maintenance { message })
}

fn read_hash(element: &Element) -> Result<[u8; 32], XmlError> {
    let hash = element.base64()?;
    <[u8; 32]>::try_from(hash).map_err(|_| element.not_a("a SHA-256 value"))
}

fn read_group(element: &Element) -> Result<GlobalGroup, SharedParametersError> {
    let mut content = element.sequence()?;
    let group = GlobalGroup {
        code: content.required("groupCode")?.string()?.to_owned(),
        description: content.required("description")?.string()?.to_owned(),
        members: content.repeated("groupMember", read_client)?,
    };
    content.finish()?;
    Ok(group)
}

fn read_class(element: &Element) -> Result<MemberClass, XmlError> {
    let mut content = element.sequence()?;
    let class = MemberClass {
        code: content.required("code")?.string()?.to_owned(),
        description: content.required("description")?.string()?.to_owned(),
    };
    content.finish()?;
    Ok(class)
}

fn duplicate(id: &impl std::fmt::Display) -> SharedParametersError {
    SharedParametersError::DuplicateIdentifier(id.to_string())
}
