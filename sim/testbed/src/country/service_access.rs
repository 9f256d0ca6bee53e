//! The service of the scenario's workload as its registry answers it, with nobody in between.

use std::collections::BTreeMap;

use sim_scenario::Scenario;

use super::CountryError;

/// Where the workload's service is to be reached without a security server: just there where the
/// provider's own security server calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccess {
    /// `http://…`, nothing behind the port.
    pub url: String,
    /// The path that the service answers at.
    pub path: String,
}

impl ServiceAccess {
    /// The access to the service that `scenario` asks, where each registry is at its URL.
    pub(super) fn of(
        scenario: &Scenario,
        register_urls: &BTreeMap<String, String>,
    ) -> Result<Self, CountryError> {
        let service = scenario.workload.first_service();
        let url = scenario
            .registries
            .iter()
            .find(|registry| registry.subsystem == *service.provider())
            .and_then(|registry| register_urls.get(&registry.name))
            .ok_or_else(|| CountryError::Unsupported(format!("no registry answers {service}")))?;
        Ok(Self {
            url: url.clone(),
            path: format!("/{}", service.code()),
        })
    }
}
