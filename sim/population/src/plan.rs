//! What is asked of a population, and why it may be refused.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::iso_date;

/// How many people there are and how many of them have died.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationPlan {
    /// Pensioners, the dead among them included.
    pub people: u64,
    /// How many of them died within the month before the reference date: exactly so many.
    pub deceased: u64,
    /// The day on which the questions are asked; ages and deaths are reckoned from it.
    #[serde(with = "iso_date")]
    pub reference_date: Date,
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
    /// More people than the ages of pensioners have national IDs.
    #[error("{people} people are more than the {capacity} national IDs that pensioners can have")]
    BeyondCapacity {
        /// As planned.
        people: u64,
        /// The most there can be at this reference date.
        capacity: u64,
    },
    /// Pensioners of that day were born outside the scheme's calendar.
    #[error(
        "no pensioners at {reference_date}: national IDs are for birth days from {first} to {last}"
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
