//! A disk that loses one write and is well again: the server that saw it acknowledges nothing more
//! until it is started again, and then everything that it had acknowledged is there.

use std::sync::Arc;

use sim_journal::simulated_disk::SimulatedDisk;
use sim_message_log::LogConfig;
use tokio::net::TcpListener;

use crate::client::{Ask, fault_of};
use crate::country::{Country, Plan, Server, records};
use crate::part::eventually;

/// Syncs that succeed before one fails.
const GOOD_SYNCS: u32 = 7;
/// Questions that are asked while the disk is bad.
const QUESTIONS: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Consumer,
    Provider,
}

impl Side {
    fn of(self, country: &mut Country) -> &mut Server {
        match self {
            Self::Consumer => &mut country.consumer,
            Self::Provider => &mut country.provider,
        }
    }
}

async fn country_on(disk: &SimulatedDisk, side: Side) -> Country {
    let on_disk = LogConfig {
        storage: Arc::new(disk.clone()),
        ..LogConfig::default()
    };
    let mut plan = Plan::default();
    match side {
        Side::Consumer => plan.consumer_log = on_disk,
        Side::Provider => plan.provider_log = on_disk,
    }
    Country::with(plan).await
}

/// Asks; the ID, where there is an answer.
async fn ask(country: &Country) -> Option<String> {
    let ask = Ask::echo("");
    let answer = country.ask(&ask).await;
    if answer.header("x-road-error").is_some() {
        assert_eq!(fault_of(&answer).0, 500);
        return None;
    }
    Some(ask.id().to_owned())
}

async fn check(side: Side) {
    let disk = SimulatedDisk::default();
    let mut country = country_on(&disk, side).await;
    disk.fail_syncs_after(GOOD_SYNCS);
    let mut answered = Vec::new();
    let mut refused = 0;
    for _ in 0..QUESTIONS {
        match ask(&country).await {
            Some(id) => {
                assert_eq!(refused, 0, "{side:?} answered after a failed sync");
                answered.push(id);
            }
            None => refused += 1,
        }
    }
    assert!(!answered.is_empty() && refused > 0, "{side:?}: {refused}");
    // The disk is well again; what it has of the log is unknown, so the server does not go on.
    disk.mend_syncs();
    assert_eq!(ask(&country).await, None);

    // The power goes as well: of what failed to sync, nothing is left.
    side.of(&mut country).part.kill().await;
    disk.power_cut(|| false);
    // What listened at its port may take a moment to be gone.
    let address = side.of(&mut country).message_address();
    eventually(async || TcpListener::bind(address).await.ok().map(drop)).await;
    let config = side.of(&mut country).config.clone();
    *side.of(&mut country) = Server::start(config, LogConfig::default()).await;
    let mut again = None;
    eventually(async || {
        again = ask(&country).await;
        again.as_ref().map(|_| ())
    })
    .await;
    answered.extend(again);
    for server in [&country.consumer, &country.provider] {
        let records = records(&server.config.log_folder);
        for id in &answered {
            assert_eq!(records.get(id), Some(&2), "{side:?}: {id}");
        }
    }
}

#[tokio::test]
async fn a_consumers_server_acknowledges_nothing_after_a_failed_sync() {
    check(Side::Consumer).await;
}

#[tokio::test]
async fn a_providers_server_acknowledges_nothing_after_a_failed_sync() {
    check(Side::Provider).await;
}
