//! The configuration, checked and made ready for use.

use std::sync::Arc;
use std::time::Duration;

use sim_population::Population;
use sim_workload::{Questions, Schedule};

use crate::config::{
    Limits, Load, LoadAsk, LoadConfig, LoadWindow, MAX_IN_FLIGHT, MAX_WINDOWS, MAX_WORKERS,
    WhenFull,
};
use crate::connector::Connector;
use crate::error::LoadError;
use crate::exchange::RequestTemplate;
use crate::pacer::LEAD_TIME;

/// Longest run ID, so that message IDs stay short.
const MAX_RUN_ID_BYTES: u64 = 200;

/// Longest time-out.
const MAX_TIMEOUT_MS: u64 = 3_600_000;

/// Longest load, and longest part of one.
const MAX_LOAD_MS: u64 = 366 * 24 * 3_600_000;

/// Everything the threads need to know; nothing in it changes.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) connector: Connector,
    pub(crate) request: RequestTemplate,
    pub(crate) questions: Questions,
    /// X-Road identifiers: who asks, and the service of each ask.
    pub(crate) client: String,
    pub(crate) services: Vec<String>,
    /// How many exchanges to offer at most.
    pub(crate) exchanges: u64,
    /// When no more are started; absent: once all have been.
    pub(crate) stop_after: Option<Duration>,
    /// What comes due before counts in no histogram and no rate.
    pub(crate) warm_up: Duration,
    /// Parts of which books of their own are kept.
    pub(crate) windows: Vec<LoadWindow>,
    pub(crate) pace: Pace,
    pub(crate) timeouts: Timeouts,
    pub(crate) workers: usize,
}

/// How fast, made ready.
#[derive(Clone, Debug)]
pub(crate) enum Pace {
    Closed {
        in_flight: usize,
        think_time: Duration,
    },
    Open {
        schedule: Schedule,
        max_in_flight: usize,
        when_full: WhenFull,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) connect: Duration,
    pub(crate) answer: Duration,
    pub(crate) drain: Duration,
    pub(crate) give_up: Duration,
}

// === impl Plan ===

impl Plan {
    pub(crate) fn new(config: &LoadConfig) -> Result<Self, LoadError> {
        let PopulationParts { questions, seed } = population(config)?;
        within(
            "run_id length",
            config.run_id.len() as u64,
            MAX_RUN_ID_BYTES,
        )?;
        let stop_after = config
            .stop_after_ms
            .map(|ms| load_time("stop_after_ms", ms));
        let stop_after = stop_after.transpose()?;
        let warm_up = match config.warm_up_ms {
            0 => Duration::ZERO,
            ms => load_time("warm_up_ms", ms)?,
        };
        let pace = Pace::new(&config.load, seed)?;
        let exchanges = pace.exchanges(config.exchanges, stop_after, questions.exchanges());
        within("exchanges", exchanges, u64::MAX)?;
        let workers = within("workers", config.limits.workers.into(), MAX_WORKERS.into())?;
        let windows = config.windows.clone();
        if !windows.is_empty() {
            within("windows", windows.len() as u64, MAX_WINDOWS.into())?;
        }
        let connector = Connector::new(config)?;
        let services = config.asks.iter().map(|ask| ask.service.to_string());
        Ok(Self {
            request: RequestTemplate::new(config, connector.authority())?,
            connector,
            questions,
            client: config.client.to_string(),
            services: services.collect(),
            exchanges,
            stop_after,
            warm_up,
            windows,
            pace: pace.limited(exchanges),
            timeouts: Timeouts::new(&config.limits)?,
            workers,
        })
    }

    /// How long after the start of the threads the load begins.
    pub(crate) const fn lead_time(&self) -> Duration {
        match self.pace {
            Pace::Closed { .. } => Duration::ZERO,
            // The first deadline must not be over before the pacer is there.
            Pace::Open { .. } => LEAD_TIME,
        }
    }
}

struct PopulationParts {
    questions: Questions,
    seed: u64,
}

fn population(config: &LoadConfig) -> Result<PopulationParts, LoadError> {
    let seed = config.population.seed;
    let population = Arc::new(Population::new(seed, config.population.plan.clone())?);
    let asks = config.asks.iter().map(LoadAsk::question).collect();
    let questions = Questions::new(population, asks, seed)?;
    Ok(PopulationParts { questions, seed })
}

// === impl Pace ===

impl Pace {
    fn new(load: &Load, seed: u64) -> Result<Self, LoadError> {
        let bounded = |name, value: u32| within(name, value.into(), MAX_IN_FLIGHT.into());
        Ok(match load {
            Load::InFlight {
                in_flight,
                think_time_ms,
            } => Self::Closed {
                in_flight: bounded("in_flight", *in_flight)?,
                think_time: match think_time_ms {
                    0 => Duration::ZERO,
                    ms => load_time("think_time_ms", *ms)?,
                },
            },
            Load::Rate {
                course,
                arrivals,
                max_in_flight,
                when_full,
            } => Self::Open {
                schedule: Schedule::new(
                    course.profile()?,
                    *arrivals,
                    sim_clock::rng(seed, "arrivals"),
                ),
                max_in_flight: bounded("max_in_flight", *max_in_flight)?,
                when_full: *when_full,
            },
        })
    }

    /// How many exchanges come due at most: all that come in the time, but no more than `limit`;
    /// as many as ask about `everybody` where nothing else ends the load.
    fn exchanges(&self, limit: Option<u64>, stop_after: Option<Duration>, everybody: u64) -> u64 {
        let otherwise = limit.unwrap_or(everybody);
        match self {
            Self::Closed { .. } if stop_after.is_some() => limit.unwrap_or(u64::MAX),
            Self::Closed { .. } => otherwise,
            Self::Open { schedule, .. } => match schedule.arrivals(stop_after) {
                Some(arriving) => limit.map_or(arriving, |limit| limit.min(arriving)),
                None => otherwise,
            },
        }
    }

    fn limited(self, exchanges: u64) -> Self {
        match self {
            Self::Open {
                schedule,
                max_in_flight,
                when_full,
            } => Self::Open {
                schedule: schedule.limited(exchanges),
                max_in_flight,
                when_full,
            },
            closed @ Self::Closed { .. } => closed,
        }
    }
}

// === impl Timeouts ===

impl Timeouts {
    fn new(limits: &Limits) -> Result<Self, LoadError> {
        let bounded =
            |name, ms| within(name, ms, MAX_TIMEOUT_MS).map(|_: usize| Duration::from_millis(ms));
        Ok(Self {
            connect: bounded("connect_timeout_ms", limits.connect_timeout_ms)?,
            answer: bounded("answer_timeout_ms", limits.answer_timeout_ms)?,
            drain: bounded("drain_timeout_ms", limits.drain_timeout_ms)?,
            give_up: bounded("give_up_after_ms", limits.give_up_after_ms)?,
        })
    }
}

fn load_time(name: &'static str, ms: u64) -> Result<Duration, LoadError> {
    within(name, ms, MAX_LOAD_MS).map(|_| Duration::from_millis(ms))
}

fn within(name: &'static str, value: u64, max: u64) -> Result<usize, LoadError> {
    usize::try_from(value)
        .ok()
        .filter(|_| (1..=max).contains(&value))
        .ok_or(LoadError::Limit { name, value, max })
}
