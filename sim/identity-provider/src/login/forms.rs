//! The forms of a log-in.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use sim_domain::web::origin_of;

use super::{choose_page, choose_path, look, no_flow, wait_path, wished_language};
use crate::carriers::Order;
use crate::flows::{Flow, Stage};
use crate::oidc::authorize::see_other;
use crate::oidc::{Parameters, with_query};
use crate::pages::{self, Field, Mistake, Problem, Typed};
use crate::person::Method;
use crate::provider::{Provider, Question};
use crate::secrets::random_bytes;

/// The longest national ID of any country, in bytes, with room.
const MAX_NATIONAL_ID_BYTES: usize = 32;
/// Digits of a phone number with the country's prefix (ITU-T E.164: at most 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

type Shared = State<Arc<Provider>>;

pub(crate) async fn mobile_id(
    State(provider): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    ask(&provider, &name, &headers, &form, Method::MobileId)
}

pub(crate) async fn smart_id(
    State(provider): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    ask(&provider, &name, &headers, &form, Method::SmartId)
}

/// The person goes back without having logged in.
pub(crate) async fn cancel(
    State(provider): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    if let Err(declined) = accept(&provider, &name, &headers, &form, |_| ()) {
        return declined.answer(&provider, &headers);
    }
    let Some(Flow { request, .. }) = provider.flows.end(&name) else {
        return no_flow(&provider, &headers);
    };
    provider.count(|summary| summary.cancelled += 1);
    let mut answer = vec![
        ("error", "user_cancel"),
        ("error_description", "the person cancelled"),
        ("state", &request.state),
    ];
    answer.extend(provider.named_issuer(request.protocol));
    see_other(&with_query(&request.redirect_uri, &answer))
}

pub(crate) async fn choose_language(
    State(provider): Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    let chosen = accept(&provider, &name, &headers, &form, |flow| {
        if let Some(language) = wished_language(&provider, form.field("language")) {
            flow.language = language;
        }
    });
    match chosen {
        Ok(()) => see_other(&choose_path(&name)),
        Err(declined) => declined.answer(&provider, &headers),
    }
}

/// Has the person asked on their phone, where what they typed can be asked for.
fn ask(
    provider: &Arc<Provider>,
    name: &str,
    headers: &HeaderMap,
    form: &Parameters,
    method: Method,
) -> Response {
    let asked = accept(provider, name, headers, form, |flow| {
        // A prompt is out already, or answered: a form sent twice sends no second one.
        // (And a session is gone on with or ended, but not passed over.)
        if !matches!(flow.stage, Stage::Choosing | Stage::Refused(_)) {
            return Asked::Before;
        }
        if !flow.request.methods.contains(&method) {
            return Asked::Not(pages::problem(provider, flow.language, Problem::Page));
        }
        let order = match order(form, method) {
            Ok(order) => order,
            Err(wrong) => return Asked::Not(wrong_page(provider, name, flow, form, method, wrong)),
        };
        let Ok(hash) = random_bytes() else {
            return Asked::Not(pages::problem(provider, flow.language, Problem::Server));
        };
        match flow.begin_attempt(order.verification_code(&hash)) {
            // The flow says so on its next page.
            Err(_) => Asked::Before,
            Ok(attempt) => {
                let language = flow.language;
                Asked::Now(
                    attempt,
                    Question {
                        order,
                        hash,
                        language,
                    },
                )
            }
        }
    });
    match asked {
        Err(declined) => declined.answer(provider, headers),
        Ok(Asked::Not(page)) => page,
        Ok(Asked::Before) => see_other(&wait_path(name)),
        Ok(Asked::Now(attempt, question)) => {
            provider.ask(name, attempt, question);
            see_other(&wait_path(name))
        }
    }
}

/// What comes of a form that asks a phone.
enum Asked {
    /// Nothing is asked: why.
    Not(Response),
    /// Nothing more is asked.
    Before,
    Now(u8, Question),
}

