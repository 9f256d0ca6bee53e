//! The population register: who people are and whose relatives.

use http::Method;
use serde_json::{Value, json};
use sim_population::iso_date;

use super::{Answer, Call, Office, Refusal, Reply, only};

pub(super) async fn answer(office: &Office, call: &Call) -> Reply {
    only(call, &Method::GET, "GET")?;
    match call.service() {
        "record" => {
            let index = office
                .read_about(call, "Population register: record")
                .await?;
            Ok(Answer::ok(record(office, index)))
        }
        "relations" => {
            let index = office
                .read_about(call, "Population register: relations")
                .await?;
            Ok(Answer::ok(relations(office, index)))
        }
        _ => Err(Refusal::NotFound),
    }
}

fn record(office: &Office, index: u64) -> Value {
    let (person, address) = (office.people.person(index), office.people.address(index));
    let mut record = office.named(index);
    record["sex"] = person.sex.as_str().into();
    record["status"] = "alive".into();
    if let Some(day) = person.status.died_on() {
        record["status"] = "deceased".into();
        record["died_on"] = iso_date::to_text(day).into();
    }
    if let Some(country) = office.people.lives_abroad_in(index) {
        // An e-resident has no home here.
        record["e_resident_in"] = country.into();
        return record;
    }
    record["address"] = json!({
        "street": address.street,
        "house": address.house,
        "postcode": address.postcode.to_string(),
        "municipality": address.municipality,
    });
    if let Some(apartment) = address.apartment {
        record["address"]["apartment"] = apartment.into();
    }
    record
}

fn relations(office: &Office, index: u64) -> Value {
    let relatives = office.people.relatives(index);
    let children: Vec<Value> = relatives
        .children
        .iter()
        .map(|child| office.named(*child))
        .collect();
    let mut told = json!({
        "national_id": office.people.national_id(index).as_str(),
        "children": children,
    });
    for (role, relative) in [
        ("mother", relatives.mother),
        ("father", relatives.father),
        ("partner", relatives.partner),
    ] {
        if let Some(relative) = relative {
            told[role] = office.named(relative);
        }
    }
    told
}
