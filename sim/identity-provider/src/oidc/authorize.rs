//! The authorization endpoints: a relying party sends somebody to log in.
//!
//! What is wrong with a request is told to the relying party by sending the person back, but only
//! once it is known that they would be sent to a place registered for it. Otherwise they stay here:
//! a provider that redirects anywhere is a tool for deceivers (RFC 6749, section 4.1.2.1).
//!
//! Both protocols begin alike. With single sign-on, somebody who has a session is asked whether to go
//! on with it instead of logging in anew.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::parameters::{Parameters, with_query};
use super::request::{self, Asked, Prompt, Refused};
use crate::config::OidcClient;
use crate::flows::{Known, Protocol, Stage};
use crate::pages::{self, Problem};
use crate::provider::Provider;
use crate::secrets::random_text;
use crate::texts::Language;

/// Who somebody is, each time anew.
pub(crate) async fn authorize(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    answer(&provider, Protocol::LogIn, query.as_deref(), &headers)
}

/// Single sign-on.
pub(crate) async fn sign_on(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    answer(&provider, Protocol::SignOn, query.as_deref(), &headers)
}

fn answer(
    provider: &Provider,
    protocol: Protocol,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let language = language(provider, &parameters, headers);
    let (client, redirect_uri) = match target(provider, &parameters) {
        Ok(target) => target,
        Err(why) => {
            provider.count(|summary| summary.refused_requests += 1);
            return pages::problem(provider, language, Problem::Request(&why));
        }
    };
    let begun = request::read(provider, protocol, &parameters, client, redirect_uri)
        .and_then(|asked| begin(provider, asked, language, headers));
    begun.unwrap_or_else(|refused| {
        provider.count(|summary| summary.refused_requests += 1);
        let Refused { error, description } = refused;
        let mut answer = vec![
            ("error", error),
            ("error_description", description.as_str()),
        ];
        if let Ok(Some(state)) = parameters.get("state") {
            answer.push(("state", state));
        }
        answer.extend(provider.named_issuer(protocol));
        see_other(&with_query(redirect_uri, &answer))
    })
}

/// Sends a browser elsewhere with a new GET (RFC 9110, section 15.4.4).
pub(crate) fn see_other(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Who asks, and where the answer goes; an error's text is for the page.
fn target<'a>(
    provider: &'a Provider,
    parameters: &Parameters,
) -> Result<(&'a OidcClient, &'a str), String> {
    let get = |name| match parameters.get(name) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(format!("`{name}` is missing")),
        Err(unusable) => Err(unusable.to_string()),
    };
    let name = get("client_id")?;
    let client = provider
        .clients
        .get(name)
        .ok_or("`client_id` is not registered")?;
    let wished = get("redirect_uri")?;
    // To the letter: a prefix or another query may be somebody else's page.
    let registered = client.redirect_uris.iter().find(|uri| *uri == wished);
    let redirect_uri = registered.ok_or("`redirect_uri` is not registered for this service")?;
    Ok((client, redirect_uri))
}

fn begin(
    provider: &Provider,
    asked: Asked,
    language: Language,
    headers: &HeaderMap,
) -> Result<Response, Refused> {
    let failed = || Refused::new("server_error", "the log-in could not be begun");
    // The same browser may have several log-ins under way, in windows of its own.
    let browser = match provider.jar.browser(headers) {
        Some(browser) => browser.to_owned(),
        None => random_text().map_err(|_| failed())?,
    };
    let stage = first_stage(provider, &asked, headers)?;
    let begun = provider
        .flows
        .begin((asked.request, stage), language, &browser, provider.now());
    let flow = begun.map_err(|_| failed())?;
    provider.count(|summary| summary.begun += 1);
    let mut response = see_other(&format!("/login/{flow}"));
    let cookie = provider.jar.set_browser(&browser);
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Whether the browser has a session that would do.
fn first_stage(provider: &Provider, asked: &Asked, headers: &HeaderMap) -> Result<Stage, Refused> {
    let now = provider.now();
    let is_young = |at| {
        asked
            .max_age_s
            .is_none_or(|max| now.since(at) <= Duration::from_secs(max))
    };
    let session = Some(headers)
        .filter(|_| asked.request.protocol == Protocol::SignOn && asked.prompt != Prompt::LogIn)
        .and_then(|headers| provider.session(headers))
        .filter(|seen| is_young(seen.authenticated.at));
    match (session, asked.prompt) {
        (None, Prompt::None) => {
            let words = "nobody is logged in without being asked";
            Err(Refused::new("login_required", words))
        }
        (Some(_), Prompt::None) => {
            let words = "nobody goes on with a session without being asked";
            Err(Refused::new("consent_required", words))
        }
        (None, _) => Ok(Stage::Choosing),
        (Some(seen), _) => Ok(Stage::Known(Known {
            sid: seen.sid,
            authenticated: seen.authenticated,
        })),
    }
}

/// `ui_locales`, else what the browser prefers.
pub(crate) fn language(
    provider: &Provider,
    parameters: &Parameters,
    headers: &HeaderMap,
) -> Language {
    match parameters.get("ui_locales") {
        Ok(Some(wishes)) => provider.language(wishes.split(' ')),
        _ => pages::preferred_language(provider, headers),
    }
}
