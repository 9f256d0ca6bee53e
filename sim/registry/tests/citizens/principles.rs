//! What holds of all registries together: one identifier, one source of each truth, and records that
//! agree.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};
use sim_population::iso_date;
use sim_registry::Kind;

use super::all_kinds::{Attributes, Country, SERVICES, name_of, walk};
use super::country::{PEOPLE, Registry, plan};

/// Everybody of a sample of this size is asked about everywhere.
const SAMPLE: u64 = 100;
/// From this age on there is an old-age pension.
const PENSION_AGE: i32 = 65;

#[tokio::test]
async fn everywhere_people_have_one_identifier_and_no_other() {
    let country = Country::start().await;
    let nobodys: BTreeSet<&str> = ["1", "36805280109", "EE36805280109"].into();
    for (kind, services) in SERVICES {
        let registry = country.of(kind);
        for service in services {
            for id in &nobodys {
                let path = format!("/{service}/{id}");
                let user = format!("EE{id}");
                let (status, told) = registry.send(Method::GET, &path, &user, Value::Null).await;
                assert_eq!(
                    (status, &told["code"]),
                    (404, &json!("unknown_person")),
                    "{kind:?} {path}"
                );
            }
        }
    }
    // Whatever looks like a person's number in an answer is one in the population register.
    let register = country.of(Kind::PopulationRegister);
    for number in 0..3 {
        let id = register.id(country.adult(number));
        country.live(&id).await;
        for (kind, service, attributes) in country.told(&id).await {
            for (attribute, values) in attributes {
                for value in values {
                    let code = value.strip_prefix("EE").unwrap_or(&value);
                    let is_number = code.len() == 11 && code.bytes().all(|b| b.is_ascii_digit());
                    if attribute.ends_with("national_id") || is_number {
                        register.own("record", code).await;
                        assert_eq!(code, value, "{kind:?} {service} {attribute}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn no_attribute_is_told_by_two_registries() {
    let country = Country::start().await;
    let id = country.of(Kind::Tax).id(country.adult(0));
    country.live(&id).await;
    let child = country
        .of(Kind::Tax)
        .id(country.of(Kind::Tax).somebody(|age| age == 10));
    let pensioner = country
        .of(Kind::Tax)
        .id(country.of(Kind::Tax).somebody(|age| age == 80));
    let mut tellers: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut told = country.told(&id).await;
    for other in [&child, &pensioner] {
        for (kind, services) in SERVICES {
            // They have asked for no offer.
            for service in services.iter().filter(|service| **service != "offer") {
                let answer = country.tell(kind, service, other).await;
                let mut attributes = Attributes::new();
                walk("", &answer, &mut attributes);
                told.push((kind, *service, attributes));
            }
        }
    }
    for (kind, _, attributes) in &told {
        for attribute in attributes.keys() {
            let teller = tellers.entry(attribute.clone()).or_default();
            teller.insert(name_of(*kind));
        }
    }
    let by_several: BTreeSet<&str> = tellers
        .iter()
        .filter(|(_, tellers)| tellers.len() > 1)
        .map(|(attribute, _)| attribute.as_str())
        // An inquiry is about the registry that is asked, and kept by nobody else.
        .filter(|attribute| !attribute.starts_with("inquiries."))
        .collect();
    assert_eq!(by_several, BTreeSet::from(["national_id"]));
    // What a scenario may call each registry the master of is there, and there alone.
    for (kind, attributes) in [
        (
            Kind::PopulationRegister,
            [
                "given_name",
                "birth_date",
                "mother.national_id",
                "address.street",
            ]
            .as_slice(),
        ),
        (Kind::SocialInsurance, &["benefits.monthly_amount"]),
        (Kind::Tax, &["income", "tax_paid"]),
        (
            Kind::Health,
            &["diagnoses.code", "prescriptions.medicine", "booked"],
        ),
        (Kind::Business, &["company.name", "roles.role"]),
        (Kind::Education, &["studies.level"]),
        (Kind::Bank, &["accounts.balance"]),
        (Kind::SchoolJournal, &["marks.mark"]),
        (Kind::Consents, &["consents.status"]),
        (Kind::Insurer, &["monthly_premium"]),
    ] {
        for attribute in attributes {
            let expected = BTreeSet::from([name_of(kind)]);
            assert_eq!(tellers.get(*attribute), Some(&expected), "{attribute}");
        }
    }
}

#[tokio::test]
async fn names_and_birth_dates_come_from_the_population_register_alone() {
    let country = Country::start().await;
    let population = country.of(Kind::Tax).population.clone();
    for index in 0..SAMPLE {
        let id = country.of(Kind::Tax).id(index);
        let person = population.person(index);
        let mut relatives = population.relatives(index).children;
        relatives.push(index);
        let born: BTreeSet<String> = relatives
            .iter()
            .map(|index| population.person(*index).birth_date)
            // Benefits begin on the first of a month, and schools end on one day for everybody.
            .filter(|born| born.day() != 1 && (born.month() as u8, born.day()) != (6, 20))
            .map(iso_date::to_text)
            .collect();
        for (kind, services) in SERVICES {
            if kind == Kind::PopulationRegister {
                continue;
            }
            for service in services.iter().filter(|service| **service != "offer") {
                let answer = country.tell(kind, service, &id).await;
                let mut attributes = Attributes::new();
                walk("", &answer, &mut attributes);
                for (attribute, values) in attributes {
                    for value in values {
                        let place = format!("{kind:?} {service} {attribute} of {id}: {value}");
                        assert!(!value.contains(person.given_name), "{place}");
                        assert!(!value.contains(person.surname), "{place}");
                        assert!(!born.contains(&value), "{place}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn families_agree() {
    let register = Registry::start(Kind::PopulationRegister).await;
    let mut children = 0;
    for index in (0..PEOPLE).step_by(5) {
        let id = register.id(index);
        let relations = register.own("relations", &id).await;
        for parent in ["mother", "father"] {
            let parent = &relations[parent]["national_id"];
            let Some(parent) = parent.as_str() else {
                continue;
            };
            let of_parent = register.own("relations", parent).await;
            let named = of_parent["children"].as_array().unwrap().iter();
            let named = named.filter(|child| child["national_id"] == *id).count();
            assert_eq!(named, 1, "{parent} is a parent of {id}");
            children += 1;
            // What is told of the child there is what the register holds of it.
            let record = register.own("record", &id).await;
            let child = of_parent["children"].as_array().unwrap().iter();
            let child = child.clone().find(|child| child["national_id"] == *id);
            for key in ["given_name", "surname", "birth_date"] {
                assert_eq!(child.unwrap()[key], record[key], "{key} of {id}");
            }
        }
        if let Some(partner) = relations["partner"]["national_id"].as_str() {
            let of_partner = register.own("relations", partner).await;
            assert_eq!(of_partner["partner"]["national_id"], *id);
        }
    }
    assert!(children > 200, "{children}");
}

#[tokio::test]
async fn pensioners_are_old_enough_and_benefits_are_for_ones_own_children() {
    let country = Country::start().await;
    let today = plan().reference_date;
    let (mut pensioners, mut benefits) = (0, 0);
    for index in 0..3 * SAMPLE {
        let id = country.of(Kind::Tax).id(index);
        let record = country.tell(Kind::PopulationRegister, "record", &id).await;
        let told = country.tell(Kind::SocialInsurance, "benefits", &id).await;
        let born = iso_date::parse(record["birth_date"].as_str().unwrap()).unwrap();
        let year = born.year() + PENSION_AGE;
        let old = (year, born.month() as u8, born.day());
        let is_old = old <= (today.year(), today.month() as u8, today.day());
        let paid = told["benefits"].as_array().unwrap();
        let has_pension = paid.iter().any(|one| one["kind"] == "old-age-pension");
        assert_eq!(has_pension, is_old, "{record}");
        pensioners += usize::from(has_pension);
        for benefit in paid {
            let since = iso_date::parse(benefit["since"].as_str().unwrap()).unwrap();
            assert!(since <= today, "{benefit}");
            let Some(child) = benefit["for"].as_str() else {
                continue;
            };
            benefits += 1;
            let of_child = country
                .tell(Kind::PopulationRegister, "relations", child)
                .await;
            assert_eq!(of_child["mother"]["national_id"], *id);
        }
    }
    assert!(pensioners > 50 && benefits > 20, "{pensioners} {benefits}");
}

#[tokio::test]
async fn companies_are_where_others_say_they_are() {
    let country = Country::start().await;
    let business = country.of(Kind::Business);
    let company = async |code: &Value| {
        let path = format!("/company/{}", code.as_str().unwrap());
        let (status, told) = business.send(Method::GET, &path, "", Value::Null).await;
        assert_eq!(status, 200, "{path}: {told}");
        assert_eq!(told["code"], *code);
        told
    };
    let founder = country.of(Kind::Tax).id(country.adult(1));
    country.live(&founder).await;
    let (mut employers, mut owners) = (0, 0);
    for index in 0..3 * SAMPLE {
        let id = country.of(Kind::Tax).id(index);
        let declaration = country.tell(Kind::Tax, "declaration", &id).await;
        let mut sum = 0;
        for employer in declaration["employers"].as_array().unwrap() {
            company(&employer["code"]).await;
            sum += employer["income"].as_u64().unwrap();
            employers += 1;
        }
        assert_eq!(declaration["income"], sum);
        owners += check_owner(&country, &id, &company).await;
    }
    owners += check_owner(&country, &founder, &company).await;
    assert!(employers > 100 && owners > 10, "{employers} {owners}");
}

/// Whoever owns a company is somebody, grown up and the owner of a company that exists; says of how
/// many.
async fn check_owner(
    country: &Country,
    id: &str,
    company: &impl AsyncFn(&Value) -> Value,
) -> usize {
    let roles = country.tell(Kind::Business, "roles", id).await;
    let roles = roles["roles"].as_array().unwrap();
    for role in roles {
        assert_eq!(role["role"], "owner");
        let found = company(&role["company"]["code"]).await;
        assert_eq!(found["name"], role["company"]["name"]);
        let record = country.tell(Kind::PopulationRegister, "record", id).await;
        let born = iso_date::parse(record["birth_date"].as_str().unwrap()).unwrap();
        assert!(plan().reference_date.year() - born.year() >= 18, "{record}");
    }
    roles.len()
}
