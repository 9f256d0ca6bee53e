//! `/applications/new`: a form filled in from the registries; `POST /applications`: a draft to sign.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::applications::Kind;
use crate::exchange::{Service, path_of};
use crate::filling::{Objection, Prefilled, Wishes};
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::pages::sign::{Carrier, Choice, NoPhone, prefers_smart_id, sign};
use crate::pages::trouble::TroubleView;
use crate::registries::{Record, Relative};
use crate::visit::{Citizen, Form, Link, see_other};

/// What the data trackers show of these questions.
const REASON: &str = "The person fills in an application";

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct About {
    kind: Option<Kind>,
}

#[derive(Deserialize)]
pub(crate) struct HandedForm {
    kind: Kind,
    prefilled: String,
    #[serde(default)]
    child: String,
    #[serde(default)]
    account: String,
    /// With what it is signed at once; without, the next page asks.
    #[serde(default)]
    carrier: Option<Carrier>,
    #[serde(default)]
    phone_number: String,
}

#[derive(Template)]
#[template(path = "apply.html")]
struct Page<'a> {
    f: Frame<'a>,
    kind: Kind,
    prefilled: Result<Prefilled, TroubleView>,
    ticket: String,
    wishes: Wishes,
    phone_number: String,
    prefers_smart_id: bool,
    objection: Option<&'static str>,
}

pub(crate) async fn form(citizen: Citizen, Link(about): Link<About>) -> Response {
    let Some(kind) = about.kind else {
        return citizen.visit.problem(Problem::NotFound);
    };
    filled_in(&citizen, kind, None).await
}

pub(crate) async fn create(form: Form<Citizen, HandedForm>) -> Response {
    let (citizen, handed) = (form.by, form.fields);
    let visit = &citizen.visit;
    let t = visit.texts();
    let wishes = Wishes {
        child: handed.child,
        account: handed.account,
    };
    let prefilled = Prefilled::of_ticket(&handed.prefilled, &citizen);
    let Some(prefilled) = prefilled.filter(|prefilled| prefilled.kind == handed.kind) else {
        return filled_in(&citizen, handed.kind, Some(t.refused_outdated)).await;
    };
    let choice = handed.carrier.map(|carrier| Choice {
        carrier,
        phone_number: handed.phone_number,
    });
    let checked = prefilled
        .fill(&wishes, &citizen)
        .map_err(|objection| match objection {
            Objection::Child => t.refused_child,
            Objection::Account => t.refused_account,
        });
    let means = choice.map(|choice| choice.means()).transpose();
    let means = means.map_err(|NoPhone| t.refused_phone);
    let (filled, means) = match (checked, means) {
        (Ok(filled), Ok(means)) => (filled, means),
        (Err(objection), _) | (_, Err(objection)) => {
            return show(
                &citizen,
                prefilled.kind,
                Ok(prefilled),
                wishes,
                Some(objection),
            );
        }
    };
    let applications = &visit.portal.applications;
    let (person, files) = (citizen.person(), filled.files);
    let application = applications.keep(person, prefilled.kind, files, filled.fields, visit.now);
    match means {
        Some(means) => sign(&citizen, &application, means).await,
        None => see_other(&format!("/applications/{}/sign", application.number)),
    }
}

/// The form, filled in from the registries just now.
async fn filled_in(citizen: &Citizen, kind: Kind, objection: Option<&'static str>) -> Response {
    let services = &citizen.visit.portal.services;
    let is_offered = services.record.is_some()
        && match kind {
            Kind::ChildBenefit => services.applications.is_some() && services.relations.is_some(),
            Kind::OldAgePension => services.applications.is_some(),
            Kind::TaxDeclaration => {
                services.declaration.is_some() && services.declarations.is_some()
            }
        };
    if !is_offered {
        return citizen.visit.problem(Problem::NotFound);
    }
    let relations = services
        .relations
        .as_ref()
        .filter(|_| kind == Kind::ChildBenefit);
    let declaration = services
        .declaration
        .as_ref()
        .filter(|_| kind == Kind::TaxDeclaration);
    let (record, relations, declaration) = tokio::join!(
        ask(citizen, services.record.as_ref()),
        ask(citizen, relations),
        ask(citizen, declaration),
    );
    let now = citizen.visit.now;
    let prefilled = (|| {
        let (record, relations, declaration) = (record?, relations?, declaration?);
        Ok(record.map(|record: Record| {
            citizen
                .session
                .learn_name(&record.given_name, &record.surname);
            Prefilled::of(kind, &record, relations, declaration, now)
        }))
    })();
    match prefilled {
        Ok(Some(prefilled)) => show(citizen, kind, Ok(prefilled), Wishes::default(), objection),
        Ok(None) => citizen.visit.problem(Problem::NotFound),
        Err(trouble) => show(citizen, kind, Err(trouble), Wishes::default(), objection),
    }
}

/// What a registry has of the person; nothing where it is not needed.
async fn ask<T: DeserializeOwned>(
    citizen: &Citizen,
    service: Option<&Service>,
) -> Result<Option<T>, TroubleView> {
    let Some(service) = service else {
        return Ok(None);
    };
    let person = citizen.person();
    let path = path_of(person);
    let exchange = &citizen.visit.portal.exchange;
    let answered = exchange.ask(service.about(person, &path, REASON)).await;
    let t = citizen.visit.texts();
    let outcome = answered.outcome;
    outcome
        .map(Some)
        .map_err(|trouble| TroubleView::of(&trouble, answered.message_id, t))
}

fn show(
    citizen: &Citizen,
    kind: Kind,
    prefilled: Result<Prefilled, TroubleView>,
    wishes: Wishes,
    objection: Option<&'static str>,
) -> Response {
    let ticket = prefilled
        .as_ref()
        .map(|prefilled| prefilled.to_ticket(citizen));
    let ticket = ticket.unwrap_or_default();
    let person = citizen.person();
    citizen.visit.page(&Page {
        f: citizen.visit.frame(Place::Applications),
        kind,
        prefilled,
        ticket,
        wishes,
        phone_number: person.phone_number.clone().unwrap_or_default(),
        prefers_smart_id: prefers_smart_id(person),
        objection,
    })
}

// === impl Page ===

impl Page<'_> {
    fn title(&self) -> &'static str {
        self.f.t.kind(self.kind.code()).unwrap_or_default()
    }

    fn is_for_child(&self) -> bool {
        self.kind == Kind::ChildBenefit
    }

    fn is_paid_out(&self) -> bool {
        self.kind != Kind::TaxDeclaration
    }

    /// One child is always chosen: the one that the person chose, or the first.
    fn is_chosen(&self, child: &Relative, is_first: &bool) -> bool {
        if self.wishes.child.is_empty() {
            *is_first
        } else {
            self.wishes.child == child.national_id
        }
    }
}
