//! Does the generator's memory grow with the length of a load?

use std::thread;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::agreement;
use crate::process::ServerProcess;
use crate::roadtest;
use crate::server::Behaviour;
use crate::stage::{Size, Stage};
use crate::truth::Schedule;

/// How long before a load's end its memory is looked at for the last time.
const BEFORE_END: Duration = Duration::from_millis(500);

/// Most memory of the generator's process until two moments of the same load.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Memory {
    pub(crate) rate_per_s: u32,
    /// Seconds since the load began.
    pub(crate) at_s: [u64; 2],
    pub(crate) peak_bytes: [u64; 2],
}

/// Runs a long load and looks twice.
///
/// # Errors
/// Where it fails, or its counts are not the server's.
pub(crate) fn measure(stage: &Stage, size: Size) -> Result<Memory> {
    let [first, last] = size.memory;
    let behaviour = Behaviour {
        delay: size.delay,
        ..Behaviour::default()
    };
    let schedule = Schedule {
        rate_per_s: size.rate_per_s,
        duration: last,
    };
    let server = ServerProcess::start(&stage.program, behaviour)?;
    let load = roadtest::at_rate(size.rate_per_s);
    let load = roadtest::start(stage, &server.address, load, last)?;
    thread::sleep(first);
    let early = load.process.peak_memory()?;
    thread::sleep(last.saturating_sub(first + BEFORE_END));
    let late = load.process.peak_memory()?;
    let result = roadtest::result(&load.process.finish()?)?;
    agreement::check(&result, Some(schedule.count()), &server.finish()?)?;
    Ok(Memory {
        rate_per_s: size.rate_per_s,
        at_s: [first.as_secs(), last.as_secs()],
        peak_bytes: [early, late],
    })
}
