//! A person, and the part of a person that is cheapest to know.

use time::Date;

use crate::id_scheme::{NationalId, Sex};

/// Alive on the reference date, or died when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Alive.
    Alive,
    /// Died within the month before the reference date.
    Deceased {
        /// Day of death.
        on: Date,
    },
}

/// National ID and status: all that a liveness question and its answer need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// National ID.
    pub national_id: NationalId,
    /// Alive, or died when.
    pub status: Status,
}

/// Everything known about one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Place in the population, from 0.
    pub index: u64,
    /// National ID.
    pub national_id: NationalId,
    /// Given name.
    pub given_name: &'static str,
    /// Surname.
    pub surname: &'static str,
    /// Day of birth; the national ID says the same.
    pub birth_date: Date,
    /// Sex; the national ID says the same.
    pub sex: Sex,
    /// Municipality of residence.
    pub municipality: &'static str,
    /// Alive, or died when.
    pub status: Status,
}

impl Status {
    /// The day of death, if any.
    #[must_use]
    pub const fn died_on(self) -> Option<Date> {
        match self {
            Self::Alive => None,
            Self::Deceased { on } => Some(on),
        }
    }
}
