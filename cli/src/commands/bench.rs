//! `roadtest bench`: the same scenario again and again, a fresh country each time, in a balanced
//! order with another build where there is one, and then compared.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use sim_comparison::Options;
use sim_metrics::{RunRecord, load_record, metric};

use crate::commands::compare::{self, Output};
use crate::exit::{Exit, Invalid};
use crate::interrupt::Interrupt;
use crate::show::figure;
use crate::{given, show};

/// What is told of every run.
const SHOWN: [(&str, &str); 4] = [
    ("throughput", ""),
    ("response-time-p50", "median "),
    ("response-time-p99", "99 % "),
    ("cpu-per-exchange", "processor "),
];

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The scenario file
    scenario: PathBuf,
    /// Runs of each build
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// Another build's `roadtest` to compare with
    #[arg(long, value_name = "BINARY")]
    baseline: Option<PathBuf>,
    /// Folder for the runs, new or empty [default: reports/runs/BENCH-ID]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

const AFTER_HELP: &str = "\
The runs are in FOLDER/candidate and, with --baseline, in FOLDER/baseline, for `roadtest compare`.
Message logs are dropped once they have proven their run.

Exit codes: those of `roadtest compare` with --baseline, else
  0    every run was made, whatever its own verdict
  3    a run broke
  130  interrupted; the runs so far are kept";

/// A build under test.
struct Build<'a> {
    name: &'static str,
    binary: &'a Path,
}

pub(crate) fn run(arguments: Arguments) -> Result<Exit> {
    let scenario = given::scenario(&arguments.scenario)?;
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    let mut builds = vec![Build {
        name: "candidate",
        binary: &own,
    }];
    if let Some(binary) = &arguments.baseline {
        check_binary(binary)?;
        builds.insert(
            0,
            Build {
                name: "baseline",
                binary,
            },
        );
    }
    let name = format!("{}-bench", scenario.name);
    let folder = given::new_comparison_folder(arguments.out.as_deref(), &name)?;
    let interrupt = Interrupt::listen()?;
    for round in 1..=arguments.runs {
        // AB BA AB: whatever drifts steadily touches both alike.
        let mut order: Vec<&Build<'_>> = builds.iter().collect();
        if round % 2 == 0 {
            order.reverse();
        }
        for build in order {
            let place = folder.join(build.name).join(format!("{round:03}"));
            let record = make(build, &arguments.scenario, &place)?;
            if interrupt.is_heard() {
                eprintln!("interrupted; the runs so far are in {}", folder.display());
                return Ok(Exit::Interrupted);
            }
            let of = arguments.runs;
            println!("  {:<9} {round:>2} of {of}  {}", build.name, told(&record));
        }
    }
    println!("  kept in {}", folder.display());
    if arguments.baseline.is_none() {
        return Ok(Exit::Passed);
    }
    let baseline = compare::read(&folder.join("baseline"))?;
    let candidate = compare::read(&folder.join("candidate"))?;
    let output = arguments.output.or_page_in(&folder);
    compare::told(&baseline, &candidate, Options::default(), &output)
}

fn check_binary(binary: &Path) -> Result<()> {
    let version = Command::new(binary).arg("--version").output();
    let is_ours = version.is_ok_and(|said| {
        said.status.success() && String::from_utf8_lossy(&said.stdout).starts_with("roadtest ")
    });
    if is_ours {
        return Ok(());
    }
    Err(Invalid::usage(format!(
        "{} is no roadtest: `--baseline` takes the program of another build, such as \
         target/release/roadtest of another checkout",
        binary.display()
    ))
    .into())
}

/// One run of a build, in its own folder.
fn make(build: &Build<'_>, scenario: &Path, place: &Path) -> Result<RunRecord> {
    let above = place.parent().unwrap_or(place);
    std::fs::create_dir_all(above).with_context(|| format!("cannot make {}", above.display()))?;
    let log_path = place.with_extension("log");
    let log =
        File::create(&log_path).with_context(|| format!("cannot write {}", log_path.display()))?;
    let said = log.try_clone()?;
    let status = Command::new(build.binary)
        .arg("run")
        .arg(scenario)
        .arg("--out")
        .arg(place)
        .args(["--keep", "none"])
        .stdout(log)
        .stderr(said)
        .status()
        .with_context(|| format!("cannot start {}", build.binary.display()))?;
    load_record(&place.join("run.json")).with_context(|| {
        format!(
            "the run of {} left no record ({status}); what it said is in {}",
            build.name,
            log_path.display()
        )
    })
}

/// `6,998/s, median 8.44 ms, 99 % 22.4 ms, processor 225 µs: passed`.
fn told(record: &RunRecord) -> String {
    let figures = SHOWN.iter().filter_map(|(name, title)| {
        let value = metric(record, name)?;
        Some(format!("{title}{}", figure(name, value)))
    });
    let figures: Vec<String> = figures.collect();
    format!(
        "{}: {}",
        figures.join(", "),
        show::outcome(record.verdict.outcome).to_lowercase()
    )
}
