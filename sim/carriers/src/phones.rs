//! What stands on the phones now, for a person in the room who plays somebody.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use serde::Deserialize;
use sim_workload::Carrier;

use crate::app::Carriers;
use crate::keys::Purpose;
use crate::outcome::Outcome;
use crate::sessions::{Operation, Session};
use crate::smart_id;

/// Prompts that are shown, people in the room first.
const MAX_SHOWN: usize = 20;
/// Seconds after which a page looks again by itself. It does so only while no person in the room has
/// something to answer: a page that reloads takes the keyboard's focus away.
const LOOK_AGAIN_SECONDS: HeaderValue = HeaderValue::from_static("2");
/// Nothing from elsewhere, and no script.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";
/// What a phone number or a document number may contain, as a path that is redirected to.
const UNRESERVED: &str = "+-";

#[derive(Template)]
#[template(path = "phones.html")]
struct Page {
    /// Whose phone; everybody's where there is no name.
    owner: Option<Owner>,
    prompts: Vec<Shown>,
    left_out: usize,
    /// What became of the last answer, where it did not count.
    is_too_late: bool,
    /// Where the buttons lead back to.
    back: String,
}

struct Owner {
    name: String,
    is_human: bool,
}

struct Shown {
    id: String,
    carrier: &'static str,
    address: String,
    name: String,
    is_human: bool,
    what: &'static str,
    relying_party: String,
    text: String,
    language: Option<&'static str>,
    code: Option<String>,
    confirm: &'static str,
}

#[derive(Deserialize)]
struct Decided {
    decision: String,
    /// Whose page it was; everybody's unless told.
    #[serde(default)]
    page: String,
}

/// Everything below `/phones`.
pub(crate) fn routes() -> Router<Arc<Carriers>> {
    Router::new()
        .route("/phones", get(everybodys))
        .route("/phones/{address}", get(somebodys).post(decide))
        .route("/style.css", get(style))
}

/// A page with everything that waits for somebody.
async fn everybodys(State(carriers): State<Arc<Carriers>>) -> Response {
    page(&carriers, None, String::new(), false)
}

/// One person's phone, by its number or by the number of the app's document: both carriers are on
/// it.
async fn somebodys(State(carriers): State<Arc<Carriers>>, Path(address): Path<String>) -> Response {
    match holder(&carriers, &address) {
        Some(person) => page(&carriers, Some(person), address, false),
        None => (StatusCode::NOT_FOUND, "Nobody has this phone.\n").into_response(),
    }
}

fn holder(carriers: &Carriers, address: &str) -> Option<u64> {
    let people = &carriers.people;
    let by_number = people.population.index_of_phone(address);
    by_number.or_else(|| smart_id::holder(people, address))
}

/// Somebody in the room pressed a button on the phone of the session with this ID.
async fn decide(
    State(carriers): State<Arc<Carriers>>,
    Path(id): Path<String>,
    Form(decided): Form<Decided>,
) -> Response {
    let outcome = match decided.decision.as_str() {
        "confirm" => Outcome::Confirmed,
        "refuse" => Outcome::Refused,
        "wrong-code" => Outcome::WrongCode,
        _ => return (StatusCode::BAD_REQUEST, "There is no such button.\n").into_response(),
    };
    let is_address = |text: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric();
        text.chars()
            .all(|each| each.is_ascii() && (is_plain(each as u8) || UNRESERVED.contains(each)))
    };
    let back = Some(decided.page).filter(|page| !page.is_empty() && is_address(page));
    let session = carriers.sessions.find(&id);
    let counted = match &session {
        Some(session) => carriers.sessions.decide(session, outcome).await,
        None => return (StatusCode::NOT_FOUND, "There is no such prompt.\n").into_response(),
    };
    if !counted {
        let owner = back
            .as_deref()
            .and_then(|address| holder(&carriers, address));
        let mut told = page(&carriers, owner, back.unwrap_or_default(), true);
        *told.status_mut() = StatusCode::CONFLICT;
        return told;
    }
    Redirect::to(&back.map_or_else(|| "/phones".to_owned(), |back| format!("/phones/{back}")))
        .into_response()
}

fn page(carriers: &Carriers, owner: Option<u64>, back: String, is_too_late: bool) -> Response {
    let mut waiting = carriers.sessions.waiting();
    waiting.retain(|session| owner.is_none() || session.person() == owner);
    let left_out = waiting.len().saturating_sub(MAX_SHOWN);
    let shown = waiting.iter().take(MAX_SHOWN);
    let prompts: Vec<Shown> = shown.map(|session| Shown::of(carriers, session)).collect();
    let looks_again = !is_too_late && prompts.iter().all(|prompt| !prompt.is_human);
    let page = Page {
        owner: owner.map(|person| Owner {
            name: name(carriers, person),
            is_human: carriers.sessions.is_human(person),
        }),
        prompts,
        left_out,
        is_too_late,
        back,
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
    ];
    match page.render() {
        Ok(text) => {
            let mut answer = (headers, Html(text)).into_response();
            if looks_again {
                answer
                    .headers_mut()
                    .insert(header::REFRESH, LOOK_AGAIN_SECONDS);
            }
            answer
        }
        Err(error) => {
            tracing::error!(%error, "the phones cannot be shown");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn name(carriers: &Carriers, person: u64) -> String {
    let person = carriers.people.population.person(person);
    format!("{} {}", person.given_name, person.surname)
}

async fn style() -> Response {
    const STYLE: &str = include_str!("../templates/style.css");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

// === impl Shown ===

impl Shown {
    fn of(carriers: &Carriers, session: &Session) -> Self {
        let prompt = &session.prompt;
        let person = session.person();
        Self {
            id: session.id.clone(),
            carrier: match session.details.carrier() {
                Carrier::MobileId => "Mobile-ID",
                Carrier::SmartId => "Smart-ID",
                Carrier::IdCard => "ID-card",
            },
            address: prompt.address.clone(),
            name: person.map_or_else(String::new, |person| name(carriers, person)),
            is_human: person.is_some_and(|person| carriers.sessions.is_human(person)),
            what: match prompt.operation {
                Operation::Authentication => "wants to know who you are",
                Operation::Signing => "wants you to sign",
                Operation::CertificateChoice => "wants to know with which device you will sign",
            },
            relying_party: prompt.relying_party.clone(),
            text: prompt.text.clone(),
            language: prompt.language,
            code: prompt.verification_code.clone(),
            confirm: match (prompt.operation, prompt.operation.purpose()) {
                (Operation::CertificateChoice, _) => "With this one",
                (_, Purpose::Authentication) => "Enter PIN1",
                (_, Purpose::Signing) => "Enter PIN2",
            },
        }
    }
}
