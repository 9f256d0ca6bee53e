//! A whole country's people: ages, families, homes and phones agree with each other.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail wherever something is missing"
)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sim_population::{
    Ages, NameLists, Names, PeopleConfig, Population, PopulationPlan, Relatives, SchemeName, Sex,
};
use time::macros::date;
use time::{Date, Month};

const REFERENCE: Date = date!(2026 - 02 - 05);

fn country(seed: u64, people: u64, deceased: u64, id_scheme: SchemeName) -> Population {
    let plan = PopulationPlan {
        ages: Ages::All,
        id_scheme,
        names: match id_scheme {
            SchemeName::Isikukood => Names::Estonian,
            SchemeName::Island => Names::Island,
        },
        ..PopulationPlan::pensioners(people, deceased, REFERENCE)
    };
    Population::of(&PeopleConfig { seed, plan }).unwrap()
}

fn estonia(people: u64) -> Population {
    country(7, people, people / 1_000, SchemeName::Isikukood)
}

/// Whole years from a day to the same day of the year.
fn years(from: Date, to: Date) -> i32 {
    let before = (to.month() as u8, to.day()) < (from.month() as u8, from.day());
    to.year() - from.year() - i32::from(before)
}

/// All that must hold of somebody and of those around them.
fn check(population: &Population, index: u64) {
    let person = population.person(index);
    let text = person.national_id;
    assert_eq!(population.index_of(text.as_str()), Some(index));
    let phone = population.phone_number(index);
    assert_eq!(population.index_of_phone(&phone), Some(index), "{phone}");
    if let Some(died) = person.status.died_on() {
        assert!((person.birth_date..=REFERENCE).contains(&died), "{text}");
    }

    let own = population.relatives(index);
    if let Some(mother) = own.mother {
        let mother = population.person(mother);
        assert_eq!(mother.sex, Sex::Female);
        let older = years(mother.birth_date, person.birth_date);
        assert!((18..=45).contains(&older), "mother of {text} by {older}");
        if let Some(died) = mother.status.died_on() {
            assert!(person.birth_date <= died, "{text} was born of the dead");
        }
    }
    if let Some(father) = own.father {
        let father = population.person(father);
        assert_eq!(father.sex, Sex::Male);
        let older = years(father.birth_date, person.birth_date);
        assert!((18..=50).contains(&older), "father of {text} by {older}");
        assert!(own.mother.is_some());
    }
    for parent in [own.mother, own.father].into_iter().flatten() {
        assert!(population.relatives(parent).children.contains(&index));
    }
    for &child in &own.children {
        let of_child = population.relatives(child);
        let parents = match person.sex {
            Sex::Female => of_child.mother,
            Sex::Male => of_child.father,
        };
        assert_eq!(parents, Some(index), "{text} and its child");
    }
    if let Some(partner) = own.partner {
        assert_eq!(population.relatives(partner).partner, Some(index));
        assert!(population.age(index) >= 18 && population.age(partner) >= 18);
        let of_partner = population.relatives(partner);
        assert!(own.mother.is_none() || own.mother != of_partner.mother);
        assert_eq!(own.children, of_partner.children);
    }
    let nearest = [own.mother, own.father, own.partner].into_iter().flatten();
    let nearest: Vec<u64> = nearest.chain(own.children).collect();
    let distinct: BTreeSet<u64> = nearest.iter().copied().collect();
    assert_eq!(
        distinct.len(),
        nearest.len(),
        "{text} has somebody twice over"
    );
    assert!(!distinct.contains(&index));

    check_home_and_name(population, index);
}

fn check_home_and_name(population: &Population, index: u64) {
    let own = population.relatives(index);
    let (person, home) = (population.person(index), population.address(index));
    assert_eq!(person.municipality, home.municipality);
    if let Some(parent) = own.father.or(own.mother) {
        assert_eq!(person.surname, population.person(parent).surname);
    }
    if population.age(index) < 18
        && let Some(mother) = own.mother
    {
        assert_eq!(home, population.address(mother));
    }
    if let Some(partner) = own.partner {
        assert_eq!(home, population.address(partner));
    }
}

#[test]
fn everybody_agrees_with_everybody_around() {
    for people in [1, 10, 1_000, 20_000] {
        for scheme in [SchemeName::Isikukood, SchemeName::Island] {
            let population = country(7, people, people / 100, scheme);
            (0..people).for_each(|index| check(&population, index));
        }
    }
}

