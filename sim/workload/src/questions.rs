//! What is asked of the population register, and the judge of the answers.
//!
//! Exchange i asks about the next persons in the order of their index, so that every person is
//! asked about exactly once until all have been, and then from the beginning again.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sim_population::Population;
use thiserror::Error;

use crate::deck::{DECK, Deck};
use crate::sizes::Sizes;
use crate::{deaths, persons};

/// Most national IDs in one question.
pub const MAX_IDS_PER_EXCHANGE: u64 = 100_000;

/// Bytes of one national ID in a question, quotes and comma included, with room to spare.
const BYTES_PER_ID: usize = 18;

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Who of these persons has died?
    Deaths,
    /// What does the register say of these persons?
    Persons,
}

/// One kind of question, and how often it is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// What it is about.
    pub subject: Subject,
    /// Its share of all exchanges, beside the others' weights; at least 1.
    pub weight: u32,
    /// How many persons it is about.
    pub sizes: Sizes,
}

/// The questions about a population, and what is true of it.
#[derive(Clone, Debug)]
pub struct Questions {
    population: Arc<Population>,
    asks: Vec<Ask>,
    deck: Deck,
}

/// What one exchange asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Which of the asks it is.
    pub ask: usize,
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
    /// Persons it says have died.
    pub deceased_named: u64,
    /// True where it says what is true of those asked about, all of it and nothing else.
    pub correct: bool,
}

/// Why there are no questions to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QuestionsError {
    /// The number of IDs in a question is zero or absurd.
    #[error("{0} IDs an exchange are not between 1 and {MAX_IDS_PER_EXCHANGE}")]
    IdsPerExchange(u64),
    /// Nothing is asked, or it has no weight.
    #[error("nothing is asked: every kind of question needs a weight of at least 1")]
    NothingAsked,
}

/// An answer that has not the form of one.
#[derive(Debug, Error)]
#[error("an answer is not of the form that the service promises")]
pub struct BrokenAnswer {
    #[from]
    source: serde_json::Error,
}

// === impl Questions ===

impl Questions {
    /// Questions of these kinds; `seed` decides in which order they come.
    ///
    /// # Errors
    ///
    /// Where there are none, one has no weight, or the size of one is zero or above
    /// [`MAX_IDS_PER_EXCHANGE`].
    pub fn new(
        population: Arc<Population>,
        asks: Vec<Ask>,
        seed: u64,
    ) -> Result<Self, QuestionsError> {
        if asks.is_empty() || asks.iter().any(|ask| ask.weight == 0) {
            return Err(QuestionsError::NothingAsked);
        }
        for ask in &asks {
            let (least, most) = match ask.sizes {
                Sizes::Fixed(size) => (size, size),
                Sizes::Uniform { from, to } => (from, to),
                Sizes::LogNormal { median, .. } => (median, ask.sizes.range(DECK as u64).1),
            };
            for size in [least, most] {
                if !(1..=MAX_IDS_PER_EXCHANGE).contains(&size) {
                    return Err(QuestionsError::IdsPerExchange(size));
                }
            }
        }
        Ok(Self {
            deck: deck(&asks, seed),
            population,
            asks,
        })
    }

    /// Exchanges it takes to ask about everybody once.
    #[must_use]
    pub fn exchanges(&self) -> u64 {
        self.deck.exchanges_for(self.population.len())
    }

    /// How many different persons the first `exchanges` ask about.
    #[must_use]
    pub fn people_asked(&self, exchanges: u64) -> u64 {
        if exchanges >= self.exchanges() {
            self.population.len()
        } else {
            self.deck.card(exchanges).first
        }
    }

    /// What exchange `index` asks.
    #[must_use]
    pub fn question(&self, index: u64) -> Question {
        let card = self.deck.card(index % self.exchanges());
        let first_person = card.first;
        let count = card.size.min(self.population.len() - first_person);
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
            ask: card.ask,
            body: body.into(),
            first_person,
            count,
        }
    }

    /// Compares an answer with the truth.
    ///
    /// # Errors
    ///
    /// [`BrokenAnswer`] where it is not JSON of the form that the question's service promises.
    pub fn judge(&self, answer: &[u8], question: &Question) -> Result<Judgement, BrokenAnswer> {
        let judge = match self.asks[question.ask].subject {
            Subject::Deaths => deaths::judge,
            Subject::Persons => persons::judge,
        };
        judge(&self.population, answer, question)
    }
}

/// Exchanges it takes to ask about so many people once, with the questions that `seed` draws;
/// at least one `asks`, each with a weight.
#[must_use]
pub fn exchanges_for(asks: &[Ask], seed: u64, people: u64) -> u64 {
    deck(asks, seed).exchanges_for(people)
}

/// How many people the first `exchanges` of these ask about, where there are as many.
#[must_use]
pub fn people_for(asks: &[Ask], seed: u64, exchanges: u64) -> u64 {
    deck(asks, seed).card(exchanges).first
}

fn deck(asks: &[Ask], seed: u64) -> Deck {
    Deck::shuffled(asks, sim_clock::rng(seed, "questions"))
}

// === impl Question ===

impl Question {
    /// Indices of those asked about.
    #[must_use]
    pub fn people(&self) -> Range<u64> {
        self.first_person..self.first_person + self.count
    }
}
