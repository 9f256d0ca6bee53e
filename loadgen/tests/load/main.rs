//! Whole loads against a server that answers as it is told.

mod closed;
mod interval_log;
mod ledger;
mod open;
mod server;
mod tls;
mod trouble;

use std::collections::BTreeSet;
use std::future::{Future, pending};
use std::sync::Arc;

use loadgen::{Limits, Load, LoadAsk, LoadConfig, LoadError, PopulationConfig, Progress};
use sim_metrics::LoadResult;
use sim_population::{Population, PopulationPlan, iso_date};
use sim_workload::{Sizes, Subject};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use crate::ledger::Exchange;
use crate::server::{Act, Asked, Server};

/// People of every test's population.
pub(crate) const PEOPLE: u64 = 600;
/// How many of them have died.
pub(crate) const DECEASED: u64 = 60;

/// A load that is about to be run.
pub(crate) struct Bench {
    pub(crate) server: Server,
    pub(crate) config: LoadConfig,
    folder: TempDir,
}

/// What came of it.
pub(crate) struct Run {
    pub(crate) result: LoadResult,
    pub(crate) ledger: Vec<Exchange>,
    pub(crate) progress: Vec<Progress>,
}

impl Bench {
    pub(crate) async fn new(
        load: Load,
        act: impl Fn(&Asked) -> Act + Send + Sync + 'static,
    ) -> Self {
        Self::with_server(load, None, act).await
    }

    /// Against a server that speaks TLS if `tls` is there.
    pub(crate) async fn with_server(
        load: Load,
        tls: Option<TlsAcceptor>,
        act: impl Fn(&Asked) -> Act + Send + Sync + 'static,
    ) -> Self {
        let reference_date = iso_date::parse("2026-02-02").expect("a date");
        let plan = PopulationPlan::pensioners(PEOPLE, DECEASED, reference_date);
        let population = Arc::new(Population::new(5, plan.clone()).expect("a population"));
        let server = Server::start(population, tls, act).await;
        let folder = TempDir::new().expect("a temporary folder");
        let config = LoadConfig {
            base_url: format!("http://{}", server.address),
            tls: None,
            client: "EE/GOV/70000310/pension board".parse().expect("a client"),
            asks: vec![ask("liveness", Subject::Deaths)],
            service_path: "/v1/ask?all=yes".to_owned(),
            run_id: "run-7".to_owned(),
            ledger_folder: folder.path().join("ledger"),
            interval_log: None,
            population: PopulationConfig { seed: 5, plan },
            exchanges: None,
            stop_after_ms: None,
            warm_up_ms: 0,
            windows: Vec::new(),
            load,
            limits: Limits::default(),
        };
        Self {
            server,
            config,
            folder,
        }
    }

    /// Runs the load to its end.
    pub(crate) async fn run(self) -> Run {
        self.run_until(|_, _| (), pending()).await
    }

    /// Runs the load; `watch` sees all progress, and `shutdown` stops it.
    pub(crate) async fn run_until(
        self,
        mut watch: impl FnMut(&Server, &Progress),
        shutdown: impl Future<Output = ()>,
    ) -> Run {
        let mut progress = Vec::new();
        let see = |told: Progress| {
            watch(&self.server, &told);
            progress.push(told);
        };
        let result = loadgen::run(self.config, |_| (), see, shutdown)
            .await
            .expect("a load");
        let ledger = ledger::read(&self.folder.path().join("ledger"));
        let run = Run {
            result,
            ledger,
            progress,
        };
        run.check_sums();
        run
    }

    pub(crate) async fn refusal(self) -> LoadError {
        loadgen::run(self.config, |_| (), |_| (), pending())
            .await
            .expect_err("no load")
    }
}

impl Run {
    /// What must be true of every run, however it went.
    fn check_sums(&self) {
        let Self {
            result,
            ledger,
            progress,
        } = self;
        assert_eq!(
            result.started,
            ledger.len() as u64,
            "a record of every exchange started"
        );
        let ids: BTreeSet<_> = ledger.iter().map(|exchange| &exchange.message_id).collect();
        assert_eq!(ids.len(), ledger.len(), "no exchange has two records");
        assert_eq!(result.offered, result.started + result.dropped);
        assert_eq!(result.outcomes.total(), result.started);
        let outcomes = [0, 1, 2, 3, 4].map(|outcome| self.with_outcome(outcome).count() as u64);
        let counted = result.outcomes;
        let counts = [
            counted.ok,
            counted.refused,
            counted.failed,
            counted.unknown,
            counted.wrong,
        ];
        assert_eq!(outcomes, counts, "ledger and counts agree");
        let finished = ledger
            .iter()
            .filter(|exchange| exchange.finished_ns > 0)
            .count() as u64;
        assert_eq!(result.completed, finished);
        let warm_up_ns = (result.warm_up_s * 1e9) as u64;
        let timed = |exchange: &&Exchange| exchange.scheduled_ns >= warm_up_ns;
        let started = ledger.iter().filter(timed).count() as u64;
        let answered = |exchange: &&Exchange| timed(exchange) && exchange.finished_ns > 0;
        let answered = ledger.iter().filter(answered).count() as u64;
        assert_eq!(result.service_time.count, answered);
        assert_eq!(result.start_delay.count, started);
        let measured = |exchange: &&Exchange| exchange.finished_ns > warm_up_ns.max(1) - 1;
        assert_eq!(
            result.measured,
            ledger.iter().filter(measured).count() as u64
        );
        let sum = |value: fn(&sim_metrics::SecondSlice) -> u64| {
            result.series.iter().map(value).sum::<u64>()
        };
        assert_eq!(sum(|slice| slice.offered), result.offered);
        assert_eq!(sum(|slice| slice.completed), result.completed);
        assert_eq!(sum(|slice| slice.errors), result.outcomes.errors());
        let last = progress.last().expect("progress is told at the end");
        assert_eq!(last.outcomes, result.outcomes);
        assert_eq!(
            (last.started, last.dropped),
            (result.started, result.dropped)
        );
        for exchange in ledger {
            assert!(exchange.scheduled_ns <= exchange.started_ns, "{exchange:?}");
            let answered = exchange.finished_ns > 0;
            assert!(
                !answered || exchange.started_ns <= exchange.finished_ns,
                "{exchange:?}"
            );
        }
    }

    /// Records of one outcome, by its number in the ledger.
    pub(crate) fn with_outcome(&self, outcome: u8) -> impl Iterator<Item = &Exchange> {
        self.ledger
            .iter()
            .filter(move |exchange| exchange.outcome == outcome)
    }
}

/// As fast as it goes with `in_flight`.
pub(crate) const fn closed(in_flight: u32) -> Load {
    Load::InFlight {
        in_flight,
        think_time_ms: 0,
    }
}

/// Questions of one person each to a service of the register.
pub(crate) fn ask(service: &str, subject: Subject) -> LoadAsk {
    LoadAsk {
        service: format!("EE/GOV/70008440/register/{service}")
            .parse()
            .expect("a service"),
        subject,
        weight: 1,
        sizes: Sizes::Fixed(1),
        direct_path: None,
    }
}
