//! `/tracker/ask`: a question to somebody who looked at a person's data.
//!
//! Which look it is about travels through the browser as a ticket with the portal's tag, so that
//! nobody can ask about a look that no registry told of. Questions are kept in memory, bounded.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::format;
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::sessions::Person;
use crate::visit::{Citizen, Form, Link, see_other};

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

/// A question, its look and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct QuestionView {
    pub(crate) look: Look,
    pub(crate) asked_at: String,
    pub(crate) text: String,
    /// What the one who looked answered.
    pub(crate) answer: Option<String>,
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
    max_chars: usize,
}

/// The form for a question about one look.
pub(crate) async fn form(citizen: Citizen, Link(about): Link<About>) -> Response {
    let ticket = about.look;
    match Look::of_ticket(&ticket, &citizen) {
        Some(look) => show(&citizen, look, ticket, String::new(), None),
        None => citizen.visit.problem(Problem::NotFound),
    }
}

/// Keeps the question.
pub(crate) async fn ask(form: Form<Citizen, Asked>) -> Response {
    let (citizen, asked) = (form.by, form.fields);
    let Some(look) = Look::of_ticket(&asked.look, &citizen) else {
        return citizen.visit.problem(Problem::NotFound);
    };
    let text = asked.question.trim().to_owned();
    let t = citizen.visit.texts();
    if text.is_empty() || text.chars().count() > MAX_QUESTION_CHARS {
        return show(&citizen, look, asked.look, text, Some(t.question_too_long));
    }
    let question = QuestionView {
        look: look.clone(),
        asked_at: format::table_time(citizen.visit.now),
        text: text.clone(),
        answer: None,
    };
    let portal = &citizen.visit.portal;
    if !portal.questions.keep(citizen.person(), question) {
        return show(&citizen, look, asked.look, text, Some(t.question_full));
    }
    portal.count(|summary| summary.questions += 1);
    see_other("/tracker#questions")
}

fn show(
    citizen: &Citizen,
    look: Look,
    ticket: String,
    text: String,
    refusal: Option<&'static str>,
) -> Response {
    citizen.visit.page(&Page {
        f: citizen.visit.frame(Place::Tracker),
        look,
        ticket,
        text,
        refusal,
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
