//! `/consents`: who may see a person's data because the person allows it.

use askama::Template;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sim_domain::ClientId;

use crate::exchange::{Service, Trouble, path_of};
use crate::format;
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::pages::trouble::TroubleView;
use crate::registries::{Consent, Consents};
use crate::state::Services;
use crate::visit::{Citizen, Form, see_other};

/// What the data tracker shows of these questions.
const REASON_LOOK: &str = "The person looked at their consents";
const REASON_CHANGE: &str = "The person decided about a consent";
/// The longest reference that is passed on, in bytes; a UUID has 36.
const MAX_REFERENCE_BYTES: usize = 64;

/// What a person decides about one consent.
#[derive(Serialize, Deserialize)]
pub(crate) struct Change {
    reference: String,
    status: Decision,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Approved,
    Declined,
    Withdrawn,
}

#[derive(Template)]
#[template(path = "consents.html")]
struct Page<'a> {
    f: Frame<'a>,
    services: &'a Services,
    /// Those that wait for the person first, then as the service has them.
    outcome: Result<Vec<Consent>, TroubleView>,
    objection: Option<Objection>,
}

/// Why a decision was not taken.
enum Objection {
    /// The consent stands otherwise meanwhile.
    Conflict,
    Trouble(TroubleView),
}

pub(crate) async fn show(citizen: Citizen) -> Response {
    match &citizen.visit.portal.services.consents {
        Some(service) => page(&citizen, service, None).await,
        None => citizen.visit.problem(Problem::NotFound),
    }
}

pub(crate) async fn change(form: Form<Citizen, Change>) -> Response {
    let (citizen, change) = (form.by, form.fields);
    let (visit, person) = (&citizen.visit, citizen.person());
    let Some(service) = &visit.portal.services.consents else {
        return visit.problem(Problem::NotFound);
    };
    if change.reference.is_empty() || change.reference.len() > MAX_REFERENCE_BYTES {
        return visit.problem(Problem::Fields);
    }
    let path = path_of(person);
    let question = service.about(person, &path, REASON_CHANGE);
    let question = question.with("PUT", &change);
    let answered = visit.portal.exchange.ask::<Value>(question).await;
    let objection = match answered.outcome {
        Ok(_) => return see_other("/consents"),
        // Somebody else's consent does not exist.
        Err(Trouble::Unknown { .. }) => return visit.problem(Problem::NotFound),
        Err(Trouble::Registry { status: 409, .. }) => Objection::Conflict,
        Err(trouble) => Objection::Trouble(TroubleView::of(
            &trouble,
            answered.message_id,
            visit.texts(),
        )),
    };
    page(&citizen, service, Some(objection)).await
}

async fn page(citizen: &Citizen, service: &Service, objection: Option<Objection>) -> Response {
    let (visit, person) = (&citizen.visit, citizen.person());
    let path = path_of(person);
    let question = service.about(person, &path, REASON_LOOK);
    let answered = visit.portal.exchange.ask::<Consents>(question).await;
    let outcome = answered.outcome.map(|found| {
        let mut consents = found.consents;
        consents.sort_by_key(|consent| consent.status != "requested");
        consents
    });
    visit.page(&Page {
        f: visit.frame(Place::Consents),
        services: &visit.portal.services,
        outcome: outcome
            .map_err(|trouble| TroubleView::of(&trouble, answered.message_id, visit.texts())),
        objection,
    })
}

// === impl Page ===

impl Page<'_> {
    /// What people call the one who asks, where this portal knows it.
    fn receiver<'r>(&'r self, consent: &'r Consent) -> &'r str {
        let client = consent.receiver.parse::<ClientId>().ok();
        let known = client.and_then(|client| {
            let subsystem = client.subsystem()?;
            self.services.answerer(client.member().code(), subsystem)
        });
        known.map_or(&consent.receiver, |answerer| self.f.called(&answerer.title))
    }

    fn status<'s>(&self, consent: &'s Consent) -> &'s str {
        let t = self.f.t;
        match consent.status.as_str() {
            "requested" => t.consent_requested,
            "approved" => t.consent_approved,
            "declined" => t.consent_declined,
            "withdrawn" => t.consent_withdrawn,
            "expired" => t.consent_expired,
            other => other,
        }
    }

    fn purpose<'s>(&self, consent: &'s Consent) -> &'s str {
        self.f
            .t
            .purpose(&consent.purpose)
            .unwrap_or(&consent.purpose)
    }

    fn data<'s>(&self, consent: &'s Consent) -> &'s str {
        self.f.t.data(&consent.data).unwrap_or(&consent.data)
    }

    /// A service's time as people read it, or as it came.
    #[expect(clippy::unused_self, reason = "a template calls it on its page")]
    fn time(&self, time: &str) -> String {
        format::readable(time)
    }
}
