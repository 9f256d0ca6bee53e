//! Who logged in, and how.

use sim_clock::UtcTime;
use sim_population::{PeopleConfig, Population, PopulationError};

/// A way of logging in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Method {
    MobileId,
    SmartId,
    IdCard,
}

/// A person as a certificate names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// Without the country's prefix.
    pub(crate) national_id: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
}

/// Somebody who proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authenticated {
    pub(crate) person: Person,
    pub(crate) method: Method,
    /// With Mobile-ID only.
    pub(crate) phone_number: Option<String>,
    pub(crate) at: UtcTime,
}

/// The population register as the provider knows it: dates of birth alone. A real provider has
/// them from the register; the simulator computes the same people that everybody computes.
pub(crate) struct BirthDates(Option<Population>);

// === impl Method ===

impl Method {
    /// Its value in `amr`.
    pub(crate) const fn amr(self) -> &'static str {
        match self {
            Self::MobileId => "mID",
            Self::SmartId => "smartid",
            Self::IdCard => "idcard",
        }
    }

    /// The scope that asks for it.
    pub(crate) const fn scope(self) -> &'static str {
        match self {
            Self::MobileId => "mid",
            Self::SmartId => "smartid",
            Self::IdCard => "idcard",
        }
    }
}

// === impl BirthDates ===

impl BirthDates {
    pub(crate) fn of(people: Option<&PeopleConfig>) -> Result<Self, PopulationError> {
        people.map(Population::of).transpose().map(Self)
    }

    /// As `2001-12-31`; nothing for somebody not in the register.
    pub(crate) fn of_person(&self, national_id: &str) -> Option<String> {
        let population = self.0.as_ref()?;
        let index = population.index_of(national_id)?;
        Some(population.person(index).birth_date.to_string())
    }
}
