//! `/tracker/ask`: a question to somebody who looked at a person's data.
//!
//! Which look it is about travels through the browser as a ticket with the portal's tag, so that
//! nobody can ask about a look that no registry told of. Questions are kept in memory, bounded.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::exchange::path_of;
use crate::format;
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::pages::trouble::TroubleView;
use crate::registries::{Inquiries, Inquiry};
use crate::sessions::Person;
use crate::state::Answerer;
use crate::visit::{Citizen, Form, Link, see_other};

/// What the data trackers show of these questions.
const REASON_ASK: &str = "The person asked why somebody looked";
const REASON_ANSWERS: &str = "The person looked at answers to their questions";
/// The longest question, in characters.
const MAX_QUESTION_CHARS: usize = 1_000;
/// Questions of one person that are kept.
const MAX_QUESTIONS_EACH: usize = 50;
/// Questions of all people together that are kept.
const MAX_QUESTIONS: usize = 100_000;

/// A look at somebody's data, as the registry told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Look {
    pub(crate) register: String,
    pub(crate) time: String,
    pub(crate) who: String,
    pub(crate) code: String,
    pub(crate) system: String,
    pub(crate) why: String,
}

/// The questions asked, by the user ID of who asked.
#[derive(Default)]
pub(crate) struct Questions(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_person: BTreeMap<String, Vec<QuestionView>>,
    count: usize,
}

/// A question, which look it is about and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct QuestionView {
    pub(crate) who: String,
    pub(crate) register: String,
    /// When they looked, and why, as far as it is known here.
    pub(crate) looked_at: String,
    pub(crate) why: String,
    pub(crate) asked_at: String,
    pub(crate) text: String,
    /// Absent where nobody can be asked over the exchange.
    pub(crate) answer: Option<AnswerView>,
}

/// What the one who looked answered.
#[derive(Clone, Debug)]
pub(crate) struct AnswerView {
    /// `justified`, `unjustified` or `unknown`.
    pub(crate) verdict: String,
    pub(crate) text: String,
    pub(crate) case: Option<String>,
    pub(crate) sanction: Option<String>,
}

/// Answers of one who looked, or that there are none.
pub(crate) struct Answers<'a> {
    pub(crate) title: &'a str,
    pub(crate) outcome: Result<Vec<QuestionView>, TroubleView>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct About {
    look: String,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    look: String,
    question: String,
}

#[derive(Template)]
#[template(path = "ask.html")]
struct Page<'a> {
    f: Frame<'a>,
    look: Look,
    ticket: String,
    text: String,
    refusal: Option<&'static str>,
    /// What the question has met.
    trouble: Option<TroubleView>,
    max_chars: usize,
}

/// The form for a question about one look.
pub(crate) async fn form(citizen: Citizen, Link(about): Link<About>) -> Response {
    let ticket = about.look;
    match Look::of_ticket(&ticket, &citizen) {
        Some(look) => show(&citizen, look, ticket, String::new(), None, None),
        None => citizen.visit.problem(Problem::NotFound),
    }
}

/// Asks the one who looked; where they cannot be asked, keeps the question.
pub(crate) async fn ask(form: Form<Citizen, Asked>) -> Response {
    let (citizen, asked) = (form.by, form.fields);
    let Some(look) = Look::of_ticket(&asked.look, &citizen) else {
        return citizen.visit.problem(Problem::NotFound);
    };
    let text = asked.question.trim().to_owned();
    let t = citizen.visit.texts();
    if text.is_empty() || text.chars().count() > MAX_QUESTION_CHARS {
        let refusal = Some(t.question_too_long);
        return show(&citizen, look, asked.look, text, refusal, None);
    }
    let services = &citizen.visit.portal.services;
    if let Some(inquired) = services.answerer(&look.code, &look.system) {
        return match inquire(&citizen, inquired, &look, &text).await {
            Ok(()) => see_other("/tracker#questions"),
            Err(trouble) => show(&citizen, look, asked.look, text, None, Some(trouble)),
        };
    }
    let question = QuestionView {
        who: look.who.clone(),
        register: look.register.clone(),
        looked_at: format::shown_time(&look.time),
        why: look.why.clone(),
        asked_at: format::table_time(citizen.visit.now),
        text: text.clone(),
        answer: None,
    };
    let portal = &citizen.visit.portal;
    if !portal.questions.keep(citizen.person(), question) {
        let refusal = Some(t.question_full);
        return show(&citizen, look, asked.look, text, refusal, None);
    }
    portal.count(|summary| summary.questions += 1);
    see_other("/tracker#questions")
}

