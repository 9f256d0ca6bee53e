//! `/companies/new`: founding a company.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::exchange::Trouble;
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::pages::trouble::TroubleView;
use crate::sessions::Session;
use crate::visit::{Citizen, Form, see_other};

/// What the data tracker shows of it.
const REASON: &str = "The person founds a company";
/// The longest name, in characters.
const MAX_NAME_CHARS: usize = 100;

#[derive(Deserialize)]
pub(crate) struct Wish {
    name: String,
}

#[derive(Template)]
#[template(path = "company.html")]
struct Page<'a> {
    f: Frame<'a>,
    founder: &'a Session,
    name: String,
    objection: Option<String>,
    trouble: Option<TroubleView>,
    max_chars: usize,
}

pub(crate) async fn form(citizen: Citizen) -> Response {
    if citizen.visit.portal.services.companies.is_none() {
        return citizen.visit.problem(Problem::NotFound);
    }
    show(&citizen, String::new(), None, None)
}

pub(crate) async fn found(form: Form<Citizen, Wish>) -> Response {
    let (citizen, wish) = (form.by, form.fields);
    let (visit, person, t) = (&citizen.visit, citizen.person(), citizen.visit.texts());
    let Some(service) = &visit.portal.services.companies else {
        return visit.problem(Problem::NotFound);
    };
    let name = wish.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
        return show(&citizen, name, Some(t.company_hint.to_owned()), None);
    }
    let body = json!({ "name": name, "national_id": person.national_id });
    let question = service.about(person, "", REASON).with("POST", &body);
    let answered = visit.portal.exchange.ask::<Value>(question).await;
    match answered.outcome {
        Ok(_) => see_other("/me#roles"),
        Err(Trouble::Registry {
            status, message, ..
        }) if status < 500 => {
            let objection = format!("{} {message}", t.company_refused);
            show(&citizen, name, Some(objection), None)
        }
        Err(trouble) => {
            let trouble = TroubleView::of(&trouble, answered.message_id, t);
            show(&citizen, name, None, Some(trouble))
        }
    }
}

fn show(
    citizen: &Citizen,
    name: String,
    objection: Option<String>,
    trouble: Option<TroubleView>,
) -> Response {
    citizen.visit.page(&Page {
        f: citizen.visit.frame(Place::Services),
        founder: &citizen.session,
        name,
        objection,
        trouble,
        max_chars: MAX_NAME_CHARS,
    })
}
