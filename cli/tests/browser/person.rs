//! Whom the visitors play.

use sim_population::{Population, Status, iso_date};

/// Ages of those who are played: with a household of their own, and no pension yet.
const AGES: std::ops::Range<u32> = 25..60;
/// Below this age somebody is a child for whom a benefit is paid.
const CHILD_BELOW: u32 = 18;

/// Somebody of the country, and what is true of them.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) national_id: String,
    pub(crate) phone_number: String,
    pub(crate) given_name: String,
    pub(crate) surname: String,
    pub(crate) birth_date: String,
    /// National IDs of all children, in order.
    pub(crate) children: Vec<String>,
    /// One of them for whom a benefit is paid.
    pub(crate) minor: String,
}

// === impl Person ===

impl Person {
    /// The grown-up with this number among those who have a child that is none yet.
    pub(crate) fn with_child(population: &Population, number: usize) -> Self {
        let is_alive = |index: &u64| population.status(*index) == Status::Alive;
        let is_minor = |child: &u64| population.age(*child) < CHILD_BELOW && is_alive(child);
        let is_parent = |index: &u64| {
            let children = population.relatives(*index).children;
            AGES.contains(&population.age(*index)) && children.iter().any(is_minor)
        };
        let index = (0..population.len())
            .filter(|index| is_alive(index) && is_parent(index))
            .nth(number)
            .expect("the country has more parents than there are journeys");
        let person = population.person(index);
        let relatives = population.relatives(index);
        let mut children: Vec<_> = relatives
            .children
            .iter()
            .map(|child| population.national_id(*child).to_string())
            .collect();
        children.sort();
        let minor = relatives.children.iter().find(|child| is_minor(child));
        let minor = population.national_id(*minor.expect("a parent has one"));
        Self {
            national_id: person.national_id.to_string(),
            phone_number: population.phone_number(index),
            given_name: person.given_name.to_owned(),
            surname: person.surname.to_owned(),
            birth_date: iso_date::to_text(person.birth_date),
            children,
            minor: minor.to_string(),
        }
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }
}
