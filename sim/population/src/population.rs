//! The population: from an index to a person, and back.

use rand::Rng;
use time::{Date, Duration};

use crate::cells::{Cell, Cells};
use crate::families::{Families, Place};
use crate::id_scheme::{IdParts, IdScheme, NationalId, SchemeName};
use crate::names::NameBook;
use crate::permutation::{Permutation, lot, scramble};
use crate::person::{Address, Identity, Person, Relatives, Status};
use crate::plan::{Ages, PeopleConfig, PopulationError, PopulationPlan};
use crate::pyramid::{self, ALL_AGES, Cohort};
use crate::stride::Stride;

/// The people of a plan and a seed, each computed when asked for.
///
/// The same seed and plan give the same people on every machine.
#[derive(Clone, Debug)]
pub struct Population<S = SchemeName> {
    scheme: S,
    plan: PopulationPlan,
    shuffle: Permutation,
    cells: Cells,
    serial_stride: Stride,
    serial_key: u64,
    name_key: u64,
    death_key: u64,
    /// The first of the days on which the dead died.
    first_death_day: Date,
    death_days: u64,
    /// Absent where there are only pensioners.
    families: Option<Families>,
    book: NameBook,
    phones: Permutation,
    phone_digits: usize,
}

/// Digits of a phone number behind its prefix, where so many are enough.
const PHONE_DIGITS: usize = 7;
/// Until this age children live with their mother, in completed years.
const AGE_OF_MAJORITY: u32 = 18;

impl Population {
    /// The people of a plan, numbered as it says.
    ///
    /// # Errors
    ///
    /// See [`PopulationError`].
    pub fn new(seed: u64, plan: PopulationPlan) -> Result<Self, PopulationError> {
        Self::with_scheme(plan.id_scheme, seed, plan)
    }

    /// The people of a country.
    ///
    /// # Errors
    ///
    /// See [`PopulationError`].
    pub fn of(people: &PeopleConfig) -> Result<Self, PopulationError> {
        Self::new(people.seed, people.plan.clone())
    }
}

impl<S: IdScheme> Population<S> {
    /// The people of any scheme.
    ///
    /// # Errors
    ///
    /// See [`PopulationError`].
    pub fn with_scheme(
        scheme: S,
        seed: u64,
        plan: PopulationPlan,
    ) -> Result<Self, PopulationError> {
        let cohorts = checked_cohorts(&scheme, &plan)?;
        let serials = scheme.serials();
        let sizes = pyramid::sizes(&cohorts, plan.people, serials);
        let deaths = pyramid::deaths(&cohorts, &sizes, plan.deceased);
        let mut rng = sim_clock::rng(seed, "population");
        let mut key = || rng.next_u64();
        let keys = [key(), key(), key(), key()];
        let first_death_day = month_before(plan.reference_date);
        let death_days = (plan.reference_date - first_death_day)
            .whole_days()
            .unsigned_abs();
        Ok(Self {
            scheme,
            shuffle: Permutation::new(plan.people, keys),
            cells: Cells::new(&cohorts, &sizes, &deaths),
            serial_stride: Stride::new(serials),
            serial_key: key(),
            name_key: key(),
            death_key: key(),
            first_death_day,
            death_days,
            families: (plan.ages == Ages::All).then(|| Families::new(ALL_AGES, key())),
            book: NameBook::of(plan.names),
            phones: Permutation::new(plan.people, [key(), key(), key(), key()]),
            phone_digits: PHONE_DIGITS.max((plan.people - 1).to_string().len()),
            plan,
        })
    }

    /// The plan this population was made of.
    #[must_use]
    pub const fn plan(&self) -> &PopulationPlan {
        &self.plan
    }

    /// The scheme of the national IDs.
    #[must_use]
    pub const fn scheme(&self) -> &S {
        &self.scheme
    }

    /// How many people there are; never zero, for a plan of nobody is refused.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a population is never empty")]
    pub const fn len(&self) -> u64 {
        self.plan.people
    }

