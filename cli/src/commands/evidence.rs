//! `roadtest evidence`: the signed containers of one message, for tools that we did not write.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sim_evidence::container::write_container;
use sim_message_log::{Direction, LogReader};

use crate::exit::Exit;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The message's X-Road-Id
    #[arg(required_unless_present = "list")]
    message_id: Option<String>,
    /// The run's folder
    #[arg(long, value_name = "RUN")]
    run: PathBuf,
    /// Where the containers go
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// List the message IDs of the run instead, one a line
    #[arg(long, conflicts_with = "message_id")]
    list: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    match &arguments.message_id {
        Some(message_id) => write(message_id, &arguments.run, &arguments.out),
        None => list(&arguments.run),
    }
}

/// Every message that any server of the run has logged a request of, once.
fn list(run: &Path) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    let servers = servers(run)?;
    let (_, first) = servers.first().context("the run has no message logs")?;
    for id in LogReader::open(first)?.message_ids() {
        if writeln!(out, "{}", id?).is_err() {
            // `... --list | head` has seen enough.
            break;
        }
    }
    Ok(Exit::Passed)
}

/// Writes `<server>-request.asice` and `<server>-response.asice` of every server that has them.
fn write(message_id: &str, run: &Path, out: &Path) -> Result<Exit> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let mut written = 0;
    for (server, log) in servers(run)? {
        let reader = LogReader::open(&log)?;
        for message in reader.find(message_id)? {
            let direction = match message.record.direction {
                Direction::Request => "request",
                Direction::Response => "response",
            };
            let path = out.join(format!("{server}-{direction}.asice"));
            std::fs::write(&path, write_container(&reader.container_parts(&message)?))
                .with_context(|| format!("cannot write {}", path.display()))?;
            println!("{}", path.display());
            written += 1;
        }
    }
    if written == 0 {
        bail!("no message of this run has the ID {message_id}; `--list` prints them all");
    }
    for name in ["ca.pem", "tsa.pem", "ocsp.pem"] {
        let from = run.join("trust").join(name);
        std::fs::copy(&from, out.join(name))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(Exit::Passed)
}

/// The servers of a run and where their logs are, by name.
fn servers(run: &Path) -> Result<Vec<(String, PathBuf)>> {
    let logs = run.join("logs");
    let mut servers = std::fs::read_dir(&logs)
        .with_context(|| format!("{} is no run folder: it has no logs", run.display()))?
        .map(|entry| {
            let entry = entry?;
            Ok((
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            ))
        })
        .collect::<std::io::Result<Vec<_>>>()?;
    servers.sort();
    Ok(servers)
}
