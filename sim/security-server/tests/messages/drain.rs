//! The end, in the middle of everything: what was answered is in both logs, twice.

use std::sync::Arc;

use parking_lot::Mutex;
use sim_message_log::LogConfig;
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use crate::client::{Ask, connect};
use crate::country::{Country, Plan, records};
use crate::part::eventually;
use crate::wire;

/// Clients that ask as fast as they get answers.
const CLIENTS: usize = 16;
/// Answers that are there before the end is asked for.
const BEFORE_THE_END: usize = 300;

#[tokio::test]
async fn nothing_that_was_answered_is_lost() {
    let country = Country::with(Plan {
        consumer_log: LogConfig::default(),
        provider_log: LogConfig::default(),
        ..Plan::default()
    })
    .await;
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let listen = country.consumer.ready.client_listen;
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let acknowledged = Arc::clone(&acknowledged);
        clients.spawn(async move {
            let mut stream = connect(listen).await;
            loop {
                let mut ask = Ask::echo("");
                if number % 2 == 0 {
                    ask = ask.body("some content");
                }
                // Once the server ends, the connection does too.
                if stream.write_all(&ask.bytes()).await.is_err() {
                    return;
                }
                let Ok(Some(answer)) = wire::read(&mut stream, false).await else {
                    return;
                };
                if answer.header("x-road-error").is_none() {
                    assert_eq!(answer.header("x-road-id"), Some(ask.id()));
                    acknowledged.lock().push(ask.id().to_owned());
                }
            }
        });
    }
    eventually(async || (acknowledged.lock().len() >= BEFORE_THE_END).then_some(())).await;
    let Country {
        mut consumer,
        mut provider,
        ..
    } = country;
    consumer.part.ask_to_end();
    provider.part.ask_to_end();
    let consumer_log = consumer.config.log_folder.clone();
    let provider_log = provider.config.log_folder.clone();
    let consumed = consumer.part.drain().await;
    let provided = provider.part.drain().await;
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let acknowledged = acknowledged.lock();
    assert!(acknowledged.len() >= BEFORE_THE_END);
    for log in [&consumer_log, &provider_log] {
        let records = records(log);
        for id in acknowledged.iter() {
            assert_eq!(records.get(id), Some(&2), "{id} in {}", log.display());
        }
    }
    assert_eq!(consumed.log.statistics.unstamped, 0);
    assert_eq!(provided.log.statistics.unstamped, 0);
    assert!(consumed.counts.consumed >= acknowledged.len() as u64);
    // Messages that arrived together were signed together.
    assert!(consumed.counts.signature_batches < consumed.counts.signed_messages);
}

#[tokio::test]
async fn a_server_that_comes_back_goes_on_with_its_keys_and_its_log() {
    let mut country = Country::start().await;
    country.good().await;
    country.restart_consumer().await;
    country.good().await;
    country.end().await;
}
