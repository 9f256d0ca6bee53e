//! One request: whose it is, in which language, and whether its form is ours.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sim_clock::UtcTime;
use tokio::time::timeout;

use crate::cookies;
use crate::frame::{Frame, Place};
use crate::pages::problem::Problem;
use crate::secrets::random_text;
use crate::sessions::{Person, Session};
use crate::state::Portal;
use crate::texts::{Language, Texts};

/// The longest form that is read, in bytes.
pub const MAX_FORM_BYTES: usize = 64 * 1024;
/// How long a form may take to arrive.
const FORM_TIME_LIMIT: Duration = Duration::from_secs(10);
/// The longest path that a form or a log-in leads back to, in bytes.
const MAX_RETURN_BYTES: usize = 300;

/// A request of anybody.
pub(crate) struct Visit {
    pub(crate) portal: Arc<Portal>,
    pub(crate) language: Language,
    pub(crate) now: UtcTime,
    pub(crate) session: Option<Arc<Session>>,
    /// What the forms of somebody not logged in are bound to, and whether it is new.
    visitor: (String, bool),
    /// Where the language switch leads back to.
    path: String,
}

/// A request of somebody logged in.
pub(crate) struct Citizen {
    pub(crate) visit: Visit,
    pub(crate) session: Arc<Session>,
}

/// A form that one of the portal's own pages sent in this browser.
pub(crate) struct Form<V, T> {
    pub(crate) by: V,
    pub(crate) fields: T,
}

/// What a link says after its `?`; the default where it makes no sense.
pub(crate) struct Link<T>(pub(crate) T);

#[derive(Deserialize)]
struct Token {
    csrf: String,
}

// === impl Visit ===

impl Visit {
    pub(crate) fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    /// What stands around a page.
    pub(crate) fn frame(&self, place: Place) -> Frame<'_> {
        Frame {
            portal: &self.portal,
            t: self.texts(),
            language: self.language,
            name: self.portal.called(&self.portal.name, self.language),
            session: self.session.as_deref(),
            csrf: self.csrf(),
            path: &self.path,
            place,
            offers_consents: self.portal.services.consents.is_some(),
        }
    }

    /// A page as the answer.
    pub(crate) fn page(&self, page: &impl Template) -> Response {
        let Ok(text) = page.render() else {
            tracing::error!("a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = Html(text).into_response();
        let (visitor, is_new) = &self.visitor;
        if *is_new && self.session.is_none() {
            add_cookie(
                &mut response,
                self.portal.jar.set(cookies::VISITOR, visitor),
            );
        }
        response
    }

    /// A page that says what went wrong.
    pub(crate) fn problem(&self, problem: Problem) -> Response {
        problem.answer(self)
    }

    /// The token of this browser's forms. Logging in makes another one.
    fn csrf(&self) -> String {
        let (whose, key) = self.bound_to();
        self.portal.seal.tag("form", &[whose, key])
    }

    fn is_csrf(&self, token: &str) -> bool {
        let (whose, key) = self.bound_to();
        self.portal.seal.is_tag(token, "form", &[whose, key])
    }

    fn bound_to(&self) -> (&[u8], &[u8]) {
        match &self.session {
            Some(session) => (b"session", session.key.as_bytes()),
            None => (b"visitor", self.visitor.0.as_bytes()),
        }
    }
}

impl FromRequestParts<Arc<Portal>> for Visit {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        portal: &Arc<Portal>,
    ) -> Result<Self, Self::Rejection> {
        let (jar, headers) = (portal.jar, &parts.headers);
        let now = portal.clock.now();
        let session = jar.find(headers, cookies::SESSION);
        let visitor = match jar.find(headers, cookies::VISITOR) {
            Some(visitor) => (visitor.to_owned(), false),
            None => (
                random_text().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?,
                true,
            ),
        };
        let shown = parts.uri.path_and_query().map(|path| path.as_str());
        let path = shown
            .filter(|_| parts.method == Method::GET)
            .and_then(local_path);
        Ok(Self {
            portal: Arc::clone(portal),
            language: language_of(headers, portal),
            now,
            session: session.and_then(|key| portal.sessions.use_of(key, now)),
            visitor,
            path: path.unwrap_or("/").to_owned(),
        })
    }
}

impl AsRef<Self> for Visit {
    fn as_ref(&self) -> &Self {
        self
    }
}

// === impl Citizen ===

impl Citizen {
    pub(crate) fn person(&self) -> &Person {
        &self.session.person
    }
}

