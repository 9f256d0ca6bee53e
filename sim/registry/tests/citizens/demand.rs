//! A service demand: a registry waits before it answers, whatever it is asked.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use sim_clock::Clock;
use sim_registry::{Error, Kind};
use sim_workload::Taking;

use super::country::{Registry, config};

/// Nobody draws so little that it could not be told from nothing.
const DEMAND: Taking = Taking {
    median_ms: 40,
    p99_ms: 50,
};
/// Less than anybody in a hundred thousand draws.
const LEAST: Duration = Duration::from_millis(25);

async fn with(kind: Kind, demand: Option<Taking>) -> Registry {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(kind, folder.path());
    config.service_demand = demand;
    Registry::run(config, folder).await
}

#[tokio::test]
async fn every_service_waits_and_what_is_no_service_does_not() {
    let registry = with(Kind::PopulationRegister, Some(DEMAND)).await;
    let id = registry.id(0);
    let begun = Clock::wall().monotonic();
    registry.own("record", &id).await;
    let body = json!({ "ids": [id] });
    for path in ["/liveness", "/person"] {
        let (status, _) = registry.send(Method::POST, path, "", body.clone()).await;
        assert_eq!(status, 200, "{path}");
    }
    // So does a refusal.
    let (status, _) = registry
        .send(Method::GET, "/record/1", "EE1", Value::Null)
        .await;
    assert_eq!(status, 404);
    assert!(begun.elapsed() >= LEAST * 4, "{:?}", begun.elapsed());
    let (status, _) = registry.send(Method::GET, "/health", "", Value::Null).await;
    assert_eq!(status, 200);
    let (_, summary) = registry.stop_and_sum().await;
    assert_eq!(summary.simulated_waits, 4);
    assert!(summary.simulated_wait_ms >= 4 * 25, "{summary:?}");
    assert_eq!((summary.answered, summary.refused), (3, 1));
}

#[tokio::test]
async fn waiting_for_one_does_not_keep_another() {
    let registry = with(Kind::Bank, Some(DEMAND)).await;
    let path = format!("/accounts/{}", registry.id(1));
    let user = format!("EE{}", registry.id(1));
    let begun = Clock::wall().monotonic();
    let mut together = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (url, path, user) = (registry.url.clone(), path.clone(), user.clone());
        together.spawn(async move {
            let request = http::Request::get(format!("{url}{path}"))
                .header("X-Road-Client", super::country::PORTAL)
                .header("X-Road-UserId", user)
                .body(bytes::Bytes::new())
                .unwrap();
            let answer = sim_http_client::once(request, super::country::BOUNDS).await;
            assert_eq!(answer.unwrap().status, 200);
        });
    }
    while let Some(done) = together.join_next().await {
        done.unwrap();
    }
    let took = begun.elapsed();
    let (_, summary) = registry.stop_and_sum().await;
    assert_eq!(summary.simulated_waits, 50);
    // One after the other they would have taken as long as all the waits.
    assert!(
        took < Duration::from_millis(summary.simulated_wait_ms),
        "{took:?}"
    );
}

#[tokio::test]
async fn without_a_demand_nobody_waits() {
    let registry = with(Kind::Bank, None).await;
    registry.own("accounts", &registry.id(1)).await;
    let (_, summary) = registry.stop_and_sum().await;
    assert_eq!((summary.simulated_waits, summary.simulated_wait_ms), (0, 0));
}

#[tokio::test]
async fn a_demand_that_cannot_be_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(Kind::Bank, folder.path());
    config.service_demand = Some(Taking {
        median_ms: 5,
        p99_ms: 5,
    });
    let refused = sim_registry::run(config, |_| {}, async {}).await;
    assert!(matches!(refused, Err(Error::Demand)));
}
