//! The tax board: what people earned, and their declarations.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, Call, Office, Refusal, Reply, documents, only};

/// Ages at which people may be employed.
const WORKING: std::ops::Range<u32> = 18..67;
/// How many of 100 of them are.
const EMPLOYED: u64 = 78;
/// Tax on income, in per cent.
const TAX: u64 = 22;
/// The basic exemption: income of a year that is free of tax, in cents, of whoever earns no more than
/// `FULL_EXEMPTION_UNTIL`. Of what somebody earns beyond, a part takes it away: one cent in so many.
const BASIC_EXEMPTION: u64 = 840_000;
const FULL_EXEMPTION_UNTIL: u64 = 1_200_000;
const EXEMPTION_LOST_OF: u64 = 5;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDeclaration {
    national_id: String,
    document: String,
}

#[derive(Serialize, Deserialize)]
struct Declared {
    id: String,
    status: String,
    submitted_at: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    document: String,
}

pub(super) async fn answer(office: &Office, call: &Call) -> Reply {
    match call.service() {
        "declaration" => {
            only(call, &Method::GET, "GET")?;
            let index = office.read_about(call, "Tax board: income").await?;
            Ok(Answer::ok(prefilled(office, index)))
        }
        "declarations" => {
            only(call, &Method::POST, "POST")?;
            declare(office, call).await
        }
        _ => Err(Refusal::NotFound),
    }
}

fn prefilled(office: &Office, index: u64) -> Value {
    let year = office.people.plan().reference_date.year() - 1;
    // E-residents run companies here; nobody employs them.
    let is_employed = !office.people.is_e_resident(index)
        && WORKING.contains(&office.people.age(index))
        && office.lot(index, "employed") % 100 < EMPLOYED;
    let income = if is_employed {
        12 * (100_000 + office.lot(index, "income") % 300_000)
    } else {
        0
    };
    // Employers withhold as if nothing were free of tax; the declaration gives it back.
    let (withheld, due) = (tax_of(income), tax_of(income - exemption_of(income)));
    let mut employers = Vec::new();
    if is_employed {
        let company = super::business::company_of(office.lot(index, "employer"));
        employers.push(json!({ "code": company, "income": income }));
    }
    json!({
        "national_id": office.people.national_id(index).as_str(),
        "year": year,
        "income": income,
        "tax_paid": withheld,
        "refund": withheld - due,
        "employers": employers,
    })
}

/// Tax on so much, cents rounded down.
const fn tax_of(taxed: u64) -> u64 {
    taxed * TAX / 100
}

/// How much of an income is free of tax: less of a larger one, and never more than there is.
fn exemption_of(income: u64) -> u64 {
    let lost = income.saturating_sub(FULL_EXEMPTION_UNTIL) / EXEMPTION_LOST_OF;
    BASIC_EXEMPTION.saturating_sub(lost).min(income)
}

async fn declare(office: &Office, call: &Call) -> Reply {
    if !call.rest().is_empty() {
        return Err(Refusal::NotFound);
    }
    let new: NewDeclaration = call.json()?;
    let index = office.person(&new.national_id)?;
    if !office.is_own(call, &new.national_id) {
        return Err(Refusal::NotTheirs);
    }
    documents::check(&new.document)?;
    office.note(call, index, "Tax board: declaration").await?;
    let year = office.people.plan().reference_date.year() - 1;
    let declared = Declared {
        id: format!("{year}-{}", new.national_id),
        status: "received".to_owned(),
        submitted_at: office.now().rfc3339_millis(),
        document: new.document,
    };
    let key = format!("declaration/{}", declared.id);
    if !office.store.put(&key, &declared, true)? {
        return Err(Refusal::Conflict(
            "the income of this year has been declared",
        ));
    }
    Ok(Answer::created(
        json!({ "id": declared.id, "status": declared.status }),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exemption_shrinks_as_income_grows() {
        for (income, exemption) in [
            (0, 0),
            (500_000, 500_000),
            (840_000, 840_000),
            (1_200_000, 840_000),
            (1_200_005, 839_999),
            (3_000_000, 480_000),
            (5_400_000, 0),
            (9_000_000, 0),
        ] {
            assert_eq!(exemption_of(income), exemption, "{income}");
        }
    }
}
