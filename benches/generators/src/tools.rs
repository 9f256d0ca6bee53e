//! The other generators: how each is called, and what each reports.
//!
//! | tool | model | rate |
//! |---|---|---|
//! | `wrk` | closed: every connection asks again when it was answered | none to be set |
//! | `hey` | closed, each worker held back to its share of a rate | `-q`, a worker |
//! | `oha` | a rate over a fixed number of connections | `-q`, in all |

mod hey;
mod oha;
mod wrk;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::bare;
use crate::process::{Ended, Running};
use crate::stage::Stage;
use crate::times::Times;

/// Workers among whom `hey` and `oha` share a rate: four times as many as an even server keeps
/// busy. hey's begin together, so that more of them would send in larger bursts.
const WORKERS: u32 = 10;

/// An outside tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tool {
    /// wrk, by Will Glozer.
    Wrk,
    /// hey, by Jaana Dogan.
    Hey,
    /// oha, by hatoo.
    Oha,
    /// The same, told to count from when a request was due.
    OhaCorrected,
}

/// What a tool is to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'a> {
    /// `host:port`.
    pub(crate) address: &'a str,
    /// Whole seconds.
    pub(crate) duration: Duration,
    /// Requests a second; a closed tool has as many connections as make about that.
    pub(crate) rate_per_s: u32,
    /// What the server takes for an answer.
    pub(crate) delay: Duration,
}

// === impl Tool ===

impl Tool {
    /// All, in the order in which they are shown.
    pub(crate) const ALL: [Self; 4] = [Self::Wrk, Self::Hey, Self::Oha, Self::OhaCorrected];

    /// The command.
    pub(crate) const fn command(self) -> &'static str {
        match self {
            Self::Wrk => "wrk",
            Self::Hey => "hey",
            Self::Oha | Self::OhaCorrected => "oha",
        }
    }

    /// How to get it.
    pub(crate) const fn where_from(self) -> &'static str {
        match self {
            Self::Wrk => "on Debian: apt-get install wrk",
            Self::Hey => "on Debian: apt-get install hey",
            Self::Oha | Self::OhaCorrected => "cargo install oha",
        }
    }

    /// Where it is installed; none where it is not.
    pub(crate) fn find(self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .map(|folder| folder.join(self.command()))
            .find(|file| file.is_file())
    }

    /// What it calls itself; its name where it does not tell.
    pub(crate) fn version(self, program: &Path) -> String {
        let told = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let told = told.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let line = told
            .ok()
            .and_then(|told| told.lines().next().map(str::to_owned));
        line.and_then(|line| line.split(" [").next().map(str::to_owned))
            .filter(|line| line.starts_with(self.command()))
            .unwrap_or_else(|| self.command().to_owned())
    }

    /// As it stands in a table.
    pub(crate) fn name(self, task: Task<'_>) -> String {
        match self {
            Self::Wrk => format!("wrk, {} connections", closed_connections(task)),
            Self::Hey => format!("hey, {WORKERS} workers, `-q {}`", task.rate_per_s / WORKERS),
            Self::Oha => format!("oha, {WORKERS} connections, `-q {}`", task.rate_per_s),
            Self::OhaCorrected => "oha, the same, `--latency-correction`".to_owned(),
        }
    }

    /// Runs it at a rate, and takes what it reports.
    ///
    /// # Errors
    /// Where it fails, or reports what it did not when this was written.
    pub(crate) fn run(self, program: &Path, stage: &Stage, task: Task<'_>) -> Result<Times> {
        let mut command = Command::new(program);
        match self {
            Self::Wrk => {
                let script = script(stage)?;
                wrk::arguments(&mut command, &script, task, closed_connections(task));
            }
            Self::Hey => hey::arguments(&mut command, task, WORKERS),
            Self::Oha => oha::arguments(&mut command, task, WORKERS, false),
            Self::OhaCorrected => oha::arguments(&mut command, task, WORKERS, true),
        }
        let ended = Running::start(command)?.finish()?;
        match self {
            Self::Wrk => wrk::parse(&ended.output),
            Self::Hey => hey::parse(&ended.output),
            Self::Oha | Self::OhaCorrected => oha::parse(&ended.output),
        }
    }
}

/// Runs wrk as fast as it goes.
///
/// # Errors
/// Where it fails.
pub(crate) fn wrk_at_full_speed(
    program: &Path,
    stage: &Stage,
    task: Task<'_>,
    in_flight: u32,
) -> Result<Ended> {
    let mut command = Command::new(program);
    wrk::arguments(&mut command, &script(stage)?, task, in_flight);
    Running::start(command)?.finish()
}

/// Connections with which a closed tool comes nearest to the rate, at least one.
fn closed_connections(task: Task<'_>) -> u32 {
    let busy = f64::from(task.rate_per_s) * task.delay.as_secs_f64();
    busy.round().max(1.0) as u32
}

/// The script by which wrk sends what the others send.
fn script(stage: &Stage) -> Result<PathBuf> {
    let file = stage.folder.join("post.lua");
    let mut script = format!("wrk.method = \"POST\"\nwrk.body = '{}'\n", bare::QUESTION);
    // wrk sets the host itself.
    for (name, value) in bare::headers("").into_iter().skip(1) {
        script += &format!("wrk.headers[\"{name}\"] = \"{value}\"\n");
    }
    fs::write(&file, script)?;
    Ok(file)
}

/// The headers as `-H` of hey and oha.
fn header_arguments(command: &mut Command) {
    for (name, value) in bare::headers("").into_iter().skip(1) {
        command.arg("-H").arg(format!("{name}: {value}"));
    }
}
