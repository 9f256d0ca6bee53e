//! The configuration, checked and made ready for use.

use std::sync::Arc;
use std::time::Duration;

use sim_population::Population;
use sim_workload::{Liveness, RateProfile, Schedule};

use crate::config::{Limits, Load, LoadConfig, MAX_IN_FLIGHT, MAX_WORKERS, WhenFull};
use crate::connector::Connector;
use crate::error::LoadError;
use crate::exchange::RequestTemplate;
use crate::pacer::LEAD_TIME;

/// Longest run ID, so that message IDs stay short.
const MAX_RUN_ID_BYTES: u64 = 200;

/// Longest time-out.
const MAX_TIMEOUT_MS: u64 = 3_600_000;

/// Everything the threads need to know; nothing in it changes.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) connector: Connector,
    pub(crate) request: RequestTemplate,
    pub(crate) questions: Liveness,
    /// How many exchanges to offer.
    pub(crate) exchanges: u64,
    pub(crate) pace: Pace,
    pub(crate) timeouts: Timeouts,
    pub(crate) workers: usize,
}

/// How fast, made ready.
#[derive(Clone, Debug)]
pub(crate) enum Pace {
    Closed {
        in_flight: usize,
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
        let exchanges = config.exchanges.unwrap_or_else(|| questions.exchanges());
        within("exchanges", exchanges, u64::MAX)?;
        let workers = within("workers", config.limits.workers.into(), MAX_WORKERS.into())?;
        let connector = Connector::new(config)?;
        Ok(Self {
            request: RequestTemplate::new(config, connector.authority())?,
            connector,
            questions,
            exchanges,
            pace: Pace::new(config.load, seed)?,
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
    questions: Liveness,
    seed: u64,
}

fn population(config: &LoadConfig) -> Result<PopulationParts, LoadError> {
    let seed = config.population.seed;
    let population = Arc::new(Population::new(seed, config.population.plan.clone())?);
    let questions = Liveness::new(population, config.ids_per_exchange)?;
    Ok(PopulationParts { questions, seed })
}

// === impl Pace ===

impl Pace {
    fn new(load: Load, seed: u64) -> Result<Self, LoadError> {
        let bounded = |name, value: u32| within(name, value.into(), MAX_IN_FLIGHT.into());
        Ok(match load {
            Load::InFlight { in_flight } => Self::Closed {
                in_flight: bounded("in_flight", in_flight)?,
            },
            Load::Rate {
                per_second,
                arrivals,
                max_in_flight,
                when_full,
            } => Self::Open {
                schedule: Schedule::new(
                    RateProfile::constant(per_second)?,
                    arrivals,
                    sim_clock::rng(seed, "arrivals"),
                ),
                max_in_flight: bounded("max_in_flight", max_in_flight)?,
                when_full,
            },
        })
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

fn within(name: &'static str, value: u64, max: u64) -> Result<usize, LoadError> {
    usize::try_from(value)
        .ok()
        .filter(|_| (1..=max).contains(&value))
        .ok_or(LoadError::Limit { name, value, max })
}
