//! `/tracker/ask`: a question to somebody who looked at a person's data.
//!
//! Which look it is about travels through the browser as a ticket with the portal's tag, so that
//! nobody can ask about a look that no registry told of. The question goes to the one who looked,
//! who keeps and answers it; where they take none, it is kept here.

mod kept;
mod shown;

use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::exchange::Trouble;
use crate::format;
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::pages::trouble::TroubleView;
use crate::state::Answerer;
use crate::visit::{Citizen, Form, Link, see_other};

pub(crate) use kept::Questions;
pub(crate) use shown::Shown;

/// What the data tracker shows of these questions.
const REASON_ASK: &str = "The person asked why somebody looked at their data";
const REASON_LOOK: &str = "The person read the answers to their questions";
/// The longest question, in characters.
const MAX_QUESTION_CHARS: usize = 1_000;

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

/// Whether there was a reason to look, as the one who looked found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Justified,
    Unjustified,
    Unknown,
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
    /// Who will answer; nobody where the question is kept here.
    answerer: Option<&'a Answerer>,
    text: String,
    objection: Option<Objection>,
    max_chars: usize,
}

/// Why a question was not taken.
enum Objection {
    /// Empty or too long.
    Length,
    /// There is no room for more.
    Full,
    /// The one who looked refused it, and says why.
    Refused(String),
    /// The one who looked did not answer.
    Trouble(TroubleView),
}

/// The form for a question about one look.
pub(crate) async fn form(citizen: Citizen, Link(about): Link<About>) -> Response {
    let ticket = about.look;
    match Look::of_ticket(&ticket, &citizen) {
        Some(look) => show(&citizen, look, ticket, String::new(), None),
        None => citizen.visit.problem(Problem::NotFound),
    }
}

/// Sends the question, or keeps it where nobody takes it.
pub(crate) async fn ask(form: Form<Citizen, Asked>) -> Response {
    let (citizen, asked) = (form.by, form.fields);
    let Some(look) = Look::of_ticket(&asked.look, &citizen) else {
        return citizen.visit.problem(Problem::NotFound);
    };
    let text = asked.question.trim().to_owned();
    let portal = &citizen.visit.portal;
    let is_decent = !text.is_empty() && text.chars().count() <= MAX_QUESTION_CHARS;
    let taken = match look.answerer(&citizen) {
        _ if !is_decent => Err(Objection::Length),
        Some(answerer) => send(&citizen, answerer, &look, &text).await,
        None => keep(&citizen, &look, &text),
    };
    match taken {
        Ok(()) => {
            portal.count(|summary| summary.questions += 1);
            see_other("/tracker#questions")
        }
        Err(objection) => show(&citizen, look, asked.look, text, Some(objection)),
    }
}

async fn send(
    citizen: &Citizen,
    answerer: &Answerer,
    look: &Look,
    text: &str,
) -> Result<(), Objection> {
    let (visit, person) = (&citizen.visit, citizen.person());
    let body = json!({
        "national_id": person.national_id, "register": look.register, "logtime": look.time,
        "question": text
    });
    let question = answerer.service.about(person, "", REASON_ASK);
    let question = question.with("POST", &body);
    let answered = visit.portal.exchange.ask::<Value>(question).await;
    answered.outcome.map(drop).map_err(|trouble| match trouble {
        Trouble::Unknown { message } => Objection::Refused(message),
        Trouble::Registry {
            status, message, ..
        } if status < 500 => Objection::Refused(message),
        trouble => Objection::Trouble(TroubleView::of(
            &trouble,
            answered.message_id,
            visit.texts(),
        )),
    })
}

fn keep(citizen: &Citizen, look: &Look, text: &str) -> Result<(), Objection> {
    let question = kept::Question {
        look: look.clone(),
        asked_at: citizen.visit.now,
        text: text.to_owned(),
    };
    let questions = &citizen.visit.portal.questions;
    let is_kept = questions.keep(citizen.person(), question);
    is_kept.then_some(()).ok_or(Objection::Full)
}

fn show(
    citizen: &Citizen,
    look: Look,
    ticket: String,
    text: String,
    objection: Option<Objection>,
) -> Response {
    citizen.visit.page(&Page {
        f: citizen.visit.frame(Place::Tracker),
        answerer: look.answerer(citizen),
        look,
        ticket,
        text,
        objection,
        max_chars: MAX_QUESTION_CHARS,
    })
}

// === impl Page ===

impl Page<'_> {
    /// When somebody looked, as people read it.
    fn time(&self) -> String {
        format::readable(&self.look.time)
    }
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

    /// Who answers for it, where there is somebody.
    fn answerer<'c>(&self, citizen: &'c Citizen) -> Option<&'c Answerer> {
        let services = &citizen.visit.portal.services;
        services.answerer(&self.code, &self.system)
    }
}

// === impl Verdict ===

impl Verdict {
    /// Any other word says nothing either way.
    fn of(word: &str) -> Self {
        match word {
            "justified" => Self::Justified,
            "unjustified" => Self::Unjustified,
            _ => Self::Unknown,
        }
    }

    /// For robots, as the one who looked says it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Unjustified => "unjustified",
            Self::Unknown => "unknown",
        }
    }
}