    /// National ID and status of the person of `index`: the cheap core, without allocation.
    ///
    /// # Panics
    ///
    /// Like every access by index, when `index` is not below [`Self::len`].
    #[inline]
    #[must_use]
    pub fn identity(&self, index: u64) -> Identity {
        let (cell, rank) = self.place(index);
        Identity {
            national_id: self.scheme.compose(&self.parts(cell, rank)),
            status: self.status_of_rank(index, cell, rank),
        }
    }

    /// The national ID of the person of `index`.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[inline]
    #[must_use]
    pub fn national_id(&self, index: u64) -> NationalId {
        let (cell, rank) = self.place(index);
        self.scheme.compose(&self.parts(cell, rank))
    }

    /// Whether the person of `index` is alive, or died when.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[inline]
    #[must_use]
    pub fn status(&self, index: u64) -> Status {
        let (cell, rank) = self.place(index);
        self.status_of_rank(index, cell, rank)
    }

    /// Whether the person of `index` has died.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[inline]
    #[must_use]
    pub fn is_deceased(&self, index: u64) -> bool {
        let (cell, rank) = self.place(index);
        rank < cell.deaths
    }

    /// All that is known of the person of `index`.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[must_use]
    pub fn person(&self, index: u64) -> Person {
        let (cell, rank) = self.place(index);
        let parts = self.parts(cell, rank);
        let lot = scramble(index, self.name_key);
        let given_name = match self.plan.ages {
            Ages::Pensioners => self.book.given_name(parts.sex, lot),
            Ages::All => {
                let born = parts.birth_date.year();
                self.book.given_name_of(parts.sex, born, lot)
            }
        };
        Person {
            index,
            national_id: self.scheme.compose(&parts),
            given_name,
            surname: self.surname(index),
            birth_date: parts.birth_date,
            sex: parts.sex,
            municipality: self.book.municipality(self.household_lot(index)),
            status: self.status_of_rank(index, cell, rank),
        }
    }

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
        let (cells, place) = (&self.cells, self.family_place(index));
        let index_of = |place| self.index_at(place);
        let children = families.children(cells, place).into_iter().map(index_of);
        Relatives {
            mother: families.mother(cells, place).map(index_of),
            father: families.father(cells, place).map(index_of),
            partner: families.partner(cells, place).map(index_of),
            children: children.collect(),
        }
    }

    /// Where the person of `index` lives: children with their mother, men with their partner.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Self::len`].
    #[must_use]
    pub fn address(&self, index: u64) -> Address {
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
        let (prefix, digits) = (self.book.phone_prefix, self.phone_digits);
        format!("{prefix}{:0digits$}", self.phones.apply(index))
    }

    /// Whose phone number `text` is; `None` where it is nobody's.
    #[must_use]
    pub fn index_of_phone(&self, text: &str) -> Option<u64> {
        let number = text.strip_prefix(self.book.phone_prefix)?;
        let is_number =
            number.len() == self.phone_digits && number.bytes().all(|digit| digit.is_ascii_digit());
        let number: u64 = number.parse().ok().filter(|_| is_number)?;
        (number < self.plan.people).then(|| self.phones.invert(number))
    }

    /// The father's, else the mother's, else one's own.
    fn surname(&self, index: u64) -> &'static str {
        let Some(families) = &self.families else {
            return self.book.surname(scramble(index, self.name_key));
        };
        // Each step leads to somebody at least 18 years older, so this ends.
        let mut place = self.family_place(index);
        loop {
            let father = families.father(&self.cells, place);
            match father.or_else(|| families.mother(&self.cells, place)) {
                Some(parent) => place = parent,
                None => {
                    let ancestor = self.index_at(place);
                    return self.book.surname(scramble(ancestor, self.name_key));
                }
            }
        }
    }

    /// The lot of the household: of the mother of a child, of the woman of a couple, else one's own.
    fn household_lot(&self, index: u64) -> u64 {
        let head = self.families.as_ref().map_or(index, |families| {
            let mut place = self.family_place(index);
            if self.age(index) < AGE_OF_MAJORITY
                && let Some(mother) = families.mother(&self.cells, place)
            {
                place = mother;
            }
            let is_man = !place.cell.is_multiple_of(2);
            match families.partner(&self.cells, place).filter(|_| is_man) {
                Some(woman) => self.index_at(woman),
                None => self.index_at(place),
            }
        });
        scramble(head, self.name_key)
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

    /// The index of the person whose national ID is `text`; `None` where there is nobody.
    #[must_use]
    pub fn index_of(&self, text: &str) -> Option<u64> {
        let IdParts {
            birth_date,
            sex,
            serial,
        } = self.scheme.parse(text).ok()?;
        let day_number = birth_date.to_julian_day();
        let cell = self.cells.of_birth(sex, day_number)?;
        let day = u32::try_from(day_number - cell.cohort.first_day).ok()?;
        let step = self
            .serial_stride
            .step_of(serial, self.serial_offset(day_number));
        let rank = step.checked_mul(cell.cohort.days)? + cell.day_stride.step_of(day, 0);
        (rank < cell.size).then(|| self.shuffle.invert(cell.start + u64::from(rank)))
    }

    /// Where in the pyramid the person of `index` stands.
    #[inline]
    fn place(&self, index: u64) -> (&Cell, u32) {
        assert!(
            index < self.plan.people,
            "person {index} of {}",
            self.plan.people
        );
        let position = self.shuffle.apply(index);
        let cell = self.cells.at(position);
        (cell, (position - cell.start) as u32)
    }

    #[inline]
    fn parts(&self, cell: &Cell, rank: u32) -> IdParts {
        let day = cell.day_stride.place_of(rank % cell.cohort.days, 0);
        let day_number = cell.cohort.first_day + day as i32;
        let step = rank / cell.cohort.days;
        IdParts {
            birth_date: Date::from_julian_day(day_number)
                .expect("every cohort lies in the calendar"),
            sex: cell.cohort.sex,
            serial: self
                .serial_stride
                .place_of(step, self.serial_offset(day_number)),
        }
    }

    #[inline]
    fn status_of_rank(&self, index: u64, cell: &Cell, rank: u32) -> Status {
        if rank >= cell.deaths {
            return Status::Alive;
        }
        let day = lot(scramble(index, self.death_key), self.death_days);
        Status::Deceased {
            on: self.first_death_day + Duration::days(day as i64),
        }
    }

    /// The serial number with which a birth day begins.
    #[inline]
    fn serial_offset(&self, day_number: i32) -> u32 {
        let drawn = scramble(u64::from(day_number.unsigned_abs()), self.serial_key);
        lot(drawn, u64::from(self.serial_stride.modulus)) as u32
    }
}

