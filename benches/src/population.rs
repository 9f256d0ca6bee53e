//! People by index, and back.

use sim_population::{Population, PopulationPlan, Status, iso_date};

/// The people of a plan.
pub struct People {
    population: Population,
}

/// What a walk over people saw; it keeps the compiler from leaving the work out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many had died.
    pub dead: u64,
    /// A sum over the last digits of their IDs.
    pub sum: u64,
}

impl People {
    /// Prepares `people`, of whom one in five hundred has died, as in the pension scenario.
    ///
    /// # Panics
    ///
    /// When there are no people, or more than the scheme has IDs for.
    #[must_use]
    pub fn new(people: u64) -> Self {
        let plan = PopulationPlan::pensioners(
            people,
            people / 500,
            iso_date::parse("2026-02-05").expect("a date"),
        );
        Self {
            population: Population::new(1, plan).expect("a plan within the limits"),
        }
    }

    /// National ID and status of `count` people from index `first` on, around the end.
    #[must_use]
    pub fn identities(&self, first: u64, count: u64) -> Seen {
        let mut seen = Seen::default();
        for index in first..first + count {
            let identity = self.population.identity(index % self.population.len());
            seen.dead += u64::from(identity.status != Status::Alive);
            let last = identity.national_id.as_str().as_bytes().last();
            seen.sum += last.map_or(0, |digit| u64::from(digit - b'0'));
        }
        seen
    }

    /// The texts of the IDs of the first `count` people.
    #[must_use]
    pub fn texts(&self, count: u64) -> Vec<String> {
        let ids = (0..count).map(|index| self.population.national_id(index).to_string());
        ids.collect()
    }

    /// The index of whom `text` names, as a register looks up the truth.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<u64> {
        self.population.index_of(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{People, Seen};

    #[test]
    fn the_walk_sees_everybody_and_everybody_is_found() {
        let people = People::new(5_000);
        let seen = people.identities(0, 5_000);
        assert_eq!(seen.dead, 10);
        // Around the end: the same people in another order.
        assert_eq!(people.identities(1_234, 5_000), seen);
        let texts = people.texts(50);
        let digits = texts
            .iter()
            .map(|text| u64::from(text.as_bytes()[10] - b'0'));
        let Seen { sum, .. } = people.identities(0, 50);
        assert_eq!(sum, digits.sum::<u64>());
        for (index, text) in (0..).zip(&texts) {
            assert_eq!(people.find(text), Some(index));
        }
        assert_eq!(people.find("00000000000"), None);
    }
}
