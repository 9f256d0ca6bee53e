//! `roadtest node`: one part of a country in this process.

use std::fs::File;
use std::future::Future;
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sim_clock::Clock;
use tokio::sync::watch;

use crate::exit::Exit;

/// How long a part may take to drain after its parent is gone, before it gives up.
const ORPHAN_GRACE: Duration = Duration::from_secs(60);

/// The kinds of parts.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// Issues certificates.
    CertificationAuthority,
    /// Answers whether certificates are good.
    OcspResponder,
    /// Stamps batches of evidence.
    TimeStampingAuthority,
    /// Publishes the global configuration.
    CentralServer,
    /// Answers questions about people.
    Registry,
    /// Passes messages.
    SecurityServer,
    /// Asks questions.
    LoadGenerator,
    /// Publishes whom people's signatures may rest on.
    TrustList,
    /// What people prove with who they are.
    Carriers,
    /// Where people log in.
    IdentityProvider,
    /// Where people find what is theirs.
    Portal,
    /// Uses the portal as people do.
    Citizens,
}

/// Runs one part until its standard input closes or it is asked to end.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which part
    kind: Kind,
    /// Its configuration, JSON
    #[arg(long)]
    config: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    keep_parent_line()?;
    // One thread for all sockets: parts that sign or write do that on threads of their own, and a
    // single-threaded loop measured as fast as a pool of two on two cores.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(part(arguments.kind, &arguments.config))?;
    // Tasks that still wait (kept connections, timers) must not hold the process back.
    runtime.shutdown_background();
    Ok(Exit::Passed)
}

async fn part(kind: Kind, config: &Path) -> Result<()> {
    let end = lifeline()?;
    match kind {
        Kind::CertificationAuthority => {
            use sim_trust_services::authority;
            drained(&authority::run(read(config)?, announce, end).await?)
        }
        Kind::OcspResponder => {
            use sim_trust_services::ocsp;
            drained(&ocsp::run(read(config)?, announce, end).await?)
        }
        Kind::TimeStampingAuthority => {
            use sim_trust_services::time_stamping;
            drained(&time_stamping::run(read(config)?, announce, end).await?)
        }
        Kind::CentralServer => {
            drained(&sim_central_server::run(read(config)?, announce, end).await?)
        }
        Kind::Registry => drained(&sim_registry::run(read(config)?, announce, end).await?),
        Kind::SecurityServer => {
            drained(&sim_security_server::run(read(config)?, announce, end).await?)
        }
        Kind::LoadGenerator => {
            drained(&loadgen::run(read(config)?, announce, progress, end).await?)
        }
        Kind::TrustList => {
            use sim_trust_services::trust_list;
            drained(&trust_list::run(read(config)?, announce, end).await?)
        }
        Kind::Carriers => drained(&sim_carriers::run(read(config)?, announce, end).await?),
        Kind::IdentityProvider => {
            drained(&sim_identity_provider::run(read(config)?, announce, end).await?)
        }
        Kind::Portal => drained(&sim_portal::run(read(config)?, announce, end).await?),
        Kind::Citizens => {
            // Goose's future is large.
            let citizens = loadgen_citizens::run(read(config)?, announce, progress, end);
            drained(&Box::pin(citizens).await?)
        }
    }
}

/// The line to the parent, which only [`say`] writes to.
static PARENT: OnceLock<Mutex<File>> = OnceLock::new();

/// Takes standard output for [`say`] alone: what libraries print there (goose does) goes to the log,
/// like standard error.
fn keep_parent_line() -> Result<()> {
    let parent = std::io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdout(std::io::stderr())?;
    if PARENT.set(Mutex::new(File::from(parent))).is_err() {
        bail!("a process is one part");
    }
    Ok(())
}

fn read<Config: DeserializeOwned>(path: &Path) -> Result<Config> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not valid", path.display()))
}

fn announce(ready: impl Serialize) {
    say("ready", &ready);
}

fn progress(progress: impl Serialize) {
    say("progress", &progress);
}

fn drained(summary: &impl Serialize) -> Result<()> {
    say("drained", summary);
    Ok(())
}

/// Prints one event with the processor time used so far; a parent that is gone reads nothing, which is no reason to fail.
fn say(event: &str, content: &impl Serialize) {
    #[derive(Serialize)]
    struct Line<'a, Content> {
        event: &'a str,
        cpu_seconds: f64,
        #[serde(flatten)]
        content: &'a Content,
    }
    let cpu_seconds = Clock::wall().process_cpu().as_secs_f64();
    let line = Line {
        event,
        cpu_seconds,
        content,
    };
    match serde_json::to_string(&line) {
        Ok(line) => {
            if let Some(parent) = PARENT.get() {
                let mut parent = parent.lock();
                let _ = writeln!(parent, "{line}").and_then(|()| parent.flush());
            }
        }
        Err(error) => tracing::error!(%error, event, "an event could not be written"),
    }
}

/// Resolves when standard input closes or a termination signal arrives.
fn lifeline() -> Result<impl Future<Output = ()> + Send + 'static> {
    let (cut, mut is_cut) = watch::channel(false);
    let reader = cut.clone();
    std::thread::Builder::new()
        .name("lifeline".to_owned())
        .spawn(move || {
            let mut stdin = std::io::stdin().lock();
            let mut buffer = [0; 64];
            while matches!(stdin.read(&mut buffer), Ok(read) if read > 0) {}
            let _ = reader.send(true);
            // A part that cannot drain must not outlive its country.
            std::thread::park_timeout(ORPHAN_GRACE);
            std::process::abort();
        })?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = is_cut.wait_for(|cut| *cut) => {}
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        drop(cut);
    })
}
