//! Goose: so many people at once, each on one journey after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use goose::config::GooseConfiguration;
use goose::goose::{Scenario, Transaction, TransactionFunction};
use goose::{GooseAttack, GooseError};

use crate::CitizensError;
use crate::config::CitizensConfig;
use crate::journeys;
use crate::person::World;

/// The attack: one scenario, of which every transaction is a journey.
///
/// Goose decides when somebody new begins and when all stop; who it is and what for, the plan
/// decides by the number of the journey, so that a run can be repeated.
pub(crate) fn of(
    config: &CitizensConfig,
    world: &Arc<World>,
) -> Result<GooseAttack, CitizensError> {
    let goose = |error: GooseError| CitizensError::Goose(error.to_string());
    let test_plan = test_plan(config);
    let configuration = GooseConfiguration::parse_args_default(&[
        "--test-plan",
        &test_plan,
        "--host",
        &config.portal_url,
        "--quiet",
        "--no-telnet",
        "--no-websocket",
        // Without it goose would print to standard output, which is the parent's. Its metrics are not
        // used, so that it resets them once everybody has begun does no harm, and prints less.
        "--no-print-metrics",
    ])
    .map_err(goose)?;
    let next = Arc::new(AtomicU64::new(0));
    let world = Arc::clone(world);
    let journey: TransactionFunction = Arc::new(move |_user| {
        let (world, next) = (Arc::clone(&world), Arc::clone(&next));
        Box::pin(async move {
            let number = next.fetch_add(1, Ordering::Relaxed);
            journeys::walk(&world, number).await;
            Ok(())
        })
    });
    let scenario = Scenario::new("citizen")
        .register_transaction(Transaction::new(journey).set_name("journey"));
    let attack = GooseAttack::initialize_with_config(configuration).map_err(goose)?;
    Ok(attack.register_scenario(scenario))
}

/// How many people there are when, in goose's words: `PEOPLE,SECONDSs;…`, each step reached within
/// its time.
fn test_plan(config: &CitizensConfig) -> String {
    let seconds = |ms: u64| ms.div_ceil(1_000).max(1);
    let mut steps: Vec<(u32, u64)> = if config.crowd.is_empty() {
        // Everybody begins within the first second.
        vec![
            (config.people_at_once, 1),
            (config.people_at_once, seconds(config.duration_ms)),
        ]
    } else {
        let crowd = config.crowd.iter();
        crowd
            .map(|step| (step.people, seconds(step.within_ms)))
            .collect()
    };
    // Whoever is on a journey then ends it.
    steps.push((0, 0));
    let steps = steps.iter();
    steps
        .map(|(people, seconds)| format!("{people},{seconds}s"))
        .collect::<Vec<_>>()
        .join(";")
}

#[cfg(test)]
mod tests {
    use sim_population::{PeopleConfig, PopulationPlan};
    use sim_workload::{CitizenPlan, Taking};

    use super::*;
    use crate::config::CrowdStep;

    fn config(crowd: Vec<CrowdStep>) -> CitizensConfig {
        let day = sim_population::iso_date::parse("2026-02-05").unwrap();
        CitizensConfig {
            portal_url: String::new(),
            carriers_url: String::new(),
            id_card_certificate_pem: None,
            people: PeopleConfig {
                seed: 1,
                plan: PopulationPlan::pensioners(1, 0, day),
            },
            plan: CitizenPlan {
                journeys: Vec::new(),
                carriers: Vec::new(),
                think: Taking {
                    median_ms: 1,
                    p99_ms: 2,
                },
            },
            documents: None,
            people_at_once: 40,
            duration_ms: 1_500,
            crowd,
        }
    }

    #[test]
    fn a_steady_crowd_is_there_within_a_second_and_stays() {
        assert_eq!(test_plan(&config(Vec::new())), "40,1s;40,2s;0,0s");
    }

    #[test]
    fn a_crowd_in_steps_follows_them() {
        let step = |people, within_ms| CrowdStep { people, within_ms };
        let crowd = vec![step(30, 0), step(10, 2_000)];
        assert_eq!(test_plan(&config(crowd)), "30,1s;10,2s;0,0s");
    }
}
