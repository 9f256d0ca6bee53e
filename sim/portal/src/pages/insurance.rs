//! `/insurance`: an offer of an insurer, who reads a health record by consent alone.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::exchange::{Trouble, path_of};
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::pages::trouble::TroubleView;
use crate::registries::Offer;
use crate::visit::{Citizen, Form};

/// What the data trackers show of this question.
const REASON: &str = "The person asked for an insurance offer";
/// The insurer's word for what it lacks.
const NO_CONSENT: &str = "no_consent";

#[derive(Deserialize)]
pub(crate) struct Wish {}

#[derive(Template)]
#[template(path = "insurance.html")]
struct Page<'a> {
    f: Frame<'a>,
    answer: Option<Answer>,
}

/// What the insurer says.
enum Answer {
    Offer(Offer),
    NoConsent,
    Trouble(TroubleView),
}

pub(crate) async fn form(citizen: Citizen) -> Response {
    if citizen.visit.portal.services.insurance_offer.is_none() {
        return citizen.visit.problem(Problem::NotFound);
    }
    show(&citizen, None)
}

pub(crate) async fn ask(form: Form<Citizen, Wish>) -> Response {
    let citizen = form.by;
    let (visit, person) = (&citizen.visit, citizen.person());
    let Some(service) = &visit.portal.services.insurance_offer else {
        return visit.problem(Problem::NotFound);
    };
    let path = path_of(person);
    let question = service.about(person, &path, REASON);
    let answered = visit.portal.exchange.ask::<Offer>(question).await;
    let answer = match answered.outcome {
        Ok(offer) => Answer::Offer(offer),
        Err(Trouble::Registry { code, .. }) if code == NO_CONSENT => Answer::NoConsent,
        Err(trouble) => Answer::Trouble(TroubleView::of(
            &trouble,
            answered.message_id,
            visit.texts(),
        )),
    };
    show(&citizen, Some(answer))
}

fn show(citizen: &Citizen, answer: Option<Answer>) -> Response {
    citizen.visit.page(&Page {
        f: citizen.visit.frame(Place::Services),
        answer,
    })
}

// === impl Page ===

impl Page<'_> {
    fn data<'s>(&self, data: &'s str) -> &'s str {
        match data {
            "health/record" => self.f.t.consent_health_record,
            other => other,
        }
    }
}
