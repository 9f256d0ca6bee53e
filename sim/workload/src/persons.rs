//! Answers to "what does the register say of these?", held against the truth.

use std::borrow::Cow;

use serde::Deserialize;
use sim_population::{Population, Sex, iso_date};

use crate::questions::{BrokenAnswer, Judgement, Question};

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    persons: Vec<Entry<'a>>,
    #[serde(borrow)]
    unknown: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    born_on: Cow<'a, str>,
    #[serde(borrow)]
    sex: Cow<'a, str>,
    #[serde(borrow)]
    died_on: Option<Cow<'a, str>>,
}

/// Correct is an answer that has everybody asked about once, with day of birth, sex and day of
/// death: `{"persons":[{"id":…,"born_on":…,"sex":…,"died_on":…}],"unknown":[…]}`.
pub(crate) fn judge(
    population: &Population,
    answer: &[u8],
    question: &Question,
) -> Result<Judgement, BrokenAnswer> {
    let answer: Answer<'_> = serde_json::from_slice(answer)?;
    let persons = question.people();
    let mut told = Vec::with_capacity(answer.persons.len());
    for entry in &answer.persons {
        let person = population.index_of(&entry.id);
        let asked = person.filter(|person| persons.contains(person));
        told.extend(asked.filter(|&person| is_true(population, person, entry)));
    }
    told.sort_unstable();
    told.dedup();
    let asked = usize::try_from(question.count).ok();
    let correct = answer.unknown.is_empty()
        && Some(answer.persons.len()) == asked
        && Some(told.len()) == asked;
    let dead = answer
        .persons
        .iter()
        .filter(|entry| entry.died_on.is_some());
    Ok(Judgement {
        deceased_named: dead.count() as u64,
        correct,
    })
}

fn is_true(population: &Population, person: u64, entry: &Entry<'_>) -> bool {
    let truth = population.person(person);
    let sex = match truth.sex {
        Sex::Female => "female",
        Sex::Male => "male",
    };
    let died_on = entry.died_on.as_deref().map(iso_date::parse);
    entry.sex == sex
        && iso_date::parse(&entry.born_on) == Some(truth.birth_date)
        && died_on == truth.status.died_on().map(Some)
}
