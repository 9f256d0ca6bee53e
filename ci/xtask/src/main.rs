//! `cargo xtask`: every check that a person or CI runs.
//!
//! `cargo xtask ci` runs all of them in order; each can be run alone by its name.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "checks tell people what they found"
)]

mod layers;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
usage: cargo xtask <check>...

  ci       all of the below, in this order
  fmt      formatting (cargo fmt --check)
  tidy     rules about files: docs, names, lists that must be complete
  layers   who may depend on whom
  clippy   lints, warnings are errors
  test     every test, doctests included
  doc      rustdoc, warnings are errors
";

fn main() -> ExitCode {
    let checks: Vec<String> = std::env::args().skip(1).collect();
    if checks.is_empty() {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    }
    match checks.iter().try_for_each(|check| run(check)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(check: &str) -> Result<()> {
    let root = root();
    match check {
        "ci" => ["fmt", "tidy", "layers", "clippy", "test", "doc"]
            .into_iter()
            .try_for_each(run),
        "fmt" => cargo(&["fmt", "--all", "--check"], &[]),
        "tidy" => tidy::check(&root),
        "layers" => layers::check(&root),
        "clippy" => cargo(
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "--deny",
                "warnings",
            ],
            &[],
        ),
        "test" => cargo(&["test", "--workspace", "--no-fail-fast"], &[]),
        "doc" => cargo(
            &["doc", "--workspace", "--no-deps"],
            &[("RUSTDOCFLAGS", "-Dwarnings")],
        ),
        unknown => bail!("no check is called `{unknown}`\n\n{USAGE}"),
    }
}

/// The workspace's root, two levels above this crate.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tells a person how long a check took; no run time"
)]
fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let line = format!("cargo {}", arguments.join(" "));
    println!("xtask: {line}");
    let started = Instant::now();
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(root())
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    println!("xtask: {line}: {:.0} s", started.elapsed().as_secs_f64());
    if !status.success() {
        bail!("`{line}` failed");
    }
    Ok(())
}
