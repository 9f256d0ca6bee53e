//! From a scenario to what the audit of its run has to know.

use std::sync::Arc;

use sim_audit::{AskedAbout, AuditPlan, OtherClient, PlannedAsk, PlannedExchanges};
use sim_domain::{ClientId, ServiceId};
use sim_population::{Population, PopulationError};
use sim_scenario::{Load, MixedQuestion, Scenario, WhenFull};
use sim_workload::{DECK, Questions, Subject};

use crate::country::{Asked, PORTAL};

/// What the audit has to know that is not in the files it checks.
///
/// # Errors
///
/// Where there can be no such population.
pub fn audit_plan(scenario: &Scenario) -> Result<AuditPlan, PopulationError> {
    let population = Population::new(scenario.seed, scenario.population.plan())?;
    let workload = &scenario.workload;
    let questions = Questions::new(Arc::new(population.clone()), workload.asks(), scenario.seed)
        .expect("a valid scenario asks sane questions");
    let planned = planned_exchanges(scenario);
    let (at_least, everybody_once) = match planned {
        PlannedExchanges::Exactly(count) => (count, count <= questions.exchanges()),
        PlannedExchanges::AtMost(count) => (0, count <= questions.exchanges()),
        PlannedExchanges::AnyNumber => (0, false),
    };
    let asks = workload.questions.iter().map(planned_ask);
    let other_clients = other_clients(scenario);
    let clients = other_clients.iter().map(|other| &other.client);
    let mut consumer_servers: Vec<String> = std::iter::once(&workload.client)
        .chain(clients)
        .flat_map(|client| codes(scenario, client))
        .collect();
    consumer_servers.sort_unstable();
    consumer_servers.dedup();
    // Citizens may be asked about everywhere.
    let of_citizens = scenario
        .registries
        .iter()
        .filter(|_| scenario.portal.is_some());
    let of_citizens = of_citizens.flat_map(|registry| codes(scenario, &registry.subsystem));
    let mut provider_servers: Vec<String> = workload
        .questions
        .iter()
        .flat_map(|question| codes(scenario, question.service.provider()))
        .chain(of_citizens)
        .collect();
    provider_servers.sort_unstable();
    provider_servers.dedup();
    Ok(AuditPlan {
        other_clients,
        trackers: trackers(scenario),
        personal: personal(scenario),
        client: workload.client.clone(),
        asks: asks.collect(),
        exchanges: planned,
        people: questions.people_asked(at_least),
        everybody_once,
        population,
        consumer_servers,
        provider_servers,
    })
}

/// Registries keep a data tracker where there is a portal.
fn trackers(scenario: &Scenario) -> Vec<String> {
    let registries = scenario.registries.iter();
    let keeping = registries.filter(|_| scenario.portal.is_some());
    keeping.map(|registry| registry.name.clone()).collect()
}

/// The services by which somebody's data are read.
fn personal(scenario: &Scenario) -> Vec<ServiceId> {
    let services = scenario.registries.iter().flat_map(|registry| {
        let services = registry.services.iter();
        let personal = services.filter(|service| registry.kind.is_personal(&service.code));
        personal
            .filter_map(|service| ServiceId::new(registry.subsystem.clone(), &service.code).ok())
    });
    services.collect()
}

/// Who asks beside the load generator: the portal, and registries that need what others hold.
fn other_clients(scenario: &Scenario) -> Vec<OtherClient> {
    let Some(portal) = &scenario.portal else {
        return Vec::new();
    };
    let asking = scenario
        .registries
        .iter()
        .filter(|registry| Asked::by(scenario, registry).is_some());
    let asking = asking.map(|registry| OtherClient {
        name: registry.name.clone(),
        client: registry.subsystem.clone(),
    });
    let portal = OtherClient {
        name: PORTAL.to_owned(),
        client: portal.subsystem.clone(),
    };
    std::iter::once(portal).chain(asking).collect()
}

fn planned_ask(question: &MixedQuestion) -> PlannedAsk {
    PlannedAsk {
        service: question.service.clone(),
        subject: match question.ask.subject {
            Subject::Deaths => AskedAbout::Deaths,
            Subject::Persons => AskedAbout::Persons,
        },
        most_ids: question.ask.sizes.range(DECK as u64).1,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(text: &str) -> Vec<(String, String)> {
        let scenario = Scenario::parse("scenario.yaml", text).expect("a scenario");
        let plan = audit_plan(&scenario).expect("a population");
        let clients = plan.other_clients.into_iter();
        clients
            .map(|other| (other.name, other.client.to_string()))
            .collect()
    }

    #[test]
    fn the_ledger_of_every_registry_that_asks_is_known() {
        let estonia = include_str!("../../../scenarios/estonia.yaml");
        let expected = [
            ("portal", "EE/GOV/70006317/portal"),
            ("social-insurance", "EE/GOV/70001975/skais2"),
            ("health", "EE/GOV/70009770/digilugu"),
            ("insurer", "EE/COM/10000003/policies"),
        ];
        let expected = expected.map(|(name, client)| (name.to_owned(), client.to_owned()));
        assert_eq!(asking(estonia), expected);
        let may_not = estonia.replace(", social-insurance-board/skais2]", "]");
        let may_not = may_not.replace("legal-exceptions: [social-insurance-board/skais2]", "");
        let may_not = may_not.replace(
            "client: social-insurance-board/skais2",
            "client: state-portal/portal",
        );
        let names: Vec<String> = asking(&may_not).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["portal", "health", "insurer"]);
    }
}
