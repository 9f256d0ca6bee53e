//! The closed model: everybody is asked about, as fast as it goes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use loadgen::{Load, LoadAsk};
use sim_workload::{Sizes, Subject};

use crate::ledger::index_of;
use crate::server::{Act, header};
use crate::{Bench, DECEASED, PEOPLE, ask, closed};

#[tokio::test]
async fn everybody_is_asked_about_and_all_the_dead_are_named() {
    let bench = Bench::new(closed(8), |_| Act::Truth).await;
    let most_at_once = Arc::clone(&bench.server.most_at_once);
    let run = bench.run().await;
    assert_eq!(run.result.outcomes.ok, PEOPLE);
    assert_eq!((run.result.offered, run.result.completed), (PEOPLE, PEOPLE));
    assert_eq!(
        (run.result.ids_asked, run.result.deceased_named),
        (PEOPLE, DECEASED)
    );
    assert_eq!(run.result.response_time, run.result.service_time);
    assert_eq!(run.result.start_delay.max_us, 0);
    assert_eq!(run.result.pacer_lag.count, 0);
    assert_eq!(run.result.stopped_early, None);
    assert!(run.result.throughput_per_s > 0.0);
    let indices: BTreeSet<u64> = run.ledger.iter().map(index_of).collect();
    assert_eq!(indices, (0..PEOPLE).collect());
    assert!((1..=8).contains(&most_at_once.load(Ordering::SeqCst)));
}

#[tokio::test]
async fn a_closed_load_may_end_with_its_time_and_users_think_between_questions() {
    let load = Load::InFlight {
        in_flight: 4,
        think_time_ms: 20,
    };
    let mut bench = Bench::new(load, |_| Act::Truth).await;
    bench.config.exchanges = None;
    bench.config.stop_after_ms = Some(250);
    let run = bench.run().await;
    let asked = run.result.started;
    // Four users, at least 20 ms apart each: no more than 13 questions each in 250 ms.
    assert!((4..=52).contains(&asked), "{asked}");
    assert_eq!(run.result.outcomes.ok, asked);
    assert_eq!(run.result.stopped_early, None);
    let health = run
        .result
        .generator
        .expect("this system keeps books of threads");
    assert!(health.idle > 0.5, "{health:?}");
}

#[tokio::test]
async fn workers_share_the_exchanges_and_batches_ask_about_many() {
    let mut bench = Bench::new(closed(5), |_| Act::Truth).await;
    bench.config.asks[0].sizes = Sizes::Fixed(7);
    bench.config.limits.workers = 3;
    let run = bench.run().await;
    assert_eq!(run.result.outcomes.ok, PEOPLE.div_ceil(7));
    assert_eq!(
        (run.result.ids_asked, run.result.deceased_named),
        (PEOPLE, DECEASED)
    );
}

#[tokio::test]
async fn each_service_of_a_mix_has_its_own_counts_and_times() {
    let mut bench = Bench::new(closed(5), |_| Act::Truth).await;
    let of = |service, weight, sizes| LoadAsk {
        weight,
        sizes,
        ..ask(service, Subject::Deaths)
    };
    bench.config.asks = vec![
        of("liveness", 7, Sizes::Fixed(1)),
        of("deaths", 2, Sizes::Uniform { from: 2, to: 5 }),
        of("liveness", 1, Sizes::Fixed(9)),
    ];
    bench.config.limits.workers = 2;
    let run = bench.run().await;
    let result = &run.result;
    assert_eq!(
        (result.ids_asked, result.outcomes.ok),
        (PEOPLE, result.started)
    );
    let [liveness, deaths] = &result.services[..] else {
        panic!("{:?}", result.services);
    };
    assert_eq!(liveness.client, "EE/GOV/70000310/pension board");
    assert_eq!(liveness.service, "EE/GOV/70008440/register/liveness");
    assert_eq!(liveness.ids_asked + deaths.ids_asked, PEOPLE);
    for service in [liveness, deaths] {
        let path = format!("/{}/v1/ask", service.service);
        let asked = run
            .ledger
            .iter()
            .filter(|exchange| exchange.target.contains(&path));
        let (mut exchanges, mut questions, mut answers) = (0, 0, 0);
        for exchange in asked {
            exchanges += 1;
            questions += exchange.question.len() as u64;
            answers += exchange.answer.len() as u64;
        }
        assert!(exchanges > 0);
        assert_eq!((service.started, service.completed), (exchanges, exchanges));
        assert_eq!(service.outcomes.ok, exchanges);
        assert_eq!(
            (service.request_bytes, service.answer_bytes),
            (questions, answers)
        );
        assert_eq!(service.response_time.count, exchanges);
    }
    // Shares by weight: 8 of 10 to the one, 2 of 10 to the other.
    assert!(
        liveness.started > 3 * deaths.started,
        "{:?}",
        result.services
    );
}

