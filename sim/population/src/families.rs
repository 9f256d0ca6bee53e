//! Who is whose mother, father, partner and child: functions of where people stand in the pyramid.
//!
//! Everybody stands in a cell (age and sex) at a rank. A relation leads from a cell and a rank to
//! another cell and rank by arithmetic that can be walked back, so that no table is needed and a
//! mother's children are exactly those whose mother she is:
//!
//! - *Mother*: a rank's remainder says how much older she is, what is left of the rank who in her
//!   cohort it is, shifted by a key of both cohorts.
//! - *Partner*: a woman's partner has her rank among the men who are older by what the rank's
//!   remainder says.
//! - *Father*: the mother's partner.
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
/// A man is up to so many years older than his partner, less one.
const PARTNER_GAPS: u32 = 5;
/// The age from which on people have partners, in years.
const PARTNERS_FROM: u32 = 20;
/// How many of 100 women have one, where there is a man for them.
const PARTNERED: u64 = 78;

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
    /// Cells by age and sex, as numbers: women first.
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
        let mothers = self.cell(cells, age + YOUNGEST_MOTHER + class, Sex::Female)?;
        let (number, cohort) = mothers;
        let rank = (u64::from(child.rank / MOTHER_AGES) + self.shift(child.cell, number))
            % u64::from(cohort.size);
        Some(Place {
            cell: number,
            rank: rank as u32,
        })
    }

    /// All whose mother she is, the youngest first.
    pub(crate) fn children_of_mother(&self, cells: &Cells, mother: Place) -> Vec<Place> {
        let (age, sex) = age_and_sex(mother.cell);
        let mut children = Vec::new();
        if sex == Sex::Male {
            return children;
        }
        let mothers = cells.number(mother.cell).size;
        for class in (0..MOTHER_AGES).rev() {
            let Some(age) = age.checked_sub(YOUNGEST_MOTHER + class) else {
                continue;
            };
            for sex in [Sex::Female, Sex::Male] {
                let Some((number, cohort)) = self.cell(cells, age, sex) else {
                    continue;
                };
                let modulus = u64::from(mothers);
                let shift = self.shift(number, mother.cell) % modulus;
                // The first of those who lead to her; the others follow a whole round later.
                let mut turn = (u64::from(mother.rank) + modulus - shift) % modulus;
                loop {
                    let rank = turn * u64::from(MOTHER_AGES) + u64::from(class);
                    if rank >= u64::from(cohort.size) {
                        break;
                    }
                    children.push(Place {
                        cell: number,
                        rank: rank as u32,
                    });
                    turn += modulus;
                }
            }
        }
        children
    }

    pub(crate) fn partner(&self, cells: &Cells, of: Place) -> Option<Place> {
        let (age, sex) = age_and_sex(of.cell);
        let gap = of.rank % PARTNER_GAPS;
        let (woman_age, other) = match sex {
            Sex::Female => (age, (age + gap, Sex::Male)),
            Sex::Male => {
                let woman_age = age.checked_sub(gap)?;
                (woman_age, (woman_age, Sex::Female))
            }
        };
        let lot = scramble(u64::from(woman_age) << 32 | u64::from(of.rank), self.key);
        if woman_age < PARTNERS_FROM || lot % 100 >= PARTNERED {
            return None;
        }
        let (number, cohort) = self.cell(cells, other.0, other.1)?;
        let partner = Place {
            cell: number,
            rank: of.rank,
        };
        if partner.rank >= cohort.size {
            return None;
        }
        // In a small population the arithmetic may lead to somebody's own brother or sister.
        let mothers = (self.mother(cells, of), self.mother(cells, partner));
        let are_siblings = mothers.0.is_some() && mothers.0 == mothers.1;
        (!are_siblings).then_some(partner)
    }

    pub(crate) fn father(&self, cells: &Cells, child: Place) -> Option<Place> {
        self.partner(cells, self.mother(cells, child)?)
    }

    pub(crate) fn children(&self, cells: &Cells, parent: Place) -> Vec<Place> {
        match age_and_sex(parent.cell).1 {
            Sex::Female => self.children_of_mother(cells, parent),
            Sex::Male => self
                .partner(cells, parent)
                .map(|mother| self.children_of_mother(cells, mother))
                .unwrap_or_default(),
        }
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

/// Of whom a cell is, as far as completed years at the reference date tell.
fn age_and_sex(cell: usize) -> (u32, Sex) {
    let sex = if cell.is_multiple_of(2) {
        Sex::Female
    } else {
        Sex::Male
    };
    ((cell / 2) as u32, sex)
}
