//! What people and places are called: by culture, or by lists of a scenario's own.

mod estonian;
mod island;

use serde::{Deserialize, Serialize};

use crate::id_scheme::Sex;
use crate::permutation::scramble;
use crate::person::Address;
use crate::plan::PopulationError;

/// Born in this year or later, people have the younger names.
const YOUNGER_SINCE: i32 = 1965;
/// The longest name, in bytes of UTF-8.
const MAX_NAME: usize = 64;
/// The longest list.
const MAX_NAMES: usize = 10_000;
/// Digits that a phone prefix may have, so that the whole number keeps to E.164's fifteen.
const MAX_PREFIX_DIGITS: usize = 7;

/// What people and places are called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Names {
    /// As in Estonia.
    #[default]
    Estonian,
    /// As on a made-up island.
    Island,
    /// As these lists say.
    Lists(Box<NameLists>),
}

/// Names of a scenario's own, each drawn as often as the others of its list.
///
/// No list may be empty or hold more than 10,000 names; a name has 1 to 64 bytes of UTF-8, none of
/// them a control character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameLists {
    /// Given names of women and girls.
    pub women: Vec<String>,
    /// Given names of men and boys.
    pub men: Vec<String>,
    /// Surnames.
    pub surnames: Vec<String>,
    /// Municipalities.
    pub municipalities: Vec<String>,
    /// Streets.
    pub streets: Vec<String>,
    /// What phone numbers begin with: `+` and at most seven digits.
    #[serde(default = "default_phone_prefix")]
    pub phone_prefix: String,
}

/// A culture's lists, as they stand in this crate.
struct Lists {
    women: &'static [&'static str],
    men: &'static [&'static str],
    girls: &'static [&'static str],
    boys: &'static [&'static str],
    surnames: &'static [&'static str],
    municipalities: &'static [(&'static str, u64)],
    streets: &'static [&'static str],
    phone_prefix: &'static str,
}

/// Draws names and places.
#[derive(Debug)]
pub(crate) struct NameBook {
    women: Vec<String>,
    men: Vec<String>,
    girls: Vec<String>,
    boys: Vec<String>,
    surnames: Vec<String>,
    /// With their weights, whose sum follows.
    municipalities: Vec<(String, u64)>,
    municipality_weights: u64,
    streets: Vec<String>,
    /// What phone numbers begin with.
    pub(crate) phone_prefix: String,
}

fn default_phone_prefix() -> String {
    NameLists::PHONE_PREFIX.to_owned()
}

// === impl NameLists ===

impl NameLists {
    /// What phone numbers begin with where nothing else is said: a calling code that is nobody's.
    pub const PHONE_PREFIX: &str = "+9997";

    fn check(&self) -> Result<(), PopulationError> {
        for (list, names) in [
            ("women", &self.women),
            ("men", &self.men),
            ("surnames", &self.surnames),
            ("municipalities", &self.municipalities),
            ("streets", &self.streets),
        ] {
            if names.is_empty() || names.len() > MAX_NAMES {
                return Err(PopulationError::NameCount {
                    list,
                    found: names.len(),
                    most: MAX_NAMES,
                });
            }
            if let Some(name) = names.iter().find(|name| !is_name(name)) {
                return Err(PopulationError::Name {
                    list,
                    name: name.clone(),
                    most: MAX_NAME,
                });
            }
        }
        let is_prefix = self.phone_prefix.strip_prefix('+').is_some_and(|digits| {
            (1..=MAX_PREFIX_DIGITS).contains(&digits.len())
                && digits.bytes().all(|digit| digit.is_ascii_digit())
        });
        if is_prefix {
            Ok(())
        } else {
            Err(PopulationError::PhonePrefix {
                prefix: self.phone_prefix.clone(),
                most: MAX_PREFIX_DIGITS,
            })
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_NAME && !text.contains(char::is_control)
}

// === impl NameBook ===

impl NameBook {
    /// The book of `names`.
    ///
    /// # Errors
    ///
    /// Where a list of a scenario's own cannot be drawn from.
    pub(crate) fn of(names: &Names) -> Result<Self, PopulationError> {
        let lists = match names {
            Names::Estonian => return Ok(Self::of_culture(&estonian::LISTS)),
            Names::Island => return Ok(Self::of_culture(&island::LISTS)),
            Names::Lists(lists) => lists,
        };
        lists.check()?;
        let municipalities = lists.municipalities.iter().map(|name| (name.clone(), 1));
        Ok(Self {
            women: lists.women.clone(),
            men: lists.men.clone(),
            girls: lists.women.clone(),
            boys: lists.men.clone(),
            surnames: lists.surnames.clone(),
            municipalities: municipalities.collect(),
            municipality_weights: lists.municipalities.len() as u64,
            streets: lists.streets.clone(),
            phone_prefix: lists.phone_prefix.clone(),
        })
    }

    fn of_culture(lists: &Lists) -> Self {
        let owned = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect();
        let municipalities = lists.municipalities.iter();
        Self {
            women: owned(lists.women),
            men: owned(lists.men),
            girls: owned(lists.girls),
            boys: owned(lists.boys),
            surnames: owned(lists.surnames),
            municipality_weights: municipalities.clone().map(|(_, weight)| weight).sum(),
            municipalities: municipalities
                .map(|&(name, weight)| (name.to_owned(), weight))
                .collect(),
            streets: owned(lists.streets),
            phone_prefix: lists.phone_prefix.to_owned(),
        }
    }

    /// A given name for `sex`, drawn by `lot`.
    pub(crate) fn given_name(&self, sex: Sex, lot: u64) -> &str {
        match sex {
            Sex::Female => pick(&self.women, lot),
            Sex::Male => pick(&self.men, lot),
        }
    }

    /// A given name as it was common in the year of birth.
    pub(crate) fn given_name_of(&self, sex: Sex, born: i32, lot: u64) -> &str {
        match sex {
            _ if born < YOUNGER_SINCE => self.given_name(sex, lot),
            Sex::Female => pick(&self.girls, lot),
            Sex::Male => pick(&self.boys, lot),
        }
    }

    /// A surname, drawn by `lot`.
    pub(crate) fn surname(&self, lot: u64) -> &str {
        pick(&self.surnames, scramble(lot, 1))
    }

    /// A municipality, drawn by `lot`.
    pub(crate) fn municipality(&self, lot: u64) -> &str {
        let mut drawn = scramble(lot, 2) % self.municipality_weights;
        for (name, weight) in &self.municipalities {
            if drawn < *weight {
                return name;
            }
            drawn -= weight;
        }
        unreachable!("what is drawn lies below the sum of the weights")
    }

    /// An address, drawn by `lot`.
    pub(crate) fn address(&self, lot: u64) -> Address<'_> {
        let drawn = scramble(lot, 3);
        let house = 1 + (drawn >> 8) % 80;
        let apartment = ((drawn >> 16) % 100 < 60).then_some(1 + (drawn >> 24) % 60);
        Address {
            street: pick(&self.streets, drawn),
            house: house as u32,
            apartment: apartment.map(|number| number as u32),
            postcode: 10_000 + ((drawn >> 32) % 90_000) as u32,
            municipality: self.municipality(lot),
        }
    }
}

fn pick(list: &[String], lot: u64) -> &str {
    let at = usize::try_from(lot % list.len() as u64).expect("a remainder of a length fits");
    &list[at]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn drawn<'b>(draw: impl Fn(u64) -> &'b str) -> usize {
        (0..5_000)
            .map(|lot| draw(scramble(lot, 9)))
            .collect::<BTreeSet<_>>()
            .len()
    }

