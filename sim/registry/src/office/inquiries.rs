//! Inquiries: why did you look at my data?
//!
//! People find in some register's data tracker that this registry looked, and ask it. It finds the
//! look in its own books: that of an official, with or without a case, or one that a machine made
//! because somebody asked this registry something. A look without a case is not justified, and its
//! official may look at nobody any more.

use std::time::Duration;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sim_clock::UtcTime;

use super::officials::{self, Look};
use super::{Answer, Call, Office, Refusal, Reply, only};
use crate::config::Kind;

/// Longest question, in characters.
const MAX_QUESTION: usize = 1_000;
/// Longest name of a register, in characters.
const MAX_REGISTER: usize = 300;
/// How far the clock of a register that told of a look may be from one's own.
const TOLERANCE: Duration = Duration::from_secs(2);
/// How long after a call a look may be that was made to answer it.
const CALL_TAKES: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewInquiry {
    national_id: String,
    register: String,
    logtime: String,
    question: String,
}

/// An inquiry as it is kept and told.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Inquiry {
    id: String,
    register: String,
    logtime: String,
    question: String,
    asked_at: String,
    #[serde(flatten)]
    finding: Finding,
}

/// What was found.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Finding {
    verdict: Verdict,
    answer: String,
    case: Option<String>,
    sanction: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Justified,
    Unjustified,
    Unknown,
}

pub(super) async fn answer(office: &Office, call: &Call) -> Reply {
    if call.rest().is_empty() {
        only(call, &Method::POST, "POST")?;
        return ask(office, call).await;
    }
    only(call, &Method::GET, "GET")?;
    let id = call.only_segment()?;
    let index = office.person(id)?;
    if !office.is_own(call, id) {
        return Err(Refusal::NotTheirs);
    }
    office.note(call, index, "Inquiries").await?;
    let inquiries: Vec<Inquiry> = office.store.list(&of_person(id))?;
    let newest_first: Vec<&Inquiry> = inquiries.iter().rev().collect();
    Ok(Answer::ok(
        json!({ "national_id": id, "inquiries": newest_first }),
    ))
}

async fn ask(office: &Office, call: &Call) -> Reply {
    let new: NewInquiry = call.json()?;
    let index = office.person(&new.national_id)?;
    if !office.is_own(call, &new.national_id) {
        return Err(Refusal::NotTheirs);
    }
    let malformed = |what: String| Err(Refusal::Malformed(what));
    let question = new.question.trim();
    if question.is_empty() || new.question.chars().count() > MAX_QUESTION {
        return malformed(format!("a question has 1 to {MAX_QUESTION} characters"));
    }
    if new.register.is_empty() || new.register.chars().count() > MAX_REGISTER {
        return malformed(format!(
            "a register's name has 1 to {MAX_REGISTER} characters"
        ));
    }
    let Some(logtime) = UtcTime::parse_rfc3339(&new.logtime) else {
        return malformed("`logtime` is no time as RFC 3339 writes it".to_owned());
    };
    office.note(call, index, "Inquiry").await?;
    let now = office.now();
    let mut number = 0;
    let mut inquiry = Inquiry {
        id: String::new(),
        register: new.register,
        logtime: new.logtime,
        question: question.to_owned(),
        asked_at: now.rfc3339_millis(),
        finding: Finding::unknown(),
    };
    let key = loop {
        inquiry.id = format!("{}-{number}", now.as_millis());
        let prefix = of_person(&new.national_id);
        let key = format!("{prefix}{:015}-{number:04}", now.as_millis());
        if office.store.put(&key, &inquiry, true)? {
            break key;
        }
        number += 1;
    };
    inquiry.finding = find(office, index, &inquiry, logtime, now)?;
    office.store.put(&key, &inquiry, false)?;
    let finding = &inquiry.finding;
    let told: Value = json!({
        "id": inquiry.id,
        "verdict": finding.verdict,
        "answer": finding.answer,
        "case": finding.case,
        "sanction": finding.sanction,
    });
    Ok(Answer::created(told))
}