/// The cohorts of a plan that can be fulfilled.
fn checked_cohorts(
    scheme: &impl IdScheme,
    plan: &PopulationPlan,
) -> Result<Vec<Cohort>, PopulationError> {
    let PopulationPlan {
        people,
        deceased,
        reference_date,
        ages,
        ..
    } = *plan;
    if people == 0 {
        return Err(PopulationError::Empty);
    }
    if deceased > people {
        return Err(PopulationError::MoreDeceasedThanPeople { deceased, people });
    }
    let (first, last) = scheme.birth_days().into_inner();
    let days = first.to_julian_day()..=last.to_julian_day();
    let cohorts = pyramid::cohorts(reference_date, ages)
        .filter(|cohorts| cohorts.iter().all(|cohort| cohort.lies_in(&days)))
        .ok_or(PopulationError::ReferenceDate {
            reference_date,
            first,
            last,
        })?;
    let capacity = cohorts
        .iter()
        .map(|cohort| cohort.capacity(scheme.serials()))
        .sum();
    if people > capacity {
        return Err(PopulationError::BeyondCapacity { people, capacity });
    }
    Ok(cohorts)
}

/// The same day of the month before; its last day where it has no such day.
fn month_before(date: Date) -> Date {
    let (year, month, day) = date.to_calendar_date();
    let year = if month == time::Month::January {
        year - 1
    } else {
        year
    };
    let month = month.previous();
    Date::from_calendar_date(year, month, day.min(month.length(year)))
        .expect("a day no later than the month's last")
}