#[test]
fn small_countries_hold_together_too() {
    for people in 1..60 {
        let population = country(people, people, people, SchemeName::Isikukood);
        (0..people).for_each(|index| check(&population, index));
    }
}

/// So many as live in Estonia, seen by every 137th.
#[test]
fn large_countries_hold_together() {
    for people in [50_000, 1_370_000] {
        let population = estonia(people);
        for index in (0..people).step_by(137) {
            check(&population, index);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_country_holds_together(
        seed: u64,
        people in 1_u64..3_000,
        fraction in 0.0_f64..=1.0,
        at: u64,
    ) {
        let deceased = (people as f64 * fraction) as u64;
        let population = country(seed, people, deceased, SchemeName::Island);
        (0..people.min(200)).for_each(|step| check(&population, (at % people + step) % people));
    }
}

/// Who is whose child, once read from the parents and once from the children.
#[test]
fn children_are_told_alike_from_both_sides() {
    let population = estonia(20_000);
    let (mut by_parents, mut by_children) = (BTreeSet::new(), BTreeSet::new());
    for index in 0..population.len() {
        let own = population.relatives(index);
        let parents = [own.mother, own.father].into_iter().flatten();
        by_children.extend(parents.map(|parent| (parent, index)));
        by_parents.extend(own.children.into_iter().map(|child| (index, child)));
    }
    assert_eq!(by_parents, by_children);
}

#[test]
fn families_are_of_a_likely_size() {
    let population = estonia(100_000);
    let mut most = 0;
    // By age in decades: people, with a mother, with a partner, children of women, women.
    let mut decades = BTreeMap::<u32, [u32; 5]>::new();
    for index in 0..population.len() {
        let own = population.relatives(index);
        let decade = decades.entry(population.age(index) / 10).or_default();
        decade[0] += 1;
        decade[1] += u32::from(own.mother.is_some());
        decade[2] += u32::from(own.partner.is_some());
        let children = u32::try_from(own.children.len()).unwrap();
        if population.person(index).sex == Sex::Female {
            decade[3] += children;
            decade[4] += 1;
        }
        most = most.max(children);
        if population.age(index) < 18 {
            assert!(own.mother.is_some(), "the child {index} has a mother");
        }
    }
    let percent = |decade: u32, what: usize| 100 * decades[&decade][what] / decades[&decade][0];
    assert!(percent(3, 1) > 90, "{decades:?}");
    assert!((20..70).contains(&percent(5, 1)), "{decades:?}");
    assert!((55..85).contains(&percent(4, 2)), "{decades:?}");
    for decade in 4..=9 {
        let children = f64::from(decades[&decade][3]) / f64::from(decades[&decade][4]);
        assert!((1.0..2.6).contains(&children), "{decade}: {decades:?}");
    }
    assert!((5..=14).contains(&most), "{most} children");
}

#[test]
fn ages_are_those_of_the_birth_dates() {
    let population = estonia(5_000);
    let (mut newborn, mut old) = (0, 0);
    for index in 0..population.len() {
        let (age, born) = (population.age(index), population.person(index).birth_date);
        // Whoever is born on 29 February has the birthday on 1 March in other years.
        let year = born.year() + age as i32;
        let birthday = born
            .replace_year(year)
            .unwrap_or_else(|_| Date::from_calendar_date(year, Month::March, 1).unwrap());
        assert!(birthday <= REFERENCE, "{born} is {age}");
        assert!(REFERENCE - birthday < time::Duration::days(367));
        assert!(age <= 100);
        newborn += u32::from(age == 0);
        old += u32::from(age >= 64);
    }
    assert!((20..120).contains(&newborn), "{newborn} of 5,000");
    assert!((800..1_300).contains(&old), "{old} of 5,000");
}

/// Everybody here has died, so that births fall on all sides of all deaths.
#[test]
fn nobody_dies_before_being_born_or_giving_birth() {
    let population = country(3, 40_000, 40_000, SchemeName::Isikukood);
    let mut born_late = 0;
    for index in 0..population.len() {
        let person = population.person(index);
        let died = person.status.died_on().unwrap();
        assert!((date!(2026 - 01 - 05)..=REFERENCE).contains(&died));
        assert!(person.birth_date <= died);
        if person.birth_date > date!(2026 - 01 - 05) {
            born_late += 1;
            if let Some(mother) = population.relatives(index).mother {
                assert!(population.status(mother).died_on() >= Some(person.birth_date));
            }
        }
    }
    assert!(born_late > 20, "{born_late} were born within the month");
}

#[test]
fn a_scenario_may_bring_names_of_its_own() {
    let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let lists = NameLists {
        women: list(&["Ada"]),
        men: list(&["Bert"]),
        surnames: list(&["Quill"]),
        municipalities: list(&["Overmoor"]),
        streets: list(&["High Street"]),
        phone_prefix: "+88".to_owned(),
    };
    let plan = PopulationPlan {
        ages: Ages::All,
        names: Names::Lists(Box::new(lists)),
        ..PopulationPlan::pensioners(100, 1, REFERENCE)
    };
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<PopulationPlan>(&text).unwrap(), plan);
    let population = Population::new(7, plan.clone()).unwrap();
    for index in 0..population.len() {
        let person = population.person(index);
        let given = if person.sex == Sex::Female {
            "Ada"
        } else {
            "Bert"
        };
        assert_eq!((person.given_name, person.surname), (given, "Quill"));
        let home = population.address(index);
        assert_eq!(
            (home.street, home.municipality),
            ("High Street", "Overmoor")
        );
        let phone = population.phone_number(index);
        assert!(phone.starts_with("+88") && phone.len() == 10, "{phone}");
    }
    let without_men = text.replace("[\"Bert\"]", "[]");
    let plan = serde_json::from_str(&without_men).unwrap();
    let error = Population::new(7, plan).unwrap_err().to_string();
    assert_eq!(
        error,
        "the list of men holds 0 names; 1 to 10000 are possible"
    );
}

#[test]
fn pensioners_have_no_relatives_and_phones_are_read_strictly() {
    let plan = PopulationPlan::pensioners(50, 5, REFERENCE);
    let pensioners = Population::new(7, plan).unwrap();
    assert!((0..50).all(|index| pensioners.relatives(index) == Relatives::default()));
    let phone = pensioners.phone_number(3);
    assert!(phone.starts_with("+3725") && phone.len() == 12, "{phone}");
    for text in [
        "",
        "+3725",
        &phone[1..],
        &format!("{phone}0"),
        "+37259999999",
        "+3725+000003",
    ] {
        assert_eq!(pensioners.index_of_phone(text), None, "{text}");
    }
}

#[test]
fn e_residents_are_grown_up_live_abroad_and_have_nobody_here() {
    let plan = PopulationPlan {
        e_residents_per_mille: 100,
        ..estonia(20_000).plan().clone()
    };
    let population = Population::of(&PeopleConfig { seed: 7, plan }).unwrap();
    let (mut grown_up, mut abroad) = (0_u32, 0_u32);
    for index in 0..population.len() {
        check(&population, index);
        grown_up += u32::from(population.age(index) >= 18);
        let country = population.lives_abroad_in(index);
        assert_eq!(country.is_some(), population.is_e_resident(index));
        if country.is_some() {
            abroad += 1;
            assert!(population.age(index) >= 18);
            assert_eq!(population.relatives(index), Relatives::default());
        }
    }
    let share = f64::from(abroad) / f64::from(grown_up);
    assert!((0.09..0.11).contains(&share), "{share}");
    let usual = estonia(20_000);
    assert!((0..usual.len()).all(|index| !usual.is_e_resident(index)));
}

/// What a country's people are is part of every recorded run: they must not change unnoticed.
#[test]
fn the_first_people_are_who_they_always_were() {
    let told = |population: &Population| -> Vec<String> {
        let tell = |index| {
            let (person, home) = (population.person(index), population.address(index));
            let own = population.relatives(index);
            format!(
                "{} {} {}, {} {}, {}, mother {:?}, father {:?}, partner {:?}, children {:?}",
                person.national_id,
                person.given_name,
                person.surname,
                home.street,
                home.house,
                population.phone_number(index),
                own.mother,
                own.father,
                own.partner,
                own.children
            )
        };
        (0..4).map(tell).collect()
    };
    insta::assert_debug_snapshot!("first_of_estonia", told(&estonia(50_000)));
    let island = country(7, 50_000, 50, SchemeName::Island);
    insta::assert_debug_snapshot!("first_of_the_island", told(&island));
}