impl FromRequestParts<Arc<Portal>> for Citizen {
    type Rejection = Response;

    /// Whoever is not logged in is sent to do so, and comes back to the page asked for.
    async fn from_request_parts(
        parts: &mut Parts,
        portal: &Arc<Portal>,
    ) -> Result<Self, Self::Rejection> {
        let visit = Visit::from_request_parts(parts, portal).await;
        let visit = visit.map_err(IntoResponse::into_response)?;
        match &visit.session {
            Some(session) => Ok(Self {
                session: Arc::clone(session),
                visit,
            }),
            None => {
                let back = serde_urlencoded::to_string([("return", &visit.path)]);
                Err(see_other(&format!("/login?{}", back.unwrap_or_default())))
            }
        }
    }
}

impl AsRef<Visit> for Citizen {
    fn as_ref(&self) -> &Visit {
        &self.visit
    }
}

// === impl Link ===

impl<T: DeserializeOwned + Default> FromRequestParts<Arc<Portal>> for Link<T> {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &Arc<Portal>,
    ) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(serde_urlencoded::from_str(query).unwrap_or_default()))
    }
}

// === impl Form ===

impl<V, T> FromRequest<Arc<Portal>> for Form<V, T>
where
    V: FromRequestParts<Arc<Portal>, Rejection: IntoResponse> + AsRef<Visit> + Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Response;

    async fn from_request(request: Request, portal: &Arc<Portal>) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let by = V::from_request_parts(&mut parts, portal).await;
        let by = by.map_err(IntoResponse::into_response)?;
        let visit = by.as_ref();
        if !is_form(&parts.headers) {
            return Err(visit.problem(Problem::Fields));
        }
        let request = Request::from_parts(parts, body);
        let body = match timeout(FORM_TIME_LIMIT, Bytes::from_request(request, portal)).await {
            Ok(Ok(body)) => body,
            Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Err(visit.problem(Problem::TooLarge));
            }
            _ => return Err(visit.problem(Problem::Fields)),
        };
        let token = serde_urlencoded::from_bytes::<Token>(&body);
        if !token.is_ok_and(|token| visit.is_csrf(&token.csrf)) {
            portal.count(|summary| summary.refused_forms += 1);
            tracing::warn!("refused a form without its token");
            return Err(visit.problem(Problem::Form));
        }
        match serde_urlencoded::from_bytes(&body) {
            Ok(fields) => Ok(Self { by, fields }),
            Err(_) => Err(visit.problem(Problem::Fields)),
        }
    }
}

/// Leads the browser on, with `GET`.
pub(crate) fn see_other(to: &str) -> Response {
    match HeaderValue::try_from(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Adds one more cookie to an answer.
pub(crate) fn add_cookie(response: &mut Response, cookie: HeaderValue) {
    response.headers_mut().append(header::SET_COOKIE, cookie);
}

/// `path`, where it is one of this portal's and a browser cannot take it for another host.
pub(crate) fn local_path(path: &str) -> Option<&str> {
    let mut bytes = path.bytes();
    let is_local = bytes.next() == Some(b'/') && !matches!(bytes.next(), Some(b'/' | b'\\'));
    let is_plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_login = path.starts_with("/login") || path.starts_with("/logout");
    (is_local && is_plain && !is_login && path.len() <= MAX_RETURN_BYTES).then_some(path)
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// The language chosen, or the first that the browser asks for and the portal has.
fn language_of(headers: &HeaderMap, portal: &Portal) -> Language {
    let chosen = portal.jar.find(headers, cookies::LANGUAGE);
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let accepted = accepted
        .unwrap_or_default()
        .split(',')
        .map(|range| range.split([';', '-']).next().unwrap_or_default().trim());
    chosen
        .into_iter()
        .chain(accepted)
        .filter_map(Language::of_code)
        .find(|language| portal.languages.contains(language))
        .or(portal.languages.first().copied())
        .unwrap_or(Language::English)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_portal_are_led_back_to() {
        for good in [
            "/",
            "/me",
            "/tracker?page=2&own=hide",
            "/applications/new?kind=a",
        ] {
            assert_eq!(local_path(good), Some(good));
        }
        let long = format!("/{}", "x".repeat(MAX_RETURN_BYTES));
        for bad in [
            "",
            "me",
            "//evil",
            "/\\evil",
            "https://evil",
            "/a\r\nb",
            "/ä",
            "/login",
            "/logout",
            &long,
        ] {
            assert_eq!(local_path(bad), None, "{bad}");
        }
    }
}
