//! Private members: a bank, and a school journal that a company runs.

use http::Method;
use serde_json::json;

use super::{Answer, Call, Office, Refusal, Reply, only};

/// From this age on people have an account.
const ACCOUNT_AGE: u32 = 7;

pub(super) async fn bank(office: &Office, call: &Call) -> Reply {
    only(call, &Method::GET, "GET")?;
    if call.service() != "accounts" {
        return Err(Refusal::NotFound);
    }
    let index = office.read_about(call, "Bank: accounts").await?;
    let mut accounts = Vec::new();
    if office.people.age(index) >= ACCOUNT_AGE {
        let number = office.lot(index, "account") % 1_000_000_000_000;
        accounts.push(json!({
            "number": format!("{number:012}"),
            "balance": office.lot(index, "balance") % 900_000,
        }));
    }
    Ok(Answer::ok(json!({
        "national_id": office.people.national_id(index).as_str(),
        "accounts": accounts,
    })))
}

pub(super) async fn journal(office: &Office, call: &Call) -> Reply {
    only(call, &Method::GET, "GET")?;
    if call.service() != "journal" {
        return Err(Refusal::NotFound);
    }
    let index = office.read_about(call, "School journal: marks").await?;
    let marks: Vec<_> = ["Mathematics", "Language", "Science", "History"]
        .iter()
        .filter(|_| (7..19).contains(&office.people.age(index)))
        .map(|subject| json!({ "subject": subject, "mark": 2 + office.lot(index, subject) % 4 }))
        .collect();
    Ok(Answer::ok(json!({
        "national_id": office.people.national_id(index).as_str(),
        "marks": marks,
    })))
}
