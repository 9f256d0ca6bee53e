//! Who is whose mother, father, partner and child: functions of where people stand in the pyramid.
//!
//! Everybody stands in a cell (age and sex) at a rank. A relation leads from a cell and a rank to
//! another cell and rank by arithmetic that can be walked back, so that no table is needed and a
//! mother's children are exactly those whose mother she is:
//!
//! - *Mother*: a rank's remainder says how much older she is, what is left of the rank who in her
//!   cohort it is, shifted by a key of both cohorts. Old mothers are few and their children many;
//!   those whom they could not have had all lost their mothers before anybody was counted.
//! - *Match*: a woman's match has her rank among the men who are older by what the rank's
//!   remainder says.
//! - *Father*: the mother's match.
//! - *Partner*: one's match, where a draw says that they live together.
//!
//! Real families are not made like this; what holds of them is that parents exist, are old enough,
//! and that everybody's relatives agree.

use crate::cells::{Cell, Cells};
use crate::id_scheme::Sex;
use crate::permutation::scramble;

/// A mother is at least so many years older than her child.
const YOUNGEST_MOTHER: u32 = 20;
/// Ages at which women have children: from the youngest on, a year each.
const MOTHER_AGES: u32 = 21;
/// A man is up to so many years older than his match, less one.
const MATCH_GAPS: u32 = 5;
/// The age from which on women have a match, in years.
const MATCHES_FROM: u32 = 20;
/// How many of 100 women live with their match, where there is one.
const PARTNERED: u64 = 78;
/// Until this age everybody has a mother, in completed years, where there are women of her age.
const MOTHERS_UNTIL: u32 = 30;
/// How many children of at least that age women have on average, at most.
const GROWN_CHILDREN: u64 = 2;

/// Where somebody stands in the pyramid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Number of the cell.
    pub(crate) cell: usize,
    pub(crate) rank: u32,
}

/// The families of a population.
#[derive(Clone, Debug)]
pub(crate) struct Families {
    /// Ages there are; the cells of each are two, women first.
    ages: u32,
    key: u64,
}

impl Families {
    /// The cells hold so many ages, women first in each.
    pub(crate) const fn new(ages: u32, key: u64) -> Self {
        Self { ages, key }
    }

    pub(crate) fn mother(&self, cells: &Cells, child: Place) -> Option<Place> {
        let (age, _) = age_and_sex(child.cell);
        let class = child.rank % MOTHER_AGES;
        let (number, mothers) = self.cell(cells, age + YOUNGEST_MOTHER + class, Sex::Female)?;
        let shift = self.shift(child.cell, number);
        let turn = u64::from(child.rank / MOTHER_AGES);
        if turn >= turns(age, mothers, shift) {
            return None;
        }
        let rank = (turn + shift) % u64::from(mothers.size);
        Some(Place {
            cell: number,
            rank: rank as u32,
        })
    }

    /// All whose mother she is, the youngest first.
    fn children_of_mother(&self, cells: &Cells, mother: Place) -> Vec<Place> {
        let (age, _) = age_and_sex(mother.cell);
        let mut children = Vec::new();
        for class in (0..MOTHER_AGES).rev() {
            if let Some(child_age) = age.checked_sub(YOUNGEST_MOTHER + class) {
                self.add_children(cells, mother, child_age, &mut children);
            }
        }
        children
    }

    /// Those of her children who were born within the last twelve months.
    pub(crate) fn newborn_of(&self, cells: &Cells, mother: Place) -> Vec<Place> {
        let (age, sex) = age_and_sex(mother.cell);
        let mut children = Vec::new();
        let can_be = (YOUNGEST_MOTHER..YOUNGEST_MOTHER + MOTHER_AGES).contains(&age);
        if sex == Sex::Female && can_be {
            self.add_children(cells, mother, 0, &mut children);
        }
        children
    }

