//! `/assistant`: a token for an assistant that acts for the person, after Bürokratt; and what it may
//! ask for with it, `/assistant/v1/{topic}`.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::exchange::{Service, Trouble, path_of};
use crate::format;
use crate::frame::{Frame, Place};
use crate::state::{Portal, Services};
use crate::visit::{Citizen, Form, see_other};

/// What the data trackers show of what an assistant asks.
const REASON: &str = "An assistant acted for the person";
/// How an assistant shows its token (RFC 6750, section 2.1).
const SCHEME: &str = "Bearer ";

#[derive(Deserialize)]
pub(crate) struct Wish {}

#[derive(Template)]
#[template(path = "assistant.html")]
struct Page<'a> {
    f: Frame<'a>,
    /// Shown once, when it is made.
    token: Option<String>,
    until: Option<String>,
    is_full: bool,
    api: String,
}

pub(crate) async fn show(citizen: Citizen) -> Response {
    page(&citizen, None, false)
}

/// Makes a token.
pub(crate) async fn admit(form: Form<Citizen, Wish>) -> Response {
    let citizen = form.by;
    let visit = &citizen.visit;
    match visit.portal.assistants.admit(&citizen.session, visit.now) {
        Ok(token) => page(&citizen, Some(token), false),
        Err(error) => {
            tracing::warn!(%error, "no token for an assistant");
            page(&citizen, None, true)
        }
    }
}

/// Takes it back.
pub(crate) async fn dismiss(form: Form<Citizen, Wish>) -> Response {
    let citizen = form.by;
    let portal = &citizen.visit.portal;
    portal.assistants.dismiss(&citizen.session);
    see_other("/assistant")
}

fn page(citizen: &Citizen, token: Option<String>, is_full: bool) -> Response {
    let visit = &citizen.visit;
    let until = visit.portal.assistants.until(&citizen.session, visit.now);
    visit.page(&Page {
        f: visit.frame(Place::Access),
        token,
        until: until.map(format::table_time),
        is_full,
        api: format!("{}/assistant/v1/record", visit.portal.public_url),
    })
}

/// One small call of an assistant: what a registry holds of the person it acts for.
pub(crate) async fn call(
    State(portal): State<Arc<Portal>>,
    Path(topic): Path<String>,
    headers: HeaderMap,
) -> Response {
    let session = bearer(&headers).and_then(|token| {
        let now = portal.clock.now();
        portal.assistants.session_of(token, &portal.sessions, now)
    });
    let Some(session) = session else {
        tracing::warn!(topic, "refused an assistant without a token");
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
        let refusal = refusal(StatusCode::UNAUTHORIZED, "invalid_token", "no such token");
        return (challenge, refusal).into_response();
    };
    let Some(service) = service_of(&portal.services, &topic) else {
        return refusal(StatusCode::NOT_FOUND, "not_found", "there is no such topic");
    };
    let path = path_of(&session.person);
    let question = service.about(&session.person, &path, REASON);
    match portal.exchange.ask::<Value>(question).await.outcome {
        Ok(told) => Json(told).into_response(),
        Err(Trouble::Unknown { message }) => refusal(StatusCode::NOT_FOUND, "unknown", &message),
        Err(trouble) => refusal(StatusCode::BAD_GATEWAY, "registry", &trouble.to_string()),
    }
}

/// The token; none where there are several, so that no one reads another than the next.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).into_iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(())?;
    value.strip_prefix(SCHEME)
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "code": code, "message": message }))).into_response()
}

fn service_of<'s>(services: &'s Services, topic: &str) -> Option<&'s Service> {
    let service = match topic {
        "record" => &services.record,
        "relations" => &services.relations,
        "benefits" => &services.benefits,
        "declaration" => &services.declaration,
        "health" => &services.health_record,
        "prescriptions" => &services.prescriptions,
        "studies" => &services.studies,
        "roles" => &services.roles,
        "appointments" => &services.appointments,
        _ => &None,
    };
    service.as_ref()
}
