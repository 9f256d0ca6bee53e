//! `/assistant`: letting an assistant read one's data for some minutes, and ending that.

use askama::Template;
use axum::response::Response;

use crate::assistants::ASSISTANT_LIFETIME;
use crate::format;
use crate::frame::{Frame, Place};
use crate::pages::assistant_api;
use crate::pages::logout::Nothing;
use crate::pages::problem::Problem;
use crate::visit::{Citizen, Form, see_other};

#[derive(Template)]
#[template(path = "assistant.html")]
struct Page<'a> {
    f: Frame<'a>,
    /// Shown once, when it is made.
    token: Option<String>,
    until: Option<String>,
    minutes: u64,
    /// Where an assistant asks, and for what.
    address: String,
    topics: Vec<&'static str>,
}

pub(crate) async fn show(citizen: Citizen) -> Response {
    page(&citizen, None)
}

/// Another token; the one before is none any more.
pub(crate) async fn allow(form: Form<Citizen, Nothing>) -> Response {
    let citizen = form.by;
    let visit = &citizen.visit;
    let assistants = &visit.portal.assistants;
    match assistants.allow(&citizen.session.key, visit.now) {
        Ok(token) => page(&citizen, Some(token)),
        Err(error) => {
            tracing::warn!(%error, "no assistant more is let in");
            visit.problem(Problem::Full)
        }
    }
}

pub(crate) async fn revoke(form: Form<Citizen, Nothing>) -> Response {
    let citizen = form.by;
    let assistants = &citizen.visit.portal.assistants;
    assistants.revoke(&citizen.session.key);
    see_other("/assistant")
}

fn page(citizen: &Citizen, token: Option<String>) -> Response {
    let visit = &citizen.visit;
    let portal = &visit.portal;
    let until = portal.assistants.until(&citizen.session.key, visit.now);
    visit.page(&Page {
        f: visit.frame(Place::Me),
        token,
        until: until.map(format::table_time),
        minutes: ASSISTANT_LIFETIME.as_secs() / 60,
        address: format!("{}{}", portal.public_url, assistant_api::PATH),
        topics: assistant_api::topics(&portal.services),
    })
}
