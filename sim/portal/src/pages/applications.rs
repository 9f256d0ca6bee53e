//! `/applications`: what was handed in, and what waits for a signature; `/applications/{n}`: one.

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sim_signed_documents::MEDIA_TYPE;

use crate::applications::{Application, Handed, Progress};
use crate::exchange::path_of;
use crate::format;
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::pages::trouble::TroubleView;
use crate::registries::{HandedIn, KnownApplication};
use crate::visit::{Citizen, see_other};

/// What the data tracker shows of looking at the list.
const REASON: &str = "The person looked at their applications";

#[derive(Template)]
#[template(path = "applications.html")]
struct ListPage<'a> {
    f: Frame<'a>,
    here: Vec<Row>,
    /// What the registry has; `None` where no registry takes applications.
    there: Option<Result<Vec<KnownApplication>, TroubleView>>,
    offers_child_benefit: bool,
    offers_tax: bool,
}

/// An application filled in here.
struct Row {
    number: u64,
    kind: &'static str,
    made_at: String,
    /// For robots: `draft`, `signing`, `not-signed`, or the registry's word.
    status: String,
    is_done: bool,
}

#[derive(Template)]
#[template(path = "application.html")]
struct OnePage<'a> {
    f: Frame<'a>,
    number: u64,
    kind: &'static str,
    made_at: String,
    handed: Handed,
}

pub(crate) async fn list(citizen: Citizen) -> Response {
    let visit = &citizen.visit;
    let (portal, person, t) = (&visit.portal, citizen.person(), visit.texts());
    let there = match &portal.services.applications {
        None => None,
        Some(service) => {
            let path = path_of(person);
            let answered = portal
                .exchange
                .ask(service.about(person, &path, REASON))
                .await;
            let found = answered.outcome.map(|found: HandedIn| found.applications);
            Some(found.map_err(|trouble| TroubleView::of(&trouble, answered.message_id, t)))
        }
    };
    let here = portal.applications.of(person);
    let services = &portal.services;
    visit.page(&ListPage {
        f: visit.frame(Place::Applications),
        here: here
            .iter()
            .map(|application| Row::of(application))
            .collect(),
        there,
        offers_child_benefit: services.applications.is_some() && services.relations.is_some(),
        offers_tax: services.declaration.is_some() && services.declarations.is_some(),
    })
}

/// An application that was handed in; others lead to where they are signed.
pub(crate) async fn show(citizen: Citizen, Path(number): Path<String>) -> Response {
    let Some(application) = own(&citizen, &number) else {
        return citizen.visit.problem(Problem::NotFound);
    };
    let Progress::Done(handed) = application.progress() else {
        return see_other(&format!("/applications/{}/sign", application.number));
    };
    citizen.visit.page(&OnePage {
        f: citizen.visit.frame(Place::Applications),
        number: application.number,
        kind: application.kind.code(),
        made_at: format::table_time(application.made_at),
        handed,
    })
}

/// The signed document.
pub(crate) async fn document(citizen: Citizen, Path(number): Path<String>) -> Response {
    let application = own(&citizen, &number);
    let handed = application.map(|application| (application.progress(), application));
    let Some((Progress::Done(handed), application)) = handed else {
        return citizen.visit.problem(Problem::NotFound);
    };
    let name = format!("{}-{}.asice", application.kind.code(), application.number);
    let headers = [
        (header::CONTENT_TYPE, MEDIA_TYPE.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, handed.document).into_response()
}

/// The application of a path, where it is this person's: somebody else's does not exist.
pub(super) fn own(citizen: &Citizen, number: &str) -> Option<Arc<Application>> {
    let number = number.parse().ok()?;
    citizen
        .visit
        .portal
        .applications
        .find(citizen.person(), number)
}

// === impl Row ===

impl Row {
    fn of(application: &Application) -> Self {
        let (status, is_done) = match application.progress() {
            Progress::Draft => ("draft".to_owned(), false),
            Progress::Signing { .. } => ("signing".to_owned(), false),
            Progress::Refused(_) => ("not-signed".to_owned(), false),
            Progress::Done(handed) => (handed.status, true),
        };
        Self {
            number: application.number,
            kind: application.kind.code(),
            made_at: format::table_time(application.made_at),
            status,
            is_done,
        }
    }
}

impl ListPage<'_> {
    fn status<'s>(&self, status: &'s str) -> &'s str {
        let t = self.f.t;
        match status {
            "draft" => t.status_draft,
            "signing" => t.status_signing,
            "not-signed" => t.status_not_signed,
            other => t.status(other).unwrap_or(other),
        }
    }

    fn kind<'s>(&self, kind: &'s str) -> &'s str {
        self.f.t.kind(kind).unwrap_or(kind)
    }

    /// A registry's time as people read it, or as it came.
    #[expect(clippy::unused_self, reason = "a template calls it on its page")]
    fn time(&self, time: &str) -> String {
        format::readable(time)
    }
}

impl OnePage<'_> {
    fn status(&self) -> &str {
        let status = self.handed.status.as_str();
        self.f.t.status(status).unwrap_or(status)
    }

    fn kind(&self) -> &'static str {
        self.f.t.kind(self.kind).unwrap_or(self.kind)
    }
}
