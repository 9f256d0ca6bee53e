//! The open model: exchanges come due whether or not the server keeps up.

use std::time::Duration;

use loadgen::{Load, WhenFull};
use sim_metrics::Histogram;
use sim_workload::{ArrivalProcess, Course, RatePoint};

use crate::ledger::{Exchange, index_of};
use crate::server::Act;
use crate::{Bench, Run};

const RATE_PER_S: f64 = 2_000.0;
const INTERVAL_NS: u64 = 500_000;

fn paced(max_in_flight: u32, when_full: WhenFull) -> Load {
    let arrivals = ArrivalProcess::Uniform;
    Load::Rate {
        course: Course::Constant {
            per_second: RATE_PER_S,
        },
        arrivals,
        max_in_flight,
        when_full,
    }
}

#[tokio::test]
async fn deadlines_are_absolute_and_the_pacer_tells_its_lag() {
    let mut bench = Bench::new(paced(50, WhenFull::Queue), |_| Act::Truth).await;
    bench.config.exchanges = Some(200);
    bench.config.limits.workers = 2;
    let run = bench.run().await;
    assert_eq!((run.result.offered, run.result.outcomes.ok), (200, 200));
    assert_eq!(run.result.pacer_lag.count, 200);
    for exchange in &run.ledger {
        assert_eq!(exchange.scheduled_ns, index_of(exchange) * INTERVAL_NS);
    }
}

#[tokio::test]
async fn a_course_that_ends_ends_the_load_and_the_warm_up_counts_in_no_time() {
    let point = |ms, per_second| RatePoint {
        at: Duration::from_millis(ms),
        per_second,
    };
    // 50 in the first 100 ms, none for 100 ms, and 100 in the next 100 ms.
    let spike = vec![
        point(0, 500.0),
        point(100, 500.0),
        point(100, 0.0),
        point(200, 0.0),
        point(200, 1_000.0),
        point(300, 1_000.0),
    ];
    let load = Load::Rate {
        course: Course::Through { points: spike },
        arrivals: ArrivalProcess::Poisson,
        max_in_flight: 200,
        when_full: WhenFull::Queue,
    };
    let mut bench = Bench::new(load, |_| Act::Truth).await;
    bench.config.exchanges = None;
    bench.config.warm_up_ms = 150;
    let run = bench.run().await;
    assert_eq!((run.result.offered, run.result.outcomes.ok), (150, 150));
    assert_eq!(run.result.stopped_early, None);
    let in_pause =
        |exchange: &&Exchange| (100_000_001..200_000_000).contains(&exchange.scheduled_ns);
    assert_eq!(run.ledger.iter().filter(in_pause).count(), 0);
    let late = run
        .ledger
        .iter()
        .filter(|exchange| exchange.scheduled_ns >= 200_000_000);
    let late = late.count() as u64;
    // The one block of Poisson arrivals spans both bursts.
    assert!((85..=115).contains(&late), "{late}");
    assert_eq!(run.result.response_time.count, late);
    assert!(run.result.measured <= 150 && run.result.measured >= late);
}

#[tokio::test]
async fn a_rate_ends_after_its_time() {
    let mut bench = Bench::new(paced(50, WhenFull::Queue), |_| Act::Truth).await;
    bench.config.exchanges = None;
    bench.config.stop_after_ms = Some(50);
    let run = bench.run().await;
    assert_eq!((run.result.offered, run.result.outcomes.ok), (100, 100));
    assert_eq!(run.result.stopped_early, None);
}

