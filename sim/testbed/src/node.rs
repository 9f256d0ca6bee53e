//! One part of the country as a child process.
//!
//! The child is told its configuration in a file and speaks JSON lines on its standard output:
//! `ready`, `progress`, `drained`. Its standard input is its lifeline: when that closes, because
//! the parent asks for the end or is gone, the child drains and ends.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How long a part may take to come up.
const READY_TIMEOUT: Duration = Duration::from_secs(120);
/// How long a part may take to drain.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(120);
/// Lines of a failed part's log that are shown.
const SHOWN_LOG_LINES: usize = 8;

/// The kinds of parts, as `roadtest node KIND` knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
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

/// Why a part failed.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// Its files could not be written.
    #[error("cannot write {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The process could not be started.
    #[error("cannot start {name}: {source}")]
    Start {
        /// The part.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// The process ended on its own.
    #[error("{name} ended early ({status}); its log {log} {tail}")]
    Ended {
        /// The part.
        name: String,
        /// How it ended.
        status: String,
        /// Where its log is.
        log: PathBuf,
        /// The last lines of it, for the sentence.
        tail: String,
    },
    /// It did not come up, or not drain, in time.
    #[error("{name} did not become {state} within {within:?}; see {log}")]
    TimedOut {
        /// The part.
        name: String,
        /// What was waited for.
        state: &'static str,
        /// For how long.
        within: Duration,
        /// Where its log is.
        log: PathBuf,
    },
    /// It said something this version does not understand.
    #[error("{name} said something unexpected: {text}")]
    Protocol {
        /// The part.
        name: String,
        /// What was said.
        text: String,
    },
}

/// A running part.
pub struct Node {
    name: String,
    kind: NodeKind,
    log: PathBuf,
    child: Child,
    lifeline: Option<ChildStdin>,
    events: Lines<BufReader<ChildStdout>>,
    cpu: NodeCpu,
}

/// Processor time that a part says it has used, in seconds; zero before it said anything.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NodeCpu {
    /// When it was ready.
    pub(crate) at_ready: f64,
    /// At its latest word, which is its last one once it has drained.
    pub(crate) latest: f64,
}

// === impl NodeKind ===

impl NodeKind {
    /// The word of the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::CertificationAuthority => "certification-authority",
            Self::OcspResponder => "ocsp-responder",
            Self::TimeStampingAuthority => "time-stamping-authority",
            Self::CentralServer => "central-server",
            Self::Registry => "registry",
            Self::SecurityServer => "security-server",
            Self::LoadGenerator => "load-generator",
            Self::TrustList => "trust-list",
            Self::Carriers => "carriers",
            Self::IdentityProvider => "identity-provider",
            Self::Portal => "portal",
            Self::Citizens => "citizens",
        }
    }
}

// === impl Node ===

