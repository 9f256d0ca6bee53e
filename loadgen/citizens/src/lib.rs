//! Citizens who use the portal as people do, and check what they are shown.
//!
//! A *journey* is what one person comes for: log in with a carrier, do something, log out. Goose
//! keeps so many people at it at once; everything else is here: which person, which carrier, which
//! journey ([`sim_workload::CitizenPlan`] decides), the pages and forms as a browser without script
//! would use them, response times of whole pages from the click to the last byte, and whether what
//! a page says is true.
//!
//! | module | what |
//! |---|---|
//! | `attack` | goose: how many people at once, for how long |
//! | `person` | whose turn it is, and who they are |
//! | `browser` | pages, cookies, redirects, forms |
//! | `page` | what a page says |
//! | `journeys` | log in, and what is done then |
//! | `recorder` | response times and outcomes |
//! | `documents` | what they signed, kept for others to judge |
//!
//! It knows no service's code: it sees what a browser sees.

mod attack;
mod browser;
mod config;
mod documents;
mod journeys;
mod page;
mod person;
mod recorder;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sim_metrics::CitizensResult;
use tokio::time::interval;

pub use config::{CitizensConfig, CrowdStep};

use person::World;

/// How often progress is told.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// What is told just before the first person begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// How many people are at it at once.
    pub people_at_once: u32,
}

/// How far the citizens are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Seconds since they began.
    pub seconds: f64,
    /// Journeys begun.
    pub begun: u64,
    /// Journeys that came to their end.
    pub completed: u64,
    /// Journeys that failed.
    pub failed: u64,
    /// Journeys that ended with the log-in, because of what people did on their phones.
    pub not_logged_in: u64,
}

impl Progress {
    /// Journeys that have begun and not ended.
    #[must_use]
    pub const fn under_way(&self) -> u64 {
        let ended = self.completed + self.failed + self.not_logged_in;
        self.begun.saturating_sub(ended)
    }
}

/// Why there are no citizens.
#[derive(Debug, thiserror::Error)]
pub enum CitizensError {
    /// There are no such people.
    #[error("people: {0}")]
    People(#[from] sim_population::PopulationError),
    /// Nobody is old enough, or alive.
    #[error("of {0} people nobody is alive and of age")]
    NobodyOfAge(u64),
    /// The HTTP client cannot be made.
    #[error("make an HTTP client: {0}")]
    Client(#[from] reqwest::Error),
    /// Goose refuses.
    #[error("goose: {0}")]
    Goose(String),
}

/// Sends people through the portal until their time is over or `shutdown` resolves.
///
/// # Errors
///
/// See [`CitizensError`]; whatever goes wrong with a page is counted instead.
pub async fn run(
    config: CitizensConfig,
    ready: impl FnOnce(Ready),
    mut progress: impl FnMut(Progress),
    shutdown: impl Future<Output = ()>,
) -> Result<CitizensResult, CitizensError> {
    let world = Arc::new(World::new(&config)?);
    let attack = attack::of(&config, &world)?;
    ready(Ready {
        people_at_once: config.people_at_once,
    });
    let mut attack = pin!(attack.execute());
    let mut shutdown = pin!(shutdown);
    let mut tick = interval(PROGRESS_INTERVAL);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = &mut attack => {
                ended.map_err(|error| CitizensError::Goose(error.to_string()))?;
                break;
            }
            () = &mut shutdown, if !stopping => {
                stopping = true;
                // Dropping the attack would not stop its people.
                goose::trigger_killswitch("asked to stop");
            }
            _ = tick.tick() => progress(world.recorder.progress()),
        }
    }
    progress(world.recorder.progress());
    Ok(world.recorder.result())
}
