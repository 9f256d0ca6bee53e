//! A whole load: threads, progress, and the result.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::thread;

use serde::{Deserialize, Serialize};
use sim_clock::Clock;
use sim_metrics::{LoadResult, ServiceLoad};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::interval;

use crate::config::{LoadConfig, WhenFull};
use crate::error::LoadError;
use crate::health::{LOOK_INTERVAL, Watch};
use crate::interval_log::IntervalLog;
use crate::ledger::Ledger;
use crate::pacer::{Paced, Pacer};
use crate::plan::{Pace, Plan};
use crate::progress::{PROGRESS_INTERVAL, Progress, ProgressMeter, Shared};
use crate::recorder::{AskTotals, Recorder, Totals};
use crate::series::Series;
use crate::source::Due;
use crate::worker::{self, Assignment};

/// What is told just before the first exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Method and path of the requests of each ask.
    pub targets: Vec<String>,
    /// Exchanges planned.
    pub exchanges: u64,
}

/// Offers the whole load and returns what came of it.
///
/// `progress` is called every [`PROGRESS_INTERVAL`] and once at the end. When `shutdown` resolves
/// no further exchange is started; those in flight may end within the drain time-out and are
/// unknown after it. Either way every exchange that was started has its record in the ledger.
///
/// # Errors
///
/// Where the configuration makes no load, or the ledger could not be written in full.
pub async fn run(
    config: LoadConfig,
    ready: impl FnOnce(Ready),
    mut progress: impl FnMut(Progress),
    shutdown: impl Future<Output = ()>,
) -> Result<LoadResult, LoadError> {
    let plan = Arc::new(Plan::new(&config)?);
    let clock = Clock::wall();
    let origin = clock.monotonic() + plan.lead_time();
    let shared = Arc::new(Shared::new(clock, origin));
    let ledger = Ledger::begin(&config.ledger_folder, &shared)?;
    let (log, seconds) = match &config.interval_log {
        Some(path) => {
            let began = clock.now().plus(plan.lead_time());
            let (log, seconds) = IntervalLog::begin(path, began, plan.warm_up)?;
            (Some(log), Some(seconds))
        }
        None => (None, None),
    };
    let series = Arc::new(Series::new(plan.workers, seconds));
    ready(Ready {
        targets: plan.request.targets(),
        exchanges: plan.exchanges,
    });

    let mut meter = ProgressMeter::new(plan.exchanges);
    let threads = Threads::start(&plan, &shared, &ledger, &series)?;
    let mut load = pin!(threads.finish());
    let mut shutdown = pin!(shutdown);
    let mut tick = interval(PROGRESS_INTERVAL);
    let mut look = interval(LOOK_INTERVAL);
    let mut watch = Watch::new();
    let ended = loop {
        tokio::select! {
            ended = &mut load => break ended?,
            () = &mut shutdown, if !shared.stopping() => shared.stop("asked to stop"),
            _ = tick.tick() => progress(meter.tell(&shared, &plan, &series)),
            _ = look.tick() => look_at(&mut watch, &plan, &shared),
        }
    };
    progress(meter.tell(&shared, &plan, &series));
    ledger.finish().await?;
    let result = LoadResult {
        generator: watch.health(),
        ..result(ended, &plan, &shared, &series)
    };
    if let Some(log) = log {
        log.finish().await?;
    }
    Ok(result)
}

/// The warm-up over and all workers there, they are watched; until the load is draining.
fn look_at(watch: &mut Watch, plan: &Plan, shared: &Shared) {
    let now = shared.clock.monotonic();
    let is_measuring = shared.elapsed() >= plan.warm_up && !shared.stopping();
    if !watch.has_begun() {
        let workers = shared.workers();
        if is_measuring && workers.len() == plan.workers {
            watch.begin(&workers, now);
        }
    } else if is_measuring {
        watch.look(now, shared.now_in_flight());
    }
}

/// Starts a named thread that nobody joins: what it has to say comes over a channel.
pub(crate) fn spawn_thread(
    name: &str,
    main: impl FnOnce() + Send + 'static,
) -> Result<(), LoadError> {
    let failed = |source| LoadError::Thread {
        name: name.to_owned(),
        source,
    };
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(main)
        .map(drop)
        .map_err(failed)
}

/// The running threads of a load.
struct Threads {
    workers: Vec<oneshot::Receiver<std::io::Result<Totals>>>,
    pacer: Option<oneshot::Receiver<Paced>>,
}

/// What all threads together counted and timed.
struct Ended {
    totals: Totals,
    paced: Option<Paced>,
}

// === impl Threads ===

impl Threads {
    fn start(
        plan: &Arc<Plan>,
        shared: &Arc<Shared>,
        ledger: &Ledger,
        series: &Arc<Series>,
    ) -> Result<Self, LoadError> {
        let (pacer, dues) = pacer_of(plan);
        let mut workers = Vec::with_capacity(plan.workers);
        for (number, dues) in dues.into_iter().enumerate() {
            let assignment = Assignment {
                plan: Arc::clone(plan),
                shared: Arc::clone(shared),
                recorder: Recorder::new(
                    Arc::clone(series),
                    number,
                    plan.warm_up,
                    plan.services.len(),
                    &plan.windows,
                ),
                ledger: ledger.sender(),
                lanes: lanes_of(plan, number),
                dues,
            };
            workers.push(spawn_with_result(&format!("worker-{number}"), || {
                worker::run(assignment)
            })?);
        }
        let shared = Arc::clone(shared);
        let pacer = pacer
            .map(|pacer| spawn_with_result("pacer", move || pacer.run(&shared)))
            .transpose()?;
        Ok(Self { workers, pacer })
    }