/// Sends the question over the exchange.
async fn inquire(
    citizen: &Citizen,
    inquired: &Answerer,
    look: &Look,
    text: &str,
) -> Result<(), TroubleView> {
    let (visit, person) = (&citizen.visit, citizen.person());
    let body = json!({
        "national_id": person.national_id, "register": look.register,
        "logtime": look.time, "question": text,
    });
    let question = inquired
        .service
        .about(person, "", REASON_ASK)
        .with("POST", &body);
    let answered = visit.portal.exchange.ask::<Value>(question).await;
    match answered.outcome {
        Ok(_) => {
            visit.portal.count(|summary| summary.questions += 1);
            Ok(())
        }
        Err(trouble) => Err(TroubleView::of(
            &trouble,
            answered.message_id,
            visit.texts(),
        )),
    }
}

/// What those who looked have answered, asked of all of them at once.
pub(crate) async fn answers(citizen: &Citizen) -> Vec<Answers<'_>> {
    let (visit, person) = (&citizen.visit, citizen.person());
    let portal = &visit.portal;
    let path = path_of(person);
    let asked = portal.services.inquiries.iter().map(|inquired| {
        let question = inquired.service.about(person, &path, REASON_ANSWERS);
        async move { (inquired, portal.exchange.ask::<Inquiries>(question).await) }
    });
    let answered = crate::together::all(asked).await.into_iter();
    answered
        .map(|(inquired, answered)| Answers {
            title: &inquired.title,
            outcome: match answered.outcome {
                Ok(found) => Ok(found
                    .inquiries
                    .into_iter()
                    .map(|inquiry| QuestionView::of(inquiry, &inquired.title))
                    .collect()),
                Err(trouble) => Err(TroubleView::of(
                    &trouble,
                    answered.message_id,
                    visit.texts(),
                )),
            },
        })
        .collect()
}

fn show(
    citizen: &Citizen,
    look: Look,
    ticket: String,
    text: String,
    refusal: Option<&'static str>,
    trouble: Option<TroubleView>,
) -> Response {
    citizen.visit.page(&Page {
        f: citizen.visit.frame(Place::Tracker),
        look,
        ticket,
        text,
        refusal,
        trouble,
        max_chars: MAX_QUESTION_CHARS,
    })
}

// === impl Look ===

impl Look {
    /// As a text that only this portal can have made, for this person.
    pub(crate) fn to_ticket(&self, citizen: &Citizen) -> String {
        let seal = &citizen.visit.portal.seal;
        seal.ticket("look", &citizen.person().user_id, self)
    }

    fn of_ticket(ticket: &str, citizen: &Citizen) -> Option<Self> {
        let seal = &citizen.visit.portal.seal;
        seal.open("look", &citizen.person().user_id, ticket)
    }
}

// === impl QuestionView ===

impl QuestionView {
    fn of(inquiry: Inquiry, who: &str) -> Self {
        Self {
            who: who.to_owned(),
            register: inquiry.register,
            looked_at: format::shown_time(&inquiry.logtime),
            why: String::new(),
            asked_at: format::shown_time(&inquiry.asked_at),
            text: inquiry.question,
            answer: Some(AnswerView {
                verdict: inquiry.verdict,
                text: inquiry.answer,
                case: inquiry.case,
                sanction: inquiry.sanction,
            }),
        }
    }
}

// === impl Questions ===

impl Questions {
    /// The questions of a person, newest first.
    pub(crate) fn of(&self, person: &Person) -> Vec<QuestionView> {
        let kept = self.0.lock();
        let questions = kept.by_person.get(&person.user_id);
        questions.into_iter().flatten().rev().cloned().collect()
    }

    /// Keeps a question; false where there is no room for it.
    fn keep(&self, person: &Person, question: QuestionView) -> bool {
        let mut kept = self.0.lock();
        if kept.count >= MAX_QUESTIONS {
            return false;
        }
        let questions = kept.by_person.entry(person.user_id.clone()).or_default();
        if questions.len() >= MAX_QUESTIONS_EACH {
            return false;
        }
        questions.push(question);
        kept.count += 1;
        true
    }
}