impl Node {
    /// Starts a part with its configuration; `folder` gets the configuration and the log.
    pub fn start(
        program: &Path,
        kind: NodeKind,
        name: &str,
        folder: &Path,
        config: &impl Serialize,
    ) -> Result<Self, NodeError> {
        let in_file = |path: &Path| {
            let path = path.to_owned();
            move |source| NodeError::File { path, source }
        };
        std::fs::create_dir_all(folder).map_err(in_file(folder))?;
        let config_path = folder.join("config.json");
        let text = serde_json::to_vec_pretty(config)
            .map_err(|error| in_file(&config_path)(io::Error::other(error)))?;
        std::fs::write(&config_path, text).map_err(in_file(&config_path))?;
        let log = folder.join("node.log");
        let log_file = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .map_err(in_file(&log))?;
        let failed = |source| NodeError::Start {
            name: name.to_owned(),
            source,
        };
        let mut child = Command::new(program)
            .args(["node", kind.word(), "--config"])
            .arg(&config_path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log_file)
            // Ctrl-C in the terminal is for the parent, which then ends its parts in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let lifeline = child.stdin.take();
        let stdout = child
            .stdout
            .take()
            .ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self {
            name: name.to_owned(),
            kind,
            log,
            child,
            lifeline,
            events: BufReader::new(stdout).lines(),
            cpu: NodeCpu::default(),
        })
    }

    /// The part's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The part's kind.
    #[must_use]
    pub fn kind(&self) -> NodeKind {
        self.kind
    }

    /// Where its configuration and its log are.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.log.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// The process, while it runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Processor time that it says it has used.
    pub(crate) fn cpu(&self) -> NodeCpu {
        self.cpu
    }

    /// Waits until the part serves, and returns what it announced.
    pub async fn ready<Ready: DeserializeOwned>(&mut self) -> Result<Ready, NodeError> {
        match tokio::time::timeout(READY_TIMEOUT, self.event("ready")).await {
            Ok(ready) => ready,
            Err(_) => Err(self.timed_out("ready", READY_TIMEOUT)),
        }
    }

    /// The next event of any kind: its name and content; none at the end.
    pub async fn next_event(&mut self) -> Result<Option<(String, Value)>, NodeError> {
        let line = self.events.next_line().await.unwrap_or(None);
        let Some(line) = line else { return Ok(None) };
        let unexpected = || NodeError::Protocol {
            name: self.name.clone(),
            text: line.clone(),
        };
        let mut value: Value = serde_json::from_str(&line).map_err(|_| unexpected())?;
        let object = value.as_object_mut().ok_or_else(unexpected)?;
        let cpu_seconds = object.remove("cpu_seconds");
        let Some(Value::String(event)) = object.remove("event") else {
            return Err(unexpected());
        };
        if let Some(cpu_seconds) = cpu_seconds.as_ref().and_then(Value::as_f64) {
            self.cpu.latest = cpu_seconds;
            if event == "ready" {
                self.cpu.at_ready = cpu_seconds;
            }
        }
        Ok(Some((event, value)))
    }

    /// Asks the part to end; it drains.
    pub fn ask_to_end(&mut self) {
        self.lifeline = None;
    }

    /// Asks the part to end and waits for its last words.
    pub async fn drain<Summary: DeserializeOwned>(&mut self) -> Result<Summary, NodeError> {
        self.ask_to_end();
        let done = async {
            let summary = self.event("drained").await?;
            let status = self.child.wait().await;
            match status {
                Ok(status) if status.success() => Ok(summary),
                Ok(status) => Err(self.ended(Some(status))),
                Err(_) => Err(self.ended(None)),
            }
        };
        match tokio::time::timeout(DRAIN_TIMEOUT, done).await {
            Ok(drained) => drained,
            Err(_) => Err(self.timed_out("drained", DRAIN_TIMEOUT)),
        }
    }

    /// Ends the process at once, as a power cut would; its log stays unsealed.
    pub async fn kill(&mut self) {
        if let Err(error) = self.child.kill().await {
            tracing::warn!(name = self.name, %error, "cannot end a process");
        }
    }

    /// Why the part is gone although nobody asked it to end.
    pub async fn early_end(&mut self) -> NodeError {
        let status = self.child.wait().await.ok();
        self.ended(status)
    }

    /// Content of the next event of this name; events of other names are passed over.
    async fn event<Content: DeserializeOwned>(&mut self, name: &str) -> Result<Content, NodeError> {
        loop {
            match self.next_event().await? {
                Some((event, content)) if event == name => {
                    let text = content.to_string();
                    return serde_json::from_value(content).map_err(|error| NodeError::Protocol {
                        name: self.name.clone(),
                        text: format!("{text}: {error}"),
                    });
                }
                Some(_) => {}
                None => return Err(self.early_end().await),
            }
        }
    }

    fn ended(&self, status: Option<ExitStatus>) -> NodeError {
        NodeError::Ended {
            name: self.name.clone(),
            status: status.map_or_else(|| "unknown status".to_owned(), |status| status.to_string()),
            log: self.log.clone(),
            tail: tail(&self.log),
        }
    }

    fn timed_out(&self, state: &'static str, within: Duration) -> NodeError {
        NodeError::TimedOut {
            name: self.name.clone(),
            state,
            within,
            log: self.log.clone(),
        }
    }
}

/// How a log ends, as the end of a sentence about it.
fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let mut lines = VecDeque::new();
    for line in text.lines() {
        if lines.len() == SHOWN_LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(format!("\n  {line}"));
    }
    if lines.is_empty() {
        return "is empty".to_owned();
    }
    format!("ends with:{}", Vec::from(lines).concat())
}
