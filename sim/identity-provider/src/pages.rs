//! The pages that people see.
//!
//! They need no script, and may have none: the policy that goes with each allows this provider's
//! style sheet and pictures alone, and forms that lead here or back to the relying party.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use sim_domain::web::origin_of;

use crate::person::Method;
use crate::provider::Provider;
use crate::style;
use crate::texts::{Language, Texts};

/// What stands around every page.
pub(crate) struct Frame<'a> {
    pub(crate) t: &'static Texts,
    pub(crate) language: Language,
    pub(crate) country: &'a str,
}

/// A flow as its pages name it.
pub(crate) struct FlowView<'a> {
    pub(crate) name: &'a str,
    pub(crate) csrf: String,
    /// Whom the person is logging in to.
    pub(crate) service: &'a str,
    pub(crate) languages: &'a [Language],
}

/// The ways of logging in.
#[derive(Template)]
#[template(path = "choose.html")]
pub(crate) struct Choose<'a> {
    pub(crate) f: Frame<'a>,
    pub(crate) flow: FlowView<'a>,
    pub(crate) methods: Vec<Method>,
    /// Where an ID-card is asked for, where it is offered.
    pub(crate) id_card: Option<String>,
    pub(crate) typed: Typed,
}

/// Somebody has a session already.
#[derive(Template)]
#[template(path = "known.html")]
pub(crate) struct KnownPage<'a> {
    pub(crate) f: Frame<'a>,
    pub(crate) flow: FlowView<'a>,
    pub(crate) name: String,
}

/// Somebody who logs out of one service is logged in to others.
#[derive(Template)]
#[template(path = "logout.html")]
pub(crate) struct Logout<'a> {
    pub(crate) f: Frame<'a>,
    pub(crate) csrf: String,
    pub(crate) service: &'a str,
    pub(crate) others: Vec<&'a str>,
    /// The request, to be sent again with the decision.
    pub(crate) parameters: Vec<(&'static str, &'a str)>,
}

/// Nobody is logged in any more.
#[derive(Template)]
#[template(path = "logged_out.html")]
pub(crate) struct LoggedOut<'a> {
    pub(crate) f: Frame<'a>,
}

/// What was typed into a form, and what is wrong with it.
#[derive(Default)]
pub(crate) struct Typed {
    pub(crate) national_id: String,
    pub(crate) phone_number: String,
    pub(crate) mistake: Option<Mistake>,
}

/// What is wrong in a form.
pub(crate) struct Mistake {
    /// Which form.
    pub(crate) method: Method,
    pub(crate) field: Field,
    pub(crate) text: &'static str,
}

/// A field of the forms, whose form is told by the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    NationalId,
    PhoneNumber,
}

/// Look at your phone.
#[derive(Template)]
#[template(path = "wait.html")]
pub(crate) struct Wait<'a> {
    pub(crate) f: Frame<'a>,
    pub(crate) flow: FlowView<'a>,
    pub(crate) verification_code: String,
}

/// Nobody was logged in.
#[derive(Template)]
#[template(path = "refused.html")]
pub(crate) struct NotLoggedIn<'a> {
    pub(crate) f: Frame<'a>,
    pub(crate) flow: FlowView<'a>,
    pub(crate) result: String,
    pub(crate) reason: &'static str,
}

/// What cannot go on.
#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    f: Frame<'a>,
    title: &'static str,
    text: &'static str,
    detail: &'a str,
    is_alert: bool,
}

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem<'a> {
    /// No such flow of this browser.
    Flow,
    /// A form from elsewhere.
    Form,
    /// A request that must not be answered by sending anybody anywhere; why.
    Request(&'a str),
    /// Our fault.
    Server,
    /// No such page.
    Page,
}

/// The start page: nobody has anything to do here.
pub(crate) async fn home(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> Response {
    let f = Frame::new(&provider, preferred_language(&provider, &headers));
    let t = f.t;
    let page = ProblemPage {
        f,
        title: t.home_title,
        text: t.home_text,
        detail: "",
        is_alert: false,
    };
    html(&page, StatusCode::OK, None)
}

pub(crate) async fn not_found(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
) -> Response {
    problem(
        &provider,
        preferred_language(&provider, &headers),
        Problem::Page,
    )
}

/// A page that says why it does not go on.
pub(crate) fn problem(provider: &Provider, language: Language, problem: Problem<'_>) -> Response {
    let f = Frame::new(provider, language);
    let t = f.t;
    let (status, text, detail) = match problem {
        Problem::Flow => (StatusCode::NOT_FOUND, t.problem_flow, ""),
        Problem::Form => (StatusCode::FORBIDDEN, t.problem_form, ""),
        Problem::Request(why) => (StatusCode::BAD_REQUEST, t.problem_request, why),
        Problem::Server => (StatusCode::INTERNAL_SERVER_ERROR, t.problem_server, ""),
        Problem::Page => (StatusCode::NOT_FOUND, t.problem_page, ""),
    };
    let page = ProblemPage {
        f,
        title: t.problem_title,
        text,
        detail,
        is_alert: true,
    };
    html(&page, status, None)
}

/// What the browser prefers of the languages there are (RFC 9110, section 12.5.4; in the order
/// given, which is how browsers send them).
pub(crate) fn preferred_language(provider: &Provider, headers: &HeaderMap) -> Language {
    let wishes = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let wishes = wishes.unwrap_or_default().split(',');
    provider.language(wishes.map(|wish| wish.split(';').next().unwrap_or(wish).trim()))
}

/// A page as an answer. `leads_to` is where its forms may lead besides here.
pub(crate) fn html(page: &impl Template, status: StatusCode, leads_to: Option<&str>) -> Response {
    match page.render() {
        Ok(text) => {
            let policy = (header::CONTENT_SECURITY_POLICY, policy(leads_to));
            (status, [policy], Html(text)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A form whose answer sends the browser on to another site is blocked unless that site is named.
fn policy(leads_to: Option<&str>) -> HeaderValue {
    let elsewhere = leads_to.and_then(origin_of).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {elsewhere}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let nowhere_else = "default-src 'none'; style-src 'self'; frame-ancestors 'none'";
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static(nowhere_else))
}

// === impl Frame ===

impl<'a> Frame<'a> {
    pub(crate) fn new(provider: &'a Provider, language: Language) -> Self {
        Self {
            t: language.texts(),
            language,
            country: &provider.country_name,
        }
    }

    const fn style(&self) -> &'static str {
        style::PATH
    }
}

// === impl Choose ===

impl Choose<'_> {
    fn offers(&self, method: &str) -> bool {
        self.methods.iter().any(|offered| offered.scope() == method)
    }

    /// What is wrong in a form; empty where nothing is.
    fn wrong(&self, method: &str) -> &'static str {
        self.mistake(method).map_or("", |mistake| mistake.text)
    }

    /// Whether that is wrong in this field.
    fn is_wrong(&self, method: &str, field: Field) -> bool {
        let mistake = self.mistake(method);
        mistake.is_some_and(|mistake| mistake.field == field)
    }

    fn mistake(&self, method: &str) -> Option<&Mistake> {
        let mistake = self.typed.mistake.as_ref();
        mistake.filter(|mistake| mistake.method.scope() == method)
    }
}
