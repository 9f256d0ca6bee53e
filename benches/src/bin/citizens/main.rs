//! What citizens wait for, and what they cost: a digital government under a steady stream of log-ins.
//!
//! Two runs of the same country, by the program `roadtest` beside this one, each audited:
//!
//! | run | question |
//! |---|---|
//! | `visit` | What processor time does a log-in take of the servers, from the front page to the log-out? |
//! | `look` | How long does the page take that asks the registries, at so many log-ins a second? |
//!
//! Simulated people, the load generator, the servers and the audit share the machine's cores. The
//! time that a simulated phone takes is in neither figure.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command for people"
)]

mod course;
mod figures;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use sim_metrics::RunRecord;

use crate::figures::Figures;

/// Measure what citizens wait for and what a log-in costs
#[derive(Parser)]
#[command(name = "citizens", version)]
struct Arguments {
    /// The country; what its citizens come for, how many and for how long are replaced
    #[arg(default_value = "scenarios/estonia.yaml")]
    scenario: PathBuf,
    /// People at once: about five for each log-in a second
    #[arg(long, default_value_t = 125, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    people_at_once: u32,
    /// Seconds of each run
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(5..=600))]
    seconds: u32,
    /// The program to measure [default: `roadtest` beside this one]
    #[arg(long)]
    program: Option<PathBuf>,
}

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<()> {
    let text = std::fs::read_to_string(&arguments.scenario)
        .with_context(|| format!("cannot read {}", arguments.scenario.display()))?;
    let program = match &arguments.program {
        Some(program) => program.clone(),
        None => std::env::current_exe()?.with_file_name("roadtest"),
    };
    if !program.exists() {
        bail!(
            "there is no {}: cargo build --release -p roadtest -p benches",
            program.display()
        );
    }
    let mut all = Vec::new();
    for journey in ["visit", "look"] {
        eprintln!("{journey}: {} s, and what is around it", arguments.seconds);
        let course = course::of(&text, journey, arguments.people_at_once, arguments.seconds)?;
        all.push(Figures::of(journey, &run(&program, &course)?)?);
    }
    print!("{}", figures::table(&all));
    Ok(())
}

/// Runs a scenario in a folder that is gone afterwards, and gives its record.
fn run(program: &Path, scenario: &str) -> Result<RunRecord> {
    let around = tempfile::tempdir().context("cannot make a folder")?;
    let file = around.path().join("scenario.yaml");
    std::fs::write(&file, scenario).context("cannot write the scenario")?;
    let folder = around.path().join("run");
    let status = Command::new(program)
        .arg("run")
        .arg(&file)
        .arg("--out")
        .arg(&folder)
        .stdout(Stdio::null())
        .status()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let record = std::fs::read(folder.join("run.json"))
        .with_context(|| format!("the run ended with {status} and left no record"))?;
    serde_json::from_slice(&record).context("cannot read the record of the run")
}
