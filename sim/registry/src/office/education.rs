//! Education: who learns where, and with what result.

use http::Method;
use serde_json::{Value, json};

use super::{Answer, Call, Office, Refusal, Reply, only};

/// Schools of a country.
const SCHOOLS: u64 = 60;
/// Years of school, by age.
const SCHOOL: std::ops::Range<u32> = 7..19;
/// Month and day on which a school year ends.
const SCHOOL_YEAR_ENDS: (u8, u8) = (6, 20);
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
        "school": school, "level": "general", "completed": completed(office, index, SCHOOL.end as i32),
    }));
    if age >= DEGREE && office.lot(index, "degree") % 100 < 38 {
        studies.push(json!({
            "school": format!("University {}", 1 + office.lot(index, "university") % 5),
            "level": "degree",
            "completed": completed(office, index, DEGREE as i32),
        }));
    }
    studies
}

/// The end of the last school year before somebody turned this age.
fn completed(office: &Office, index: u64, age: i32) -> String {
    let born = office.people.person(index).birth_date;
    let (month, day) = SCHOOL_YEAR_ENDS;
    let is_before = (born.month() as u8, born.day()) < (month, day);
    let year = born.year() + age - i32::from(is_before);
    format!("{year}-{month:02}-{day:02}")
}
