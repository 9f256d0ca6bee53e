//! What is asked of a population, and why it may be refused.

use serde::{Deserialize, Serialize};
use time::Date;

use crate::id_scheme::SchemeName;
use crate::iso_date;
use crate::names::Names;

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
    /// How many in 1,000 of the grown-up are e-residents: they have a national ID and a carrier, and
    /// live abroad.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub e_residents_per_mille: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
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
            e_residents_per_mille: 0,
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
    /// A list of names has none, or too many.
    #[error("the list of {list} holds {found} names; 1 to {most} are possible")]
    NameCount {
        /// Which list.
        list: &'static str,
        /// Names in it.
        found: usize,
        /// The most there can be.
        most: usize,
    },
    /// A name that cannot be printed, or is too long.
    #[error(
        "{name:?} cannot be among the {list}: a name has 1 to {most} bytes and no control characters"
    )]
    Name {
        /// Which list.
        list: &'static str,
        /// The name.
        name: String,
        /// The most bytes of UTF-8.
        most: usize,
    },
    /// Phone numbers cannot begin like this.
    #[error("phone numbers cannot begin with {prefix:?}: `+` and 1 to {most} digits are needed")]
    PhonePrefix {
        /// As planned.
        prefix: String,
        /// The most digits.
        most: usize,
    },
}
