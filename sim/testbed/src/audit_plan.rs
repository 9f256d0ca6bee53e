//! From a scenario to what the audit of its run has to know.

use sim_audit::{AuditPlan, PlannedExchanges};
use sim_domain::ClientId;
use sim_population::{Population, PopulationError};
use sim_scenario::{Load, Scenario, WhenFull};

use crate::country::population_plan;

/// What the audit has to know that is not in the files it checks.
///
/// # Errors
///
/// Where there can be no such population.
pub fn audit_plan(scenario: &Scenario) -> Result<AuditPlan, PopulationError> {
    Ok(AuditPlan {
        population: Population::new(scenario.seed, population_plan(scenario))?,
        client: scenario.workload.client.clone(),
        service: scenario.workload.service.clone(),
        ids_per_exchange: u64::from(scenario.workload.ids_per_exchange),
        exchanges: planned_exchanges(scenario),
        consumer_servers: codes(scenario, &scenario.workload.client),
        provider_servers: codes(scenario, scenario.workload.service.provider()),
    })
}

fn planned_exchanges(scenario: &Scenario) -> PlannedExchanges {
    let may_drop = matches!(
        scenario.workload.load,
        Load::ArrivalRate {
            when_full: WhenFull::Drop,
            ..
        }
    );
    match scenario.exchanges() {
        None => PlannedExchanges::AnyNumber,
        Some(count) if may_drop => PlannedExchanges::AtMost(count),
        Some(count) => PlannedExchanges::Exactly(count),
    }
}

fn codes(scenario: &Scenario, client: &ClientId) -> Vec<String> {
    scenario
        .servers_of(client)
        .map(|server| server.code.clone())
        .collect()
}
