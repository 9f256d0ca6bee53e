//! `/assistant/v1/{topic}`: what an assistant reads with a person's token (RFC 6750).
//!
//! It is for programs, and knows no cookies: a page of another site that has a browser ask here
//! gets nothing. The token counts in its header alone, since addresses end up in logs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::exchange::{Service, Trouble, path_of};
use crate::sessions::Session;
use crate::state::{Portal, Services};

/// Below which the topics are.
pub(crate) const PATH: &str = "/assistant/v1/";
/// What the data trackers show of these questions.
const REASON: &str = "An assistant acted for the person";
/// What can be asked for.
const TOPICS: [&str; 9] = [
    "record",
    "relations",
    "benefits",
    "declaration",
    "health",
    "prescriptions",
    "studies",
    "roles",
    "appointments",
];
/// What asks for a token (RFC 6750, section 3).
const CHALLENGE: &str = "Bearer realm=\"assistant\"";

/// A registry's answer as it came.
pub(crate) async fn read(
    State(portal): State<Arc<Portal>>,
    Path(topic): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(session) = session_of(&portal, &headers) else {
        tracing::warn!(topic, "refused an assistant without a token that counts");
        let mut refusal = refused(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "a token that counts is needed in Authorization: Bearer",
        );
        let challenge = header::HeaderValue::from_static(CHALLENGE);
        refusal
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
        return refusal;
    };
    let Some(service) = service_of(&portal.services, &topic) else {
        return refused(StatusCode::NOT_FOUND, "unknown_topic", "no such topic");
    };
    let person = &session.person;
    let path = path_of(person);
    let question = service.about(person, &path, REASON);
    match portal.exchange.ask::<Value>(question).await.outcome {
        Ok(answer) => Json(answer).into_response(),
        Err(Trouble::Unknown { message }) => refused(StatusCode::NOT_FOUND, "unknown", &message),
        Err(trouble) => refused(StatusCode::BAD_GATEWAY, "registry", &trouble.to_string()),
    }
}

/// The topics that this country has.
pub(crate) fn topics(services: &Services) -> Vec<&'static str> {
    let has = |topic: &&str| service_of(services, topic).is_some();
    TOPICS.into_iter().filter(has).collect()
}

/// The session that the request's token acts for, while both are alive.
fn session_of(portal: &Portal, headers: &HeaderMap) -> Option<Arc<Session>> {
    let now = portal.clock.now();
    let key = portal.assistants.session_of(bearer(headers)?, now)?;
    portal.sessions.look_at(&key, now)
}

/// The only token of the only `Authorization`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(header::AUTHORIZATION).into_iter();
    let line = lines.next()?.to_str().ok()?;
    if lines.next().is_some() {
        return None;
    }
    let (scheme, token) = line.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
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
        _ => return None,
    };
    service.as_ref()
}

fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "code": code, "message": message });
    (status, Json(body)).into_response()
}
