//! What everybody relies on: unique and valid IDs, exact deaths, the way back, the same again.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail wherever something is missing"
)]

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use proptest::prelude::*;
use sim_population::{
    Ages, Date, IdError, IdParts, IdScheme, Isikukood, NationalId, Population, PopulationError,
    PopulationPlan, SchemeName, Sex, Status,
};
use time::macros::date;

const REFERENCE: Date = date!(2026 - 02 - 05);

fn plan(people: u64, deceased: u64) -> PopulationPlan {
    PopulationPlan::pensioners(people, deceased, REFERENCE)
}

fn population(people: u64, deceased: u64) -> Population {
    Population::new(7, plan(people, deceased)).unwrap()
}

fn check_everybody<S: IdScheme>(population: &Population<S>) {
    let mut ids = BTreeSet::new();
    let mut dead = 0;
    for index in 0..population.len() {
        let person = population.person(index);
        let id = person.national_id;
        assert!(ids.insert(id), "{id} is given twice");
        assert_eq!(population.index_of(id.as_str()), Some(index));
        let parts = population
            .scheme()
            .parse(id.as_str())
            .expect("the scheme reads what it wrote");
        assert_eq!(
            (parts.birth_date, parts.sex),
            (person.birth_date, person.sex)
        );

        let identity = population.identity(index);
        assert_eq!((identity.national_id, identity.status), (id, person.status));
        assert_eq!(population.national_id(index), id);
        assert_eq!(population.status(index), person.status);
        assert_eq!(
            population.is_deceased(index),
            person.status != Status::Alive
        );
        dead += u64::from(population.is_deceased(index));
    }
    assert_eq!(dead, population.plan().deceased);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn ids_are_unique_and_lead_back_and_deaths_are_exact(
        seed: u64,
        people in 1_u64..4_000,
        fraction in 0.0_f64..=1.0,
        day in 0_i32..20_000,
    ) {
        let deceased = (people as f64 * fraction) as u64;
        let reference_date = Date::from_julian_day(2_450_000 + day).unwrap();
        let plan = PopulationPlan::pensioners(people, deceased, reference_date);
        check_everybody(&Population::new(seed, plan).unwrap());
    }

    #[test]
    fn so_they_are_in_a_whole_country(
        seed: u64,
        people in 1_u64..4_000,
        fraction in 0.0_f64..=1.0,
        day in 0_i32..20_000,
        on_the_island: bool,
    ) {
        let plan = PopulationPlan {
            ages: Ages::All,
            id_scheme: if on_the_island { SchemeName::Island } else { SchemeName::Isikukood },
            ..PopulationPlan::pensioners(
                people,
                (people as f64 * fraction) as u64,
                Date::from_julian_day(2_450_000 + day).unwrap(),
            )
        };
        check_everybody(&Population::new(seed, plan).unwrap());
    }

    #[test]
    fn a_seed_decides_everything(seed: u64, index in 0_u64..500_000) {
        let make = |seed| Population::new(seed, plan(500_000, 980)).unwrap();
        let (one, same, other) = (make(seed), make(seed), make(seed ^ 1));
        prop_assert_eq!(one.person(index), same.person(index));
        let people = |of: &Population| (0..20).map(|at| of.national_id(at)).collect::<Vec<_>>();
        prop_assert_ne!(people(&one), people(&other));
    }

    #[test]
    fn no_text_leads_to_somebody_else(text in "[0-9]{11}|.{0,15}") {
        let population = population(500_000, 980);
        if let Some(index) = population.index_of(&text) {
            let id = population.national_id(index);
            prop_assert_eq!(id.as_str(), text);
        }
    }
}

#[test]
fn everybody_or_nobody_may_have_died() {
    for (people, deceased) in [
        (1, 0),
        (1, 1),
        (74, 74),
        (5_000, 0),
        (5_000, 10),
        (5_000, 5_000),
    ] {
        check_everybody(&population(people, deceased));
    }
}

/// A run is repeated from its seed: whoever changes this person changes every run on record.
#[test]
fn people_stay_who_they_are() {
    let population = population(500_000, 980);
    let person = population.person(0);
    let text = format!(
        "{} {} {} {} {} {}",
        person.national_id,
        person.given_name,
        person.surname,
        person.birth_date,
        person.sex.as_str(),
        person.municipality
    );
    assert_eq!(text, "35601241356 Avo Nõmm 1956-01-24 male Saaremaa");
}

