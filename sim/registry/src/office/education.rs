//! Education: who learns where, and with what result.

use http::Method;
use serde_json::{Value, json};

use super::{Answer, Call, Office, Refusal, Reply, only};

/// Schools of a country.
const SCHOOLS: u64 = 60;
/// Years of school, by age.
const SCHOOL: std::ops::Range<u32> = 7..19;
/// From this age on there may be a degree.
const DEGREE: u32 = 22;

pub(super) async fn answer(office: &Office, call: &Call) -> Reply {
    only(call, &Method::GET, "GET")?;
    if call.service() != "studies" {
        return Err(Refusal::NotFound);
    }
    let index = office
        .read_about(call, "Education register: studies")
        .await?;
    Ok(Answer::ok(json!({
        "national_id": office.people.national_id(index).as_str(),
        "studies": studies(office, index),
    })))
}

fn studies(office: &Office, index: u64) -> Vec<Value> {
    let age = office.people.age(index);
    let mut studies = Vec::new();
    if age < SCHOOL.start {
        return studies;
    }
    let school = format!("School {}", 1 + office.lot(index, "school") % SCHOOLS);
    if SCHOOL.contains(&age) {
        studies.push(json!({ "school": school, "level": "general", "form": age - 6 }));
        return studies;
    }
    studies.push(json!({
        "school": school, "level": "general", "completed": office.birthday(index, 19),
    }));
    if age >= DEGREE && office.lot(index, "degree") % 100 < 38 {
        studies.push(json!({
            "school": format!("University {}", 1 + office.lot(index, "university") % 5),
            "level": "degree",
            "completed": office.birthday(index, DEGREE as i32),
        }));
    }
    studies
}
