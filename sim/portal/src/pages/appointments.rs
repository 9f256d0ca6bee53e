//! `/appointments`: free times at a person's doctor, and booking one.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::exchange::{Service, Trouble, path_of};
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::pages::trouble::TroubleView;
use crate::registries::Appointments;
use crate::visit::{Citizen, Form, see_other};

/// What the data tracker shows of these questions.
const REASON_LOOK: &str = "The person looked for a doctor's appointment";
const REASON_BOOK: &str = "The person booked a doctor's appointment";
/// The longest slot that is passed on, in bytes.
const MAX_SLOT_BYTES: usize = 64;

#[derive(Deserialize)]
pub(crate) struct Booking {
    slot: String,
}

#[derive(Template)]
#[template(path = "appointments.html")]
struct Page<'a> {
    f: Frame<'a>,
    outcome: Result<Times, TroubleView>,
    objection: Option<&'static str>,
}

struct Times {
    doctor: String,
    booked: Vec<String>,
    /// Days with their free times.
    days: Vec<(String, Vec<Slot>)>,
}

struct Slot {
    value: String,
    time: String,
}

pub(crate) async fn show(citizen: Citizen) -> Response {
    match &citizen.visit.portal.services.appointments {
        Some(service) => page(&citizen, service, None).await,
        None => citizen.visit.problem(Problem::NotFound),
    }
}

pub(crate) async fn book(form: Form<Citizen, Booking>) -> Response {
    let (citizen, booking) = (form.by, form.fields);
    let (visit, person) = (&citizen.visit, citizen.person());
    let Some(service) = &visit.portal.services.appointments else {
        return visit.problem(Problem::NotFound);
    };
    if booking.slot.is_empty() || booking.slot.len() > MAX_SLOT_BYTES {
        return visit.problem(Problem::Fields);
    }
    let body = json!({ "national_id": person.national_id, "slot": booking.slot });
    let question = service.about(person, "", REASON_BOOK).with("POST", &body);
    let answered = visit.portal.exchange.ask::<Value>(question).await;
    match answered.outcome {
        Ok(_) => see_other("/appointments"),
        Err(Trouble::Registry { status: 409, .. }) => {
            page(&citizen, service, Some(visit.texts().slot_taken)).await
        }
        Err(trouble) => {
            let trouble = TroubleView::of(&trouble, answered.message_id, visit.texts());
            rendered(&citizen, Err(trouble), None)
        }
    }
}

async fn page(citizen: &Citizen, service: &Service, objection: Option<&'static str>) -> Response {
    let (visit, person) = (&citizen.visit, citizen.person());
    let path = path_of(person);
    let question = service.about(person, &path, REASON_LOOK);
    let answered = visit.portal.exchange.ask::<Appointments>(question).await;
    let outcome = answered
        .outcome
        .map(Times::of)
        .map_err(|trouble| TroubleView::of(&trouble, answered.message_id, visit.texts()));
    rendered(citizen, outcome, objection)
}

fn rendered(
    citizen: &Citizen,
    outcome: Result<Times, TroubleView>,
    objection: Option<&'static str>,
) -> Response {
    citizen.visit.page(&Page {
        f: citizen.visit.frame(Place::Services),
        outcome,
        objection,
    })
}

// === impl Times ===

impl Times {
    fn of(appointments: Appointments) -> Self {
        let mut days: Vec<(String, Vec<Slot>)> = Vec::new();
        for value in appointments.free {
            let (day, time) = value.split_once('T').unwrap_or((&value, &value));
            let (day, time) = (day.to_owned(), time.to_owned());
            let slot = Slot { value, time };
            match days.last_mut() {
                Some((last, slots)) if *last == day => slots.push(slot),
                _ => days.push((day, vec![slot])),
            }
        }
        let doctor = match appointments.doctor {
            Value::String(name) => name,
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let booked = appointments
            .booked
            .iter()
            .map(|slot| slot.replace('T', " "));
        Self {
            doctor,
            booked: booked.collect(),
            days,
        }
    }
}
