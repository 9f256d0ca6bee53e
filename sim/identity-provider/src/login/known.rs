//! Somebody who has a session already: going on with it, or ending it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;

use super::forms::accept;
use super::{answer, choose_path, no_flow, view};
use crate::flows::{AuthorizationRequest, Flow, Known, Stage};
use crate::oidc::Parameters;
use crate::oidc::authorize::see_other;
use crate::pages::{self, Frame, KnownPage, Problem};
use crate::person::Authenticated;
use crate::provider::Provider;
use crate::secrets::NoRandomness;

pub(super) fn page(provider: &Provider, name: &str, flow: &Flow) -> Response {
    let Stage::Known(known) = &flow.stage else {
        return see_other(&choose_path(name));
    };
    let person = &known.authenticated.person;
    let page = KnownPage {
        f: Frame::new(provider, flow.language),
        flow: view(provider, name, flow),
        name: format!("{} {}", person.given_name, person.family_name),
    };
    pages::html(&page, StatusCode::OK, Some(&flow.request.redirect_uri))
}

/// The person goes on with the session.
pub(crate) async fn go_on(
    State(provider): State<Arc<Provider>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    let seen = provider.session(&headers);
    let agreed = accept(&provider, &name, &headers, &form, |flow| {
        let is_it = |known: &Known| seen.as_ref().is_some_and(|seen| seen.sid == known.sid);
        match &flow.stage {
            Stage::Known(known) if is_it(known) => true,
            // It has ended meanwhile, or the browser has another one.
            Stage::Known(_) => {
                flow.stage = Stage::Choosing;
                false
            }
            _ => false,
        }
    });
    match agreed {
        Err(declined) => return declined.answer(&provider, &headers),
        Ok(false) => return see_other(&choose_path(&name)),
        Ok(true) => {}
    }
    let Some(Flow {
        request,
        language,
        stage: Stage::Known(known),
        ..
    }) = provider.flows.end(&name)
    else {
        return no_flow(&provider, &headers);
    };
    provider.count(|summary| summary.continued += 1);
    join(&provider, request, known)
        .unwrap_or_else(|NoRandomness| pages::problem(&provider, language, Problem::Server))
}

/// The person ends the session, and logs in.
pub(crate) async fn anew(
    State(provider): State<Arc<Provider>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Parameters::parse(&body);
    let seen = provider.session(&headers);
    let agreed = accept(&provider, &name, &headers, &form, |flow| {
        if matches!(flow.stage, Stage::Known(_)) {
            flow.stage = Stage::Choosing;
            true
        } else {
            false
        }
    });
    match agreed {
        Err(declined) => return declined.answer(&provider, &headers),
        Ok(false) => return see_other(&choose_path(&name)),
        Ok(true) => {}
    }
    if let Some(seen) = seen {
        provider.end_session(&seen.sid);
    }
    let mut response = see_other(&choose_path(&name));
    let cookie = provider.jar.clear_session();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

/// A new session, which the service of `request` shares.
pub(super) fn begin_session(
    provider: &Provider,
    request: AuthorizationRequest,
    authenticated: Authenticated,
) -> Result<Response, NoRandomness> {
    let begun = provider
        .sessions
        .begin(authenticated.clone(), provider.now())?;
    provider.count(|summary| summary.sessions += 1);
    let known = Known {
        sid: begun.sid,
        authenticated,
    };
    let mut response = join(provider, request, known)?;
    let cookie = provider.jar.set_session(&begun.cookie);
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

fn join(
    provider: &Provider,
    request: AuthorizationRequest,
    known: Known,
) -> Result<Response, NoRandomness> {
    // Where the session has just ended, the code gives no tokens.
    provider
        .sessions
        .join(&known.sid, &request.client_id, provider.now());
    answer(provider, request, known.authenticated, Some(known.sid))
}
