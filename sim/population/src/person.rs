//! A person, and the part of a person that is cheapest to know.

use time::Date;

use crate::id_scheme::{NationalId, Sex};

/// Alive on the reference date, or died when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Alive.
    Alive,
    /// Died within the month before the reference date, or on it where a birth leaves no other day.
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

/// A person's nearest, as indices of the population.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relatives {
    /// Absent where she would be too old to be in the population.
    pub mother: Option<u64>,
    /// The mother's partner; absent where she has none.
    pub father: Option<u64>,
    /// Whom they live with.
    pub partner: Option<u64>,
    /// The youngest first.
    pub children: Vec<u64>,
}

/// Where somebody lives; the names are the population's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'p> {
    /// Name of the street.
    pub street: &'p str,
    /// Number of the house.
    pub house: u32,
    /// Number of the apartment, where the house has several.
    pub apartment: Option<u32>,
    /// Five digits.
    pub postcode: u32,
    /// Municipality.
    pub municipality: &'p str,
}

/// Everything known about one person; the names are the population's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person<'p> {
    /// Place in the population, from 0.
    pub index: u64,
    /// National ID.
    pub national_id: NationalId,
    /// Given name.
    pub given_name: &'p str,
    /// Surname.
    pub surname: &'p str,
    /// Day of birth; the national ID says the same.
    pub birth_date: Date,
    /// Sex; the national ID says the same.
    pub sex: Sex,
    /// Municipality of residence.
    pub municipality: &'p str,
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
