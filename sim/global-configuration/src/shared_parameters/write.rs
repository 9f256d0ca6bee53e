//! [`SharedParameters`] to `shared-params.xml`.

use std::collections::BTreeMap;

use sim_domain::ClientId;

use super::{
    ApprovedCertificationAuthority, ApprovedTimeStampingAuthority, CaInfo, ConfigurationSource,
    GlobalGroup, Member, SecurityServer, SharedParameters, SharedParametersError,
};
use crate::xml::Output;

pub(super) fn write(parameters: &SharedParameters) -> Result<String, SharedParametersError> {
    let ids = element_ids(parameters)?;
    check_servers(parameters, &ids)?;
    Ok(Output::document("conf", |output| {
        output.text("instanceIdentifier", &parameters.instance);
        for source in &parameters.sources {
            write_source(output, source);
        }
        for authority in &parameters.certification_authorities {
            write_approved_ca(output, authority);
        }
        for authority in &parameters.time_stamping_authorities {
            write_approved_tsa(output, authority);
        }
        for member in &parameters.members {
            write_member(output, parameters, member, &ids);
        }
        for server in &parameters.security_servers {
            write_security_server(output, server, &ids);
        }
        for group in &parameters.global_groups {
            write_group(output, group);
        }
        output.element("globalSettings", |output| {
            for class in &parameters.member_classes {
                write_class(output, &class.code, &class.description);
            }
            let seconds = parameters.ocsp_freshness.as_secs().to_string();
            output.text("ocspFreshnessSeconds", &seconds);
        });
    }))
}

/// `id0`, `id1`, ... for members and their subsystems in order, as X-Road numbers them.
type ElementIds = BTreeMap<ClientId, String>;

fn element_ids(parameters: &SharedParameters) -> Result<ElementIds, SharedParametersError> {
    let mut ids = ElementIds::new();
    let mut add = |client: ClientId| {
        let id = format!("id{}", ids.len());
        match ids.insert(client.clone(), id) {
            None => Ok(()),
            Some(_) => Err(SharedParametersError::DuplicateIdentifier(
                client.to_string(),
            )),
        }
    };
    for member in &parameters.members {
        if member.id.instance() != parameters.instance {
            return Err(SharedParametersError::Misplaced(member.id.to_string()));
        }
        add(ClientId::of_member(member.id.clone()))?;
        for subsystem in &member.subsystems {
            if *subsystem.id.member() != member.id || subsystem.id.subsystem().is_none() {
                return Err(SharedParametersError::Misplaced(subsystem.id.to_string()));
            }
            add(subsystem.id.clone())?;
        }
    }
    Ok(ids)
}

/// That every reference of a security server resolves, so that writing cannot fail half-way.
fn check_servers(
    parameters: &SharedParameters,
    ids: &ElementIds,
) -> Result<(), SharedParametersError> {
    for server in &parameters.security_servers {
        let owner = ClientId::of_member(server.id.owner().clone());
        let mut references = std::iter::once(&owner).chain(&server.clients);
        if let Some(dangling) = references.find(|client| !ids.contains_key(*client)) {
            return Err(SharedParametersError::DanglingReference {
                server: server.id.to_string(),
                reference: dangling.to_string(),
            });
        }
    }
    Ok(())
}

fn write_source(output: &mut Output, source: &ConfigurationSource) {
    output.element("source", |output| {
        output.text("address", &source.address);
        for certificate in &source.internal_verification_certificates {
            output.base64("internalVerificationCert", certificate);
        }
        for certificate in &source.external_verification_certificates {
            output.base64("externalVerificationCert", certificate);
        }
    });
}

fn write_approved_ca(output: &mut Output, authority: &ApprovedCertificationAuthority) {
    output.element("approvedCA", |output| {
        output.text("name", &authority.name);
        let authentication_only = authority.authentication_only.to_string();
        output.text("authenticationOnly", &authentication_only);
        write_ca_info(output, "topCA", &authority.top);
        for intermediate in &authority.intermediates {
            write_ca_info(output, "intermediateCA", intermediate);
        }
        output.text("certificateProfileInfo", &authority.certificate_profile);
    });
}

fn write_ca_info(output: &mut Output, name: &str, info: &CaInfo) {
    output.element(name, |output| {
        output.base64("cert", &info.certificate);
        for ocsp in &info.ocsp {
            output.element("ocsp", |output| {
                output.text("url", &ocsp.url);
                if let Some(certificate) = &ocsp.certificate {
                    output.base64("cert", certificate);
                }
            });
        }
    });
}

fn write_approved_tsa(output: &mut Output, authority: &ApprovedTimeStampingAuthority) {
    output.element("approvedTSA", |output| {
        output.text("name", &authority.name);
        output.text("url", &authority.url);
        output.base64("cert", &authority.certificate);
    });
}

fn write_member(
    output: &mut Output,
    parameters: &SharedParameters,
    member: &Member,
    ids: &ElementIds,
) {
    let code = member.id.class();
    let mut classes = parameters.member_classes.iter();
    let class = classes.find(|class| class.code == code);
    let description = class.map_or(code, |class| &class.description);
    let id = &ids[&ClientId::of_member(member.id.clone())];
    output.element_with_id("member", id, |output| {
        write_class(output, code, description);
        output.text("memberCode", member.id.code());
        output.text("name", &member.name);
        for subsystem in &member.subsystems {
            output.element_with_id("subsystem", &ids[&subsystem.id], |output| {
                output.text(
                    "subsystemCode",
                    subsystem.id.subsystem().unwrap_or_default(),
                );
                if let Some(name) = &subsystem.name {
                    output.text("subsystemName", name);
                }
            });
        }
    });
}

fn write_security_server(output: &mut Output, server: &SecurityServer, ids: &ElementIds) {
    output.element("securityServer", |output| {
        output.text(
            "owner",
            &ids[&ClientId::of_member(server.id.owner().clone())],
        );
        output.text("serverCode", server.id.code());
        if let Some(address) = &server.address {
            output.text("address", address);
        }
        for hash in &server.authentication_certificate_hashes {
            output.base64("authCertHash", hash);
        }
        for client in &server.clients {
            output.text("client", &ids[client]);
        }
        if let Some(maintenance) = &server.maintenance {
            output.element("inMaintenanceMode", |output| {
                if let Some(message) = &maintenance.message {
                    output.text("message", message);
                }
            });
        }
    });
}

fn write_group(output: &mut Output, group: &GlobalGroup) {
    output.element("globalGroup", |output| {
        output.text("groupCode", &group.code);
        output.text("description", &group.description);
        for member in &group.members {
            output.client("groupMember", member);
        }
    });
}

fn write_class(output: &mut Output, code: &str, description: &str) {
    output.element("memberClass", |output| {
        output.text("code", code);
        output.text("description", description);
    });
}
