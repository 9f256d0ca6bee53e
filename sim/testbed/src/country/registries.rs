//! The registries as the portal and its people know them: which service is for what, what a
//! registry is called, and who answers for looks.

use sim_domain::{ClientId, ServiceId};
use sim_portal::{InquiryService, PortalServices, RegisterService};
use sim_scenario::{RegistryKind, Scenario};

/// The services of the country, by what they are for.
pub(super) fn services(scenario: &Scenario) -> PortalServices {
    let of = |kind: RegistryKind, code: &str| service(scenario, kind, code);
    PortalServices {
        population_record: of(RegistryKind::PopulationRegister, "record"),
        population_relations: of(RegistryKind::PopulationRegister, "relations"),
        benefits: of(RegistryKind::SocialInsurance, "benefits"),
        applications: of(RegistryKind::SocialInsurance, "applications"),
        declaration: of(RegistryKind::Tax, "declaration"),
        declarations: of(RegistryKind::Tax, "declarations"),
        health_record: of(RegistryKind::Health, "record"),
        prescriptions: of(RegistryKind::Health, "prescriptions"),
        appointments: of(RegistryKind::Health, "appointments"),
        roles: of(RegistryKind::Business, "roles"),
        companies: of(RegistryKind::Business, "companies"),
        company: of(RegistryKind::Business, "company"),
        studies: of(RegistryKind::Education, "studies"),
        consents: of(RegistryKind::Consents, "consents"),
        insurance_offer: of(RegistryKind::Insurer, "offer"),
    }
}

/// The first service of a kind of registry with this code.
pub(super) fn service(scenario: &Scenario, kind: RegistryKind, code: &str) -> Option<ServiceId> {
    let registries = scenario.registries.iter();
    registries
        .filter(|registry| registry.kind == kind)
        .find(|registry| registry.services.iter().any(|service| service.code == code))
        .and_then(|registry| ServiceId::new(registry.subsystem.clone(), code).ok())
}

/// Every service with this code, with the name of the member behind it.
pub(super) fn all_with(scenario: &Scenario, code: &str) -> Vec<RegisterService> {
    let registries = scenario.registries.iter().filter(|registry| {
        let mut services = registry.services.iter();
        services.any(|service| service.code == code)
    });
    registries
        .filter_map(|registry| {
            Some(RegisterService {
                title: title(scenario, &registry.subsystem),
                service: ServiceId::new(registry.subsystem.clone(), code).ok()?,
            })
        })
        .collect()
}

/// Who answers for their looks: found by what data trackers call them.
pub(super) fn inquiries(scenario: &Scenario) -> Vec<InquiryService> {
    let services = all_with(scenario, "inquiries").into_iter();
    services
        .filter_map(|found| {
            let provider = found.service.provider();
            Some(InquiryService {
                title: found.title,
                member_code: provider.member().code().to_owned(),
                subsystem_code: provider.subsystem()?.to_owned(),
                service: found.service,
            })
        })
        .collect()
}

/// What people call the registry behind a subsystem: as they call its member; where that has
/// another one, or the portal, with the registry's name in the scenario behind.
pub(super) fn title(scenario: &Scenario, subsystem: &ClientId) -> String {
    let mut members = scenario.members.iter();
    let member = members.find(|member| member.id == *subsystem.member());
    let title = member.map_or_else(|| subsystem.to_string(), |member| member.name.clone());
    let registries = scenario.registries.iter();
    let others = registries
        .clone()
        .map(|registry| &registry.subsystem)
        .chain(scenario.portal.iter().map(|portal| &portal.subsystem));
    let of_member = others.filter(|other| other.member() == subsystem.member());
    let mut registries = registries.filter(|registry| registry.subsystem == *subsystem);
    match registries.next() {
        Some(registry) if of_member.count() > 1 => format!("{title} ({})", registry.name),
        _ => title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_of_one_member_are_told_apart() {
        let estonia = include_str!("../../../../scenarios/estonia.yaml");
        let scenario = Scenario::parse("estonia.yaml", estonia).expect("a scenario");
        let trackers = all_with(&scenario, "findUsage");
        let titles: Vec<&str> = trackers.iter().map(|tracker| &*tracker.title).collect();
        assert!(titles.contains(&"Population register"), "{titles:?}");
        // The member that has the portal, too.
        assert!(titles.contains(&"State portal (consents)"), "{titles:?}");
        let island = include_str!("../../../../scenarios/island.yaml");
        let scenario = Scenario::parse("island.yaml", island).expect("a scenario");
        let mut titles: Vec<String> = all_with(&scenario, "findUsage")
            .into_iter()
            .map(|tracker| tracker.title)
            .collect();
        let all = titles.len();
        titles.sort();
        titles.dedup();
        assert_eq!(titles.len(), all, "{titles:?}");
    }
}