    fn lists() -> NameLists {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        NameLists {
            women: list(&["Ada", "Bea"]),
            men: list(&["Cid"]),
            surnames: list(&["Doe", "Eck", "Fox"]),
            municipalities: list(&["Gill", "Holt"]),
            streets: list(&["Inn", "Jut"]),
            phone_prefix: default_phone_prefix(),
        }
    }

    /// Also shows that no list names anything twice.
    #[test]
    fn every_name_occurs() {
        for names in [
            Names::Estonian,
            Names::Island,
            Names::Lists(Box::new(lists())),
        ] {
            let book = NameBook::of(&names).unwrap();
            let given = |sex, born| drawn(|lot| book.given_name_of(sex, born, lot));
            assert_eq!(given(Sex::Female, 1950), book.women.len());
            assert_eq!(given(Sex::Male, 1950), book.men.len());
            assert_eq!(given(Sex::Female, 2000), book.girls.len());
            assert_eq!(given(Sex::Male, 2000), book.boys.len());
            assert_eq!(drawn(|lot| book.surname(lot)), book.surnames.len());
            assert_eq!(
                drawn(|lot| book.municipality(lot)),
                book.municipalities.len()
            );
            assert_eq!(drawn(|lot| book.address(lot).street), book.streets.len());
        }
    }

    #[test]
    fn lists_that_cannot_be_drawn_from_are_refused() {
        let refused = |change: fn(&mut NameLists)| {
            let mut changed = lists();
            change(&mut changed);
            let names = Names::Lists(Box::new(changed));
            NameBook::of(&names).unwrap_err().to_string()
        };
        assert_eq!(
            refused(|lists| lists.men.clear()),
            "the list of men holds 0 names; 1 to 10000 are possible"
        );
        let too_many = |lists: &mut NameLists| lists.streets = vec!["A".to_owned(); 10_001];
        assert!(refused(too_many).contains("10001"));
        for name in ["", " ", "A\nB", &"x".repeat(65)] {
            let mut changed = lists();
            changed.surnames.push(name.to_owned());
            let error = NameBook::of(&Names::Lists(Box::new(changed))).unwrap_err();
            assert!(error.to_string().contains("among the surnames"), "{error}");
        }
        assert!(refused(|lists| lists.phone_prefix = "372".to_owned()).contains("372"));
        assert!(refused(|lists| lists.phone_prefix = "+".to_owned()).contains("phone"));
        assert!(
            refused(|lists| lists.phone_prefix = "+12345678".to_owned()).contains("1 to 7 digits")
        );
    }

    #[test]
    fn names_are_words_or_lists() {
        let read = |text: &str| serde_json::from_str::<Names>(text);
        assert_eq!(read("\"island\"").unwrap(), Names::Island);
        let text = r#"{"lists":{"women":["Ada","Bea"],"men":["Cid"],"surnames":["Doe","Eck","Fox"],"municipalities":["Gill","Holt"],"streets":["Inn","Jut"]}}"#;
        assert_eq!(read(text).unwrap(), Names::Lists(Box::new(lists())));
        assert!(read(&text.replace("streets", "roads")).is_err());
    }
}
