//! How messages are signed, sent and kept, otherwise than by default.

use sim_message_log::{LogReader, LoggedBody};
use sim_security_server::config::{
    BodyLogging, ConnectionReuse, ExchangeSettings, KeyType, SignatureScope, TimeStamping,
    TlsVersion,
};

use crate::client::{Ask, ECHO};
use crate::country::{Country, Plan};
use crate::part::eventually;

/// A country in which both security servers have these settings.
async fn country(settings: ExchangeSettings) -> Country {
    let of_provider = settings.clone();
    Country::with(Plan {
        consumer: Box::new(move |config| config.exchange = settings),
        provider: Box::new(move |config| config.exchange = of_provider),
        ..Plan::default()
    })
    .await
}

/// Requests with a body, in flight together.
async fn ask_together(country: &Country, count: usize) {
    let asks: Vec<Ask> = (0..count)
        .map(|number| Ask::new("POST", ECHO).body(format!("number {number}")))
        .collect();
    let client = country.consumer.ready.client_listen;
    let tasks: Vec<_> = asks
        .into_iter()
        .map(|ask| tokio::spawn(async move { ask.send(client).await }))
        .collect();
    for task in tasks {
        country.note_answer(&task.await.unwrap());
    }
}

#[tokio::test]
async fn members_and_servers_may_have_rsa_keys_over_tls_1_2() {
    for key in [KeyType::Rsa2048, KeyType::Rsa3072] {
        let country = country(ExchangeSettings {
            signing_key: key,
            authentication_key: key,
            tls: vec![TlsVersion::Tls12],
            cipher_suites: vec!["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384".to_owned()],
            ..ExchangeSettings::default()
        })
        .await;
        country.good().await;
        ask_together(&country, 8).await;
        let ended = country.end().await;
        let log = LogReader::open(&ended.logs[1]).unwrap();
        let id = log.message_ids().next().unwrap().unwrap();
        let signature = log.find(&id).unwrap()[0].record.signature.clone();
        let method = b"xmldsig-more#rsa-sha512";
        assert!(
            signature
                .windows(method.len())
                .any(|window| window == method)
        );
    }
}

#[tokio::test]
async fn each_message_may_have_a_signature_and_a_connection_of_its_own() {
    let country = country(ExchangeSettings {
        connections: ConnectionReuse::PerMessage,
        signatures: SignatureScope::PerMessage,
        ..ExchangeSettings::default()
    })
    .await;
    ask_together(&country, 20).await;
    let ended = country.end().await;
    let (consumer, provider) = (ended.consumer.counts, ended.provider.counts);
    assert_eq!(consumer.signature_batches, consumer.signed_messages);
    assert_eq!(provider.signature_batches, provider.signed_messages);
    assert!(provider.provided >= 21);
    assert_eq!(
        provider.peer_connections,
        provider.provided + provider.provider_faults
    );
}

#[tokio::test]
async fn kept_connections_and_batches_take_fewer() {
    let country = country(ExchangeSettings::default()).await;
    for _ in 0..5 {
        ask_together(&country, 4).await;
    }
    let provider = country.end().await.provider.counts;
    assert!(provider.provided >= 21);
    assert!(provider.peer_connections <= 5, "{provider:?}");
}

#[tokio::test]
async fn bodies_need_not_be_kept() {
    let country = country(ExchangeSettings {
        bodies: BodyLogging::NotLogged,
        ..ExchangeSettings::default()
    })
    .await;
    let ask = Ask::new("POST", ECHO).body("nobody shall read this");
    assert_eq!(
        country.answered(&ask).await.text(),
        "nobody shall read this"
    );
    let ended = country.end().await;
    for log in &ended.logs {
        let found = LogReader::open(log).unwrap().find(ask.id()).unwrap();
        assert_eq!(found.len(), 2);
        for message in found {
            assert!(matches!(message.record.body, Some(LoggedBody::Digest(_))));
        }
        let segment = std::fs::read(log.join("00000000.seg")).unwrap();
        let body = b"nobody shall read this";
        assert!(!segment.windows(body.len()).any(|window| window == body));
    }
}

#[tokio::test]
async fn each_signature_may_be_stamped_before_its_message_goes_on() {
    let country = country(ExchangeSettings {
        time_stamps: TimeStamping::AtOnce,
        signatures: SignatureScope::PerMessage,
        ..ExchangeSettings::default()
    })
    .await;
    ask_together(&country, 10).await;
    for server in [&country.consumer, &country.provider] {
        let page = Ask::get("/metrics").send(server.ready.admin_listen).await;
        assert!(
            page.text().contains("\nroadtest_log_unstamped 0\n"),
            "{page:?}"
        );
    }
    let ended = country.end().await;
    for summary in [ended.consumer, ended.provider] {
        let log = summary.log.statistics;
        assert_eq!(log.time_stamps, log.signatures);
    }
}

#[tokio::test]
async fn what_cannot_be_stamped_at_once_fails() {
    let country = country(ExchangeSettings {
        time_stamps: TimeStamping::AtOnce,
        ..ExchangeSettings::default()
    })
    .await;
    country.good().await;
    country.stop_time_stamping();
    // One that was just granted its token may still pass.
    let code = eventually(async || {
        let answer = country.ask(&Ask::echo("/unstamped")).await;
        answer.header("x-road-error").map(str::to_owned)
    })
    .await;
    // Both servers wait for a token at the same time; the first to be refused says so.
    let codes = [
        "server.serverproxy.logging_failed.timestamping_failed",
        "server.clientproxy.io_error",
    ];
    assert!(codes.contains(&code.as_str()), "{code}");
}
