//! `/consents`: who may use data that only their person can open, and until when.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::exchange::path_of;
use crate::format;
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::pages::trouble::TroubleView;
use crate::registries::{Consent, Consents};
use crate::visit::{Citizen, Form, see_other};

/// What the data trackers show of these questions.
const REASON_LOOK: &str = "The person looked at their consents";
const REASON_DECIDE: &str = "The person decided about a consent";

/// What somebody decides.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Approved,
    Declined,
    Withdrawn,
}

#[derive(Deserialize)]
pub(crate) struct Decided {
    reference: String,
    status: Decision,
}

#[derive(Template)]
#[template(path = "consents.html")]
struct Page<'a> {
    f: Frame<'a>,
    outcome: Result<Vec<Row<'a>>, TroubleView>,
    /// What a decision has met.
    trouble: Option<TroubleView>,
}

/// One consent.
struct Row<'a> {
    consent: Consent,
    /// Who asks, as people call them, where that is known.
    who: &'a str,
    since: String,
    until: Option<String>,
}

pub(crate) async fn show(citizen: Citizen) -> Response {
    page(&citizen, None).await
}

pub(crate) async fn decide(form: Form<Citizen, Decided>) -> Response {
    let (citizen, decided) = (form.by, form.fields);
    let (visit, person) = (&citizen.visit, citizen.person());
    let Some(service) = &visit.portal.services.consents else {
        return visit.problem(Problem::NotFound);
    };
    let path = path_of(person);
    let body = json!({ "reference": decided.reference, "status": decided.status.word() });
    let question = service
        .about(person, &path, REASON_DECIDE)
        .with("PUT", &body);
    let answered = visit.portal.exchange.ask::<Value>(question).await;
    match answered.outcome {
        Ok(_) => see_other("/consents"),
        Err(trouble) => {
            let trouble = TroubleView::of(&trouble, answered.message_id, visit.texts());
            page(&citizen, Some(trouble)).await
        }
    }
}

/// The consents, asked for just now.
async fn page(citizen: &Citizen, trouble: Option<TroubleView>) -> Response {
    let (visit, person) = (&citizen.visit, citizen.person());
    let portal = &visit.portal;
    let Some(service) = &portal.services.consents else {
        return visit.problem(Problem::NotFound);
    };
    let path = path_of(person);
    let question = service.about(person, &path, REASON_LOOK);
    let answered = portal.exchange.ask::<Consents>(question).await;
    let outcome = answered.outcome.map(|found| {
        let consents = found.consents.into_iter();
        consents
            .map(|consent| Row {
                who: portal.services.title_of(&consent.receiver).unwrap_or(""),
                since: format::shown_time(&consent.since),
                until: consent.until.as_deref().map(format::shown_time),
                consent,
            })
            .collect()
    });
    visit.page(&Page {
        f: visit.frame(Place::Access),
        outcome: outcome
            .map_err(|trouble| TroubleView::of(&trouble, answered.message_id, visit.texts())),
        trouble,
    })
}

// === impl Decision ===

impl Decision {
    const fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }
}

// === impl Row ===

impl Row<'_> {
    /// Whether the person can give it or decline.
    fn is_open(&self) -> bool {
        self.consent.status == "requested"
    }

    /// Whether it is in force.
    fn is_given(&self) -> bool {
        self.consent.status == "approved"
    }
}

// === impl Page ===

impl Page<'_> {
    fn status<'s>(&self, status: &'s str) -> &'s str {
        self.f.t.consent_status(status).unwrap_or(status)
    }

    fn purpose<'s>(&self, purpose: &'s str) -> &'s str {
        match purpose {
            "insurance-offer" => self.f.t.consent_insurance_offer,
            other => other,
        }
    }

    fn data<'s>(&self, data: &'s str) -> &'s str {
        match data {
            "health/record" => self.f.t.consent_health_record,
            other => other,
        }
    }
}
