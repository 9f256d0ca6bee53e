//! Questions, answers, and the truth.

use std::collections::BTreeMap;

use serde::Deserialize;
use sim_population::{Date, Population, Sex, iso_date};

use crate::AskedAbout;

/// A question whose IDs were looked up.
#[derive(Debug)]
pub(super) struct Question<'a> {
    /// National ID to index in the population.
    people: BTreeMap<&'a str, u64>,
}

/// What is wrong with an answer, if anything.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    /// People named as deceased; only those of the population.
    pub(super) named: Vec<u64>,
    /// Deceased people whom the answer leaves out.
    pub(super) omitted: Vec<u64>,
    /// Those it names though they were not asked about; `None` where nobody has that ID.
    pub(super) strangers: Vec<Option<u64>>,
    /// How many living it names as deceased.
    alive: usize,
    /// How many days of death are wrong.
    wrong_days: usize,
    /// How many it names twice, or does not know though they exist.
    misplaced: usize,
    /// Entries that do not say what is true of the person.
    wrong_entries: usize,
    /// People without an entry.
    left_out: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionText<'a> {
    #[serde(borrow)]
    ids: Vec<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerText<'a> {
    #[serde(borrow)]
    deceased: Vec<Death<'a>>,
    #[serde(borrow)]
    unknown: Vec<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntriesText<'a> {
    #[serde(borrow)]
    persons: Vec<Entry<'a>>,
    #[serde(borrow)]
    unknown: Vec<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<'a> {
    id: &'a str,
    born_on: &'a str,
    sex: &'a str,
    died_on: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Death<'a> {
    id: &'a str,
    died_on: &'a str,
}

// === impl Question ===

impl<'a> Question<'a> {
    /// Reads `{"ids":[…]}`: at least one person, nobody twice, and nobody who does not exist.
    pub(super) fn parse(text: &'a [u8], population: &Population) -> Result<Self, &'static str> {
        let text: QuestionText<'a> =
            serde_json::from_slice(text).map_err(|_| "the question is none")?;
        let mut people = BTreeMap::new();
        for id in text.ids {
            let person = population
                .index_of(id)
                .ok_or("asks about nobody of the population")?;
            if people.insert(id, person).is_some() {
                return Err("asks about a person twice");
            }
        }
        if people.is_empty() {
            Err("asks about nobody")
        } else {
            Ok(Self { people })
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.people.len() as u64
    }

    /// Indices of those asked about.
    pub(super) fn people(&self) -> impl Iterator<Item = u64> {
        self.people.values().copied()
    }

    /// Holds an answer against the truth.
    pub(super) fn judge(
        &self,
        subject: AskedAbout,
        answer: &[u8],
        population: &Population,
    ) -> Result<Judgement, &'static str> {
        match subject {
            AskedAbout::Deaths => self.judge_deaths(answer, population),
            AskedAbout::Persons => self.judge_entries(answer, population),
        }
    }

    fn judge_entries(
        &self,
        answer: &[u8],
        population: &Population,
    ) -> Result<Judgement, &'static str> {
        let answer: EntriesText<'_> =
            serde_json::from_slice(answer).map_err(|_| "the answer is none")?;
        let mut judgement = Judgement::default();
        let mut without = self.people.clone();
        for entry in &answer.persons {
            let asked = self.people.get(entry.id).copied();
            let person = asked.or_else(|| population.index_of(entry.id));
            if entry.died_on.is_some() {
                judgement.named.extend(person);
            }
            let Some(person) = asked else {
                judgement.strangers.push(person);
                continue;
            };
            if without.remove(entry.id).is_none() {
                judgement.misplaced += 1;
            } else if !entry.is_true(person, population) {
                judgement.wrong_entries += 1;
            }
        }
        self.judge_unknown(&answer.unknown, &mut judgement, population);
        judgement.left_out = without.len();
        Ok(judgement)
    }

    fn judge_deaths(
        &self,
        answer: &[u8],
        population: &Population,
    ) -> Result<Judgement, &'static str> {
        let answer: AnswerText<'_> =
            serde_json::from_slice(answer).map_err(|_| "the answer is none")?;
        let mut judgement = Judgement::default();
        let mut deceased = self.deceased(population);
        for death in &answer.deceased {
            let Some(person) = self.people.get(death.id) else {
                let person = population.index_of(death.id);
                judgement.named.extend(person);
                judgement.strangers.push(person);
                continue;
            };
            judgement.named.push(*person);
            match deceased.remove(person) {
                Some(day) => {
                    let told = iso_date::parse(death.died_on);
                    judgement.wrong_days += usize::from(told != Some(day));
                }
                None if population.is_deceased(*person) => judgement.misplaced += 1,
                None => judgement.alive += 1,
            }
        }
        judgement.omitted = deceased.into_keys().collect();
        self.judge_unknown(&answer.unknown, &mut judgement, population);
        Ok(judgement)
    }

    /// Everybody exists who was asked about, so nobody is unknown.
    fn judge_unknown(&self, ids: &[&str], judgement: &mut Judgement, population: &Population) {
        for id in ids {
            match self.people.get(id) {
                Some(_) => judgement.misplaced += 1,
                None => judgement.strangers.push(population.index_of(id)),
            }
        }
    }

    /// Those asked about who have died, and when.
    fn deceased(&self, population: &Population) -> BTreeMap<u64, Date> {
        let days = self
            .people
            .values()
            .map(|person| (*person, population.status(*person).died_on()));
        days.filter_map(|(person, day)| day.map(|day| (person, day)))
            .collect()
    }
}

// === impl Entry ===

impl Entry<'_> {
    fn is_true(&self, person: u64, population: &Population) -> bool {
        let truth = population.person(person);
        let sex = match truth.sex {
            Sex::Female => "female",
            Sex::Male => "male",
        };
        let died_on = truth.status.died_on().map(iso_date::to_text);
        self.born_on == iso_date::to_text(truth.birth_date)
            && self.sex == sex
            && self.died_on == died_on.as_deref()
    }
}

// === impl Judgement ===

impl Judgement {
    pub(super) const fn is_true(&self) -> bool {
        self.omitted.is_empty()
            && self.strangers.is_empty()
            && self.alive + self.wrong_days + self.misplaced == 0
            && self.wrong_entries + self.left_out == 0
    }

    /// For people.
    pub(super) fn describe(&self) -> String {
        let parts = [
            (self.omitted.len(), "deceased left out"),
            (self.alive, "living named as deceased"),
            (self.strangers.len(), "named who were not asked about"),
            (self.wrong_days, "with a wrong day of death"),
            (self.misplaced, "named twice or said to be unknown"),
            (self.wrong_entries, "with a wrong entry"),
            (self.left_out, "without an entry"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        format!("the answer is not the truth: {}", parts.join(", "))
    }
}
