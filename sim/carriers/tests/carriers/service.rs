//! The part as its parent sees it: configuration, end and summary.

use sim_carriers::{CarriersConfig, Error};
use sim_population::Population;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::lab::{Lab, config, people};

async fn refused(change: impl FnOnce(&mut CarriersConfig)) -> String {
    let mut config = config();
    change(&mut config);
    let nobody_asks = |_| panic!("it started");
    let ended = sim_carriers::run(config, nobody_asks, std::future::pending());
    ended.await.unwrap_err().to_string()
}

#[tokio::test]
async fn impossible_configurations_are_refused_by_name() {
    let said = refused(|config| config.human_phones = vec!["1".to_owned()]).await;
    assert!(said.contains("`1`"), "{said}");
    let said = refused(|config| config.country = "ee".to_owned()).await;
    assert!(said.contains("`ee`"), "{said}");
    let said = refused(|config| config.relying_parties[0].name = "x".repeat(33)).await;
    assert!(said.contains("32 bytes"), "{said}");
    let said = refused(|config| config.phones.refuse_per_mille = 1_001).await;
    assert!(said.contains("more than all"), "{said}");
    let said = refused(|config| config.people.plan.people = 0).await;
    assert!(said.contains("people"), "{said}");
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config();
    config.listen = taken.local_addr().unwrap();
    let nobody_asks = |_| panic!("it started");
    let ended = sim_carriers::run(config.clone(), nobody_asks, std::future::pending());
    match ended.await {
        Err(Error::Bind { address, .. }) => assert_eq!(address, config.listen),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn it_ends_at_once_though_somebody_waits_for_an_answer() {
    let (lab, human) = Lab::with_human().await;
    let ask = lab.mobile_id(human, &[1; 32]);
    let id = lab.begin("/mid-api/authentication", &ask).await;
    // The poll would last a minute; what ends it is the end of the carriers.
    let authority = lab.url.strip_prefix("http://").unwrap();
    let mut poll = TcpStream::connect(authority).await.unwrap();
    let path = format!("/mid-api/authentication/session/{id}?timeoutMs=60000");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {authority}\r\n\r\n");
    poll.write_all(request.as_bytes()).await.unwrap();
    // Connections are taken in order: once this one is answered, the poll is under way.
    assert_eq!(lab.page("/health").await.0, 200);
    let summary = lab.stop().await;
    assert_eq!(summary.begun, 1);
    assert!(summary.ended.is_empty());
    let mut answer = String::new();
    poll.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("RUNNING"), "{answer}");
}

#[tokio::test]
async fn what_people_do_is_the_same_in_the_next_run() {
    let run = || async {
        let lab = Lab::with(|config| {
            config.phones.refuse_per_mille = 300;
            config.phones.mistype_per_mille = 300;
        })
        .await;
        let mut results = Vec::new();
        for person in (0..12).map(|index| lab.alive(index)) {
            let ask = lab.mobile_id(person, &[1; 32]);
            let done = lab.mobile_id_to_end("authentication", &ask).await;
            results.push(done["result"].as_str().unwrap().to_owned());
        }
        let summary = lab.stop().await;
        assert_eq!(summary.ended.values().sum::<u64>(), 12);
        results
    };
    let first = run().await;
    assert_eq!(first, run().await);
    assert!(first.iter().any(|result| *result != first[0]), "{first:?}");
}

#[test]
fn the_configuration_can_be_written_down_and_read_again() {
    let mut config = config();
    let population = Population::of(&people()).unwrap();
    config.human_phones = vec![population.national_id(3).to_string()];
    config.troubles.old_app_per_mille = 5;
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(
        serde_json::from_str::<CarriersConfig>(&text).unwrap(),
        config
    );
    let unknown = text.replacen("\"listen\"", "\"lisen\"", 1);
    assert!(serde_json::from_str::<CarriersConfig>(&unknown).is_err());
}
