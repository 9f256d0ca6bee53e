//! The question for whole entries: what does the register say of these people?

use serde::Serialize;
use sim_population::{Date, NationalId, Sex, iso_date};

use crate::error::StoreError;
use crate::liveness::Question;
use crate::register::{Record, Register};

/// An answer as it is sent: the registered and the unknown, each in the order asked.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Entries {
    persons: Vec<Entry>,
    unknown: Vec<NationalId>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Entry {
    id: NationalId,
    #[serde(serialize_with = "iso_date::serialize")]
    born_on: Date,
    sex: &'static str,
    died_on: Option<String>,
}

// === impl Entries ===

impl Entries {
    /// Looks everybody up. `reported` is asked what to report of each registered person's death,
    /// given the day that the register holds.
    pub(crate) fn of(
        question: &Question,
        register: &Register,
        mut reported: impl FnMut(Option<Date>) -> Option<Date>,
    ) -> Result<Self, StoreError> {
        let mut entries = Self {
            persons: Vec::with_capacity(question.ids.len()),
            unknown: Vec::new(),
        };
        for id in &question.ids {
            match register.find(id)? {
                None => entries.unknown.push(*id),
                Some(record) => {
                    let died_on = reported(record.died_on);
                    entries.persons.push(Entry::new(*id, record, died_on));
                }
            }
        }
        Ok(entries)
    }
}

// === impl Entry ===

impl Entry {
    fn new(id: NationalId, record: Record, died_on: Option<Date>) -> Self {
        Self {
            id,
            born_on: record.birth_date,
            sex: match record.sex {
                Sex::Female => "female",
                Sex::Male => "male",
            },
            died_on: died_on.map(iso_date::to_text),
        }
    }
}
