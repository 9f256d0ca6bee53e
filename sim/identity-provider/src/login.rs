//! Logging in: choosing a way, waiting for the phone, going back.
//!
//! Whoever looks at a flow must show the cookie it was begun with, and every form of it the value
//! that its page had: a link or a form on another site can move nobody's log-in.

mod forms;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::carriers::Refusal;
use crate::flows::{Flow, Stage};
use crate::grants::Grant;
use crate::oidc::authorize::see_other;
use crate::oidc::with_query;
use crate::pages::{self, Choose, FlowView, Frame, NotLoggedIn, Problem, Typed, Wait};
use crate::person::{Authenticated, Method};
use crate::provider::Provider;
use crate::texts::Language;

pub(crate) use forms::{cancel, choose_language, mobile_id, smart_id};

/// How often the waiting page looks again, in seconds.
const REFRESH: HeaderValue = HeaderValue::from_static("1");

/// The ways of logging in.
pub(crate) async fn choose(
    State(provider): State<Arc<Provider>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let page = look(&provider, &name, &headers, |flow| match flow.stage {
        Stage::Choosing | Stage::Refused(_) => {
            choose_page(&provider, &name, flow, Typed::default(), StatusCode::OK)
        }
        Stage::Pending(_) | Stage::Authenticated(_) => see_other(&wait_path(&name)),
    });
    page.unwrap_or_else(|| no_flow(&provider, &headers))
}

/// Waiting for the phone. The last look sends the person back.
pub(crate) async fn wait(
    State(provider): State<Arc<Provider>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let now = look(&provider, &name, &headers, |flow| match &flow.stage {
        Stage::Choosing => Some(see_other(&choose_path(&name))),
        Stage::Pending(pending) => {
            let code = pending.verification_code.clone();
            Some(wait_page(&provider, &name, flow, code))
        }
        Stage::Refused(refusal) => Some(refused_page(&provider, &name, flow, refusal)),
        Stage::Authenticated(_) => None,
    });
    match now {
        Some(Some(page)) => page,
        Some(None) => go_back(&provider, &name, &headers),
        None => no_flow(&provider, &headers),
    }
}

/// Ends a flow whose person is known: back to the relying party, with a code.
fn go_back(provider: &Provider, name: &str, headers: &HeaderMap) -> Response {
    // Of two looks at the same time, one ends the flow.
    match provider.flows.end(name) {
        Some(Flow {
            request,
            language,
            stage: Stage::Authenticated(authenticated),
            ..
        }) => {
            count_login(provider, &authenticated);
            let (redirect_uri, state) = (request.redirect_uri.clone(), request.state.clone());
            let grant = Grant {
                request,
                authenticated,
            };
            match provider.grants.give_code(grant, provider.now()) {
                Ok(code) => {
                    let answer = [("code", code.as_str()), ("state", &state)];
                    see_other(&with_query(&redirect_uri, &answer))
                }
                Err(_) => pages::problem(provider, language, Problem::Server),
            }
        }
        _ => no_flow(provider, headers),
    }
}

fn count_login(provider: &Provider, authenticated: &Authenticated) {
    provider.count(|summary| match authenticated.method {
        Method::MobileId => summary.logged_in_mobile_id += 1,
        Method::SmartId => summary.logged_in_smart_id += 1,
        Method::IdCard => summary.logged_in_id_card += 1,
    });
}

/// Looks at a flow of this browser.
fn look<T>(
    provider: &Provider,
    name: &str,
    headers: &HeaderMap,
    look: impl FnOnce(&mut Flow) -> T,
) -> Option<T> {
    let browser = provider.jar.browser(headers);
    provider.flows.with(name, browser, provider.now(), look)
}

fn no_flow(provider: &Provider, headers: &HeaderMap) -> Response {
    pages::problem(
        provider,
        pages::preferred_language(provider, headers),
        Problem::Flow,
    )
}

fn choose_path(name: &str) -> String {
    format!("/login/{name}")
}

fn wait_path(name: &str) -> String {
    format!("/login/{name}/wait")
}

fn choose_page(
    provider: &Provider,
    name: &str,
    flow: &Flow,
    typed: Typed,
    status: StatusCode,
) -> Response {
    let page = Choose {
        f: Frame::new(provider, flow.language),
        flow: view(provider, name, flow),
        methods: flow.request.methods.clone(),
        typed,
    };
    pages::html(&page, status, Some(&flow.request.redirect_uri))
}

fn wait_page(provider: &Provider, name: &str, flow: &Flow, verification_code: String) -> Response {
    let page = Wait {
        f: Frame::new(provider, flow.language),
        flow: view(provider, name, flow),
        verification_code,
    };
    let mut response = pages::html(&page, StatusCode::OK, Some(&flow.request.redirect_uri));
    response.headers_mut().insert(header::REFRESH, REFRESH);
    response
}

fn refused_page(provider: &Provider, name: &str, flow: &Flow, refusal: &Refusal) -> Response {
    let f = Frame::new(provider, flow.language);
    let page = NotLoggedIn {
        reason: f.t.of_result(&refusal.0),
        f,
        flow: view(provider, name, flow),
        result: refusal.0.clone().into_owned(),
    };
    pages::html(&page, StatusCode::OK, Some(&flow.request.redirect_uri))
}

fn view<'a>(provider: &'a Provider, name: &'a str, flow: &Flow) -> FlowView<'a> {
    let client = provider.clients.get(&flow.request.client_id);
    FlowView {
        name,
        csrf: flow.csrf.clone(),
        service: client.map_or("", |client| &client.name),
        languages: &provider.languages,
    }
}

/// What a browser may wish here: only a language there is.
fn wished_language(provider: &Provider, code: &str) -> Option<Language> {
    Language::of_code(code).filter(|language| provider.languages.contains(language))
}
