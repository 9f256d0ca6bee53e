//! The binary `roadtest`: the only part that talks to people.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the part that talks to people"
)]

mod commands;
mod disk;
mod exit;
mod given;
mod interrupt;
mod keep;
mod live;
mod record;
mod series;
mod show;
mod summary;
mod traffic;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::commands::{
    audit, bench, check, compare, compare_profiles, evidence, node, report, run, schema, search, up,
};
use crate::exit::{Exit, Invalid};

/// Messages are many small, short-lived pieces, handed from thread to thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Stand up a virtual e-government from one YAML file, drive it, and prove every answer.
#[derive(Parser)]
#[command(name = "roadtest", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  roadtest run scenarios/pension-liveness.yaml   ask about 500,000 pensioners, prove every answer
  roadtest search scenarios/ordinary-day.yaml    the highest rate at which its thresholds hold
  roadtest bench FILE --baseline OTHER/roadtest  is this build slower than that one?
  roadtest up scenarios/pension-liveness.yaml    keep the country up and call it with curl
  roadtest audit reports/runs/RUN                check a finished run again, from its files alone
  roadtest evidence --run reports/runs/RUN --list | head

Exit codes:
  0    everything held
  1    the run or audit finished, and something did not hold
  2    the command line or the scenario is not valid; nothing was started
  3    something broke: a part did not start or died, a file could not be written
  4    inconclusive: a figure may be right or not, another run may tell
  5    invalid: a figure is the load generator's own, not that of what it measured
  6    a comparison found something worse
  7    a comparison found something better, and nothing worse
  130  interrupted; what had been asked was drained, audited and reported";

#[derive(Subcommand)]
enum Command {
    /// Run a scenario: stand the country up, drive it, drain it, audit it, report
    Run(run::Arguments),
    /// Find the highest rate at which a scenario's thresholds hold, and what gives way first
    Search(search::Arguments),
    /// Run a scenario several times, in turns with another build where there is one, and compare
    Bench(bench::Arguments),
    /// Compare two sets of runs: has anything become worse, or is it chance?
    Compare(compare::Arguments),
    /// Run a scenario under several profiles, one after another, and show the figures side by side
    CompareProfiles(compare_profiles::Arguments),
    /// Stand a country up, say how to call it, and wait for Ctrl-C
    Up(up::Arguments),
    /// Check a scenario without starting anything
    Check(check::Arguments),
    /// Print a JSON Schema: of scenario files, for editors, or of the run record
    Schema(schema::Arguments),
    /// Write the signed containers of one message, or list the messages of a run
    Evidence(evidence::Arguments),
    /// Audit a finished run again, from its files alone
    Audit(audit::Arguments),
    /// Make report.html and series.csv of a run again, from its run.json alone
    Report(report::Arguments),
    /// Run one part of a country in this process (what `run` and `up` start)
    #[command(hide = true)]
    Node(node::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_logging(matches!(arguments.command, Command::Node(_)));
    match dispatch(arguments.command) {
        Ok(exit) => exit.into(),
        Err(error) => match error.downcast_ref::<Invalid>() {
            Some(invalid) => {
                eprintln!("{invalid}");
                Exit::Invalid.into()
            }
            None => {
                show::error(&error);
                Exit::Broken.into()
            }
        },
    }
}

fn dispatch(command: Command) -> Result<Exit> {
    match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Search(arguments) => search::run(&arguments),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::CompareProfiles(arguments) => compare_profiles::run(&arguments),
        Command::Up(arguments) => up::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Evidence(arguments) => evidence::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Node(arguments) => node::run(&arguments),
    }
}

/// Parts log to their own files; commands for people only what went wrong. `ROADTEST_LOG` decides
/// otherwise, in the syntax of `tracing`'s filters.
fn start_logging(is_part: bool) {
    let default = if is_part { "info" } else { "warn" };
    let filter =
        EnvFilter::try_from_env("ROADTEST_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(!is_part)
        .init();
}
