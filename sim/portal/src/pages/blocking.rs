//! `/blocking`: closing one's records, and opening them again.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use crate::exchange::path_of;
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::pages::trouble::TroubleView;
use crate::registries::Blocking;
use crate::visit::{Citizen, Form, see_other};

/// What the data trackers show of these questions.
const REASON_LOOK: &str = "The person looked at who may read their record";
const REASON_CHANGE: &str = "The person closed or opened their record";

#[derive(Deserialize)]
pub(crate) struct Change {
    /// Place of the register in the list.
    register: usize,
    blocked: bool,
}

#[derive(Template)]
#[template(path = "blocking.html")]
struct Page<'a> {
    f: Frame<'a>,
    registers: Vec<Register<'a>>,
}

struct Register<'a> {
    index: usize,
    title: &'a str,
    outcome: Result<bool, TroubleView>,
}

pub(crate) async fn show(citizen: Citizen) -> Response {
    page(&citizen, None).await
}

pub(crate) async fn change(form: Form<Citizen, Change>) -> Response {
    let (citizen, change) = (form.by, form.fields);
    let (visit, person) = (&citizen.visit, citizen.person());
    let Some(titled) = visit.portal.services.blocking.get(change.register) else {
        return visit.problem(Problem::NotFound);
    };
    let path = path_of(person);
    let question = titled.service.about(person, &path, REASON_CHANGE);
    let question = question.with("PUT", &json!({ "blocked": change.blocked }));
    let answered = visit.portal.exchange.ask::<Blocking>(question).await;
    match answered.outcome {
        Ok(_) => see_other("/blocking"),
        Err(trouble) => {
            let trouble = TroubleView::of(&trouble, answered.message_id, visit.texts());
            page(&citizen, Some((change.register, trouble))).await
        }
    }
}

/// The registers, asked just now; one of them with the trouble that a change has met.
async fn page(citizen: &Citizen, changed: Option<(usize, TroubleView)>) -> Response {
    let (visit, person) = (&citizen.visit, citizen.person());
    let portal = &visit.portal;
    let path = path_of(person);
    let asked = portal.services.blocking.iter().map(|titled| {
        let question = titled.service.about(person, &path, REASON_LOOK);
        portal.exchange.ask::<Blocking>(question)
    });
    let answers = crate::together::all(asked).await;
    let mut changed = changed;
    let registers = portal.services.blocking.iter().zip(answers).enumerate();
    let registers = registers.map(|(index, (titled, answered))| Register {
        index,
        title: &titled.title,
        outcome: match changed.take_if(|(place, _)| *place == index) {
            Some((_, trouble)) => Err(trouble),
            None => answered
                .outcome
                .map(|blocking| blocking.blocked)
                .map_err(|trouble| TroubleView::of(&trouble, answered.message_id, visit.texts())),
        },
    });
    let registers = registers.collect();
    visit.page(&Page {
        f: visit.frame(Place::Access),
        registers,
    })
}
