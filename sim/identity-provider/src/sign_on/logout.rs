//! Logging out, begun by a service (OpenID Connect RP-Initiated Logout 1.0).
//!
//! The service shows the ID token that it had, which names the session. Only the browser that the
//! session belongs to can end it: whoever else has the token is sent on, and nothing happens. Where
//! other services share the session, the person decides whether to leave those, too.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;

use super::claims::Hint;
use crate::config::OidcClient;
use crate::login::is_from_here;
use crate::oidc::authorize::{language, see_other};
use crate::oidc::{Parameters, with_query};
use crate::pages::{self, Frame, LoggedOut, Logout, Problem};
use crate::provider::Provider;
use crate::secrets::same;
use crate::sessions::Seen;
use crate::texts::Language;

/// Parameters that a logout has.
const PARAMETERS: [&str; 5] = [
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];

/// A request to log out that is as it should be.
struct Wish<'a> {
    client: &'a OidcClient,
    sid: String,
    /// Where the person goes afterwards.
    target: Option<String>,
}

/// What somebody decides who is logged in to other services as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Everywhere,
    Here,
}

pub(crate) async fn logout(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    let language = language(&provider, &parameters, &headers);
    let wish = match read(&provider, &parameters) {
        Ok(wish) => wish,
        Err(why) => return refuse(&provider, language, &why),
    };
    let Some(seen) = session_of(&provider, &wish, &headers) else {
        return done(&provider, language, &wish);
    };
    let name_of = |id: &String| provider.clients.get(id).map(|client| client.name.as_str());
    let others = seen
        .clients
        .iter()
        .filter(|id| **id != wish.client.client_id);
    let others: Vec<&str> = others.filter_map(name_of).collect();
    if others.is_empty() {
        return end(&provider, language, &wish, Decision::Everywhere);
    }
    let page = Logout {
        f: Frame::new(&provider, language),
        csrf: seen.csrf,
        service: &wish.client.name,
        others,
        parameters: PARAMETERS
            .into_iter()
            .map(|name| (name, parameters.field(name)))
            .filter(|(_, value)| !value.is_empty())
            .collect(),
    };
    pages::html(&page, StatusCode::OK, wish.target.as_deref())
}

/// A service may also send a form. No cookie comes with one from another site, so that the browser
/// is asked to come by a link.
pub(crate) async fn logout_form(body: Bytes) -> Response {
    let parameters = Parameters::parse(&body);
    let given: Vec<_> = PARAMETERS
        .into_iter()
        .map(|name| (name, parameters.field(name)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    see_other(&with_query("/oauth2/sessions/logout", &given))
}

pub(crate) async fn everywhere(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    decide(&provider, &headers, &body, Decision::Everywhere)
}

pub(crate) async fn here(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    decide(&provider, &headers, &body, Decision::Here)
}

fn decide(provider: &Provider, headers: &HeaderMap, body: &[u8], decision: Decision) -> Response {
    let form = Parameters::parse(body);
    let language = language(provider, &form, headers);
    let wish = match read(provider, &form) {
        Ok(wish) => wish,
        Err(why) => return refuse(provider, language, &why),
    };
    let Some(seen) = session_of(provider, &wish, headers) else {
        return done(provider, language, &wish);
    };
    if !is_from_here(headers, &provider.issuer) || !same(form.field("csrf"), &seen.csrf) {
        provider.count(|summary| summary.refused_forms += 1);
        return pages::problem(provider, language, Problem::Form);
    }
    end(provider, language, &wish, decision)
}

fn read<'a>(provider: &'a Provider, parameters: &Parameters) -> Result<Wish<'a>, String> {
    let get = |name| match parameters.get(name) {
        Ok(value) => Ok(value),
        Err(unusable) => Err(unusable.to_string()),
    };
    let hint = get("id_token_hint")?.ok_or("`id_token_hint` is missing")?;
    let hint: Option<Hint> = provider.key.read(hint);
    let hint = hint.filter(|hint| hint.iss == provider.sign_on_issuer);
    let hint = hint.ok_or("`id_token_hint` is no ID token of a session here")?;
    let client = hint.aud.first().and_then(|id| provider.clients.get(id));
    let client = client.ok_or("`id_token_hint` is for nobody who is registered")?;
    if get("client_id")?.is_some_and(|id| id != client.client_id) {
        return Err("`client_id` is not the one of `id_token_hint`".to_owned());
    }
    let target = match get("post_logout_redirect_uri")? {
        None => None,
        Some(wished) => {
            let registered = &client.post_logout_redirect_uris;
            if !registered.iter().any(|uri| uri == wished) {
                let why = "`post_logout_redirect_uri` is not registered for this service";
                return Err(why.to_owned());
            }
            Some(match get("state")? {
                None => wished.to_owned(),
                Some(state) => with_query(wished, &[("state", state)]),
            })
        }
    };
    Ok(Wish {
        client,
        sid: hint.sid,
        target,
    })
}

/// The session that is to end, where it is this browser's.
fn session_of(provider: &Provider, wish: &Wish<'_>, headers: &HeaderMap) -> Option<Seen> {
    provider
        .session(headers)
        .filter(|seen| seen.sid == wish.sid)
}

fn end(provider: &Provider, language: Language, wish: &Wish<'_>, decision: Decision) -> Response {
    provider.count(|summary| summary.logouts += 1);
    match decision {
        Decision::Here => {
            provider.sessions.leave(&wish.sid, &wish.client.client_id);
            done(provider, language, wish)
        }
        Decision::Everywhere => {
            provider.end_session(&wish.sid);
            let mut response = done(provider, language, wish);
            let cookie = provider.jar.clear_session();
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
    }
}

fn done(provider: &Provider, language: Language, wish: &Wish<'_>) -> Response {
    match &wish.target {
        Some(target) => see_other(target),
        None => {
            let page = LoggedOut {
                f: Frame::new(provider, language),
            };
            pages::html(&page, StatusCode::OK, None)
        }
    }
}

fn refuse(provider: &Provider, language: Language, why: &str) -> Response {
    provider.count(|summary| summary.refused_requests += 1);
    pages::problem(provider, language, Problem::Request(why))
}
