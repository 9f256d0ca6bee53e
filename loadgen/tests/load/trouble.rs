//! Servers that lie, refuse, break, fall silent or are not there; and configurations of no load.

use std::collections::BTreeMap;

use loadgen::{Load, LoadError, WhenFull};
use sim_workload::{ArrivalProcess, Course, Sizes};
use tokio::net::TcpSocket;

use crate::ledger::index_of;
use crate::server::Act;
use crate::{Bench, PEOPLE, closed};

const OK: u8 = 0;
const REFUSED: u8 = 1;
const FAILED: u8 = 2;
const UNKNOWN: u8 = 3;
const WRONG: u8 = 4;

#[tokio::test]
async fn every_kind_of_answer_has_its_outcome() {
    // Act, outcome, and whether it counts as an answer.
    const ACTS: [(Act, u8, bool); 10] = [
        (Act::Truth, OK, true),
        (Act::Lie, WRONG, true),
        (Act::OtherId, FAILED, true),
        (Act::Refuse, REFUSED, true),
        (Act::Status500, FAILED, true),
        (Act::BrokenJson, FAILED, true),
        (Act::Garble, FAILED, false),
        (Act::Close, UNKNOWN, false),
        (Act::CutBody, UNKNOWN, false),
        (Act::TruthAndClose, OK, true),
    ];
    let act = |index: u64| ACTS[(index % ACTS.len() as u64) as usize];
    let run = Bench::new(closed(4), move |asked| act(asked.index).0)
        .await
        .run()
        .await;
    assert_eq!(run.ledger.len() as u64, PEOPLE);
    for exchange in &run.ledger {
        let (act, outcome, answered) = act(index_of(exchange));
        assert_eq!(exchange.outcome, outcome, "{act:?}");
        assert_eq!(exchange.finished_ns > 0, answered, "{act:?}");
        assert_eq!(exchange.status > 0, answered, "{act:?}");
        assert_eq!(exchange.answer.is_empty(), !answered, "{act:?}");
        let refused = if act == Act::Refuse {
            "server.clientproxy.unknown_member"
        } else {
            ""
        };
        assert_eq!(exchange.fault_code, refused);
    }
    let codes = BTreeMap::from([("server.clientproxy.unknown_member".to_owned(), PEOPLE / 10)]);
    assert_eq!(run.result.fault_codes, codes);
    // All were sent, so all count for the response time, also those without an answer.
    assert_eq!(run.result.response_time.count, PEOPLE);
    assert_eq!(run.result.completed, PEOPLE / 10 * 7);
}

#[tokio::test]
async fn silence_ends_as_unknown_and_counts_with_the_time_it_was_waited_for() {
    let mut bench = Bench::new(closed(3), |_| Act::Gated).await;
    bench.config.exchanges = Some(6);
    bench.config.limits.answer_timeout_ms = 40;
    let run = bench.run().await;
    assert_eq!(run.with_outcome(UNKNOWN).count(), 6);
    assert_eq!(
        (run.result.completed, run.result.response_time.count),
        (0, 6)
    );
    assert!(run.result.response_time.p50_us >= 40_000);
    assert!(run.result.throughput_per_s.abs() < f64::EPSILON);
}

#[tokio::test]
async fn a_stopped_load_waits_for_what_is_in_flight() {
    let bench = Bench::new(closed(4), |asked| match asked.index {
        100.. => Act::Gated,
        _ => Act::Truth,
    })
    .await;
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let run = bench
        .run_until(
            |server, progress| {
                if progress.completed == 100 && stop.send_replace(true) {
                    // Told once more after the stop: now the answers may come.
                    server.gate.send_replace(true);
                }
            },
            async move { drop(stopped.wait_for(|stopped| *stopped).await) },
        )
        .await;
    assert_eq!((run.result.started, run.result.outcomes.ok), (104, 104));
    assert_eq!(run.result.stopped_early.as_deref(), Some("asked to stop"));
}

#[tokio::test]
async fn what_is_in_flight_when_no_time_is_left_is_unknown() {
    let mut bench = Bench::new(closed(4), |asked| match asked.index {
        100.. => Act::Gated,
        _ => Act::Truth,
    })
    .await;
    bench.config.limits.drain_timeout_ms = 20;
    bench.config.limits.workers = 2;
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let run = bench
        .run_until(
            |_, progress| {
                if progress.completed == 100 {
                    stop.send_replace(true);
                }
            },
            async move { drop(stopped.wait_for(|stopped| *stopped).await) },
        )
        .await;
    assert_eq!(
        (run.result.outcomes.ok, run.result.outcomes.unknown),
        (100, 4)
    );
    assert!(run.progress.iter().all(|progress| progress.total == PEOPLE));
}

