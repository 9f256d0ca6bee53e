//! A service client that connects over TLS, with and without a certificate of its own: whole runs
//! in a small country, and `curl` as an information system that knows nothing of Roadtest.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use sim_metrics::VerdictOutcome;
use tempfile::TempDir;

const SCENARIO: &str = include_str!("../../scenarios/pension-liveness-smoke.yaml");
const PEOPLE: u64 = 120;
const DECEASED: u64 = 2;

/// A folder with the scenario in it, and where a run of it goes.
struct Ground {
    scenario: PathBuf,
    folder: PathBuf,
    _kept: TempDir,
}

/// A country that is up; it is killed where a test gives up on it.
struct Up {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// The command that was printed, as it stands.
    curl: String,
}

impl Ground {
    fn new(connection: &str) -> Self {
        let kept = tempfile::tempdir().unwrap();
        let scenario = kept.path().join("scenario.yaml");
        std::fs::write(&scenario, scenario_with(connection)).unwrap();
        Self {
            scenario,
            folder: kept.path().join("run"),
            _kept: kept,
        }
    }

    fn roadtest(&self, command: &str) -> Command {
        let mut roadtest = Command::new(env!("CARGO_BIN_EXE_roadtest"));
        roadtest
            .arg(command)
            .arg(&self.scenario)
            .arg("--out")
            .arg(&self.folder)
            .stdin(Stdio::null());
        roadtest
    }

    /// Runs the scenario, and sees to it that every answer was right and proven.
    fn run(&self) {
        let output = self.roadtest("run").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let record = sim_metrics::load_record(&self.folder.join("run.json")).unwrap();
        let load = record.load.unwrap();
        assert_eq!((load.started, load.outcomes.ok), (PEOPLE, PEOPLE));
        assert_eq!(load.deceased_named, DECEASED);
        assert_eq!(record.verdict.outcome, VerdictOutcome::Passed);
    }

    fn load_generator(&self) -> PathBuf {
        self.folder.join("nodes/load-generator")
    }

    /// Where the load generator was sent.
    fn base_url(&self) -> String {
        let config = std::fs::read(self.load_generator().join("config.json")).unwrap();
        let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
        config["base_url"].as_str().unwrap().to_owned()
    }
}

fn scenario_with(connection: &str) -> String {
    let mut text = SCENARIO.to_owned();
    let serves = "serves: [pension-board/pensions]";
    for (from, to) in [
        ("people: 5_000", format!("people: {PEOPLE}")),
        ("deceased: 10 ", format!("deceased: {DECEASED} ")),
        ("deceased-named: 10", format!("deceased-named: {DECEASED}")),
        ("load: 64 in flight", "load: 8 in flight".to_owned()),
        (serves, format!("{serves}\n    connection: {connection}")),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, &to);
    }
    text
}

fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Files below `folder` that hold a private key.
fn files_with_keys(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with_keys(&path));
        } else if String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains("PRIVATE KEY") {
            found.push(path);
        }
    }
    found
}

// === impl Up ===

impl Up {
    fn start(ground: &Ground) -> Self {
        let mut command = ground.roadtest("up");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut up = Self {
            child,
            stdout,
            curl: String::new(),
        };
        loop {
            let mut line = String::new();
            let read = up.stdout.read_line(&mut line).unwrap();
            assert!(read > 0, "it ended without having said how to call it");
            if line.starts_with("Ctrl-C ends it") {
                return up;
            }
            if !up.curl.is_empty() || line.trim_start().starts_with("curl ") {
                up.curl.push_str(&line);
            }
        }
    }

    fn end(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{rest}");
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Mostly it is over; where a test failed before its end, its parts must not stay.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a command line says on standard output, and its exit code.
fn shell(line: &str) -> (Option<i32>, String) {
    let output = Command::new("sh").args(["-c", line]).output().unwrap();
    let answer = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), answer)
}

/// The command without the options that begin with one of these words.
fn without(curl: &str, options: &[&str]) -> String {
    let is_kept = |line: &&str| !options.iter().any(|option| line.trim().starts_with(option));
    let kept: Vec<_> = curl.lines().filter(is_kept).collect();
    assert_eq!(kept.len() + options.len(), curl.lines().count(), "{curl}");
    kept.join("\n")
}

// === tests ===

#[test]
fn a_run_with_a_client_certificate_proves_everything() {
    let ground = Ground::new("mutual-tls");
    ground.run();
    assert!(ground.base_url().starts_with("https://"));
    let keys = files_with_keys(&ground.folder);
    assert!(
        keys.contains(&ground.load_generator().join("key.pem")),
        "{keys:?}"
    );
    let nodes = ground.folder.join("nodes");
    assert!(keys.iter().all(|file| file.starts_with(&nodes)), "{keys:?}");
}

#[test]
fn a_run_over_https_without_a_client_certificate_proves_everything() {
    let ground = Ground::new("https");
    ground.run();
    assert!(ground.base_url().starts_with("https://"));
    assert!(!ground.load_generator().join("key.pem").exists());
}

#[test]
fn the_printed_curl_line_works_over_mutual_tls_and_nothing_less_does() {
    const NOT_A_TRUSTED_SERVER: Option<i32> = Some(60);
    let refused = |(code, answer): (Option<i32>, String)| {
        assert_eq!(code, Some(0), "{answer}");
        let fault = "x-road-error: server.clientproxy.ssl_authentication_failed";
        assert!(answer.to_lowercase().contains(fault), "{answer}");
    };
    let ground = Ground::new("mutual-tls");
    let up = Up::start(&ground);

    let (code, answer) = shell(&up.curl);
    assert_eq!(code, Some(0), "{}{answer}", up.curl);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(answer.matches("died_on").count(), 1, "{answer}");

    refused(shell(&without(&up.curl, &["--cert", "--key"])));
    let untrusting = without(&up.curl, &["--cacert"]);
    assert_eq!(shell(&untrusting).0, NOT_A_TRUSTED_SERVER);
    up.end();
}
