//! An insurer: a private member that offers people a policy, by what their health record says.
//!
//! It holds nothing of the record, and may read it by the person's consent alone, which it asks the
//! consent service for.

use http::Method;
use serde_json::json;

use super::asker::Ask;
use super::{Answer, Call, Office, Refusal, Reply, only};

/// What it wants data for.
const PURPOSE: &str = "insurance-offer";
/// What stands in others' trackers.
const REASON: &str = "An insurance offer";
/// Premium of somebody with no diagnosis, and what each adds: cents a month. A guess.
const PREMIUM: u64 = 1_900;
const FOR_A_DIAGNOSIS: u64 = 650;

pub(super) async fn answer(office: &Office, call: &Call) -> Reply {
    match call.service() {
        "offer" => {
            only(call, &Method::GET, "GET")?;
            offer(office, call).await
        }
        _ => Err(Refusal::NotFound),
    }
}

async fn offer(office: &Office, call: &Call) -> Reply {
    let id = call.only_segment()?;
    let index = office.person(id)?;
    if !office.is_own(call, id) {
        return Err(Refusal::NotTheirs);
    }
    office.note(call, index, "Insurer: offer").await?;
    let asker = office.asker.as_ref().ok_or_else(out_of_reach)?;
    let access = asker.access();
    let (Some(consent), Some(record)) = (&access.consent, &access.health_record) else {
        return Err(out_of_reach());
    };
    let user = office.user_code(id);
    // Whoever has given the consent is told so; whoever has not finds the question.
    let question = json!({ "idCode": user, "purpose": PURPOSE });
    let ask = Ask {
        of: consent,
        method: Method::POST,
        path: "",
        body: Some(&question),
        user: &user,
        reason: Some(REASON),
    };
    let told = asker.ask(ask).await?.success(consent)?;
    if told["status"] != "approved" {
        return Err(Refusal::NoConsent);
    }
    let reference = told["consentReference"].as_str().unwrap_or_default();
    let ask = Ask {
        of: record,
        method: Method::GET,
        path: &format!("/{id}?consentReference={reference}"),
        body: None,
        user: &user,
        reason: Some(REASON),
    };
    let told = asker.ask(ask).await?;
    match (told.status, told.code()) {
        (403, "blocked") => return Err(Refusal::Blocked),
        // Withdrawn a moment ago.
        (403, "no_consent") => return Err(Refusal::NoConsent),
        _ => {}
    }
    let told = told.success(record)?;
    let diagnoses = told["diagnoses"].as_array().map_or(0, Vec::len) as u64;
    Ok(Answer::ok(json!({
        "national_id": id,
        "monthly_premium": PREMIUM + diagnoses * FOR_A_DIAGNOSIS,
        "based_on": "health/record",
    })))
}

fn out_of_reach() -> Refusal {
    Refusal::Elsewhere("the consent service or the health record is out of reach".to_owned())
}
