//! Roadtest's load generator in a process of its own.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use loadgen::{Limits, Load, LoadAsk, LoadConfig, PopulationConfig, WhenFull};
use sim_metrics::LoadResult;
use sim_population::{PopulationPlan, iso_date};
use sim_workload::{ArrivalProcess, Course, Sizes, Subject};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;

use crate::process::{Ended, Running};
use crate::stage::Stage;

/// Who asks, as sent by all generators.
pub(crate) const CLIENT: &str = "EE/GOV/70000310/pension";
/// What is asked for.
const SERVICE: &str = "EE/GOV/70008440/register/liveness";
/// People of whom none has died; they are asked about again and again.
const PEOPLE: u64 = 100_000;
/// Decides the people.
const SEED: u64 = 1;
/// As of when nobody has died.
const REFERENCE_DATE: &str = "2026-02-02";
/// Exchanges in flight at most where a rate is set: more than come due in the longest stall.
const MAX_IN_FLIGHT: u32 = 10_000;

/// A running load.
pub(crate) struct RunningLoad {
    /// The process.
    pub(crate) process: Running,
    // Deletes the ledger at the end.
    _folder: TempDir,
}

/// As many a second as `rate_per_s` says, at equal distances, however slow the answers are.
pub(crate) fn at_rate(rate_per_s: u32) -> Load {
    Load::Rate {
        course: Course::Constant {
            per_second: rate_per_s.into(),
        },
        arrivals: ArrivalProcess::Uniform,
        max_in_flight: MAX_IN_FLIGHT,
        when_full: WhenFull::Queue,
    }
}

/// As fast as it goes.
pub(crate) const fn at_full_speed(in_flight: u32) -> Load {
    Load::InFlight {
        in_flight,
        think_time_ms: 0,
    }
}

/// Begins a load on the server at `address`.
///
/// # Errors
/// Where the process does not start.
pub(crate) fn start(
    stage: &Stage,
    address: &str,
    load: Load,
    duration: Duration,
) -> Result<RunningLoad> {
    let folder = TempDir::new_in(&stage.folder)?;
    let config = config(address, load, duration, folder.path().join("ledger"))?;
    let mut command = Command::new(&stage.program);
    command.args(["part", "roadtest", &serde_json::to_string(&config)?]);
    Ok(RunningLoad {
        process: Running::start(command)?,
        _folder: folder,
    })
}

/// Runs a load to its end.
///
/// # Errors
/// Where the load fails.
pub(crate) fn run(
    stage: &Stage,
    address: &str,
    load: Load,
    duration: Duration,
) -> Result<(LoadResult, Ended)> {
    let load = start(stage, address, load, duration)?;
    let ended = load.process.finish()?;
    Ok((result(&ended)?, ended))
}

/// What a load that has ended says of itself.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn result(ended: &Ended) -> Result<LoadResult> {
    serde_json::from_str(&ended.output).context("the load's result is not readable")
}

/// The process's main function: offers the load until it is over or standard input closes.
///
/// # Errors
/// Where the configuration makes no load, or the ledger could not be written.
pub(crate) fn part(config: LoadConfig) -> Result<LoadResult> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let lifeline = async {
        let mut nothing = Vec::new();
        // That it cannot be read is an end, too.
        let _ = tokio::io::stdin().read_to_end(&mut nothing).await;
    };
    let result = runtime.block_on(loadgen::run(config, |_| (), |_| (), lifeline));
    // The thread that reads standard input still does.
    runtime.shutdown_background();
    Ok(result?)
}

fn config(
    address: &str,
    load: Load,
    duration: Duration,
    ledger_folder: PathBuf,
) -> Result<LoadConfig> {
    Ok(LoadConfig {
        base_url: format!("http://{address}"),
        tls: None,
        client: CLIENT.parse().context("a client")?,
        asks: vec![LoadAsk {
            service: SERVICE.parse().context("a service")?,
            subject: Subject::Deaths,
            weight: 1,
            sizes: Sizes::Fixed(1),
            direct_path: Some("/".to_owned()),
        }],
        service_path: String::new(),
        run_id: "generators".to_owned(),
        ledger_folder,
        interval_log: None,
        population: PopulationConfig {
            seed: SEED,
            plan: PopulationPlan::pensioners(
                PEOPLE,
                0,
                iso_date::parse(REFERENCE_DATE).context("a date")?,
            ),
        },
        exchanges: None,
        stop_after_ms: Some(u64::try_from(duration.as_millis())?),
        warm_up_ms: 0,
        windows: Vec::new(),
        load,
        limits: Limits::default(),
    })
}
