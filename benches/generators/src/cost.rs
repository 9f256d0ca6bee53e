//! What a request costs its generator: processor time of the client process, at full speed
//! against a server without delay, by turns.

use std::process::Command;

use anyhow::Result;
use serde::Serialize;

use crate::agreement;
use crate::bare::{BareConfig, Library};
use crate::process::{Ended, Running, ServerProcess};
use crate::roadtest;
use crate::server::Behaviour;
use crate::stage::{Size, Stage};
use crate::tools::{self, Task, Tool};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Client {
    /// The whole generator: questions, times, every answer checked, ledger.
    Roadtest,
    /// wrk with one thread.
    Wrk,
    /// `sim-http1` in a plain loop.
    Http1,
    /// hyper in a plain loop.
    Hyper,
}

/// One load of one client.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Measurement {
    pub(crate) client: Client,
    /// Requests in flight.
    pub(crate) in_flight: u32,
    /// From 1.
    pub(crate) round: u32,
    /// 1 forth, 2 back.
    pub(crate) half: u32,
    /// Answers, by the server's count.
    pub(crate) requests: u64,
    pub(crate) rate_per_s: f64,
    /// User and system time of the client for a request.
    pub(crate) cpu_us: f64,
    /// That of the server.
    pub(crate) server_cpu_us: f64,
}

// === impl Client ===

impl Client {
    /// The order of a round's first half; the second is the other way round.
    pub(crate) const ALL: [Self; 4] = [Self::Roadtest, Self::Wrk, Self::Http1, Self::Hyper];

    /// As it stands in a table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Roadtest => "Roadtest",
            Self::Wrk => "wrk",
            Self::Http1 => "sim-http1, bare",
            Self::Hyper => "hyper, bare",
        }
    }
}

/// Lets all take turns.
///
/// # Errors
/// Where one fails, or Roadtest's counts are not the server's.
pub(crate) fn measure(stage: &Stage, size: Size, in_flight: u32) -> Result<Vec<Measurement>> {
    let mut measurements = Vec::new();
    for round in 1..=size.cost_rounds {
        let forth = Client::ALL.into_iter().map(|client| (1, client));
        let back = Client::ALL.into_iter().rev().map(|client| (2, client));
        for (half, client) in forth.chain(back) {
            let Some(run) = run(client, stage, size, in_flight)? else {
                continue;
            };
            let Run {
                ended,
                requests,
                server,
            } = run;
            let per_request =
                |ended: &Ended| ended.cpu.as_secs_f64() * 1e6 / requests.max(1) as f64;
            measurements.push(Measurement {
                client,
                in_flight,
                round,
                half,
                requests,
                rate_per_s: requests as f64 / size.cost.as_secs_f64(),
                cpu_us: per_request(&ended),
                server_cpu_us: per_request(&server),
            });
        }
    }
    Ok(measurements)
}

/// What one load came to.
struct Run {
    ended: Ended,
    requests: u64,
    server: Ended,
}

/// None where the tool is not installed.
fn run(client: Client, stage: &Stage, size: Size, in_flight: u32) -> Result<Option<Run>> {
    let server = ServerProcess::start(&stage.program, Behaviour::default())?;
    let address = server.address.clone();
    let mut result = None;
    let ended = match client {
        Client::Roadtest => {
            let load = roadtest::at_full_speed(in_flight);
            let (told, ended) = roadtest::run(stage, &address, load, size.cost)?;
            result = Some(told);
            ended
        }
        Client::Wrk => {
            let Some(program) = stage.find(Tool::Wrk) else {
                return Ok(None);
            };
            let task = Task {
                address: &address,
                duration: size.cost,
                rate_per_s: 0,
                delay: size.delay,
            };
            tools::wrk_at_full_speed(program, stage, task, in_flight)?
        }
        Client::Http1 => bare(Library::Http1, stage, size, &address, in_flight)?,
        Client::Hyper => bare(Library::Hyper, stage, size, &address, in_flight)?,
    };
    let (books, server) = server.finish_measured()?;
    if let Some(result) = result {
        agreement::check(&result, None, &books)?;
    }
    Ok(Some(Run {
        ended,
        requests: books.answered,
        server,
    }))
}

fn bare(
    library: Library,
    stage: &Stage,
    size: Size,
    address: &str,
    in_flight: u32,
) -> Result<Ended> {
    let config = BareConfig {
        library,
        address: address.to_owned(),
        in_flight,
        duration: size.cost,
    };
    let mut command = Command::new(&stage.program);
    command.args(["part", "bare", &serde_json::to_string(&config)?]);
    Running::start(command)?.finish()
}