#[test]
fn ages_and_deaths_are_those_of_pensioners() {
    let population = population(50_000, 5_000);
    let age = |born: Date| (REFERENCE - born).whole_days() as f64 / 365.25;
    let (mut women, mut ages, mut ages_of_dead) = (0, 0.0, 0.0);
    let mut death_days = BTreeSet::new();
    let mut birthdays = BTreeSet::new();
    for index in 0..population.len() {
        let person = population.person(index);
        let years = age(person.birth_date);
        assert!((63.99..101.01).contains(&years), "{years}");
        women += u32::from(person.sex == Sex::Female);
        ages += years;
        birthdays.insert(person.birth_date.ordinal());
        if let Status::Deceased { on } = person.status {
            ages_of_dead += years;
            death_days.insert(on);
        }
    }
    assert!((29_000..32_000).contains(&women), "{women} women of 50,000");
    let (mean, mean_of_dead) = (ages / 50_000.0, ages_of_dead / 5_000.0);
    assert!((73.0..78.0).contains(&mean), "{mean}");
    assert!(mean_of_dead > mean + 4.0, "{mean_of_dead} against {mean}");
    assert_eq!(birthdays.len(), 366);
    assert_eq!(death_days.first(), Some(&date!(2026 - 01 - 05)));
    assert_eq!(death_days.last(), Some(&date!(2026 - 02 - 04)));
    assert_eq!(death_days.len(), 31);
}

#[test]
fn bad_plans_are_refused() {
    let refused = |plan| Population::new(7, plan).unwrap_err();
    assert_eq!(refused(plan(0, 0)), PopulationError::Empty);
    assert_eq!(
        refused(plan(5, 6)).to_string(),
        "6 deceased cannot be among 5 people"
    );
    let PopulationError::BeyondCapacity { capacity, .. } = refused(plan(1 << 40, 0)) else {
        panic!("a million million pensioners are too many");
    };
    assert_eq!(
        refused(plan(capacity + 1, 0)),
        PopulationError::BeyondCapacity {
            people: capacity + 1,
            capacity
        }
    );
    let early = PopulationPlan {
        reference_date: date!(1850 - 01 - 01),
        ..plan(5, 1)
    };
    assert!(matches!(
        refused(early),
        PopulationError::ReferenceDate { .. }
    ));
}

/// At its limit every national ID of every pensioner's birth day is used.
#[test]
fn the_capacity_can_be_filled() {
    let capacity = 37 * 365 * 2 * 1_000 + 9 * 2 * 1_000;
    let full = population(capacity, 1_000);
    assert!(Population::new(7, plan(capacity + 1, 0)).is_err());
    for index in (0..capacity).step_by(9_973) {
        assert_eq!(full.index_of(full.national_id(index).as_str()), Some(index));
    }
}

#[test]
#[should_panic(expected = "person 10 of 10")]
fn nobody_is_beyond_the_end() {
    let _ = population(10, 1).identity(10);
}

#[test]
fn a_plan_is_read_strictly() {
    let read = |text: &str| serde_json::from_str::<PopulationPlan>(text);
    let good = r#"{"people":500000,"deceased":980,"reference_date":"2026-02-05","ages":"pensioners","id_scheme":"isikukood","names":"estonian"}"#;
    assert_eq!(read(good).unwrap(), plan(500_000, 980));
    assert_eq!(serde_json::to_string(&plan(500_000, 980)).unwrap(), good);
    let short = r#"{"people":500000,"deceased":980,"reference_date":"2026-02-05"}"#;
    assert_eq!(read(short).unwrap(), plan(500_000, 980));
    assert!(read(&good.replace("02-05", "02-30")).is_err());
    assert!(read(&good.replace("people", "poeple")).is_err());
}

/// A scheme with an awkward number of serials, to show that nothing rests on Estonia's thousand.
#[derive(Debug)]
struct DaySexSerial;

impl IdScheme for DaySexSerial {
    fn serials(&self) -> u32 {
        6
    }

    fn birth_days(&self) -> RangeInclusive<Date> {
        Isikukood.birth_days()
    }

    fn compose(&self, parts: &IdParts) -> NationalId {
        let sex = if parts.sex == Sex::Male { 'M' } else { 'F' };
        let text = format!("{}{sex}{}", parts.birth_date.to_julian_day(), parts.serial);
        NationalId::from_text(&text).unwrap()
    }

    fn parse(&self, text: &str) -> Result<IdParts, IdError> {
        let day: i32 = text[..7].parse().map_err(|_| IdError::BirthDate)?;
        Ok(IdParts {
            birth_date: Date::from_julian_day(day).map_err(|_| IdError::BirthDate)?,
            sex: if &text[7..8] == "M" {
                Sex::Male
            } else {
                Sex::Female
            },
            serial: text[8..]
                .parse()
                .map_err(|_| IdError::NotADigit { position: 9 })?,
        })
    }
}

#[test]
fn another_scheme_can_join() {
    for people in [1, 2_000, 160_000] {
        let population =
            Population::with_scheme(DaySexSerial, 7, plan(people, people / 3)).unwrap();
        check_everybody(&population);
        let plan = PopulationPlan {
            ages: Ages::All,
            ..plan(people, people / 3)
        };
        check_everybody(&Population::with_scheme(DaySexSerial, 7, plan).unwrap());
    }
}