/// Looks for the look: an official's at just that time, else a machine's, else an official's by a
/// clock that differs.
fn find(
    office: &Office,
    index: u64,
    inquiry: &Inquiry,
    logtime: UtcTime,
    now: UtcTime,
) -> Result<Finding, Refusal> {
    let id = office.people.national_id(index);
    let looks = officials::looks(office, id.as_str())?;
    let looks = looks.into_iter();
    let looks = looks.filter(|look| look.register == inquiry.register);
    let nearest = looks
        .map(|look| (distance(&look, logtime), look))
        .filter(|(distance, _)| *distance <= TOLERANCE)
        .min_by_key(|(distance, look)| (*distance, look.case.is_some()));
    match nearest {
        Some((distance, look)) if distance.is_zero() => {
            by_official(office, id.as_str(), &look, inquiry, now)
        }
        nearest => match (by_machine(office, index, inquiry, logtime), nearest) {
            (Some(finding), _) => Ok(finding),
            (None, Some((_, look))) => by_official(office, id.as_str(), &look, inquiry, now),
            (None, None) => Ok(Finding::unknown()),
        },
    }
}

/// How far a time is from that of a look.
fn distance(look: &Look, at: UtcTime) -> Duration {
    let began = UtcTime::from_millis(look.began_ms);
    let ended = look.ended_ms.map(UtcTime::from_millis);
    let ended = ended.unwrap_or_else(|| began.plus(CALL_TAKES));
    if at < began {
        began.since(at)
    } else if at > ended {
        at.since(ended)
    } else {
        Duration::ZERO
    }
}

fn by_official(
    office: &Office,
    national_id: &str,
    look: &Look,
    inquiry: &Inquiry,
    now: UtcTime,
) -> Result<Finding, Refusal> {
    let case = match &look.case {
        Some(number) => officials::case(office, number)?,
        None => None,
    };
    let case =
        case.filter(|case| case.national_id == national_id && case.official == look.official);
    if let Some(case) = case {
        let opened = UtcTime::from_millis(case.opened_ms).rfc3339_seconds();
        return Ok(Finding {
            verdict: Verdict::Justified,
            answer: format!(
                "An official looked to decide on your application {}, received at {opened}.",
                case.number
            ),
            case: Some(case.number),
            sanction: None,
        });
    }
    let since = officials::sanction(office, &look.official, &inquiry.id, now)?;
    Ok(Finding {
        verdict: Verdict::Unjustified,
        answer: "An official looked at your data without a case. That should not have happened, \
                 and we apologise."
            .to_owned(),
        case: None,
        sanction: Some(format!(
            "Since {} the official may look at nobody's data.",
            since.rfc3339_seconds()
        )),
    })
}

/// A look that was made to answer a call about the person, which one's own data tracker knows.
fn by_machine(office: &Office, index: u64, inquiry: &Inquiry, logtime: UtcTime) -> Option<Finding> {
    let access = office.asker.as_ref()?.access();
    let (service, asked) = match office.kind {
        Kind::SocialInsurance => ("benefits", [&access.relations, &None]),
        Kind::Insurer => ("offer", [&access.consent, &access.health_record]),
        _ => return None,
    };
    let mut asked = asked.into_iter().flatten();
    asked.find(|asked| asked.register == inquiry.register)?;
    let from = logtime.minus(CALL_TAKES + TOLERANCE);
    let read = office
        .tracker
        .last_read(index, service, from, logtime.plus(TOLERANCE))?;
    let id = office.people.national_id(index);
    let whose = if read.user == office.user_code(id.as_str()) {
        "in your name"
    } else {
        "in somebody else's name"
    };
    Some(Finding {
        verdict: Verdict::Justified,
        answer: format!(
            "At {} {} asked for `{service}` {whose}. To answer that, a machine looked; no official \
             saw your data.",
            read.at.rfc3339_seconds(),
            read.client
        ),
        case: None,
        sanction: None,
    })
}

fn of_person(national_id: &str) -> String {
    format!("inquiry/{national_id}/")
}

// === impl Finding ===

impl Finding {
    fn unknown() -> Self {
        Self {
            verdict: Verdict::Unknown,
            answer: "We find no look of ours at that time.".to_owned(),
            case: None,
            sanction: None,
        }
    }
}
