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
    let seconds = config.duration_ms.div_ceil(1_000).max(1);
    let people = config.people_at_once.to_string();
    let run_time = format!("{seconds}s");
    // Everybody begins within the first seconds; goose counts people a second.
    let configuration = GooseConfiguration::parse_args_default(&[
        "--users",
        &people,
        "--increase-rate",
        &people,
        "--run-time",
        &run_time,
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
