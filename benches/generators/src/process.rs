//! Child processes: the server, and clients whose processor time and memory are told.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use procfs::process::Process;
use rustix::process::{Pid, Resource, Rlimit, WaitId, WaitIdOptions, getrlimit, setrlimit, waitid};

use crate::server::{Behaviour, Books};

/// A running server of fixed delay.
pub(crate) struct ServerProcess {
    /// `host:port`.
    pub(crate) address: String,
    child: Running,
}

/// A running child whose standard output is kept.
///
/// Its standard input stays open as long as this is there: parts of this program end when it
/// closes.
pub(crate) struct Running {
    child: Child,
    lifeline: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// A client that has ended.
pub(crate) struct Ended {
    /// What it printed.
    pub(crate) output: String,
    /// Processor time of all its threads, in user and kernel mode, in steps of 10 ms.
    pub(crate) cpu: Duration,
}

/// Lets this process open as many files as it may: a stalled server has a connection for every
/// request.
pub(crate) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    // Where that is refused, connections fail, and the counts say so.
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    );
}

// === impl ServerProcess ===

impl ServerProcess {
    /// Starts one; `program` is this very program.
    ///
    /// # Errors
    /// Where it does not start.
    pub(crate) fn start(program: &Path, behaviour: Behaviour) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["part", "server", &serde_json::to_string(&behaviour)?]);
        let mut child = Running::start(command)?;
        let mut address = String::new();
        child.output.read_line(&mut address)?;
        ensure!(!address.is_empty(), "the server did not start");
        address.truncate(address.trim_end().len());
        Ok(Self { address, child })
    }

    /// Ends it and takes what it kept.
    ///
    /// # Errors
    /// Where it failed.
    pub(crate) fn finish(self) -> Result<Books> {
        self.finish_measured().map(|(books, _)| books)
    }

    /// The same, and what it used.
    ///
    /// # Errors
    /// Where it failed.
    pub(crate) fn finish_measured(self) -> Result<(Books, Ended)> {
        let mut child = self.child;
        drop(child.lifeline.take());
        let ended = child.finish()?;
        let books = serde_json::from_str(&ended.output);
        Ok((books.context("the server's books are not readable")?, ended))
    }
}

// === impl Running ===

impl Running {
    /// Starts `command`.
    ///
    /// # Errors
    /// Where it does not start.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        let output = child.stdout.take().context("it has an output")?;
        Ok(Self {
            lifeline: child.stdin.take(),
            output: BufReader::new(output),
            child,
        })
    }

    /// Most memory it has had so far, in bytes.
    ///
    /// # Errors
    /// Where it has ended.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        let process = Process::new(i32::try_from(self.child.id())?)?;
        let peak_kib = process.status()?.vmhwm;
        peak_kib.map(|kib| kib * 1_024).context("it has ended")
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// Where it failed.
    pub(crate) fn finish(mut self) -> Result<Ended> {
        let mut output = String::new();
        self.output.read_to_string(&mut output)?;
        let id = i32::try_from(self.child.id())?;
        let pid = Pid::from_raw(id).context("it has a number")?;
        // Ended and not yet reaped, it has used all that it will and still tells.
        waitid(
            WaitId::Pid(pid),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
        )?;
        let stat = Process::new(id)?.stat()?;
        let ticks = (stat.utime + stat.stime) as f64;
        let cpu = Duration::from_secs_f64(ticks / procfs::ticks_per_second() as f64);
        let status = self.child.wait()?;
        ensure!(status.success(), "a child failed, {status}: {output}");
        Ok(Ended { output, cpu })
    }
}

impl Drop for Running {
    /// Nothing outlives the measurement; what has ended is not touched.
    fn drop(&mut self) {
        drop(self.lifeline.take());
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
