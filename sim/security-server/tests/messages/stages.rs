//! What a security server says at its end about where the time of its exchanges went.

use sim_metrics::stages::CacheUse;
use sim_metrics::{RoleStages, Stage};
use sim_security_server::config::StageAccounting;

use crate::client::Ask;
use crate::country::{Country, Ended, Plan};

/// Exchanges, some of which are measured.
/// One exchange in about a hundred is measured; the first are refused.
const EXCHANGES: u64 = 220;

fn reached(role: &RoleStages) -> Vec<Stage> {
    role.stages.iter().map(|used| used.stage).collect()
}

#[tokio::test]
async fn each_side_tells_its_own_stages() {
    let country = Country::start().await;
    for _ in 0..EXCHANGES {
        country.answered(&Ask::echo("").body("content")).await;
    }
    let Ended {
        consumer: consumed,
        provider: provided,
        ..
    } = country.end().await;
    let consumer = consumed.stages.expect("it measures");
    let provider = provided.stages.expect("it measures");

    let (client, server) = (&consumer.client_proxy, &provider.server_proxy);
    assert_eq!(
        reached(client),
        [
            Stage::Admit,
            Stage::Receive,
            Stage::Parse,
            Stage::Ocsp,
            Stage::Sign,
            Stage::Verify,
            Stage::Log,
            Stage::LogMeanwhile,
            Stage::Transport,
        ]
    );
    assert_eq!(
        reached(server),
        [
            Stage::Admit,
            Stage::Receive,
            Stage::Parse,
            Stage::Ocsp,
            Stage::Sign,
            Stage::Verify,
            Stage::Log,
            Stage::Service,
        ]
    );
    for role in [client, server] {
        // The country asked until the first question passed.
        assert!(role.exchanges > EXCHANGES && role.sampled >= 2, "{role:?}");
        assert!(
            role.stages.iter().all(|used| used.time_us > 0.0),
            "{role:?}"
        );
        // Certificates are looked at on the way, and a record is written meanwhile.
        let meanwhile = [Stage::LogMeanwhile, Stage::Ocsp];
        let on_the_way = role.stages.iter();
        let on_the_way = on_the_way.filter(|used| !meanwhile.contains(&used.stage));
        let steps_us: f64 = on_the_way.map(|used| used.time_us).sum();
        assert!(steps_us <= role.time_us, "{role:?}");
        let verify = role.of(Stage::Verify).expect("it was reached");
        assert!(verify.cpu_us > 0.0, "{verify:?}");
    }
    // Nobody asked them in the other role.
    assert_eq!(
        consumer.server_proxy.exchanges + provider.client_proxy.exchanges,
        0
    );

    let kept = consumer.connections;
    assert!(kept.misses >= 1 && kept.hits >= EXCHANGES, "{kept:?}");
    assert_eq!(provider.connections, CacheUse::default());
    assert!(consumer.signature_batches.items >= EXCHANGES);
    assert!(consumer.signature_batches.largest >= 1);
    assert!(consumer.signing_us > 0.0, "{consumer:?}");
    assert!(consumer.log_groups.items >= 2 * EXCHANGES);
    assert!(consumer.signature_documents.misses >= 1);
    assert!(provider.peer_statuses.hits >= EXCHANGES);
    assert!(consumer.time_stamps.count >= 1 && consumer.time_stamps.time_us > 0.0);
    // Its own two certificates, and the other server's.
    assert!(
        consumer.ocsp_requests.count >= 3,
        "{:?}",
        consumer.ocsp_requests
    );
    assert!(consumer.streams.measured >= 1, "{:?}", consumer.streams);
    assert!(consumer.accounting_cost.is_none(), "nothing alternated");
}

#[tokio::test]
async fn a_server_that_was_told_not_to_measure_is_silent_about_it() {
    let country = Country::with(Plan {
        consumer: Box::new(|config| config.stage_accounting = StageAccounting::Off),
        ..Plan::default()
    })
    .await;
    country.good().await;
    let Ended {
        consumer: consumed,
        provider: provided,
        ..
    } = country.end().await;
    assert_eq!(consumed.stages, None);
    assert!(provided.stages.is_some());
}
