//! Social insurance: pensions, benefits, and applications for them.
//!
//! It holds no family: whoever's children matter are asked for in the population register, over the
//! exchange, for that is where they are written down.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sim_population::iso_date;

use super::{Answer, Call, Office, Refusal, Reply, documents, officials, only};

/// Age from which on people get an old-age pension.
const PENSION_AGE: u32 = 65;
/// Until this age a child benefit is paid.
const CHILD_UNTIL: u32 = 19;
/// Cents a month.
const CHILD_BENEFIT: u64 = 8_000;
/// What people apply for.
const KINDS: [&str; 2] = ["child-benefit", "old-age-pension"];
/// What stands in the population register's tracker where a machine looks.
const REASON: &str = "Children, for a benefit";

/// An application, as it is kept and told.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Application {
    id: String,
    kind: String,
    status: String,
    submitted_at: String,
    /// Why, where it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The signed document, base64; kept, not told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    document: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewApplication {
    national_id: String,
    kind: String,
    #[serde(default)]
    fields: Value,
    document: String,
}

pub(super) async fn answer(office: &Office, call: &Call) -> Reply {
    match call.service() {
        "benefits" => {
            only(call, &Method::GET, "GET")?;
            let index = office
                .read_about(call, "Social insurance: benefits")
                .await?;
            benefits(office, call, index).await
        }
        "applications" if call.rest().is_empty() => {
            only(call, &Method::POST, "POST")?;
            apply(office, call).await
        }
        "applications" => {
            only(call, &Method::GET, "GET")?;
            let index = office
                .read_about(call, "Social insurance: applications")
                .await?;
            let id = office.people.national_id(index);
            let mut told: Vec<Application> = office.store.list(&format!("application/{id}/"))?;
            for application in &mut told {
                application.document.clear();
            }
            Ok(Answer::ok(
                json!({ "national_id": id.as_str(), "applications": told }),
            ))
        }
        _ => Err(Refusal::NotFound),
    }
}

/// Whether somebody is old enough for a pension, and lives here.
fn has_pension(office: &Office, index: u64) -> bool {
    office.people.age(index) >= PENSION_AGE && !office.people.is_e_resident(index)
}

async fn benefits(office: &Office, call: &Call, index: u64) -> Reply {
    let id = office.people.national_id(index);
    let mut benefits = Vec::new();
    if has_pension(office, index) {
        benefits.push(json!({
            "kind": "old-age-pension",
            "since": office.birthday(index, PENSION_AGE as i32),
            "monthly_amount": 50_000 + office.lot(index, "pension") % 60_000,
        }));
    }
    let mut told = json!({ "national_id": id.as_str() });
    match children(office, call, id.as_str()).await? {
        None => told["children"] = "not asked".into(),
        Some(children) => {
            for child in &children {
                // The mother gets it; a father has no second one for the same child.
                let Some(child) = office.people.index_of(child) else {
                    continue;
                };
                let of_mother = office.people.relatives(child).mother == Some(index);
                if of_mother && office.people.age(child) < CHILD_UNTIL {
                    benefits.push(json!({
                        "kind": "child-benefit",
                        "since": first_month(office, child),
                        "monthly_amount": CHILD_BENEFIT,
                        "for": office.people.national_id(child).as_str(),
                    }));
                }
            }
        }
    }
    told["benefits"] = benefits.into();
    Ok(Answer::ok(told))
}

/// The first day of the month in which a child was born, from which on the benefit is paid: the day
/// of birth itself is the population register's to tell.
fn first_month(office: &Office, child: u64) -> String {
    let born = office.people.person(child).birth_date;
    iso_date::to_text(born.replace_day(1).unwrap_or(born))
}

/// National IDs of somebody's children; absent where the population register cannot be asked.
async fn children(
    office: &Office,
    call: &Call,
    national_id: &str,
) -> Result<Option<Vec<String>>, Refusal> {
    let Some(asker) = &office.asker else {
        return Ok(None);
    };
    let Some(relations) = &asker.access().relations else {
        return Ok(None);
    };
    let user = call.user.as_deref().unwrap_or_default();
    let children = asker.children(relations, national_id, user, Some(REASON));
    children.await.map(Some)
}

async fn apply(office: &Office, call: &Call) -> Reply {
    let new: NewApplication = call.json()?;
    let index = office.person(&new.national_id)?;
    if !office.is_own(call, &new.national_id) {
        return Err(Refusal::NotTheirs);
    }
    documents::check(&new.document)?;
    if !new.fields.is_null() && !new.fields.is_object() {
        return Err(Refusal::Malformed("`fields` must be an object".to_owned()));
    }
    if !KINDS.contains(&new.kind.as_str()) {
        let what = format!("there is no benefit `{}`", new.kind);
        return Err(Refusal::Malformed(what));
    }
    office
        .note(call, index, "Social insurance: application")
        .await?;
    let at = office.now();
    let mut turns = 0..officials::STAFF;
    let (official, case, children) = loop {
        turns.next().ok_or(Refusal::NoOfficial)?;
        let (official, case) = officials::open_case(office, index, at)?;
        match officials::look(office, official, Some(&case), index).await {
            // Found out a moment ago: somebody else handles it.
            Err(Refusal::Sanctioned) => {}
            looked => break (official, case, looked?),
        }
    };
    let has_child = children.iter().flatten().any(|child| {
        let child = office.people.index_of(child);
        child.is_some_and(|child| office.people.age(child) < CHILD_UNTIL)
    });
    let (status, reason) = match new.kind.as_str() {
        "child-benefit" if has_child => ("granted", None),
        "child-benefit" => (
            "refused",
            Some("no child below the age is registered".to_owned()),
        ),
        "old-age-pension" if has_pension(office, index) => ("granted", None),
        _ => ("refused", Some("the pension age is not reached".to_owned())),
    };
    let mut application = Application {
        id: case.number.clone(),
        kind: new.kind,
        status: status.to_owned(),
        submitted_at: at.rfc3339_millis(),
        reason,
        document: new.document,
    };
    // Case numbers are told apart by their last part, and stand in the order of their times.
    let key = format!("application/{}/{}", new.national_id, case.number);
    office.store.put(&key, &application, false)?;
    officials::stray(office, official, &case, index).await;
    application.document.clear();
    let body = serde_json::to_value(&application).map_err(|_| Refusal::NotWritten)?;
    Ok(Answer::created(body))
}