#[tokio::test]
async fn a_stall_is_charged_to_every_exchange_that_came_due_during_it() {
    let mut bench = Bench::new(paced(1, WhenFull::Queue), |asked| match asked.index {
        20 => Act::Gated,
        _ => Act::Truth,
    })
    .await;
    bench.config.exchanges = Some(400);
    // All 400 have come due when the stall ends.
    let run = bench
        .run_until(
            |server, progress| {
                if progress.elapsed_s > 0.3 {
                    server.gate.send_replace(true);
                }
            },
            std::future::pending(),
        )
        .await;
    assert_eq!((run.result.started, run.result.dropped), (400, 0));
    let stalled = exchange(&run, 20);
    let stall_end_ns = stalled.finished_ns;
    assert!(
        stall_end_ns > 400 * INTERVAL_NS,
        "the server stalled past the last deadline"
    );
    for index in 21..400 {
        let waited = exchange(&run, index);
        assert!(
            waited.started_ns >= stall_end_ns,
            "one in flight: {index} starts after the stall"
        );
        assert!(waited.finished_ns - waited.scheduled_ns >= stall_end_ns - index * INTERVAL_NS);
    }
    // The summary says what the ledger says, from the intended start.
    let mut response_time = Histogram::new();
    let mut service_time = Histogram::new();
    for exchange in &run.ledger {
        let since = |begin_ns| Duration::from_nanos(exchange.finished_ns - begin_ns);
        response_time.record(since(exchange.scheduled_ns));
        service_time.record(since(exchange.started_ns));
    }
    assert_eq!(run.result.response_time, response_time.summary());
    assert_eq!(run.result.service_time, service_time.summary());
    // Only one exchange was slow once it was sent; most were slow for those who waited.
    assert!(run.result.service_time.p50_us < run.result.response_time.p50_us);
}

#[tokio::test]
async fn what_comes_due_beyond_the_limit_is_dropped_and_counted() {
    let mut bench = Bench::new(paced(2, WhenFull::Drop), |asked| match asked.index {
        0..2 => Act::Gated,
        _ => Act::Truth,
    })
    .await;
    bench.config.exchanges = Some(500);
    let most_at_once = std::sync::Arc::clone(&bench.server.most_at_once);
    let run = bench
        .run_until(
            |server, progress| {
                if progress.dropped >= 100 {
                    server.gate.send_replace(true);
                }
            },
            std::future::pending(),
        )
        .await;
    assert_eq!(run.result.offered, 500);
    assert!(run.result.dropped >= 100, "dropped {}", run.result.dropped);
    assert_eq!(run.result.outcomes.ok, run.result.started);
    assert_eq!(most_at_once.load(std::sync::atomic::Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_still_waits_when_the_load_is_stopped_is_dropped() {
    let mut bench = Bench::new(paced(1, WhenFull::Queue), |asked| match asked.index {
        0 => Act::Gated,
        _ => Act::Truth,
    })
    .await;
    bench.config.limits.drain_timeout_ms = 30;
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let run = bench
        .run_until(
            |_, progress| {
                if progress.elapsed_s > 0.05 {
                    stop.send_replace(true);
                }
            },
            async move { drop(stopped.wait_for(|stopped| *stopped).await) },
        )
        .await;
    assert_eq!((run.result.started, run.result.outcomes.unknown), (1, 1));
    assert!(
        run.result.dropped > 0 && run.result.offered < 600,
        "{:?}",
        run.result
    );
    assert_eq!(run.result.stopped_early.as_deref(), Some("asked to stop"));
}

#[tokio::test]
async fn poisson_arrivals_are_repeatable() {
    let mut schedules = Vec::new();
    for _ in 0..2 {
        let load = Load::Rate {
            course: Course::Constant {
                per_second: 4_000.0,
            },
            arrivals: ArrivalProcess::Poisson,
            max_in_flight: 100,
            when_full: WhenFull::Queue,
        };
        let mut bench = Bench::new(load, |_| Act::Truth).await;
        bench.config.exchanges = Some(100);
        let run = bench.run().await;
        let schedule: Vec<u64> = (0..100)
            .map(|index| exchange(&run, index).scheduled_ns)
            .collect();
        schedules.push(schedule);
    }
    assert_eq!(schedules[0], schedules[1]);
    let gaps: Vec<u64> = schedules[0]
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    assert!(
        gaps.iter().any(|gap| *gap != gaps[0]),
        "they are not uniform"
    );
}

fn exchange(run: &Run, index: u64) -> &Exchange {
    run.ledger
        .iter()
        .find(|exchange| index_of(exchange) == index)
        .expect("it was started")
}
