//! Whose turn it is, and who they are.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::redirect::Policy;
use sim_clock::Clock;
use sim_population::{Population, Status};
use sim_workload::{Carrier, CitizenPlan, Journey};

use crate::CitizensError;
use crate::config::CitizensConfig;
use crate::documents::Documents;
use crate::recorder::Recorder;

/// From this age on people log in for themselves, in completed years.
const AGE_OF_MAJORITY: u32 = 18;
/// How long a page may take: goose waits for whoever still does when the time is over.
const PAGE_TIMEOUT: Duration = Duration::from_secs(20);

/// What all citizens share.
pub(crate) struct World {
    pub(crate) portal_url: String,
    pub(crate) carriers_url: String,
    pub(crate) id_card_certificate_pem: Option<String>,
    pub(crate) population: Population,
    pub(crate) plan: CitizenPlan,
    pub(crate) client: reqwest::Client,
    pub(crate) recorder: Recorder,
    pub(crate) documents: Documents,
    /// Who has declared their income, or is about to: it can be done once.
    declared: Mutex<HashSet<u64>>,
    has_e_residents: bool,
    pub(crate) clock: Clock,
    seed: u64,
}

/// One person on one journey.
pub(crate) struct Citizen {
    /// Of the journey.
    pub(crate) number: u64,
    /// Place in the population.
    pub(crate) index: u64,
    pub(crate) national_id: String,
    pub(crate) phone_number: String,
    pub(crate) carrier: Carrier,
    pub(crate) journey: Journey,
    /// Draws think times.
    pub(crate) rng: StdRng,
}

// === impl World ===

impl World {
    pub(crate) fn new(config: &CitizensConfig) -> Result<Self, CitizensError> {
        let population = Population::of(&config.people)?;
        let clock = Clock::wall();
        let world = Self {
            portal_url: config.portal_url.trim_end_matches('/').to_owned(),
            carriers_url: config.carriers_url.trim_end_matches('/').to_owned(),
            id_card_certificate_pem: config.id_card_certificate_pem.clone(),
            plan: config.plan.clone(),
            client: client(None, None)?,
            recorder: Recorder::new(clock),
            documents: Documents::new(config.documents.clone()),
            declared: Mutex::default(),
            has_e_residents: false,
            clock,
            seed: config.people.seed,
            population,
        };
        let people = world.population.len();
        if !(0..people).any(|index| world.is_of_age(index)) {
            return Err(CitizensError::NobodyOfAge(people));
        }
        let has_e_residents = (0..people).any(|index| world.is_e_resident(index));
        Ok(Self {
            has_e_residents,
            ..world
        })
    }

    /// Who goes on the journey with this number, with what, and what for.
    pub(crate) fn citizen(&self, number: u64) -> Citizen {
        let mut rng = StdRng::seed_from_u64(self.seed.rotate_left(32) ^ number);
        let people = self.population.len();
        let carrier = self.plan.carrier(rng.random());
        let journey = self.plan.journey(rng.random());
        let abroad = journey == Journey::Found && self.has_e_residents;
        // There is somebody, as was checked; so this ends.
        let index = loop {
            let index = rng.random_range(0..people);
            if self.is_of_age(index) && (!abroad || self.is_e_resident(index)) {
                break index;
            }
        };
        Citizen {
            number,
            index,
            national_id: self.population.national_id(index).to_string(),
            phone_number: self.population.phone_number(index),
            carrier,
            journey,
            rng,
        }
    }

    /// Whether somebody may declare their income, which they do then: nobody else is told so again.
    pub(crate) fn may_declare(&self, index: u64) -> bool {
        self.declared.lock().insert(index)
    }

    fn is_e_resident(&self, index: u64) -> bool {
        self.is_of_age(index) && self.population.is_e_resident(index)
    }

    fn is_of_age(&self, index: u64) -> bool {
        self.population.status(index) == Status::Alive
            && self.population.age(index) >= AGE_OF_MAJORITY
    }
}

/// A client that follows no redirect and keeps no cookie by itself, so that one serves everybody;
/// with an ID-card, one of its own.
pub(crate) fn client(
    id_card_pem: Option<&str>,
    trusted_pem: Option<&str>,
) -> Result<reqwest::Client, reqwest::Error> {
    let mut builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(PAGE_TIMEOUT)
        .no_proxy()
        .http1_only();
    if let Some(pem) = id_card_pem {
        builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes())?);
    }
    if let Some(pem) = trusted_pem {
        builder = builder.tls_certs_only([reqwest::Certificate::from_pem(pem.as_bytes())?]);
    }
    builder.build()
}

/// Shared by all.
pub(crate) type SharedWorld = Arc<World>;
