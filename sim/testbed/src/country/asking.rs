//! Which registry asks which services of others over the exchange.

use sim_domain::ServiceId;
use sim_scenario::{Connection, Registry, RegistryKind, Scenario, SecurityServer};

use super::registries;

/// What a registry asks others; at least one service.
pub(crate) struct Asked {
    /// The population register's, for people's children.
    pub(super) relations: Option<ServiceId>,
    /// The consent service's, for a consent.
    pub(super) consent: Option<ServiceId>,
    /// The consent service's, for whether there is one.
    pub(super) validation: Option<ServiceId>,
    /// That of health.
    pub(super) health_record: Option<ServiceId>,
}

// === impl Asked ===

impl Asked {
    /// What `registry` asks: what its kind needs, is there, and lets it. None where that is nothing,
    /// or where it has no security server that it reaches over plain HTTP.
    pub(crate) fn by(scenario: &Scenario, registry: &Registry) -> Option<Self> {
        let mut servers = scenario.security_servers.iter();
        if scenario.portal.is_none() || !servers.any(|server| leads_out(server, registry)) {
            return None;
        }
        let ask = |wanted: bool, kind, code| {
            let service = registries::service(scenario, kind, code).filter(|_| wanted)?;
            may(scenario, registry, &service).then_some(service)
        };
        let is = |kind| registry.kind == kind;
        let asked = Self {
            relations: ask(
                is(RegistryKind::SocialInsurance),
                RegistryKind::PopulationRegister,
                "relations",
            ),
            consent: ask(is(RegistryKind::Insurer), RegistryKind::Consents, "consent"),
            validation: ask(
                !registry.by_consent.is_empty(),
                RegistryKind::Consents,
                "validation",
            ),
            health_record: ask(is(RegistryKind::Insurer), RegistryKind::Health, "record"),
        };
        let services = [
            &asked.relations,
            &asked.consent,
            &asked.validation,
            &asked.health_record,
        ];
        let asks_any = services.into_iter().any(Option::is_some);
        asks_any.then_some(asked)
    }
}

/// Whether the registry can ask through `server`.
pub(super) fn leads_out(server: &SecurityServer, registry: &Registry) -> bool {
    let mut clients = server.clients.iter();
    clients
        .any(|served| served.client == registry.subsystem && served.connection == Connection::Http)
}

fn may(scenario: &Scenario, registry: &Registry, service: &ServiceId) -> bool {
    let mut registries = scenario.registries.iter();
    registries.any(|other| {
        let mut services = other.services.iter();
        other.subsystem == *service.provider()
            && services.any(|offered| {
                let mut rules = offered.access.iter();
                offered.code == service.code()
                    && rules.any(|rule| rule.subject == registry.subsystem)
            })
    })
}
