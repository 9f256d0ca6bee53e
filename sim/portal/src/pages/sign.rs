//! `/applications/{n}/sign`: with what to sign, then the verification code until it is done.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::Path;
use axum::http::HeaderValue;
use axum::response::Response;
use serde::Deserialize;
use tokio::time::timeout;

use crate::applications::{Application, Code, Progress, Refusal};
use crate::frame::{Frame, Place};
use crate::pages::applications::own;
use crate::pages::problem::Problem;
use crate::sessions::Person;
use crate::signing::{self, Means};
use crate::visit::{Citizen, Form, see_other};

/// How long the form that begins a signature waits for the code, so that the page that follows can
/// show it at once.
const CODE_PATIENCE: Duration = Duration::from_secs(2);
/// How often the waiting page renews itself, in seconds.
const REFRESH_S: &str = "1";
/// Digits of a phone number with its country's code (ITU-T E.164 allows 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// With what somebody wants to sign, as forms say it.
#[derive(Deserialize)]
pub(crate) struct Choice {
    pub(super) carrier: Carrier,
    #[serde(default)]
    pub(super) phone_number: String,
}

/// A phone number that is none.
pub(super) struct NoPhone;

/// With what somebody signs.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Carrier {
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
    prefers_smart_id: bool,
}

#[derive(Template)]
#[template(path = "wait.html")]
struct WaitPage<'a> {
    f: Frame<'a>,
    code: Option<Code>,
    /// What is being signed.
    text: String,
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
                text: text_of(&application),
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
    match choice_made.means() {
        Ok(means) => sign(&citizen, &application, means).await,
        Err(NoPhone) => {
            let objection = citizen.visit.texts().refused_phone;
            choice(&citizen, &application, None, Some(objection))
        }
    }
}

/// Begins to sign, and leads to where the code is shown.
pub(super) async fn sign(
    citizen: &Citizen,
    application: &Arc<Application>,
    means: Means,
) -> Response {
    // A second click finds the first one's signature under way.
    if application.begin_signing() {
        signing::spawn(
            Arc::clone(&citizen.visit.portal),
            Arc::clone(application),
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
    citizen.visit.page(&ChoicePage {
        f: citizen.visit.frame(Place::Applications),
        number: application.number,
        kind: application.kind.code(),
        text: text_of(application),
        phone_number: person.phone_number.clone().unwrap_or_default(),
        refusal,
        objection,
        prefers_smart_id: prefers_smart_id(person),
    })
}

/// Who logged in with a Mobile-ID has one; everybody else is offered Smart-ID first.
pub(super) fn prefers_smart_id(person: &Person) -> bool {
    person.method.as_deref() != Some("mID")
}

/// The first file is the one for people.
fn text_of(application: &Application) -> String {
    let file = application.files.first();
    let text = file.map(|file| String::from_utf8_lossy(&file.bytes));
    text.unwrap_or_default().into_owned()
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

// === impl Choice ===

impl Choice {
    pub(super) fn means(&self) -> Result<Means, NoPhone> {
        match self.carrier {
            Carrier::SmartId => Ok(Means::SmartId),
            Carrier::MobileId => {
                let phone_number = phone_number(&self.phone_number).ok_or(NoPhone)?;
                Ok(Means::MobileId { phone_number })
            }
        }
    }
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
