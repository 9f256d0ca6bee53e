//! The population: from an index to a person, and back.

mod country;

use std::sync::Arc;

use rand::Rng;
use time::{Date, Duration};

use crate::cells::{Cell, Cells};
use crate::families::Families;
use crate::id_scheme::{IdParts, IdScheme, NationalId, SchemeName};
use crate::names::NameBook;
use crate::permutation::{Permutation, lot, scramble};
use crate::person::{Identity, Person, Status};
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
    book: Arc<NameBook>,
    phones: Permutation,
    phone_digits: usize,
}

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
            book: Arc::new(NameBook::of(&plan.names)?),
            phones: Permutation::new(plan.people, [key(), key(), key(), key()]),
            phone_digits: country::phone_digits(plan.people),
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
    pub fn person(&self, index: u64) -> Person<'_> {
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
        let on = self.first_death_day + Duration::days(day as i64);
        Status::Deceased {
            on: match &self.families {
                None => on,
                Some(families) => on.max(self.alive_on(families, index)),
            },
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
