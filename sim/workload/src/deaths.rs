//! Answers to "who of these has died?", held against the truth.

use std::borrow::Cow;

use serde::Deserialize;
use sim_population::{Population, iso_date};

use crate::questions::{BrokenAnswer, Judgement, Question};

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

/// Correct is an answer that names exactly those asked about who have died, with their day of
/// death, and knows everybody: `{"deceased":[{"id":…,"died_on":…}],"unknown":[…]}`.
pub(crate) fn judge(
    population: &Population,
    answer: &[u8],
    question: &Question,
) -> Result<Judgement, BrokenAnswer> {
    let answer: Answer<'_> = serde_json::from_slice(answer)?;
    let persons = question.people();
    let dead = persons
        .clone()
        .filter(|&person| population.is_deceased(person))
        .count();
    let mut named = Vec::with_capacity(answer.deceased.len());
    for death in &answer.deceased {
        let truth = population.index_of(&death.id);
        let asked = truth.filter(|person| persons.contains(person));
        named.extend(asked.filter(|&person| died_on(population, person, &death.died_on)));
    }
    named.sort_unstable();
    named.dedup();
    let correct = answer.unknown.is_empty() && answer.deceased.len() == dead && named.len() == dead;
    Ok(Judgement {
        deceased_named: answer.deceased.len() as u64,
        correct,
    })
}

fn died_on(population: &Population, person: u64, day: &str) -> bool {
    population
        .status(person)
        .died_on()
        .is_some_and(|on| iso_date::parse(day) == Some(on))
}
