//! What a country's people have beside their national IDs: relatives, homes and phones.

use time::Date;

use super::Population;
use crate::families::{Families, Place};
use crate::id_scheme::IdScheme;
use crate::permutation::scramble;
use crate::person::{Address, Relatives};

/// Digits of a phone number behind its prefix, where so many are enough.
const PHONE_DIGITS: usize = 7;
/// Until this age children live with their mother, in completed years.
const AGE_OF_MAJORITY: u32 = 18;

/// Tells the draw of e-residents from other draws with the same key.
const E_RESIDENTS: u64 = 0x65_2d72_6573;
/// Where e-residents live.
const ABROAD: [&str; 8] = ["FI", "DE", "UA", "ES", "LV", "FR", "IT", "IN"];

/// Digits of the phone numbers of so many people, behind the prefix.
pub(super) fn phone_digits(people: u64) -> usize {
    PHONE_DIGITS.max((people - 1).to_string().len())
}

impl<S: IdScheme> Population<S> {
    /// How old the person of `index` is, or would be, at the reference date, in completed years.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[must_use]
    pub fn age(&self, index: u64) -> u32 {
        let (cell, rank) = self.place(index);
        let born = self.parts(cell, rank).birth_date;
        let today = self.plan.reference_date;
        let years = today.year() - born.year();
        let before_birthday = (today.month() as u8, today.day()) < (born.month() as u8, born.day());
        (years - i32::from(before_birthday)).max(0).unsigned_abs()
    }

    /// The nearest of the person of `index`; pensioners alone have none.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[must_use]
    pub fn relatives(&self, index: u64) -> Relatives {
        let Some(families) = &self.families else {
            return Relatives::default();
        };
        let place = self.family_place(index);
        let index_at = |place| self.index_at(place);
        // Fathers are known through mothers: whoever has no mother here has no father either.
        let children = families.children(&self.cells, place).into_iter();
        let children = children
            .filter(|child| self.lives_here(place) && self.mother(families, *child).is_some());
        Relatives {
            mother: self.mother(families, place).map(index_at),
            father: self.father(families, place).map(index_at),
            partner: self.partner(families, place).map(index_at),
            children: children.map(index_at).collect(),
        }
    }

    /// Whether the person of `index` is an e-resident: grown up, known to the state, living abroad,
    /// and without relatives here.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[must_use]
    pub fn is_e_resident(&self, index: u64) -> bool {
        let share = u64::from(self.plan.e_residents_per_mille);
        share > 0
            && scramble(index, self.name_key ^ E_RESIDENTS) % 1_000 < share
            && self.age(index) >= AGE_OF_MAJORITY
    }

    /// The country (ISO 3166-1) in which the person of `index` lives, where it is another one.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[must_use]
    pub fn lives_abroad_in(&self, index: u64) -> Option<&'static str> {
        let lot = scramble(index, self.name_key.rotate_left(7) ^ E_RESIDENTS);
        let abroad = ABROAD[(lot % ABROAD.len() as u64) as usize];
        self.is_e_resident(index).then_some(abroad)
    }

    /// Where the person of `index` lives: children with their mother, men with their partner.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[must_use]
    pub fn address(&self, index: u64) -> Address<'_> {
        self.book.address(self.household_lot(index))
    }

    /// The phone number of the person of `index`, in international form; nobody else has it.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[must_use]
    pub fn phone_number(&self, index: u64) -> String {
        assert!(
            index < self.plan.people,
            "person {index} of {}",
            self.plan.people
        );
        let (prefix, digits) = (&self.book.phone_prefix, self.phone_digits);
        format!("{prefix}{:0digits$}", self.phones.apply(index))
    }

    /// Whose phone number `text` is; `None` where it is nobody's.
    #[must_use]
    pub fn index_of_phone(&self, text: &str) -> Option<u64> {
        let number = text.strip_prefix(self.book.phone_prefix.as_str())?;
        let is_number =
            number.len() == self.phone_digits && number.bytes().all(|digit| digit.is_ascii_digit());
        let number: u64 = number.parse().ok().filter(|_| is_number)?;
        (number < self.plan.people).then(|| self.phones.invert(number))
    }

    /// The father's, else the mother's, else one's own.
    pub(super) fn surname(&self, index: u64) -> &str {
        let Some(families) = &self.families else {
            return self.book.surname(scramble(index, self.name_key));
        };
        // Each step leads to somebody older, so this ends.
        let mut place = self.family_place(index);
        loop {
            let father = self.father(families, place);
            match father.or_else(|| self.mother(families, place)) {
                Some(parent) => place = parent,
                None => {
                    let ancestor = self.index_at(place);
                    return self.book.surname(scramble(ancestor, self.name_key));
                }
            }
        }
    }

    /// The lot of the household: of the mother of a child, of the woman of a couple, else one's own.
    pub(super) fn household_lot(&self, index: u64) -> u64 {
        let head = self.families.as_ref().map_or(index, |families| {
            let mut place = self.family_place(index);
            if self.age(index) < AGE_OF_MAJORITY
                && let Some(mother) = self.mother(families, place)
            {
                place = mother;
            }
            let is_man = !place.cell.is_multiple_of(2);
            match self.partner(families, place).filter(|_| is_man) {
                Some(woman) => self.index_at(woman),
                None => self.index_at(place),
            }
        });
        scramble(head, self.name_key)
    }

    /// The mother, where both live here.
    fn mother(&self, families: &Families, child: Place) -> Option<Place> {
        let mother = families.mother(&self.cells, child)?;
        (self.lives_here(child) && self.lives_here(mother)).then_some(mother)
    }

    /// The father, where all three live here.
    fn father(&self, families: &Families, child: Place) -> Option<Place> {
        self.mother(families, child)?;
        let father = families.father(&self.cells, child)?;
        self.lives_here(father).then_some(father)
    }

    /// The partner, where both live here.
    fn partner(&self, families: &Families, of: Place) -> Option<Place> {
        let partner = families.partner(&self.cells, of)?;
        (self.lives_here(of) && self.lives_here(partner)).then_some(partner)
    }

    fn lives_here(&self, place: Place) -> bool {
        self.plan.e_residents_per_mille == 0 || !self.is_e_resident(self.index_at(place))
    }

    fn family_place(&self, index: u64) -> Place {
        assert!(
            index < self.plan.people,
            "person {index} of {}",
            self.plan.people
        );
        let position = self.shuffle.apply(index);
        let cell = self.cells.number_at(position);
        Place {
            cell,
            rank: (position - self.cells.number(cell).start) as u32,
        }
    }

    fn index_at(&self, place: Place) -> u64 {
        let start = self.cells.number(place.cell).start;
        self.shuffle.invert(start + u64::from(place.rank))
    }

    /// A day on which the person of `index` was certainly alive: of birth, or of giving birth.
    pub(super) fn alive_on(&self, families: &Families, index: u64) -> Date {
        let place = self.family_place(index);
        let newborn = families.newborn_of(&self.cells, place);
        let born = self.birth_date(place);
        newborn
            .into_iter()
            .map(|child| self.birth_date(child))
            .fold(born, Date::max)
    }

    fn birth_date(&self, place: Place) -> Date {
        self.parts(self.cells.number(place.cell), place.rank)
            .birth_date
    }
}
