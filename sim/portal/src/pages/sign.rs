//! `/applications/{n}/sign`: with what to sign, then the verification code until it is done.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::Path;
use axum::http::HeaderValue;
use axum::response::Response;
use serde::Deserialize;
use tokio::time::timeout;

use crate::applications::{Application, Progress, Refusal};
use crate::frame::{Frame, Place};
use crate::pages::applications::own;
use crate::pages::problem::Problem;
use crate::signing::{self, Means};
use crate::visit::{Citizen, Form, see_other};

/// How long the form that begins a signature waits for the code, so that the page that follows can
/// show it at once.
const CODE_PATIENCE: Duration = Duration::from_secs(2);
/// How often the waiting page renews itself, in seconds.
const REFRESH_S: &str = "1";
/// Digits of a phone number with its country's code (ITU-T E.164 allows 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

#[derive(Deserialize)]
pub(crate) struct Choice {
    carrier: Carrier,
    #[serde(default)]
    phone_number: String,
}

/// With what somebody signs.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Carrier {
    MobileId,
    SmartId,
}

#[derive(Template)]
#[template(path = "sign.html")]
struct ChoicePage<'a> {
    f: Frame<'a>,
    number: u64,
    kind: &'static str,
    /// What is signed, as a person reads it.
    text: String,
    phone_number: String,
    refusal: Option<Refusal>,
    objection: Option<&'static str>,
    /// Smart-ID comes first for those who logged in with it.
    prefers_smart_id: bool,
}

#[derive(Template)]
#[template(path = "wait.html")]
struct WaitPage<'a> {
    f: Frame<'a>,
    code: Option<String>,
}

pub(crate) async fn show(citizen: Citizen, Path(number): Path<String>) -> Response {
    let Some(application) = own(&citizen, &number) else {
        return citizen.visit.problem(Problem::NotFound);
    };
    match application.progress() {
        Progress::Draft => choice(&citizen, &application, None, None),
        Progress::Refused(refusal) => choice(&citizen, &application, Some(refusal), None),
        Progress::Done(_) => see_other(&format!("/applications/{}", application.number)),
        Progress::Signing { code } => {
            let mut response = citizen.visit.page(&WaitPage {
                f: citizen.visit.frame(Place::Applications),
                code,
            });
            let refresh = HeaderValue::from_static(REFRESH_S);
            response.headers_mut().insert("refresh", refresh);
            response
        }
    }
}

pub(crate) async fn begin(Path(number): Path<String>, form: Form<Citizen, Choice>) -> Response {
    let (citizen, choice_made) = (form.by, form.fields);
    let Some(application) = own(&citizen, &number) else {
        return citizen.visit.problem(Problem::NotFound);
    };
    let t = citizen.visit.texts();
    let means = match choice_made.carrier {
        Carrier::SmartId => Means::SmartId,
        Carrier::MobileId => match phone_number(&choice_made.phone_number) {
            Some(phone_number) => Means::MobileId { phone_number },
            None => return choice(&citizen, &application, None, Some(t.refused_phone)),
        },
    };
    // A second click finds the first one's signature under way.
    if application.begin_signing() {
        signing::spawn(
            Arc::clone(&citizen.visit.portal),
            Arc::clone(&application),
            citizen.person().clone(),
            means,
            citizen.visit.language,
        );
    }
    timeout(CODE_PATIENCE, application.has_news()).await.ok();
    see_other(&format!("/applications/{}/sign", application.number))
}

fn choice(
    citizen: &Citizen,
    application: &Application,
    refusal: Option<Refusal>,
    objection: Option<&'static str>,
) -> Response {
    let person = citizen.person();
    let text = application
        .files
        .first()
        .map(|file| String::from_utf8_lossy(&file.bytes));
    citizen.visit.page(&ChoicePage {
        f: citizen.visit.frame(Place::Applications),
        number: application.number,
        kind: application.kind.code(),
        text: text.unwrap_or_default().into_owned(),
        phone_number: person.phone_number.clone().unwrap_or_default(),
        refusal,
        objection,
        prefers_smart_id: person.method.as_deref() == Some("smartid"),
    })
}

/// A plus and digits, without what people write between them.
fn phone_number(text: &str) -> Option<String> {
    let number: String = text
        .chars()
        .filter(|character| !" -()".contains(*character))
        .collect();
    let digits = number.strip_prefix('+')?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && PHONE_DIGITS.contains(&digits.len())).then_some(number)
}

// === impl ChoicePage ===

impl ChoicePage<'_> {
    fn title(&self) -> &'static str {
        self.f.t.kind(self.kind).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_a_plus_and_digits() {
        assert_eq!(
            phone_number("+372 5123-4567").as_deref(),
            Some("+37251234567")
        );
        for bad in [
            "",
            "51234567",
            "+1",
            "+3725123456789012",
            "+37251x34567",
            "+372<b>5123456",
        ] {
            assert_eq!(phone_number(bad), None, "{bad}");
        }
    }
}