/// The same page again, with what was typed and what is wrong with it.
fn wrong_page(
    provider: &Provider,
    name: &str,
    flow: &Flow,
    form: &Parameters,
    method: Method,
    field: Field,
) -> Response {
    let texts = flow.language.texts();
    let text = match field {
        Field::NationalId => texts.national_id_wrong,
        Field::PhoneNumber => texts.phone_number_wrong,
    };
    let typed = Typed {
        national_id: form.field("national_id").to_owned(),
        phone_number: form.field("phone_number").to_owned(),
        mistake: Some(Mistake {
            method,
            field,
            text,
        }),
    };
    choose_page(
        provider,
        name,
        flow,
        typed,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
}

/// Why a form is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declined {
    /// It was on no page of ours for this flow.
    Form,
    /// There is no such flow of this browser.
    Flow,
}

impl Declined {
    pub(super) fn answer(self, provider: &Provider, headers: &HeaderMap) -> Response {
        match self {
            Self::Flow => no_flow(provider, headers),
            Self::Form => {
                provider.count(|summary| summary.refused_forms += 1);
                let language = pages::preferred_language(provider, headers);
                pages::problem(provider, language, Problem::Form)
            }
        }
    }
}

/// Looks at the flow of a form that is one of its own.
pub(super) fn accept<T>(
    provider: &Provider,
    name: &str,
    headers: &HeaderMap,
    form: &Parameters,
    then: impl FnOnce(&mut Flow) -> T,
) -> Result<T, Declined> {
    if !is_from_here(headers, &provider.issuer) {
        return Err(Declined::Form);
    }
    let accepted = look(provider, name, headers, |flow| {
        flow.is_csrf(form.field("csrf")).then(|| then(flow))
    });
    accepted.ok_or(Declined::Flow)?.ok_or(Declined::Form)
}

/// Whether a browser says that the form was on a page of ours. Programs that are no browsers say
/// nothing, and are no danger: it takes somebody's browser to send a form in their name.
pub(crate) fn is_from_here(headers: &HeaderMap, issuer: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    match headers.get("origin").map(|origin| origin.to_str()) {
        None => true,
        Some(Ok(origin)) => origin_of(issuer).is_some_and(|ours| ours == origin),
        Some(Err(_)) => false,
    }
}

/// What is asked of the phone, or the field that makes no sense. Spaces are left out; people type them
/// to see what they type.
fn order(form: &Parameters, method: Method) -> Result<Order, Field> {
    let typed = |name| form.field(name).split_whitespace().collect::<String>();
    let national_id = typed("national_id");
    let is_id = (1..=MAX_NATIONAL_ID_BYTES).contains(&national_id.len())
        && national_id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-+".contains(&byte));
    if !is_id {
        return Err(Field::NationalId);
    }
    if method != Method::MobileId {
        return Ok(Order::SmartId { national_id });
    }
    let phone_number = typed("phone_number");
    let digits = phone_number.strip_prefix('+').unwrap_or_default();
    let is_phone =
        PHONE_DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_phone {
        return Err(Field::PhoneNumber);
    }
    Ok(Order::MobileId {
        national_id,
        phone_number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read() {
        let form = Parameters::parse(b"national_id=380+0108+5718&phone_number=%2B372+0000+0766");
        let order = order(&form, Method::MobileId).unwrap();
        assert_eq!(order.national_id(), "38001085718");
        assert_eq!(order.phone_number(), Some("+37200000766"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let wrong = |form: &str, method| order(&Parameters::parse(form.as_bytes()), method).err();
        assert_eq!(
            wrong("national_id=", Method::SmartId),
            Some(Field::NationalId)
        );
        assert_eq!(
            wrong("national_id=..%2F1", Method::SmartId),
            Some(Field::NationalId)
        );
        let form = "national_id=1&phone_number=5551234";
        assert_eq!(wrong(form, Method::MobileId), Some(Field::PhoneNumber));
    }

    #[test]
    fn browsers_say_where_a_form_was() {
        let ours = "http://127.0.0.1:1";
        let with = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            is_from_here(&headers, ours)
        };
        assert!(with("sec-fetch-site", "same-origin"));
        assert!(
            !with("sec-fetch-site", "same-site"),
            "another port of this host"
        );
        assert!(with("origin", "http://127.0.0.1:1"));
        assert!(!with("origin", "http://127.0.0.1:12"));
        assert!(!with("origin", "null"));
    }
}
