//! `/insurance`: asking an insurer for an offer, which looks at data only by consent.

use askama::Template;
use axum::response::Response;

use crate::exchange::{Trouble, path_of};
use crate::frame::{Frame, Place};
use crate::pages::logout::Nothing;
use crate::pages::problem::Problem;
use crate::pages::trouble::TroubleView;
use crate::registries::Offer;
use crate::visit::{Citizen, Form};

/// What the data tracker shows of it.
const REASON: &str = "The person asked an insurer for an offer";
/// The insurer's word for a consent that it has not got.
const NO_CONSENT: &str = "no_consent";

#[derive(Template)]
#[template(path = "insurance.html")]
struct Page<'a> {
    f: Frame<'a>,
    outcome: Option<Outcome>,
}

/// What the insurer said.
enum Outcome {
    Offer(Offer),
    /// It has asked for a consent, which waits for the person.
    NoConsent,
    Trouble(TroubleView),
}

pub(crate) async fn show(citizen: Citizen) -> Response {
    if citizen.visit.portal.services.insurance_offer.is_none() {
        return citizen.visit.problem(Problem::NotFound);
    }
    rendered(&citizen, None)
}

/// A form and no link: the insurer may ask for a consent in the person's name.
pub(crate) async fn ask(form: Form<Citizen, Nothing>) -> Response {
    let citizen = form.by;
    let (visit, person) = (&citizen.visit, citizen.person());
    let Some(service) = &visit.portal.services.insurance_offer else {
        return visit.problem(Problem::NotFound);
    };
    let path = path_of(person);
    let question = service.about(person, &path, REASON);
    let answered = visit.portal.exchange.ask::<Offer>(question).await;
    let outcome = match answered.outcome {
        Ok(offer) => Outcome::Offer(offer),
        Err(Trouble::Registry {
            status: 403, code, ..
        }) if code == NO_CONSENT => Outcome::NoConsent,
        Err(trouble) => Outcome::Trouble(TroubleView::of(
            &trouble,
            answered.message_id,
            visit.texts(),
        )),
    };
    rendered(&citizen, Some(outcome))
}

fn rendered(citizen: &Citizen, outcome: Option<Outcome>) -> Response {
    citizen.visit.page(&Page {
        f: citizen.visit.frame(Place::Services),
        outcome,
    })
}

// === impl Page ===

impl Page<'_> {
    fn based_on<'o>(&self, offer: &'o Offer) -> &'o str {
        self.f.t.data(&offer.based_on).unwrap_or(&offer.based_on)
    }
}
