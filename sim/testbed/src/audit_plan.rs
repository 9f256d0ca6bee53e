//! From a scenario to what the audit of its run has to know.

use std::sync::Arc;

use sim_audit::{AskedAbout, AuditPlan, PlannedAsk, PlannedExchanges};
use sim_domain::ClientId;
use sim_population::{Population, PopulationError};
use sim_scenario::{Load, MixedQuestion, Scenario, WhenFull};
use sim_workload::{DECK, Questions, Subject};

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
    let mut provider_servers: Vec<String> = workload
        .questions
        .iter()
        .flat_map(|question| codes(scenario, question.service.provider()))
        .collect();
    provider_servers.sort_unstable();
    provider_servers.dedup();
    Ok(AuditPlan {
        other_clients: Vec::new(),
        client: workload.client.clone(),
        asks: asks.collect(),
        exchanges: planned,
        people: questions.people_asked(at_least),
        everybody_once,
        population,
        consumer_servers: codes(scenario, &scenario.workload.client),
        provider_servers,
    })
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
