//! A whole country's people: ages, families, homes and phones agree with each other.

#![expect(
    clippy::unwrap_used,
    reason = "a test may fail wherever something is missing"
)]

use std::collections::BTreeSet;

use sim_population::{Ages, Names, PeopleConfig, Population, PopulationPlan, SchemeName};
use time::macros::date;
use time::{Date, Month};

fn country(people: u64, id_scheme: SchemeName, names: Names) -> Population {
    let plan = PopulationPlan {
        ages: Ages::All,
        id_scheme,
        names,
        ..PopulationPlan::pensioners(people, people / 1_000, date!(2026 - 02 - 05))
    };
    Population::of(&PeopleConfig { seed: 7, plan }).unwrap()
}

fn estonia(people: u64) -> Population {
    country(people, SchemeName::Isikukood, Names::Estonian)
}

#[test]
fn everybody_has_an_id_a_phone_and_an_age_of_their_own() {
    for people in [1, 10, 1_000, 20_000] {
        for population in [
            estonia(people),
            country(people, SchemeName::Island, Names::Island),
        ] {
            let mut ids = BTreeSet::new();
            for index in 0..people {
                let person = population.person(index);
                assert!(ids.insert(person.national_id));
                assert_eq!(
                    population.index_of(person.national_id.as_str()),
                    Some(index)
                );
                let phone = population.phone_number(index);
                assert_eq!(population.index_of_phone(&phone), Some(index), "{phone}");
                assert!(population.age(index) <= 100);
            }
        }
    }
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
        assert!(birthday <= date!(2026 - 02 - 05), "{born} is {age}");
        assert!(date!(2026 - 02 - 05) - birthday < time::Duration::days(367));
        newborn += u32::from(age == 0);
        old += u32::from(age >= 64);
    }
    assert!((20..120).contains(&newborn), "{newborn} of 5,000");
    assert!((800..1_300).contains(&old), "{old} of 5,000");
}

#[test]
fn relatives_agree_with_each_other() {
    let population = estonia(20_000);
    let (mut with_mother, mut with_father, mut with_partner) = (0, 0, 0);
    for index in 0..population.len() {
        let own = population.relatives(index);
        let age = population.age(index);
        for (parent, youngest) in [(own.mother, 19), (own.father, 19)] {
            let Some(parent) = parent else { continue };
            assert!(population.age(parent) >= age + youngest, "of {index}");
            assert!(population.relatives(parent).children.contains(&index));
        }
        for child in &own.children {
            let of_child = population.relatives(*child);
            assert!(of_child.mother == Some(index) || of_child.father == Some(index));
        }
        let all: BTreeSet<u64> = own.children.iter().copied().collect();
        assert_eq!(all.len(), own.children.len(), "no child twice");
        if let Some(partner) = own.partner {
            assert_ne!(partner, index);
            assert!(population.age(partner) >= 20 && age >= 20);
            assert_eq!(population.relatives(partner).partner, Some(index));
            assert!(![own.mother, own.father].contains(&Some(partner)));
            assert!(!own.children.contains(&partner));
        }
        with_mother += u32::from(own.mother.is_some());
        with_father += u32::from(own.father.is_some());
        with_partner += u32::from(own.partner.is_some());
        if age < 18 {
            assert!(own.mother.is_some(), "the child {index} has a mother");
        }
    }
    assert!(with_mother > 14_000, "{with_mother} have a mother");
    assert!(with_father > 8_000, "{with_father} have a father");
    assert!(with_partner > 6_000, "{with_partner} have a partner");
}

#[test]
fn families_live_together_and_share_their_name() {
    let population = estonia(5_000);
    for index in 0..population.len() {
        let own = population.relatives(index);
        let person = population.person(index);
        assert_eq!(person.municipality, population.address(index).municipality);
        if let Some(father) = own.father {
            assert_eq!(person.surname, population.person(father).surname);
        } else if let Some(mother) = own.mother {
            assert_eq!(person.surname, population.person(mother).surname);
        }
        if population.age(index) < 18
            && let Some(mother) = own.mother
        {
            assert_eq!(population.address(index), population.address(mother));
        }
        if let Some(partner) = own.partner {
            assert_eq!(population.address(index), population.address(partner));
        }
    }
}

#[test]
fn small_countries_hold_together_too() {
    for people in 1..60 {
        let population = estonia(people);
        for index in 0..people {
            let own = population.relatives(index);
            for other in own
                .children
                .iter()
                .chain(&own.mother)
                .chain(&own.father)
                .chain(&own.partner)
            {
                assert_ne!(*other, index);
                assert!(*other < people);
            }
        }
    }
}

#[test]
fn pensioners_have_no_relatives_and_phones_are_read_strictly() {
    let plan = PopulationPlan::pensioners(50, 5, date!(2026 - 02 - 05));
    let pensioners = Population::new(7, plan).unwrap();
    assert!((0..50).all(|index| pensioners.relatives(index) == Default::default()));
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

/// What a country's people are is part of every recorded run: they must not change unnoticed.
#[test]
fn the_first_people_are_who_they_always_were() {
    let population = estonia(50_000);
    let told: Vec<String> = (0..3)
        .map(|index| {
            let person = population.person(index);
            format!(
                "{} {} {}, {} children",
                person.national_id,
                person.given_name,
                person.surname,
                population.relatives(index).children.len()
            )
        })
        .collect();
    insta::assert_debug_snapshot!(told);
}
