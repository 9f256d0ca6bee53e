//! "Who of these persons has died?": the questions, and the judge of the answers.
//!
//! Exchange i asks about the next persons in the order of their index, so that every person is
//! asked about exactly once until all have been, and then from the beginning again.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use sim_population::{Population, Status, iso_date};
use thiserror::Error;

/// Most national IDs in one question.
pub const MAX_IDS_PER_EXCHANGE: u64 = 100_000;

/// Bytes of one national ID in a question, quotes and comma included, with room to spare.
const BYTES_PER_ID: usize = 18;

/// The questions about a population, and what is true of it.
#[derive(Clone, Debug)]
pub struct Liveness {
    population: Arc<Population>,
    ids_per_exchange: u64,
}

/// What one exchange asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The request body: `{"ids":["…"]}`.
    pub body: Bytes,
    /// Index of the first person asked about.
    pub first_person: u64,
    /// How many persons are asked about, by index one after the other.
    pub count: u64,
}

/// What a well-formed answer is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Persons it names as deceased.
    pub deceased_named: u64,
    /// True where it names exactly those asked about who have died, with their day of death, and
    /// knows everybody.
    pub correct: bool,
}

/// Why there are no questions to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LivenessError {
    /// The number of IDs in a question is zero or absurd.
    #[error("{0} IDs an exchange are not between 1 and {MAX_IDS_PER_EXCHANGE}")]
    IdsPerExchange(u64),
}

/// An answer that has not the form of one.
#[derive(Debug, Error)]
#[error("an answer is not of the form that the service promises")]
pub struct BrokenAnswer {
    #[from]
    source: serde_json::Error,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    deceased: Vec<Death<'a>>,
    #[serde(borrow)]
    unknown: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Death<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    died_on: Cow<'a, str>,
}

// === impl Liveness ===

impl Liveness {
    /// Questions of `ids_per_exchange` persons each.
    ///
    /// # Errors
    ///
    /// Where that is zero or above [`MAX_IDS_PER_EXCHANGE`].
    pub fn new(population: Arc<Population>, ids_per_exchange: u64) -> Result<Self, LivenessError> {
        if (1..=MAX_IDS_PER_EXCHANGE).contains(&ids_per_exchange) {
            Ok(Self {
                population,
                ids_per_exchange,
            })
        } else {
            Err(LivenessError::IdsPerExchange(ids_per_exchange))
        }
    }

    /// Exchanges it takes to ask about everybody once.
    #[must_use]
    pub fn exchanges(&self) -> u64 {
        self.population.len().div_ceil(self.ids_per_exchange)
    }

    /// What exchange `index` asks.
    #[must_use]
    pub fn question(&self, index: u64) -> Question {
        let first_person = (index % self.exchanges()) * self.ids_per_exchange;
        let count = self
            .ids_per_exchange
            .min(self.population.len() - first_person);
        let room = usize::try_from(count).unwrap_or(0) * BYTES_PER_ID + 16;
        let mut body = Vec::with_capacity(room);
        body.extend_from_slice(b"{\"ids\":[");
        for person in first_person..first_person + count {
            body.extend_from_slice(if person == first_person {
                b"\""
            } else {
                b",\""
            });
            // National IDs are letters and digits: nothing in them needs an escape.
            body.extend_from_slice(self.population.national_id(person).as_str().as_bytes());
            body.push(b'"');
        }
        body.extend_from_slice(b"]}");
        Question {
            body: body.into(),
            first_person,
            count,
        }
    }

    /// Compares an answer with the truth.
    ///
    /// # Errors
    ///
    /// [`BrokenAnswer`] where it is not JSON of the form
    /// `{"deceased":[{"id":…,"died_on":…}],"unknown":[…]}`.
    pub fn judge(&self, answer: &[u8], question: &Question) -> Result<Judgement, BrokenAnswer> {
        let answer: Answer<'_> = serde_json::from_slice(answer)?;
        let persons = question.first_person..question.first_person + question.count;
        let dead = persons
            .clone()
            .filter(|&person| self.population.is_deceased(person))
            .count();
        let mut named = Vec::with_capacity(answer.deceased.len());
        for death in &answer.deceased {
            let truth = self
                .population
                .index_of(&death.id)
                .filter(|p| persons.contains(p));
            named.extend(truth.filter(|&person| self.died_on(person, &death.died_on)));
        }
        named.sort_unstable();
        named.dedup();
        let correct =
            answer.unknown.is_empty() && answer.deceased.len() == dead && named.len() == dead;
        Ok(Judgement {
            deceased_named: answer.deceased.len() as u64,
            correct,
        })
    }

    fn died_on(&self, person: u64, day: &str) -> bool {
        match self.population.status(person) {
            Status::Alive => false,
            Status::Deceased { on } => iso_date::parse(day) == Some(on),
        }
    }
}