#[tokio::test]
async fn a_server_that_is_not_there_ends_the_load() {
    let mut bench = Bench::new(closed(2), |_| Act::Truth).await;
    // Bound, so that nobody else gets the port, and not listening.
    let deaf = TcpSocket::new_v4().unwrap();
    deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = deaf.local_addr().unwrap();
    bench.config.base_url = format!("http://{address}");
    bench.config.limits.connect_timeout_ms = 30;
    bench.config.limits.give_up_after_ms = 100;
    let run = bench.run().await;
    assert!(
        run.result.started >= 2 && run.result.started < PEOPLE,
        "{}",
        run.result.started
    );
    assert_eq!(run.result.outcomes.failed, run.result.started);
    assert_eq!(run.result.response_time.count, 0, "nothing was sent");
    let reason = run.result.stopped_early.unwrap();
    assert!(
        reason.starts_with(&format!("no connection to {address}: Connection refused")),
        "{reason}"
    );
}

#[tokio::test]
async fn a_folder_that_holds_a_ledger_is_left_alone() {
    let mut bench = Bench::new(closed(1), |_| Act::Truth).await;
    bench.config.exchanges = Some(1);
    let config = bench.config.clone();
    loadgen::run(config, |_| (), |_| (), std::future::pending())
        .await
        .unwrap();
    let before = crate::ledger::read(&bench.config.ledger_folder).len();
    assert_eq!(before, 1);
    let folder = bench.config.ledger_folder.clone();
    let keep = bench.config.clone();
    let refusal = loadgen::run(keep, |_| (), |_| (), std::future::pending())
        .await
        .unwrap_err();
    assert!(matches!(refusal, LoadError::Ledger(_)), "{refusal:?}");
    assert_eq!(crate::ledger::read(&folder).len(), before);
}

#[tokio::test]
async fn configurations_of_no_load_are_refused_by_name() {
    async fn check(change: impl FnOnce(&mut loadgen::LoadConfig), expected: &str) {
        let mut bench = Bench::new(closed(1), |_| Act::Truth).await;
        change(&mut bench.config);
        let folder = bench.config.ledger_folder.clone();
        let refusal = bench.refusal().await;
        assert!(format!("{refusal}").contains(expected), "{refusal}");
        assert!(!folder.exists(), "nothing was begun: {expected}");
    }
    check(
        |c| c.base_url = "ftp://127.0.0.1:1".to_owned(),
        "http:// or https:// address",
    )
    .await;
    check(
        |c| c.base_url = "http://127.0.0.1:1/r1".to_owned(),
        "http:// or https:// address",
    )
    .await;
    check(|c| c.base_url = "127.0.0.1".to_owned(), "http:// or").await;
    check(|c| c.service_path = "/a b".to_owned(), "request target").await;
    check(|c| c.run_id = "run\r\nx: y".to_owned(), "header").await;
    check(|c| c.run_id = String::new(), "run_id length").await;
    check(|c| c.exchanges = Some(0), "exchanges is 0").await;
    check(|c| c.asks[0].sizes = Sizes::Fixed(0), "questions").await;
    check(|c| c.asks[0].weight = 0, "questions").await;
    check(|c| c.asks.clear(), "questions").await;
    check(|c| c.population.plan.people = 0, "population").await;
    check(|c| c.load = closed(0), "in_flight is 0").await;
    check(|c| c.limits.workers = 65, "workers is 65").await;
    check(|c| c.limits.answer_timeout_ms = 0, "answer_timeout_ms is 0").await;
    let rate = |per_second| Load::Rate {
        course: Course::Constant { per_second },
        arrivals: ArrivalProcess::Uniform,
        max_in_flight: 1,
        when_full: WhenFull::Drop,
    };
    check(|c| c.stop_after_ms = Some(0), "stop_after_ms is 0").await;
    check(|c| c.warm_up_ms = u64::MAX, "warm_up_ms is").await;
    check(|c| c.load = rate(f64::NAN), "schedule").await;
    check(|c| c.load = rate(0.0), "schedule").await;
}