    async fn finish(self) -> Result<Ended, LoadError> {
        let mut totals = Totals::default();
        for (number, worker) in self.workers.into_iter().enumerate() {
            let name = format!("worker-{number}");
            let ended = worker
                .await
                .map_err(|_| LoadError::ThreadLost(name.clone()))?;
            totals.merge(&ended.map_err(|source| LoadError::Thread { name, source })?);
        }
        let paced = match self.pacer {
            Some(pacer) => Some(
                pacer
                    .await
                    .map_err(|_| LoadError::ThreadLost("pacer".to_owned()))?,
            ),
            None => None,
        };
        Ok(Ended { totals, paced })
    }
}

type Dues = Vec<Option<UnboundedReceiver<Due>>>;

/// The pacer of an open load, and what each worker hears of it.
fn pacer_of(plan: &Plan) -> (Option<Pacer>, Dues) {
    let Pace::Open {
        schedule,
        max_in_flight,
        when_full,
    } = &plan.pace
    else {
        return (None, (0..plan.workers).map(|_| None).collect());
    };
    let (workers, dues) = (0..plan.workers)
        .map(|_| {
            let (sender, receiver) = unbounded_channel();
            (sender, Some(receiver))
        })
        .unzip();
    let pacer = Pacer {
        schedule: schedule.clone(),
        max_in_flight: *max_in_flight,
        when_full: *when_full,
        workers,
    };
    (Some(pacer), dues)
}

/// Most exchanges in flight on one of the workers.
fn lanes_of(plan: &Plan, worker: usize) -> usize {
    let shared_out =
        |total: usize| total / plan.workers + usize::from(worker < total % plan.workers);
    match plan.pace {
        Pace::Closed { in_flight, .. } => shared_out(in_flight),
        // The pacer sees to the sum; turns that are unlucky may put them all on one worker.
        Pace::Open {
            max_in_flight,
            when_full: WhenFull::Drop,
            ..
        } => max_in_flight,
        Pace::Open {
            max_in_flight,
            when_full: WhenFull::Queue,
            ..
        } => shared_out(max_in_flight).max(1),
    }
}

fn spawn_with_result<T: Send + 'static>(
    name: &str,
    main: impl FnOnce() -> T + Send + 'static,
) -> Result<oneshot::Receiver<T>, LoadError> {
    let (sender, receiver) = oneshot::channel();
    spawn_thread(name, move || {
        // The receiver is gone only where the load was abandoned.
        let _ = sender.send(main());
    })?;
    Ok(receiver)
}

/// Every service that was asked, in the order in which it comes first: several asks may be to one.
fn services(asks: &[AskTotals], plan: &Plan) -> Vec<ServiceLoad> {
    let mut totals: Vec<(&str, AskTotals)> = Vec::new();
    for (service, ask) in plan.services.iter().zip(asks) {
        match totals.iter_mut().find(|(known, _)| known == service) {
            Some((_, known)) => known.merge(ask),
            None => totals.push((service, ask.clone())),
        }
    }
    let of_service = |(service, ask): (&str, AskTotals)| ServiceLoad {
        client: plan.client.clone(),
        service: service.to_owned(),
        started: ask.started,
        completed: ask.completed,
        outcomes: ask.outcomes,
        ids_asked: ask.ids_asked,
        request_bytes: ask.request_bytes,
        answer_bytes: ask.answer_bytes,
        response_time: ask.response_time.summary(),
    };
    totals.into_iter().map(of_service).collect()
}

fn result(ended: Ended, plan: &Plan, shared: &Shared, series: &Series) -> LoadResult {
    let Ended { totals, paced } = ended;
    let paced_offered = paced.as_ref().map(|paced| paced.offered);
    let paced = paced.unwrap_or_default();
    // Asked to stop when everything was over already is not stopped early.
    let is_time_over = plan
        .stop_after
        .is_some_and(|after| shared.elapsed() >= after);
    let unfinished =
        (totals.started < plan.exchanges && !is_time_over) || totals.outcomes.unknown > 0;
    let duration_s = totals.last_answer.as_secs_f64();
    let measured_s = totals
        .last_answer
        .saturating_sub(plan.warm_up)
        .as_secs_f64();
    let (series, response_times) = series.finish(&paced.offered_per_s);
    LoadResult {
        offered: paced_offered.unwrap_or(totals.started),
        started: totals.started,
        completed: totals.completed,
        dropped: shared.dropped(),
        outcomes: totals.outcomes,
        ids_asked: totals.ids_asked,
        deceased_named: totals.deceased_named,
        duration_s,
        warm_up_s: plan.warm_up.as_secs_f64(),
        measured: totals.measured,
        throughput_per_s: if measured_s > 0.0 {
            totals.measured as f64 / measured_s
        } else {
            0.0
        },
        response_time: totals.response_time.summary(),
        service_time: totals.service_time.summary(),
        start_delay: totals.start_delay.summary(),
        pacer_lag: paced.lag.summary(),
        generator: None,
        series,
        response_times,
        services: services(&totals.asks, plan),
        windows: totals
            .windows
            .iter()
            .map(|window| window.told(totals.last_answer))
            .collect(),
        stopped_early: shared.stop_reason().filter(|_| unfinished),
        fault_codes: totals.fault_codes,
    }
}
