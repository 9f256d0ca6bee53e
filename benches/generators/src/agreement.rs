//! Do the generators report what was? Each asks the same server at the same rate, with a stall and
//! without, and its report is held against the server's books.

use anyhow::Result;
use serde::Serialize;
use sim_metrics::LoadResult;

use crate::exit::DoesNotHold;
use crate::process::ServerProcess;
use crate::roadtest;
use crate::server::{Behaviour, Books, Stall};
use crate::stage::{Size, Stage};
use crate::times::Times;
use crate::tools::Task;
use crate::truth::{self, Schedule};

/// All generators against one behaviour of the server.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Agreement {
    /// Absent: it answers evenly.
    pub(crate) stall: Option<Stall>,
    pub(crate) rate_per_s: u32,
    pub(crate) seconds: u64,
    pub(crate) lines: Vec<Line>,
}

/// One report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    /// The generator, and what it reports where that is more than one thing.
    pub(crate) name: String,
    /// What it says.
    pub(crate) reported: Times,
    /// What a client on schedule must have seen of the server in this very load.
    pub(crate) truth: Times,
    /// What the server took for the requests that it got from this generator.
    pub(crate) in_server: Times,
}

/// Sends all generators, one after the other.
///
/// # Errors
/// Where one fails, or Roadtest's counts are not the server's.
pub(crate) fn measure(stage: &Stage, size: Size, stall: Option<Stall>) -> Result<Agreement> {
    let behaviour = Behaviour {
        delay: size.delay,
        stall,
        keeps_times: true,
    };
    let schedule = Schedule {
        rate_per_s: size.rate_per_s,
        duration: size.agreement,
    };
    let line = |name: String, reported: Times, books: &Books| Line {
        name,
        reported,
        truth: truth::on_schedule(books, behaviour, schedule),
        in_server: truth::in_server(books),
    };
    let server = ServerProcess::start(&stage.program, behaviour)?;
    let load = roadtest::at_rate(size.rate_per_s);
    let (result, _) = roadtest::run(stage, &server.address, load, size.agreement)?;
    let books = server.finish()?;
    check(&result, Some(schedule.count()), &books)?;
    let mut lines = vec![
        line(
            "Roadtest, response time".to_owned(),
            Times::from(&result.response_time),
            &books,
        ),
        line(
            "Roadtest, service time".to_owned(),
            Times::from(&result.service_time),
            &books,
        ),
    ];
    for (tool, program) in &stage.tools {
        let server = ServerProcess::start(&stage.program, behaviour)?;
        let task = Task {
            address: &server.address,
            duration: size.agreement,
            rate_per_s: size.rate_per_s,
            delay: size.delay,
        };
        let reported = tool.run(program, stage, task)?;
        lines.push(line(tool.name(task), reported, &server.finish()?));
    }
    Ok(Agreement {
        stall,
        rate_per_s: size.rate_per_s,
        seconds: size.agreement.as_secs(),
        lines,
    })
}

/// Every exchange that was due was sent once and answered right, by the generator's count and by
/// the server's.
///
/// # Errors
/// [`DoesNotHold`] otherwise.
pub(crate) fn check(result: &LoadResult, due: Option<u64>, books: &Books) -> Result<()> {
    let due = due.unwrap_or(result.offered);
    let counts = [
        result.offered,
        result.started,
        result.completed,
        result.outcomes.ok,
        result.response_time.count,
        books.answered,
    ];
    if counts.iter().any(|count| *count != due) {
        return Err(DoesNotHold(format!(
            "{due} exchanges were due; offered, started, completed, right, timed, and by the \
             server's count: {counts:?}"
        ))
        .into());
    }
    Ok(())
}
