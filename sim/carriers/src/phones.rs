//! What stands on the phones now, for a person in the room who plays somebody.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::app::Carriers;
use crate::behaviour::Decision;
use crate::keys::Purpose;

/// Prompts that are shown, the newest first.
const MAX_SHOWN: usize = 20;
/// Nothing from elsewhere, and no script.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

#[derive(Template)]
#[template(path = "phones.html")]
struct Phones {
    prompts: Vec<Shown>,
    left_out: usize,
}

struct Shown {
    id: String,
    carrier: &'static str,
    address: String,
    name: String,
    relying_party: String,
    text: String,
    code: String,
    pin: &'static str,
}

#[derive(Deserialize)]
pub(crate) struct Decided {
    decision: String,
}

/// A page with everything that waits for somebody.
pub(crate) async fn list(State(carriers): State<Arc<Carriers>>) -> Response {
    let prompts = carriers.sessions.prompts();
    let left_out = prompts.len().saturating_sub(MAX_SHOWN);
    let shown = prompts.iter().take(MAX_SHOWN).map(|session| {
        let prompt = &session.prompt;
        let population = &carriers.people.population;
        let person = population
            .index_of(&prompt.national_id)
            .map(|index| population.person(index));
        Shown {
            id: session.id.clone(),
            carrier: match prompt.carrier {
                sim_workload::Carrier::MobileId => "Mobile-ID",
                sim_workload::Carrier::SmartId => "Smart-ID",
                sim_workload::Carrier::IdCard => "ID-card",
            },
            address: prompt.address.clone(),
            name: person.map_or_else(String::new, |person| {
                format!("{} {}", person.given_name, person.surname)
            }),
            relying_party: prompt.relying_party.clone(),
            text: prompt.text.clone(),
            code: prompt.verification_code.clone(),
            pin: match prompt.purpose {
                Purpose::Authentication => "PIN1",
                Purpose::Signing => "PIN2",
            },
        }
    });
    let page = Phones {
        prompts: shown.collect(),
        left_out,
    };
    match page.render() {
        Ok(text) => (
            [
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::REFRESH, "2"),
                (header::CACHE_CONTROL, "no-store"),
            ],
            Html(text),
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "the phones cannot be shown");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Somebody in the room pressed a button on a phone.
pub(crate) async fn decide(
    State(carriers): State<Arc<Carriers>>,
    Path(id): Path<String>,
    Form(decided): Form<Decided>,
) -> Response {
    let decision = match decided.decision.as_str() {
        "confirm" => Decision::Confirmed,
        "refuse" => Decision::Refused,
        "wrong-code" => Decision::Mistyped,
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    let Some(session) = carriers.sessions.find(&id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    carriers.sessions.decide(&session, decision).await;
    Redirect::to("/phones").into_response()
}

pub(crate) async fn style() -> Response {
    const STYLE: &str = include_str!("../templates/style.css");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}