    /// Adds those of a mother's children who have a certain age.
    fn add_children(&self, cells: &Cells, mother: Place, age: u32, children: &mut Vec<Place>) {
        let (mother_age, _) = age_and_sex(mother.cell);
        let mothers = cells.number(mother.cell);
        let class = mother_age - age - YOUNGEST_MOTHER;
        let round = u64::from(mothers.size);
        for sex in [Sex::Female, Sex::Male] {
            let Some((number, cohort)) = self.cell(cells, age, sex) else {
                continue;
            };
            let shift = self.shift(number, mother.cell);
            let turns = turns(age, mothers, shift);
            // The first that leads to her; the others follow a whole round later.
            let mut turn = (u64::from(mother.rank) + round - shift % round) % round;
            loop {
                let rank = turn * u64::from(MOTHER_AGES) + u64::from(class);
                if rank >= u64::from(cohort.size) || turn >= turns {
                    break;
                }
                children.push(Place {
                    cell: number,
                    rank: rank as u32,
                });
                turn += round;
            }
        }
    }

    /// Whom somebody lives with.
    pub(crate) fn partner(&self, cells: &Cells, of: Place) -> Option<Place> {
        let found = self.match_of(cells, of)?;
        let (woman, _) = in_order(of, found);
        let who = (woman.cell as u64) << 32 | u64::from(woman.rank);
        (scramble(who, self.key) % 100 < PARTNERED).then_some(found)
    }

    pub(crate) fn father(&self, cells: &Cells, child: Place) -> Option<Place> {
        self.match_of(cells, self.mother(cells, child)?)
    }

    /// All whose mother or father somebody is, the youngest first.
    pub(crate) fn children(&self, cells: &Cells, parent: Place) -> Vec<Place> {
        let mother = match age_and_sex(parent.cell).1 {
            Sex::Female => Some(parent),
            Sex::Male => self.match_of(cells, parent),
        };
        mother
            .map(|mother| self.children_of_mother(cells, mother))
            .unwrap_or_default()
    }

    /// The other parent of somebody's children, if there are any: whose match is somebody, too.
    fn match_of(&self, cells: &Cells, of: Place) -> Option<Place> {
        let (age, sex) = age_and_sex(of.cell);
        let gap = of.rank % MATCH_GAPS;
        let (woman_age, other_age, other_sex) = match sex {
            Sex::Female => (age, age + gap, Sex::Male),
            Sex::Male => {
                let woman_age = age.checked_sub(gap)?;
                (woman_age, woman_age, Sex::Female)
            }
        };
        if woman_age < MATCHES_FROM {
            return None;
        }
        let (number, cohort) = self.cell(cells, other_age, other_sex)?;
        if of.rank >= cohort.size {
            return None;
        }
        let found = Place {
            cell: number,
            rank: of.rank,
        };
        // In a small population the arithmetic may lead to somebody's own brother or sister.
        let mother = self.mother(cells, of);
        let are_siblings = mother.is_some() && mother == self.mother(cells, found);
        (!are_siblings).then_some(found)
    }

    /// The cohort of an age and sex, where it has anybody.
    fn cell<'c>(&self, cells: &'c Cells, age: u32, sex: Sex) -> Option<(usize, &'c Cell)> {
        if age >= self.ages {
            return None;
        }
        let number = 2 * age as usize + usize::from(sex == Sex::Male);
        let cell = cells.number(number);
        (cell.size > 0).then_some((number, cell))
    }

    fn shift(&self, child_cell: usize, mother_cell: usize) -> u64 {
        scramble((child_cell as u64) << 16 | mother_cell as u64, self.key) >> 1
    }
}

/// How many of the children of one age, sex and class have a mother among `mothers`: of the grown
/// ones an even share of what the mothers can have had, rounded by `lot`.
fn turns(child_age: u32, mothers: &Cell, lot: u64) -> u64 {
    if child_age < MOTHERS_UNTIL {
        return u64::MAX;
    }
    let shares = 2 * u64::from(MOTHER_AGES);
    (u64::from(mothers.size) * GROWN_CHILDREN + lot % shares) / shares
}

/// Two people of a match, the woman first.
const fn in_order(one: Place, other: Place) -> (Place, Place) {
    if one.cell.is_multiple_of(2) {
        (one, other)
    } else {
        (other, one)
    }
}

/// Of whom a cell is, as far as completed years at the reference date tell.
fn age_and_sex(cell: usize) -> (u32, Sex) {
    let sex = if cell.is_multiple_of(2) {
        Sex::Female
    } else {
        Sex::Male
    };
    ((cell / 2) as u32, sex)
}
