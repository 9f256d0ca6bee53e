//! `/login/callback`: back from the identity provider.

use axum::http::HeaderMap;
use axum::response::Response;

use crate::cookies;
use crate::oidc::{Answer, Attempt, LoggedIn, LoginError};
use crate::pages::problem::Problem;
use crate::visit::{Link, Visit, add_cookie, see_other};

pub(crate) async fn finish(
    visit: Visit,
    headers: HeaderMap,
    Link(answer): Link<Answer>,
) -> Response {
    let portal = &visit.portal;
    let cookie = portal.jar.find(&headers, cookies::LOGIN);
    let attempt = cookie.and_then(|cookie| Attempt::from_cookie(cookie, &portal.seal));
    let Some(attempt) = attempt else {
        return failed(&visit, &LoginError::State("this browser began none"));
    };
    let mut response = match portal
        .provider
        .finish(&attempt, &portal.seal, &answer)
        .await
    {
        Ok(logged_in) => welcome(&visit, logged_in, &attempt.return_to),
        Err(error) => failed(&visit, &error),
    };
    add_cookie(&mut response, portal.jar.clear(cookies::LOGIN));
    response
}

/// Opens a session under a new key, whatever the browser came with.
fn welcome(visit: &Visit, logged_in: LoggedIn, return_to: &str) -> Response {
    let portal = &visit.portal;
    if let Some(earlier) = &visit.session {
        portal.sessions.close(&earlier.key);
    }
    let LoggedIn {
        person,
        id_token,
        provider_session,
    } = logged_in;
    let now = portal.clock.now();
    match portal
        .sessions
        .open(person, id_token, provider_session, now)
    {
        Ok(session) => {
            portal.count(|summary| summary.logins += 1);
            let mut response = see_other(return_to);
            add_cookie(
                &mut response,
                portal.jar.set(cookies::SESSION, &session.key),
            );
            response
        }
        Err(error) => {
            tracing::warn!(%error, "nobody more is logged in");
            visit.problem(Problem::Full)
        }
    }
}

/// Says why nobody is logged in; the details are for the log.
pub(super) fn failed(visit: &Visit, error: &LoginError) -> Response {
    visit.portal.count(|summary| summary.failed_logins += 1);
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(%error, cause, "a log-in failed");
    visit.problem(match error {
        LoginError::State(_) => Problem::State,
        LoginError::Cancelled => Problem::Cancelled,
        LoginError::Refused(_) | LoginError::Provider { .. } => Problem::Provider,
        LoginError::Token(_) => Problem::Token,
        LoginError::Randomness(_) => Problem::Internal,
    })
}
