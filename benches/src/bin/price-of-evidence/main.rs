//! What evidence costs: the same load on the register directly, behind a pair of nginx relays, and
//! behind two security servers.
//!
//! | module | what |
//! |---|---|
//! | `arm` | the three ways, and the order in which they take turns |
//! | `trial` | one load over one of them, audited where there is evidence |
//! | `relays` | the nginx pair |
//! | `steady` | what of a load counts |
//! | `record` | every measurement, as it is kept |
//! | `spread`, `table` | what people read |
//!
//! What to beware of: everything shares the machine's cores, the load generator too, so a rate
//! says as much about the generator as about the servers. Read it beside the processor time, and
//! compare only with the same generator and as many in flight.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command for people"
)]

mod arm;
mod exit;
mod record;
mod relays;
mod spread;
mod steady;
mod table;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use clap::builder::RangedU64ValueParser;
use sim_clock::Clock;
use sim_scenario::Scenario;
use tokio::signal::unix::{SignalKind, signal};

use crate::arm::Arm;
use crate::exit::{Exit, Invalid};
use crate::record::{Measurement, Record, Turn};
use crate::steady::Steady;
use crate::trial::{Ends, Stage, Trial};

/// What both pairs speak: the relays by their configuration, the security servers since it is what
/// their TLS library puts first.
const TLS: &str = "TLS 1.3, TLS_AES_256_GCM_SHA384, X25519, P-256 certificates on both ends";
/// What asks.
const GENERATOR: &str = concat!("Roadtest's load generator ", env!("CARGO_PKG_VERSION"));
/// For how long a load goes on, after the warm-up, that only finds out how fast an arm is.
const SOUNDING_S: u64 = 2;
/// Questions of such a load; it begins again where they are over.
const SOUNDING_QUESTIONS: u64 = 20_000;
/// Exchanges of a load beyond those that its seconds should take, for it may be faster.
const MARGIN: f64 = 1.1;

/// Measure the price of evidence: the register directly, behind two nginx relays, and behind two
/// security servers
#[derive(Parser)]
#[command(name = "price-of-evidence", version, after_help = AFTER_HELP)]
struct Arguments {
    /// The country; its people and how fast they are asked about are replaced
    #[arg(default_value = "scenarios/pension-liveness.yaml")]
    scenario: PathBuf,
    /// Rounds of (a)(b)(c)(c)(b)(a): each gives two measurements of each
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Exchanges in flight, one or several numbers
    #[arg(long, value_delimiter = ',', default_values_t = [64, 256],
          value_parser = clap::value_parser!(u32).range(1..=4_096))]
    in_flight: Vec<u32>,
    /// Seconds that each measurement should take
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Seconds of load before each that do not count
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=60))]
    warm_up: u64,
    /// Exchanges of every load, instead of as many as take that long
    #[arg(long, value_parser = RangedU64ValueParser::<u64>::new().range(1..=100_000_000))]
    exchanges: Option<u64>,
    /// File for every single measurement, JSON
    #[arg(
        long,
        value_name = "FILE",
        default_value = "reports/runs/price-of-evidence.json"
    )]
    out: PathBuf,
}

const AFTER_HELP: &str = "\
The default takes about ten minutes. The machine should have nothing else to do.
What each arm is and what counts: benches/README.md.

Exit codes:
  0    everything was measured
  1    an answer was wrong or missing, or evidence did not verify
  2    the command line or the scenario is not valid, or nginx or roadtest is missing
  3    something broke: a part did not start, a file could not be written
  130  interrupted";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let exit = run(&arguments).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        Exit::after(&error)
    });
    exit.into()
}

fn run(arguments: &Arguments) -> Result<Exit> {
    let stage = stage(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        // Dropping the measurement ends its servers and removes what they wrote.
        tokio::select! {
            record = measure(&stage, arguments) => record.map(Some),
            _ = interrupt.recv() => Ok(None),
            _ = terminate.recv() => Ok(None),
        }
    });
    runtime.shutdown_background();
    let Some(record) = ended? else {
        eprintln!("interrupted");
        return Ok(Exit::Interrupted);
    };
    keep(&record, &arguments.out)?;
    print!("\n{}", table::of(&record));
    println!("\nevery measurement: {}", arguments.out.display());
    Ok(Exit::Done)
}

