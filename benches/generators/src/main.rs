//! Is Roadtest's load generator right, and what does it cost? Held against other generators on a
//! server of fixed delay that keeps its own books.
//!
//! | module | what |
//! |---|---|
//! | `server` | the server: fixed delay, stall, its own record of every request |
//! | `truth` | what a client on schedule must see, out of that record |
//! | `roadtest` | Roadtest's generator in a process of its own |
//! | `tools` | `wrk`, `hey`, `oha`: how they are called and what they report |
//! | `bare` | HTTP libraries in a plain loop |
//! | `process` | children, their processor time and memory |
//! | `agreement`, `cost`, `pacing`, `memory` | what is measured |
//! | `stage`, `record`, `times`, `spread`, `table`, `exit` | before and after |
//!
//! What to beware of: server and client share the machine's cores. At 1,000 requests a second
//! neither needs much of one; at full speed the slower of the two decides the rate, and a client
//! that waits for its server wakes more often for less.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command for people"
)]

mod agreement;
mod bare;
mod cost;
mod exit;
mod memory;
mod pacing;
mod process;
mod record;
mod roadtest;
mod server;
mod spread;
mod stage;
mod table;
mod times;
mod tools;
mod truth;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand, ValueEnum};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::exit::Exit;
use crate::record::Record;
use crate::stage::{Size, Stage};
use crate::tools::Tool;

/// Hold Roadtest's load generator against others: does it measure right, and what does it cost?
#[derive(Parser)]
#[command(name = "generators", version, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Command>,
    /// What to measure; `memory` only where it is named
    #[arg(long, value_enum, value_delimiter = ',',
          default_values_t = [Section::Agreement, Section::Cost, Section::Pacing])]
    only: Vec<Section>,
    /// Measure memory as well, over ten minutes
    #[arg(long)]
    long: bool,
    /// Everything tiny: figures say nothing
    #[arg(long)]
    quick: bool,
    /// Requests in flight at full speed, one or several numbers
    #[arg(long, value_delimiter = ',', default_values_t = [64],
          value_parser = clap::value_parser!(u32).range(1..=4_096))]
    in_flight: Vec<u32>,
    /// File for every single measurement, JSON
    #[arg(
        long,
        value_name = "FILE",
        default_value = "reports/runs/generators.json"
    )]
    out: PathBuf,
}

/// A subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Section {
    /// Reports against the truth, with a stall and without
    Agreement,
    /// Processor time of a request
    Cost,
    /// Lateness of Roadtest's pacer
    Pacing,
    /// Memory of a long load
    Memory,
}

#[derive(Subcommand)]
enum Command {
    /// What this program starts as processes of their own
    #[command(subcommand, hide = true)]
    Part(Part),
}

/// A process of its own; its configuration is JSON.
#[derive(Subcommand)]
enum Part {
    /// The server of fixed delay
    Server { config: String },
    /// Roadtest's load generator
    Roadtest { config: String },
    /// A bare HTTP client
    Bare { config: String },
}

const AFTER_HELP: &str = "\
The default takes about three minutes. The machine should have nothing else to do.
Tools that are not installed are left out. What each table means: docs/measurement.md.

Exit codes:
  0    everything was measured
  1    Roadtest's generator counted otherwise than the server did, or an answer was wrong
  2    the command line is not valid
  3    something broke: a part did not start, a tool failed, a file could not be written";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.part {
        Some(Command::Part(part)) => run_part(part),
        None => run(&arguments),
    };
    let exit = done.map_or_else(
        |error| {
            eprintln!("error: {error:#}");
            Exit::after(&error)
        },
        |()| Exit::Done,
    );
    exit.into()
}

fn run_part(part: &Part) -> Result<()> {
    process::raise_file_limit();
    match part {
        Part::Server { config } => {
            let books = server::run(read(config)?, |address| println!("{address}"))?;
            tell(&books)
        }
        Part::Roadtest { config } => tell(&roadtest::part(read(config)?)?),
        Part::Bare { config } => tell(&bare::part(&read(config)?)?),
    }
}

fn read<T: DeserializeOwned>(config: &str) -> Result<T> {
    serde_json::from_str(config).context("no such configuration")
}

fn tell(result: &impl Serialize) -> Result<()> {
    println!("{}", serde_json::to_string(result)?);
    Ok(())
}

fn run(arguments: &Arguments) -> Result<()> {
    let size = if arguments.quick {
        Size::QUICK
    } else {
        Size::FULL
    };
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    // Beside the binary, for the temporary folder of many systems is in memory, where ledgers cost
    // less than on a disk.
    let folder = TempDir::new_in(program.parent().unwrap_or(Path::new(".")))?;
    let stage = Stage {
        folder: folder.path().to_owned(),
        tools: find_tools(),
        program,
    };
    if cfg!(debug_assertions) {
        eprintln!("this is no release build: its figures say nothing");
    }
    let record = measure(&stage, size, arguments)?;
    keep(&record, &arguments.out)?;
    print!("\n{}", table::of(&record));
    println!("\nevery measurement: {}", arguments.out.display());
    Ok(())
}

fn find_tools() -> Vec<(Tool, PathBuf)> {
    let mut found = Vec::new();
    for tool in Tool::ALL {
        match tool.find() {
            Some(program) => found.push((tool, program)),
            None if tool == Tool::OhaCorrected => {}
            None => eprintln!(
                "{} is not installed and left out; {}",
                tool.command(),
                tool.where_from()
            ),
        }
    }
    found
}

fn measure(stage: &Stage, size: Size, arguments: &Arguments) -> Result<Record> {
    let mut record = Record::new(stage, size);
    let is_wanted = |section| arguments.only.contains(&section);
    if is_wanted(Section::Agreement) {
        for stall in [None, Some(size.stall)] {
            eprintln!(
                "agreement: {} s for each generator",
                size.agreement.as_secs()
            );
            record
                .agreement
                .push(agreement::measure(stage, size, stall)?);
        }
    }
    if is_wanted(Section::Cost) {
        for &in_flight in &arguments.in_flight {
            eprintln!("cost: {in_flight} in flight, {} rounds", size.cost_rounds);
            record.cost.extend(cost::measure(stage, size, in_flight)?);
        }
    }
    if is_wanted(Section::Pacing) {
        eprintln!("pacing: {} s", size.pacing.as_secs());
        record.pacing = Some(pacing::measure(stage, size)?);
    }
    if is_wanted(Section::Memory) || arguments.long {
        eprintln!("memory: {} s", size.memory[1].as_secs());
        record.memory = Some(memory::measure(stage, size)?);
    }
    Ok(record)
}

fn keep(record: &Record, file: &Path) -> Result<()> {
    let cannot = || format!("cannot write {}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    fs::write(file, serde_json::to_string_pretty(record)?).with_context(cannot)
}
