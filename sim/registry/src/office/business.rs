//! The business register: companies, and who is behind them.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, Call, Office, Refusal, Reply, only};

/// Companies of the first day.
const FOUNDED: u64 = 400;
/// Everybody who is this old may own one.
const AGE: u32 = 18;
/// How many of 100 do.
const OWNERS: u64 = 12;
/// Longest name of a company, in characters.
const MAX_NAME: usize = 100;
/// What companies' names are made of.
const FIRST: [&str; 12] = [
    "North", "Blue", "Quick", "Oak", "Silver", "Harbour", "First", "Green", "River", "Stone",
    "Sun", "Bright",
];
const SECOND: [&str; 10] = [
    "Works",
    "Trade",
    "Soft",
    "Build",
    "Foods",
    "Design",
    "Logistics",
    "Energy",
    "Timber",
    "Care",
];

/// A company that was founded since.
#[derive(Clone, Serialize, Deserialize)]
struct Company {
    code: String,
    name: String,
    owners: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCompany {
    name: String,
    national_id: String,
}

pub(super) async fn answer(office: &Office, call: &Call) -> Reply {
    match call.service() {
        "roles" => {
            only(call, &Method::GET, "GET")?;
            let index = office.read_about(call, "Business register: roles").await?;
            roles(office, index)
        }
        "company" => {
            only(call, &Method::GET, "GET")?;
            company(office, call.only_segment()?)
        }
        "companies" => {
            only(call, &Method::POST, "POST")?;
            found(office, call).await
        }
        _ => Err(Refusal::NotFound),
    }
}

/// The code of one of the first companies, drawn by `lot`.
pub(super) fn company_of(lot: u64) -> String {
    code_of(lot % FOUNDED)
}

fn roles(office: &Office, index: u64) -> Reply {
    let id = office.people.national_id(index);
    let mut roles: Vec<Value> = Vec::new();
    if office.people.age(index) >= AGE && office.lot(index, "owner") % 100 < OWNERS {
        let number = office.lot(index, "company") % FOUNDED;
        roles.push(json!({
            "company": { "code": code_of(number), "name": name_of(number) }, "role": "owner",
        }));
    }
    let since: Vec<Company> = office.store.list(&format!("owner/{id}/"))?;
    roles.extend(since.into_iter().map(|company| {
        json!({ "company": { "code": company.code, "name": company.name }, "role": "owner" })
    }));
    Ok(Answer::ok(
        json!({ "national_id": id.as_str(), "roles": roles }),
    ))
}

fn company(office: &Office, code: &str) -> Reply {
    if let Some(number) = number_of(code)
        && number < FOUNDED
    {
        return Ok(Answer::ok(json!({ "code": code, "name": name_of(number) })));
    }
    let found: Option<Company> = office.store.get(&format!("company/{code}"))?;
    match found {
        Some(company) => Ok(Answer::ok(
            json!({ "code": company.code, "name": company.name }),
        )),
        None => Err(Refusal::Unknown),
    }
}

async fn found(office: &Office, call: &Call) -> Reply {
    if !call.rest().is_empty() {
        return Err(Refusal::NotFound);
    }
    let new: NewCompany = call.json()?;
    let index = office.person(&new.national_id)?;
    if !office.is_own(call, &new.national_id) {
        return Err(Refusal::NotTheirs);
    }
    let (written, name) = (&new.name, new.name.trim());
    let is_long = written.chars().count() > MAX_NAME;
    if name.is_empty() || is_long || written.chars().any(char::is_control) {
        return Err(Refusal::Malformed(format!(
            "a company's name has 1 to {MAX_NAME} characters"
        )));
    }
    if office.people.age(index) < AGE {
        return Err(Refusal::Conflict("only adults found companies"));
    }
    let first = (0..FOUNDED).any(|number| name_of(number).eq_ignore_ascii_case(name));
    let key = format!("name/{}", name.to_lowercase());
    if first || !office.store.put(&key, &new.national_id, true)? {
        return Err(Refusal::Conflict("a company has this name"));
    }
    office
        .note(call, index, "Business register: new company")
        .await?;
    let mut number = FOUNDED + office.lot(index, name) % 1_000_000;
    let company = loop {
        let company = Company {
            code: code_of(number),
            name: name.to_owned(),
            owners: vec![new.national_id.clone()],
        };
        if office
            .store
            .put(&format!("company/{}", company.code), &company, true)?
        {
            break company;
        }
        number += 1;
    };
    office.store.put(
        &format!("owner/{}/{}", new.national_id, company.code),
        &company,
        false,
    )?;
    Ok(Answer::created(
        json!({ "code": company.code, "name": company.name }),
    ))
}

fn name_of(number: u64) -> String {
    let (first, second) = (FIRST.len() as u64, SECOND.len() as u64);
    let name = format!(
        "{} {}",
        FIRST[(number % first) as usize],
        SECOND[(number / first % second) as usize]
    );
    match number / (first * second) {
        0 => name,
        more => format!("{name} {}", more + 1),
    }
}

/// Eight digits, the last one a check digit of two passes modulo 11, as Estonia's register has them.
fn code_of(number: u64) -> String {
    let number = 1_000_000 + number;
    format!("{number}{}", check_digit(number))
}

/// The number of a code that is one.
fn number_of(code: &str) -> Option<u64> {
    let digits = code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_digit());
    let (number, check) = code.split_at_checked(7)?;
    let number: u64 = number.parse().ok().filter(|_| digits)?;
    (check_digit(number).to_string() == check).then(|| number.checked_sub(1_000_000))?
}

fn check_digit(number: u64) -> u64 {
    let digits: Vec<u64> = (0..7)
        .rev()
        .map(|place| number / 10_u64.pow(place) % 10)
        .collect();
    let pass = |first: u64| {
        let weighed = digits.iter().zip(first..).map(|(digit, weight)| {
            // Weights run 1 to 9 and begin again.
            digit * ((weight - 1) % 9 + 1)
        });
        weighed.sum::<u64>() % 11
    };
    match pass(1) {
        10 => pass(3) % 10,
        digit => digit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes of Estonia's public registers, as they are published.
    #[test]
    fn check_digits_are_those_of_known_codes() {
        for code in ["70008440", "70000349", "70000310", "70009770"] {
            let (number, check) = code.split_at(7);
            assert_eq!(
                check_digit(number.parse().unwrap()).to_string(),
                check,
                "{code}"
            );
        }
    }

    #[test]
    fn codes_lead_back_and_names_differ() {
        let mut names = std::collections::BTreeSet::new();
        for number in 0..FOUNDED {
            assert_eq!(number_of(&code_of(number)), Some(number));
            assert!(names.insert(name_of(number)));
        }
        assert_eq!(number_of("70008441"), None);
        assert_eq!(number_of("7000844"), None);
        assert_eq!(number_of("abcdefgh"), None);
    }
}