/// Everything that must be there before anything is started.
fn stage(arguments: &Arguments) -> Result<Stage> {
    let nginx = relays::find_nginx().ok_or_else(|| {
        Invalid("nginx is not installed; on Debian: apt-get install nginx-light".to_owned())
    })?;
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let roadtest = program.with_file_name("roadtest");
    if !roadtest.is_file() {
        let release = if cfg!(debug_assertions) {
            ""
        } else {
            " --release"
        };
        let missing = roadtest.display();
        return Err(Invalid(format!(
            "{missing} is missing; build it: cargo build{release} -p roadtest"
        ))
        .into());
    }
    let scenario = Scenario::load(&arguments.scenario)
        .map_err(|diagnostics| Invalid(diagnostics.to_string()))?;
    if cfg!(debug_assertions) {
        eprintln!("this is no release build: its figures say nothing");
    }
    // Beside the binaries, for the temporary folder of many systems is in memory, where logs cost
    // less than on a disk.
    let folder = program.parent().unwrap_or(Path::new(".")).to_owned();
    Ok(Stage {
        roadtest,
        nginx,
        folder,
        scenario,
    })
}

async fn measure(stage: &Stage, arguments: &Arguments) -> Result<Record> {
    let mut record = Record {
        started_at: Clock::wall().now().rfc3339_seconds(),
        machine: sim_testbed::machine(),
        generator: GENERATOR.to_owned(),
        nginx: relays::version(&stage.nginx)?,
        tls: TLS,
        scenario: stage.scenario.name.clone(),
        warm_up_s: arguments.warm_up,
        measurements: Vec::new(),
    };
    for &in_flight in &arguments.in_flight {
        let sizes = Sizes::find(stage, arguments, in_flight).await?;
        for round in 1..=arguments.rounds {
            for (place, arm) in Arm::ROUND.into_iter().enumerate() {
                let turn = Turn {
                    in_flight,
                    round,
                    half: if place < Arm::ROUND.len() / 2 { 1 } else { 2 },
                    arm,
                };
                let outcome = stage.run(sizes.trial(turn)).await?;
                let measurement = Measurement::new(turn, &outcome, arguments.warm_up);
                eprintln!(
                    "{in_flight} in flight, round {round} of {}: {} {:.0}/s",
                    arguments.rounds,
                    arm.name(),
                    measurement.rate_per_s
                );
                record.measurements.push(measurement);
            }
        }
    }
    Ok(record)
}

/// How many exchanges each arm's loads have.
struct Sizes([(Arm, u64); 3]);

// === impl Sizes ===

impl Sizes {
    /// As many as told, or as each arm does in the time that is asked for.
    async fn find(stage: &Stage, arguments: &Arguments, in_flight: u32) -> Result<Self> {
        let mut sizes = Arm::ALL.map(|arm| (arm, arguments.exchanges.unwrap_or(1)));
        if arguments.exchanges.is_some() {
            return Ok(Self(sizes));
        }
        for (arm, exchanges) in &mut sizes {
            let sounding = Trial {
                arm: *arm,
                in_flight,
                questions: SOUNDING_QUESTIONS,
                ends: Ends::Time(Duration::from_secs(arguments.warm_up + SOUNDING_S)),
            };
            let outcome = stage.run(sounding).await?;
            let rate_per_s = Steady::of(&outcome.load, arguments.warm_up).rate_per_s;
            let seconds = (arguments.warm_up + arguments.seconds) as f64;
            *exchanges = (rate_per_s * seconds * MARGIN).ceil().max(1.0) as u64;
            eprintln!(
                "{in_flight} in flight: {} about {rate_per_s:.0}/s, so {exchanges} exchanges",
                arm.name()
            );
        }
        Ok(Self(sizes))
    }

    fn of(&self, arm: Arm) -> u64 {
        let Self(sizes) = self;
        let size = sizes.iter().find(|(of, _)| *of == arm);
        size.map_or(1, |(_, exchanges)| *exchanges)
    }

    /// The questions are those of the arm with evidence, where everybody must be asked about once;
    /// the others go through them several times, so that the register is the same for all.
    fn trial(&self, turn: Turn) -> Trial {
        Trial {
            arm: turn.arm,
            in_flight: turn.in_flight,
            questions: self.of(Arm::Evidenced),
            ends: Ends::Exchanges(self.of(turn.arm)),
        }
    }
}

fn keep(record: &Record, file: &Path) -> Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    fs::write(file, serde_json::to_string_pretty(record)?).with_context(cannot)
}