#[tokio::test]
async fn a_thousand_ids_fit_one_question() {
    let mut bench = Bench::new(closed(2), |_| Act::Truth).await;
    bench.config.asks[0].sizes = Sizes::Fixed(1_000);
    bench.config.exchanges = Some(20);
    let run = bench.run().await;
    assert_eq!(run.result.outcomes.ok, 20);
    assert_eq!(run.result.deceased_named, 20 * DECEASED);
    assert!(
        run.ledger
            .iter()
            .all(|exchange| exchange.question.len() as u64 > 14 * PEOPLE)
    );
}

#[tokio::test]
async fn more_in_flight_than_exchanges_is_no_trouble() {
    let mut bench = Bench::new(closed(64), |_| Act::Truth).await;
    bench.config.exchanges = Some(3);
    bench.config.limits.workers = 2;
    assert_eq!(bench.run().await.result.outcomes.ok, 3);
}

#[tokio::test]
async fn requests_are_those_of_the_protocol_and_the_ledger_says_what_was_sent() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let mut bench = Bench::new(closed(1), move |asked| {
        seen.lock().unwrap().push(asked.head.clone());
        Act::Truth
    })
    .await;
    bench.config.exchanges = Some(2);
    let host = bench.server.address.to_string();
    let run = bench.run().await;
    let heads = heads.lock().unwrap();
    assert_eq!(heads.len(), 2);
    for (head, exchange) in heads.iter().zip(&run.ledger) {
        let path = "/r1/EE/GOV/70008440/register/liveness/v1/ask?all=yes";
        assert!(
            head.starts_with(&format!("POST {path} HTTP/1.1\r\n")),
            "{head}"
        );
        assert_eq!(exchange.target, format!("POST {path}"));
        let sent = |name| header(head, name);
        assert_eq!(sent("host").as_deref(), Some(host.as_str()));
        assert_eq!(
            sent("x-road-client").as_deref(),
            Some("EE/GOV/70000310/pension%20board")
        );
        assert_eq!(sent("x-road-client").as_ref(), Some(&exchange.client));
        assert_eq!(sent("x-road-id").as_ref(), Some(&exchange.message_id));
        assert_eq!(sent("content-type").as_deref(), Some("application/json"));
        assert!(exchange.question.starts_with(b"{\"ids\":[\""));
        assert!(exchange.answer.starts_with(b"{\"deceased\":["));
        assert_eq!(
            (exchange.status, exchange.request_hash.as_str()),
            (200, "aGFzaA==")
        );
    }
    assert_eq!(run.ledger[0].message_id, "run-7-0");
}

#[tokio::test]
async fn a_service_that_is_asked_directly_gets_the_same_requests_at_its_own_path() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let mut bench = Bench::new(closed(1), move |asked| {
        seen.lock().unwrap().push(asked.head.clone());
        Act::PlainTruth
    })
    .await;
    bench.config.asks[0].direct_path = Some("/liveness".to_owned());
    let run = bench.run().await;
    assert_eq!(run.result.outcomes.ok, PEOPLE);
    assert_eq!(run.result.deceased_named, DECEASED);
    let heads = heads.lock().unwrap();
    let line = "POST /liveness/v1/ask?all=yes HTTP/1.1\r\n";
    for (head, exchange) in heads.iter().zip(&run.ledger) {
        assert!(head.starts_with(line), "{head}");
        assert_eq!(exchange.target, "POST /liveness/v1/ask?all=yes");
        assert_eq!(
            header(head, "x-road-client").as_ref(),
            Some(&exchange.client)
        );
        assert_eq!(
            header(head, "x-road-id").as_ref(),
            Some(&exchange.message_id)
        );
        assert_eq!(exchange.request_hash, "");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closes_is_replaced() {
    let bench = Bench::new(closed(4), |asked| match asked.index % 3 {
        0 => Act::TruthAndClose,
        _ => Act::Truth,
    })
    .await;
    assert_eq!(bench.run().await.result.outcomes.ok, PEOPLE);
}
