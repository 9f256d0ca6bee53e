//! The authorization endpoint: a relying party sends somebody to log in.
//!
//! What is wrong with a request is told to the relying party by sending the person back, but only
//! once it is known that they would be sent to a place registered for it. Otherwise they stay here:
//! a provider that redirects anywhere is a tool for deceivers (RFC 6749, section 4.1.2.1).

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::parameters::{Parameters, Unusable, with_query};
use crate::config::OidcClient;
use crate::flows::{AuthorizationRequest, NotOpened};
use crate::pages::{self, Problem};
use crate::person::Method;
use crate::provider::Provider;
use crate::secrets::{is_random_text, random_text};
use crate::texts::Language;

/// The shortest `state` (TARA): shorter ones can be guessed.
const MIN_STATE_BYTES: usize = 8;

pub(super) const ACR_VALUES: [&str; 3] = ["low", "substantial", "high"];
pub(super) const SCOPES: &[&str] = &["openid", "idcard", "mid", "smartid", "phone", "email"];
/// Known to TARA, and not offered here: there is no node of another country behind it.
const FOREIGN_SCOPES: [&str; 2] = ["eidas", "eidasonly"];

/// What a relying party is told (RFC 6749, section 4.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refused {
    error: &'static str,
    description: String,
}

pub(crate) async fn authorize(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let language = language(&provider, &parameters, &headers);
    let (client, redirect_uri) = match target(&provider, &parameters) {
        Ok(target) => target,
        Err(why) => {
            provider.count(|summary| summary.refused_requests += 1);
            return pages::problem(&provider, language, Problem::Request(&why));
        }
    };
    let begun = request(&provider, &parameters, client, redirect_uri)
        .and_then(|request| begin(&provider, request, language, &headers));
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

/// The request, where all of it is as it should be. Parameters that nobody knows are ignored.
fn request(
    provider: &Provider,
    parameters: &Parameters,
    client: &OidcClient,
    redirect_uri: &str,
) -> Result<AuthorizationRequest, Refused> {
    for (name, error) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
    ] {
        if parameters.get(name)?.is_some() {
            return Err(Refused::new(error, format!("`{name}` is not supported")));
        }
    }
    let state = parameters.get("state")?.unwrap_or_default();
    if state.len() < MIN_STATE_BYTES {
        let words = format!("`state` needs at least {MIN_STATE_BYTES} characters");
        return Err(Refused::invalid(words));
    }
    match parameters.get("response_type")? {
        Some("code") => {}
        Some(_) => {
            let words = "only `response_type=code` is supported";
            return Err(Refused::new("unsupported_response_type", words));
        }
        None => return Err(Refused::invalid("`response_type` is missing")),
    }
    if parameters
        .get("response_mode")?
        .is_some_and(|mode| mode != "query")
    {
        return Err(Refused::invalid("only `response_mode=query` is supported"));
    }
    let level = parameters.get("acr_values")?;
    if level.is_some_and(|level| !ACR_VALUES.contains(&level)) {
        return Err(Refused::invalid(
            "`acr_values` is one of low, substantial, high",
        ));
    }
    if parameters.get("prompt")? == Some("none") {
        return Err(Refused::new(
            "login_required",
            "nobody is logged in without being asked",
        ));
    }
    let scopes: Vec<&str> = parameters
        .get("scope")?
        .unwrap_or_default()
        .split(' ')
        .collect();
    Ok(AuthorizationRequest {
        methods: methods(provider, &scopes)?,
        wants_phone: scopes.contains(&"phone"),
        client_id: client.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: state.to_owned(),
        nonce: parameters.get("nonce")?.map(str::to_owned),
        code_challenge: code_challenge(parameters)?,
    })
}

/// The ways that the scopes name, or all of them where they name none.
fn methods(provider: &Provider, scopes: &[&str]) -> Result<Vec<Method>, Refused> {
    let invalid = |words: &str| Refused::new("invalid_scope", words);
    if !scopes.contains(&"openid") {
        return Err(invalid("the scope `openid` is missing"));
    }
    let is_foreign =
        |scope: &str| FOREIGN_SCOPES.contains(&scope) || scope.starts_with("eidas:country:");
    let is_known = |scope: &&str| scope.is_empty() || SCOPES.contains(scope) || is_foreign(scope);
    if !scopes.iter().all(is_known) {
        return Err(invalid("a scope is not known"));
    }
    if scopes.contains(&"eidasonly") {
        return Err(invalid(
            "there is no logging in with means of other countries here",
        ));
    }
    let all = [Method::MobileId, Method::SmartId, Method::IdCard];
    let named = |method: &Method| scopes.contains(&method.scope());
    let names_any = all.iter().any(named) || scopes.contains(&"eidas");
    let methods: Vec<_> = all
        .into_iter()
        .filter(|method| !names_any || named(method))
        .filter(|method| *method != Method::IdCard || provider.has_id_card)
        .collect();
    if methods.is_empty() {
        return Err(invalid(
            "none of the ways of logging in that it names is offered here",
        ));
    }
    Ok(methods)
}

/// PKCE with `S256`; the method `plain` proves nothing and is refused.
fn code_challenge(parameters: &Parameters) -> Result<Option<String>, Refused> {
    let challenge = parameters.get("code_challenge")?;
    let method = parameters.get("code_challenge_method")?;
    match (challenge, method) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if is_random_text(challenge) => {
            Ok(Some(challenge.to_owned()))
        }
        _ => Err(Refused::invalid("only PKCE with `S256` is supported")),
    }
}

fn begin(
    provider: &Provider,
    request: AuthorizationRequest,
    language: Language,
    headers: &HeaderMap,
) -> Result<Response, Refused> {
    let failed = || Refused::new("server_error", "the log-in could not be begun");
    // The same browser may have several log-ins under way, in windows of its own.
    let browser = match provider.jar.browser(headers) {
        Some(browser) => browser.to_owned(),
        None => random_text().map_err(|_| failed())?,
    };
    let begun = provider
        .flows
        .begin(request, language, &browser, provider.now());
    let flow = begun.map_err(|why| match why {
        NotOpened::TooMany => {
            Refused::new("temporarily_unavailable", "too many log-ins are under way")
        }
        NotOpened::NoRandomness => failed(),
    })?;
    provider.count(|summary| summary.begun += 1);
    let mut response = see_other(&format!("/login/{flow}"));
    let cookie = provider.jar.set_browser(&browser);
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// `ui_locales`, else what the browser prefers.
fn language(provider: &Provider, parameters: &Parameters, headers: &HeaderMap) -> Language {
    match parameters.get("ui_locales") {
        Ok(Some(wishes)) => provider.language(wishes.split(' ')),
        _ => pages::preferred_language(provider, headers),
    }
}

// === impl Refused ===

impl Refused {
    fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            error,
            description: description.into(),
        }
    }

    fn invalid(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }
}

impl From<Unusable> for Refused {
    fn from(unusable: Unusable) -> Self {
        Self::invalid(unusable.to_string())
    }
}
