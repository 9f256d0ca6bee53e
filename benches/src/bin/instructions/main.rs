//! How many instructions the bodies of the benchmarks take, under valgrind, beside another build.
//!
//! Instructions hardly differ between two runs of one build, however busy the machine is, so that
//! a change of a few per cent shows which no clock would tell. They are not time: waiting for
//! memory, disk and kernel is not in them.
//!
//! | module | what |
//! |---|---|
//! | `bodies` | what is counted |
//! | `valgrind` | how |
//! | `record` | the counts, as they are kept |
//! | `baseline` | what they are compared with |
//! | `table` | what people read |

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command for people"
)]

mod baseline;
mod bodies;
mod exit;
mod record;
mod table;
mod valgrind;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;
use clap::builder::RangedU64ValueParser;

use crate::baseline::Baseline;
use crate::bodies::{BODIES, Body, Fixtures, Work};
use crate::exit::{Exit, Invalid};
use crate::record::Record;
use crate::valgrind::Valgrind;

/// Count the instructions of the benchmarks' bodies under valgrind, and compare two builds
#[derive(Parser)]
#[command(name = "instructions", version, after_help = AFTER_HELP)]
struct Arguments {
    /// Bodies whose names have one of these texts [default: all]
    #[arg(value_name = "BODY")]
    bodies: Vec<String>,
    /// Compare with counts that were saved, or with a commit, which is built and counted
    #[arg(long, value_name = "FILE|COMMIT")]
    baseline: Option<String>,
    /// Save the counts in this file, JSON
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Per cent that a body may grow beyond the baseline
    #[arg(long, value_name = "PERCENT", default_value_t = 2.0, value_parser = percent)]
    allow: f64,
    /// Run the one body so often: what happens under valgrind
    #[arg(long, hide = true, requires = "fixtures",
          value_parser = RangedU64ValueParser::<u64>::new().range(1..))]
    calls: Option<u64>,
    /// Where its data is
    #[arg(long, hide = true, requires = "calls")]
    fixtures: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
What is counted, and what to beware of: benches/README.md.

Exit codes:
  0  everything was counted, and nothing grew
  1  a body takes more instructions than the baseline allows
  2  the command line is not valid, or valgrind is missing; nothing was counted
  3  something broke: a body did not run, the baseline could not be built";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let exit = run(&arguments).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        Exit::after(&error)
    });
    exit.into()
}

fn run(arguments: &Arguments) -> Result<Exit> {
    let bodies = select(&arguments.bodies)?;
    if let (Some(calls), Some(folder)) = (arguments.calls, &arguments.fixtures) {
        call(&bodies, calls, folder)?;
        return Ok(Exit::Done);
    }
    let valgrind = Valgrind::find()?;
    let mut record = Record::new(&valgrind.version);
    let baseline = arguments.baseline.as_deref();
    let baseline = baseline.map(|name| Baseline::find(name, &record));
    let baseline = baseline.transpose()?;
    if cfg!(debug_assertions) {
        eprintln!("this is no release build: its counts say nothing");
    }
    let folder = folder()?;
    count(&valgrind, &bodies, &folder, &mut record)?;
    if let Some(file) = &arguments.save {
        record.save(file)?;
    }
    let baseline = baseline.map(|baseline| baseline.counts(&bodies, &folder));
    let baseline = baseline.transpose()?;
    let allow = arguments.allow;
    print!("{}", table::of(&bodies, &record, baseline.as_ref(), allow));
    let Some(baseline) = baseline else {
        return Ok(Exit::Done);
    };
    let grown = table::grown(&record, &baseline, allow);
    if grown.is_empty() {
        println!("\nnothing grew by more than {allow} %");
        return Ok(Exit::Done);
    }
    println!("\ngrew by more than {allow} %: {}", grown.join(", "));
    Ok(Exit::Grew)
}

fn select(names: &[String]) -> Result<Vec<&'static Body>> {
    let matches = |body: &&Body| {
        names.is_empty() || names.iter().any(|name| body.name.contains(name.as_str()))
    };
    let bodies: Vec<&Body> = BODIES.iter().filter(matches).collect();
    if bodies.is_empty() {
        let all: Vec<&str> = BODIES.iter().map(|body| body.name).collect();
        let known = all.join("\n  ");
        return Err(Invalid(format!("no body has such a name; there are:\n  {known}")).into());
    }
    Ok(bodies)
}

/// Counts the bodies one after the other.
fn count(valgrind: &Valgrind, bodies: &[&Body], folder: &Path, record: &mut Record) -> Result<()> {
    let temporary = tempfile::Builder::new()
        .prefix("fixtures-")
        .tempdir_in(folder)
        .context("cannot make a temporary folder")?;
    let fixtures = Fixtures::make(temporary.path())?;
    for body in bodies {
        let Work::Counted {
            calls, elements, ..
        } = body.work
        else {
            continue;
        };
        let instructions = valgrind.count(body.name, calls, &fixtures)?;
        let each = instructions as f64 / (calls * elements.0) as f64;
        eprintln!("{}: {each:.0}", body.name);
        record.counts.insert(body.name.to_owned(), each);
    }
    Ok(())
}

/// Runs the body, with nobody watching but valgrind.
fn call(bodies: &[&Body], calls: u64, fixtures: &Path) -> Result<()> {
    let invalid = || Invalid("only one body that needs no key can be run".to_owned());
    let [body] = bodies else {
        return Err(invalid().into());
    };
    let Work::Counted { prepare, .. } = body.work else {
        return Err(invalid().into());
    };
    let mut call = prepare(&Fixtures::within(fixtures.to_owned()))?;
    for _ in 0..calls {
        call();
    }
    Ok(())
}

/// For builds and temporary files: beside this program's own build.
fn folder() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let target = program.ancestors().nth(2).unwrap_or(Path::new("."));
    let folder = target.join("instructions");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.parse::<f64>().map_err(|error| error.to_string())?;
    if percent.is_finite() && percent >= 0.0 {
        Ok(percent)
    } else {
        Err("no per cent, 0 or more".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::{Arguments, select};

    #[test]
    fn bodies_are_chosen_by_parts_of_their_names() {
        let names = |chosen: &[&str]| -> Vec<&str> {
            let chosen: Vec<String> = chosen.iter().map(|&name| name.to_owned()).collect();
            let bodies = select(&chosen).unwrap();
            bodies.iter().map(|body| body.name).collect()
        };
        assert_eq!(names(&["names/"]), ["names/client/plain", "names/service"]);
        assert_eq!(
            names(&["rights", "multipart/w"]),
            ["multipart/write", "paths/rights/64"]
        );
        assert_eq!(names(&[]).len(), super::BODIES.len());
        // What runs under valgrind is chosen by the whole name, which no other may contain.
        for body in super::BODIES {
            assert_eq!(names(&[body.name]), [body.name]);
        }
        let error = select(&["no-such".to_owned()]).err().unwrap();
        assert!(error.to_string().contains("audit/run/64"), "{error}");
    }

    #[test]
    fn only_a_sensible_allowance_is_taken() {
        let allow = |text: &str| Arguments::try_parse_from(["instructions", "--allow", text]);
        assert_eq!(allow("0.5").ok().unwrap().allow, 0.5);
        for text in ["-1", "NaN", "inf", "much", ""] {
            assert!(allow(text).is_err(), "{text}");
        }
    }
}
