//! `roadtest evidence`: the signed containers of one message, for tools that we did not write.

use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sim_evidence::container::write_container;
use sim_message_log::{Direction, LogReader};

use crate::exit::{Exit, Invalid};
use crate::given;

/// What a verifier has to trust, in a run's folder and beside its containers.
const CERTIFICATES: [&str; 3] = ["ca.pem", "tsa.pem", "ocsp.pem"];

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
        Some(message_id) => {
            let written = write(message_id, &arguments.run, &arguments.out)?;
            for path in &written.containers {
                println!("{}", path.display());
            }
            if written.lacks_bodies {
                eprintln!(
                    "note: this run's message logs keep digests in place of bodies \
                     (`bodies: not-logged`), so the containers have no attachment: \
                     a signature covers its digest, and a tool that wants the attachment itself \
                     will miss it"
                );
            }
            Ok(Exit::Passed)
        }
        None => list(&arguments.run),
    }
}

/// What [`write()`] wrote.
pub(crate) struct Written {
    containers: Vec<PathBuf>,
    /// A message had a body, and its log kept only the digest.
    lacks_bodies: bool,
}

/// Every message that any server of the run has logged a request of, once.
fn list(run: &Path) -> Result<Exit> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut listed = HashSet::new();
    for (_, log) in servers(run)? {
        for id in LogReader::open(&log)?.message_ids() {
            let id = id?;
            // `... --list | head` has seen enough at some time.
            if !listed.contains(&id) && writeln!(out, "{id}").is_err() {
                return Ok(Exit::Passed);
            }
            listed.insert(id);
        }
    }
    let _ = out.flush();
    Ok(Exit::Passed)
}

/// Writes `<server>-request.asice` and `<server>-response.asice` of every server that has them, and
/// the certificates.
pub(crate) fn write(message_id: &str, run: &Path, out: &Path) -> Result<Written> {
    let mut containers = BTreeMap::new();
    let mut lacks_bodies = false;
    for (server, log) in servers(run)? {
        let reader = LogReader::open(&log)?;
        for message in reader.find(message_id)? {
            let direction = match message.record.direction {
                Direction::Request => "request",
                Direction::Response => "response",
            };
            let body = message.record.body.as_ref();
            lacks_bodies |= body.is_some_and(|body| body.whole().is_none());
            let container = write_container(&reader.container_parts(&message)?);
            containers.insert(free_name(&containers, &server, direction), container);
        }
    }
    if containers.is_empty() {
        return Err(Invalid::usage(format!(
            "no message of this run has the ID {message_id}; `--list` prints them all"
        ))
        .into());
    }
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let mut written = Vec::new();
    for (name, container) in &containers {
        let path = out.join(name);
        std::fs::write(&path, container)
            .with_context(|| format!("cannot write {}", path.display()))?;
        written.push(path);
    }
    for name in CERTIFICATES {
        let from = given::of_run(run, &format!("trust/{name}"))?;
        std::fs::copy(&from, out.join(name))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(Written {
        containers: written,
        lacks_bodies,
    })
}

/// A name that is not taken: whoever uses an ID twice gets the evidence of both.
fn free_name(taken: &BTreeMap<String, Vec<u8>>, server: &str, direction: &str) -> String {
    let mut name = format!("{server}-{direction}.asice");
    let mut number = 1;
    while taken.contains_key(&name) {
        number += 1;
        name = format!("{server}-{direction}-{number}.asice");
    }
    name
}

/// The servers of a run and where their logs are, by name.
fn servers(run: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let logs = given::logs_of_run(run)?;
    let servers = std::fs::read_dir(&logs)
        .with_context(|| format!("cannot read {}", logs.display()))?
        .map(|entry| {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            Ok((name, entry.path()))
        })
        .collect::<std::io::Result<BTreeMap<_, _>>>()?;
    Ok(servers)
}
