//! How late Roadtest's pacer is, and how late exchanges start.

use anyhow::Result;
use serde::Serialize;

use crate::agreement;
use crate::process::ServerProcess;
use crate::roadtest;
use crate::server::Behaviour;
use crate::stage::{Size, Stage};
use crate::times::Times;
use crate::truth::Schedule;

/// Lateness of one load.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Pacing {
    pub(crate) rate_per_s: u32,
    pub(crate) seconds: u64,
    /// From the moment an exchange was due to the pacer's saying so.
    pub(crate) pacer_lag: Times,
    /// From the same moment to its being sent.
    pub(crate) start_delay: Times,
}

/// Runs a load at a rate against the server of fixed delay.
///
/// # Errors
/// Where it fails, or its counts are not the server's.
pub(crate) fn measure(stage: &Stage, size: Size) -> Result<Pacing> {
    let behaviour = Behaviour {
        delay: size.delay,
        ..Behaviour::default()
    };
    let schedule = Schedule {
        rate_per_s: size.rate_per_s,
        duration: size.pacing,
    };
    let server = ServerProcess::start(&stage.program, behaviour)?;
    let load = roadtest::at_rate(size.rate_per_s);
    let (result, _) = roadtest::run(stage, &server.address, load, size.pacing)?;
    agreement::check(&result, Some(schedule.count()), &server.finish()?)?;
    Ok(Pacing {
        rate_per_s: size.rate_per_s,
        seconds: size.pacing.as_secs(),
        pacer_lag: Times::from(&result.pacer_lag),
        start_delay: Times::from(&result.start_delay),
    })
}
