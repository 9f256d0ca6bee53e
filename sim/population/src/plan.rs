//! What is asked of a population, and why it may be refused.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::id_scheme::SchemeName;
use crate::iso_date;

/// How many people there are and how many of them have died.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationPlan {
    /// People, the dead among them included.
    pub people: u64,
    /// How many of them died within the month before the reference date: exactly so many.
    pub deceased: u64,
    /// The day on which the questions are asked; ages and deaths are reckoned from it.
    #[serde(with = "iso_date")]
    pub reference_date: Date,
    /// How old they are.
    #[serde(default)]
    pub ages: Ages,
    /// How they are numbered.
    #[serde(default)]
    pub id_scheme: SchemeName,
    /// What they and their places are called.
    #[serde(default)]
    pub names: Names,
}

/// Who the people of a country are: all that every part needs to compute the same ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleConfig {
    /// The seed that decides who they are.
    pub seed: u64,
    /// How many there are, and of what sort.
    pub plan: PopulationPlan,
}

/// How old people are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ages {
    /// Old enough for a pension, 64 to 100; without families.
    #[default]
    Pensioners,
    /// From the newborn on, to 100, in families.
    All,
}

/// What people and places are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Names {
    /// As in Estonia.
    #[default]
    Estonian,
    /// As on a made-up island.
    Island,
}

impl PopulationPlan {
    /// Estonian pensioners.
    #[must_use]
    pub const fn pensioners(people: u64, deceased: u64, reference_date: Date) -> Self {
        Self {
            people,
            deceased,
            reference_date,
            ages: Ages::Pensioners,
            id_scheme: SchemeName::Isikukood,
            names: Names::Estonian,
        }
    }
}

/// Why there is no population of a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PopulationError {
    /// Nobody to ask about.
    #[error("a population needs at least one person")]
    Empty,
    /// More dead than people.
    #[error("{deceased} deceased cannot be among {people} people")]
    MoreDeceasedThanPeople {
        /// As planned.
        deceased: u64,
        /// As planned.
        people: u64,
    },
    /// More people than their ages have national IDs.
    #[error(
        "{people} people are more than the {capacity} national IDs that people of these ages can have"
    )]
    BeyondCapacity {
        /// As planned.
        people: u64,
        /// The most there can be at this reference date.
        capacity: u64,
    },
    /// The oldest of that day were born outside the scheme's calendar.
    #[error(
        "nobody so old at {reference_date}: national IDs are for birth days from {first} to {last}"
    )]
    ReferenceDate {
        /// As planned.
        reference_date: Date,
        /// The scheme's first birth day.
        first: Date,
        /// The scheme's last birth day.
        last: Date,
    },
}
