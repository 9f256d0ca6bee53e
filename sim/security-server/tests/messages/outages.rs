//! Parts that are down, slow or full: what the client is told, and that nothing is acknowledged
//! which is not in the log.

use std::sync::Arc;
use std::time::Duration;

use sim_journal::simulated_disk::SimulatedDisk;
use sim_message_log::LogConfig;
use sim_trust_services::Profile;

use crate::client::{Ask, fault_of};
use crate::country::{Country, Plan, member};
use crate::notary::Notary;
use crate::part::eventually;
use crate::peer::register;
use crate::provider::{FAKE, Provider, answer_of, response};

fn on(disk: &SimulatedDisk) -> LogConfig {
    LogConfig {
        storage: Arc::new(disk.clone()),
        ..LogConfig::default()
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_has_a_code() {
    let country = Country::start().await;
    for (target, code) in [
        ("down", "network_error"),
        ("lost", "unknown_host"),
        ("addressless", "service_missing_url"),
        ("secret", "service_missing_url"),
        ("echo/close", "io_error"),
        ("echo/reset", "network_error"),
        ("echo/short", "io_error"),
        ("echo/garbage", "io_error"),
        ("hasty/silence", "io_error"),
    ] {
        let ask = Ask::get(&format!("/r1/EE/GOV/2/population/{target}"));
        let code = format!("server.serverproxy.{code}");
        country.failed(&ask, 500, &code).await;
    }
    country.end().await;
}

#[tokio::test]
async fn a_providers_server_that_is_down_cannot_be_connected_to() {
    let country = Country::start().await;
    country.good().await;
    let Country {
        provider, consumer, ..
    } = country;
    provider.part.drain().await;
    for _ in 0..3 {
        let answer = Ask::echo("").send(consumer.ready.client_listen).await;
        let code = "server.clientproxy.network_error";
        assert_eq!(fault_of(&answer), (500, code));
    }
    consumer.part.drain().await;
}

#[tokio::test]
async fn a_server_that_is_down_is_passed_over_for_another_one() {
    let country = Country::start().await;
    let notary = Notary::of(&country).await;
    let absent = notary
        .credential(Profile::Authentication, &member("5"))
        .await;
    // Registered first, so that it is tried first.
    register(&country, &absent, "5", "absent", 9, "5/fake").await;
    let provider = Provider::start(&country, &notary).await;
    let (signing, status) = (provider.signing.clone(), notary.good(&provider.signing));
    provider.answer(move |request| {
        let parts = response(&request.response_lines(), None, &signing, &status);
        Some(answer_of(&parts))
    });
    let pinned = |server: &str| Ask::get(FAKE).header("X-Road-Security-Server", server);
    eventually(async || {
        let answer = country.ask(&pinned("EE/GOV/5/ss5")).await;
        answer.header("x-road-error").is_none().then_some(())
    })
    .await;
    assert_eq!(country.ask(&Ask::get(FAKE)).await.status(), 200);
    let answer = country.ask(&pinned("EE/GOV/5/absent")).await;
    let code = "server.clientproxy.network_error";
    assert_eq!(fault_of(&answer), (500, code));
    country.good().await;
    country.end().await;
}

#[tokio::test]
async fn a_consumers_full_disk_stops_requests() {
    let disk = SimulatedDisk::default();
    let country = Country::with(Plan {
        consumer_log: on(&disk),
        ..Plan::default()
    })
    .await;
    country.good().await;
    disk.fill_up_after(0);
    let code = "server.clientproxy.io_error";
    let answer = country.ask(&Ask::echo("")).await;
    assert_eq!(fault_of(&answer), (500, code));
    // From now on nothing is even sent.
    let asks = [Ask::echo(""), Ask::echo("")];
    for ask in &asks {
        assert_eq!(fault_of(&country.ask(ask).await), (500, code));
    }
    let health = country.health().await;
    assert_eq!(health.status(), 500);
    assert!(health.text().starts_with("the message log takes nothing"));
    // Whatever was sent has arrived once the provider's server has ended.
    country.provider.part.drain().await;
    for call in country.service.calls() {
        let id = call.header("x-road-id").unwrap();
        assert!(asks.iter().all(|ask| ask.id() != id), "{id} was sent");
    }
}

#[tokio::test]
async fn a_consumers_disk_that_fills_up_before_the_answer_withholds_it() {
    let disk = SimulatedDisk::default();
    let country = Country::with(Plan {
        consumer_log: on(&disk),
        ..Plan::default()
    })
    .await;
    let answer = answer_while_full(&country, &disk).await;
    let code = "server.clientproxy.logging_failed.database_error";
    assert_eq!(answer, (500, code.to_owned()));
}

#[tokio::test]
async fn a_providers_full_disk_keeps_requests_from_the_service() {
    let disk = SimulatedDisk::default();
    let country = Country::with(Plan {
        provider_log: on(&disk),
        ..Plan::default()
    })
    .await;
    country.good().await;
    disk.fill_up_after(0);
    let calls = country.service.calls().len();
    for _ in 0..3 {
        let answer = country.ask(&Ask::echo("")).await;
        let code = "server.serverproxy.logging_failed.database_error";
        assert_eq!(fault_of(&answer), (500, code));
    }
    assert_eq!(country.service.calls().len(), calls);
}

#[tokio::test]
async fn a_providers_disk_that_fills_up_before_the_answer_withholds_it() {
    let disk = SimulatedDisk::default();
    let country = Country::with(Plan {
        provider_log: on(&disk),
        ..Plan::default()
    })
    .await;
    let answer = answer_while_full(&country, &disk).await;
    let code = "server.serverproxy.logging_failed.database_error";
    assert_eq!(answer, (500, code.to_owned()));
}

/// Asks, and lets the disk fill up while the service has the request.
async fn answer_while_full(country: &Country, disk: &SimulatedDisk) -> (u16, String) {
    let ask = Ask::echo("/gate");
    let fill = async {
        eventually(async || {
            let call = country.service.last_call();
            (call.header("x-road-id") == Some(ask.id())).then_some(())
        })
        .await;
        disk.fill_up_after(0);
        country.service.open_gate(1);
    };
    let (answer, ()) = tokio::join!(country.ask(&ask), fill);
    let (status, code) = fault_of(&answer);
    (status, code.to_owned())
}

#[tokio::test]
async fn without_time_stamps_for_too_long_nothing_is_logged() {
    let impatient = LogConfig {
        acceptable_time_stamp_failure: Some(Duration::ZERO),
        ..LogConfig::default()
    };
    let country = Country::with(Plan {
        time_stamping_interval_s: 1,
        provider_log: impatient,
        ..Plan::default()
    })
    .await;
    country.good().await;
    country.stop_time_stamping();
    eventually(async || {
        let answer = country.ask(&Ask::echo("")).await;
        answer.header("x-road-error")?;
        let code = "server.serverproxy.logging_failed.timestamping_failed";
        assert_eq!(fault_of(&answer), (500, code));
        Some(())
    })
    .await;
}
