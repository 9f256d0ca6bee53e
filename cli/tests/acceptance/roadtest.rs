//! Starts the binary, reads along, and never waits for ever.

use std::env;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use sim_clock::Clock;

/// Ample for everything these tests wait for, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks at something that cannot be waited for.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// The binary in `folder`, as without a terminal.
pub(crate) fn roadtest(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roadtest"));
    without_a_terminal(&mut command, folder);
    command
}

/// A command line in `folder`; `$0` is the binary.
pub(crate) fn shell(folder: &Path, line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line, env!("CARGO_BIN_EXE_roadtest")]);
    without_a_terminal(&mut command, folder);
    command
}

fn without_a_terminal(command: &mut Command, folder: &Path) {
    command
        .current_dir(folder)
        .env("COLUMNS", "100")
        .env_remove("ROADTEST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
}

/// The interpreter of the virtual environment that `ci/test` makes.
pub(crate) fn python_of_judges() -> PathBuf {
    if let Some(named) = env::var_os("ROADTEST_JUDGES_PYTHON") {
        return named.into();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/judges/bin/python");
    assert!(
        path.exists(),
        "there is no target/judges/bin/python: run ci/test once, which installs the outside judges"
    );
    path
}

/// How a command ended and what it said.
pub(crate) struct Ended {
    /// The exit code; -1 after a signal.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// What was said on which stream.
enum Said {
    Out(String),
    Err(String),
}

/// A command that runs; it is killed where a test gives up on it.
pub(crate) struct Running {
    child: Child,
    said: Receiver<Said>,
    stdout: String,
    stderr: String,
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    Running::start(command).end()
}

/// Looks until `condition` holds.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = now() + PATIENCE;
    while !condition() {
        assert!(now() < deadline, "waited in vain: {what}");
        thread::sleep(BETWEEN_LOOKS);
    }
}

fn now() -> Instant {
    Clock::wall().monotonic()
}

// === impl Ended ===

impl Ended {
    /// Fails with everything that was said unless the command ended with this code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

// === impl Running ===

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the command can be started");
        let (say, said) = channel();
        listen(child.stdout.take(), say.clone(), Said::Out);
        listen(child.stderr.take(), say, Said::Err);
        Self {
            child,
            said,
            stdout: String::new(),
            stderr: String::new(),
        }
    }

    /// Waits until it says something with `words` in it.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, words: &str) {
        let deadline = now() + PATIENCE;
        while !self.stdout.contains(words) && !self.stderr.contains(words) {
            assert!(
                self.hear(deadline),
                "never said {words}: {}\n{}",
                self.stdout,
                self.stderr
            );
        }
    }

    /// What it has said on standard output so far.
    pub(crate) fn stdout(&self) -> &str {
        &self.stdout
    }

    /// Its process.
    pub(crate) fn process(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.process(), signal).expect("it still runs");
    }

    /// Has it not ended yet?
    pub(crate) fn is_alive(&mut self) -> bool {
        let status = self.child.try_wait();
        status.expect("a child can be waited for").is_none()
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        let deadline = now() + PATIENCE;
        while self.hear(deadline) {}
        let mut status: Option<ExitStatus> = None;
        eventually("the end of the command", || {
            status = self.child.try_wait().expect("a child can be waited for");
            status.is_some()
        });
        Ended {
            code: status.and_then(|status| status.code()).unwrap_or(-1),
            stdout: std::mem::take(&mut self.stdout),
            stderr: std::mem::take(&mut self.stderr),
        }
    }

    /// Takes in one more line; false where there are no more.
    #[track_caller]
    fn hear(&mut self, deadline: Instant) -> bool {
        match self
            .said
            .recv_timeout(deadline.saturating_duration_since(now()))
        {
            Ok(Said::Out(line)) => self.stdout.push_str(&line),
            Ok(Said::Err(line)) => self.stderr.push_str(&line),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => {
                panic!(
                    "said nothing more for long: {}\n{}",
                    self.stdout, self.stderr
                )
            }
        }
        true
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Mostly it is over; where a test failed before its end, its parts must not stay.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Passes every line of a stream on, from a thread of its own.
fn listen<Stream: Read + Send + 'static>(
    stream: Option<Stream>,
    say: Sender<Said>,
    on: fn(String) -> Said,
) {
    let mut stream = BufReader::new(stream.expect("the stream is piped"));
    thread::spawn(move || {
        let mut line = Vec::new();
        while matches!(stream.read_until(b'\n', &mut line), Ok(read) if read > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            if say.send(on(text)).is_err() {
                break;
            }
            line.clear();
        }
    });
}
