//! `/me`: what the registries hold of a person, all asked at once.
//!
//! Each registry has its own time limit and its own place for an error: one that does not answer
//! hides nothing of the others.

use std::time::Duration;

use askama::Template;
use axum::response::Response;
use serde::de::DeserializeOwned;

use crate::exchange::{Answered, Service, path_of};
use crate::format;
use crate::frame::{Frame, Place};
use crate::pages::employers;
use crate::pages::trouble::TroubleView;
use crate::registries::{
    Benefits, Declaration, HealthRecord, Listing, Record, Relations, Relative, Studies,
};
use crate::visit::Citizen;

/// What the data trackers show of these questions.
const REASON: &str = "The person looked at their own data in the portal";

/// How long the page waits for each registry.
const RECORD_TIME_LIMIT: Duration = Duration::from_secs(4);
const RELATIONS_TIME_LIMIT: Duration = Duration::from_secs(4);
const BENEFITS_TIME_LIMIT: Duration = Duration::from_secs(4);
const DECLARATION_TIME_LIMIT: Duration = Duration::from_secs(4);
const HEALTH_TIME_LIMIT: Duration = Duration::from_secs(4);
const STUDIES_TIME_LIMIT: Duration = Duration::from_secs(4);
const ROLES_TIME_LIMIT: Duration = Duration::from_secs(4);

#[derive(Template)]
#[template(path = "me.html")]
struct Page<'a> {
    f: Frame<'a>,
    record: Option<Section<Record>>,
    relations: Option<Section<Relations>>,
    benefits: Option<Section<Benefits>>,
    declaration: Option<Section<Declaration>>,
    health: Option<Section<HealthRecord>>,
    prescriptions: Option<Section<Listing>>,
    studies: Option<Section<Studies>>,
    roles: Option<Section<Listing>>,
    took_ms: u128,
}

/// One registry's place on the page.
struct Section<T> {
    outcome: Result<T, TroubleView>,
    took_ms: u128,
}

pub(crate) async fn show(citizen: Citizen) -> Response {
    let (visit, services) = (&citizen.visit, &citizen.visit.portal.services);
    let clock = visit.portal.clock;
    let begun = clock.monotonic();
    let (record, relations, benefits, declaration, health, prescriptions, studies, roles) = tokio::join!(
        ask::<Record>(&citizen, services.record.as_ref(), RECORD_TIME_LIMIT),
        ask(&citizen, services.relations.as_ref(), RELATIONS_TIME_LIMIT),
        ask(&citizen, services.benefits.as_ref(), BENEFITS_TIME_LIMIT),
        declaration(&citizen),
        ask(&citizen, services.health_record.as_ref(), HEALTH_TIME_LIMIT),
        ask(&citizen, services.prescriptions.as_ref(), HEALTH_TIME_LIMIT),
        ask(&citizen, services.studies.as_ref(), STUDIES_TIME_LIMIT),
        ask(&citizen, services.roles.as_ref(), ROLES_TIME_LIMIT),
    );
    let took = clock.monotonic().saturating_duration_since(begun);
    if let Some(Ok(record)) = record.as_ref().map(|section| section.outcome.as_ref()) {
        citizen
            .session
            .learn_name(&record.given_name, &record.surname);
    }
    visit.page(&Page {
        f: visit.frame(Place::Me),
        record,
        relations,
        benefits,
        declaration,
        health,
        prescriptions,
        studies,
        roles,
        took_ms: format::milliseconds(took),
    })
}

/// Income and taxes, with the names of who paid.
async fn declaration(citizen: &Citizen) -> Option<Section<Declaration>> {
    let service = citizen.visit.portal.services.declaration.as_ref();
    let mut section = ask::<Declaration>(citizen, service, DECLARATION_TIME_LIMIT).await?;
    if let Ok(declaration) = &mut section.outcome {
        employers::name_all(citizen, &mut declaration.employers, REASON).await;
    }
    Some(section)
}

/// Asks one registry about the person; `None` where there is no such registry.
async fn ask<T: DeserializeOwned>(
    citizen: &Citizen,
    service: Option<&Service>,
    within: Duration,
) -> Option<Section<T>> {
    let person = citizen.person();
    let path = path_of(person);
    let question = service?.about(person, &path, REASON).within(within);
    let Answered {
        outcome,
        took,
        message_id,
    } = citizen.visit.portal.exchange.ask(question).await;
    let t = citizen.visit.texts();
    Some(Section {
        outcome: outcome.map_err(|trouble| TroubleView::of(&trouble, message_id, t)),
        took_ms: format::milliseconds(took),
    })
}

// === impl Page ===

impl Page<'_> {
    fn sex(&self, record: &Record) -> &'static str {
        match record.sex.as_str() {
            "female" => self.f.t.female,
            "male" => self.f.t.male,
            _ => "",
        }
    }

    fn status(&self, record: &Record) -> &'static str {
        match record.status.as_str() {
            "alive" => self.f.t.alive,
            "deceased" => self.f.t.deceased,
            _ => "",
        }
    }

    /// What people call a level of education.
    fn level<'l>(&self, level: &'l str) -> &'l str {
        match level {
            "general" => self.f.t.level_general,
            "degree" => self.f.t.level_degree,
            other => other,
        }
    }

    /// The child of this national ID, where the population register has told of them on this page.
    fn child(&self, national_id: &str) -> Option<&Relative> {
        let relations = self.relations.as_ref()?.outcome.as_ref().ok()?;
        let mut children = relations.children.iter();
        children.find(|child| child.national_id == national_id)
    }

    /// What people call a benefit; one that has no name here keeps the registry's.
    fn benefit<'k>(&self, kind: &'k str) -> &'k str {
        self.f.t.benefit(kind).unwrap_or(kind)
    }
}
