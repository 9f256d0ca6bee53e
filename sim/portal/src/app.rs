//! The routes, and what holds for every request.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::pages::{
    applications, apply, appointments, assistant, assistant_api, backchannel, blocking, callback,
    companies, consents, home, insurance, language, login, logout, me, problem, questions, sign,
    tracker,
};
use crate::state::Portal;
use crate::style;
use crate::visit::{MAX_FORM_BYTES, Visit};

/// The routes of the portal.
pub(crate) fn app(portal: Arc<Portal>) -> Router {
    let policy = Policy::of(&portal);
    Router::new()
        .route("/", get(home::show))
        .route("/login", get(login::begin))
        .route("/login/callback", get(callback::finish))
        .route("/logout", post(logout::end))
        .route("/backchannel-logout", post(backchannel::logout))
        .route("/language", post(language::choose))
        .route("/me", get(me::show))
        .route("/tracker", get(tracker::show))
        .route("/tracker/ask", get(questions::form).post(questions::ask))
        .route("/applications", get(applications::list).post(apply::create))
        .route("/applications/new", get(apply::form))
        .route("/applications/{number}", get(applications::show))
        .route(
            "/applications/{number}/sign",
            get(sign::show).post(sign::begin),
        )
        .route(
            "/applications/{number}/document.asice",
            get(applications::document),
        )
        .route("/blocking", get(blocking::show).post(blocking::change))
        .route(
            "/appointments",
            get(appointments::show).post(appointments::book),
        )
        .route("/assistant", get(assistant::show).post(assistant::allow))
        .route("/assistant/revoke", post(assistant::revoke))
        .route("/assistant/v1/{topic}", get(assistant_api::read))
        .route("/consents", get(consents::show).post(consents::change))
        .route("/insurance", get(insurance::show).post(insurance::ask))
        .route("/companies/new", get(companies::form))
        .route("/companies", post(companies::found))
        .route("/health", get(|| async { "ok\n" }))
        .route(style::path(), get(style::sheet))
        .route("/favicon.svg", get(style::icon))
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&portal),
            only_from_here,
        ))
        .layer(middleware::from_fn_with_state(policy, with_policy))
        .with_state(portal)
}

async fn not_found(visit: Visit) -> Response {
    visit.problem(problem::Problem::NotFound)
}

/// What every answer tells the browser.
#[derive(Clone)]
struct Policy(Arc<Vec<(HeaderName, HeaderValue)>>);

// === impl Policy ===

impl Policy {
    fn of(portal: &Portal) -> Self {
        // No script, no frame, nothing from elsewhere. Chrome follows `form-action` through
        // redirects, and logging out ends at the provider.
        let content = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
             frame-ancestors 'none'; form-action 'self' {}",
            portal.provider_origin
        );
        let fixed = [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            // Stricter, browsers would send `Origin: null` with the portal's own forms.
            (header::REFERRER_POLICY, "same-origin"),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                "same-origin",
            ),
            (
                HeaderName::from_static("permissions-policy"),
                "camera=(), geolocation=(), microphone=()",
            ),
        ];
        let mut lines: Vec<_> = fixed
            .into_iter()
            .map(|(name, value)| (name, HeaderValue::from_static(value)))
            .collect();
        if let Ok(content) = HeaderValue::try_from(content) {
            lines.push((header::CONTENT_SECURITY_POLICY, content));
        }
        if portal.jar.is_secure {
            let year = HeaderValue::from_static("max-age=31536000");
            lines.push((header::STRICT_TRANSPORT_SECURITY, year));
        }
        Self(Arc::new(lines))
    }
}

async fn with_policy(
    State(Policy(lines)): State<Policy>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in lines.iter() {
        headers.insert(name.clone(), value.clone());
    }
    // What is personal must not stay in a cache; what may stay says so itself.
    let personal = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(personal);
    response
}

/// Refuses requests for another host, and forms that another site sent.
async fn only_from_here(
    State(portal): State<Arc<Portal>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if !is_for_here(headers, &portal) {
        let host = headers.get(header::HOST);
        tracing::warn!(?host, "refused a request for another host");
        let here = format!("This is {}\n", portal.public_url);
        return (StatusCode::MISDIRECTED_REQUEST, here).into_response();
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && !is_from_here(headers, &portal) {
        portal.count(|summary| summary.refused_forms += 1);
        tracing::warn!(origin = ?headers.get(header::ORIGIN), "refused a form of another site");
        return (StatusCode::FORBIDDEN, "This form came from another site.\n").into_response();
    }
    next.run(request).await
}

/// A name that points here but is not ours would open the way to DNS rebinding, and a link made
/// from it would lead elsewhere.
fn is_for_here(headers: &HeaderMap, portal: &Portal) -> bool {
    let mut hosts = headers.get_all(header::HOST).into_iter();
    let host = hosts.next();
    hosts.next().is_none()
        && host.is_some_and(|host| host.as_bytes().eq_ignore_ascii_case(portal.host.as_bytes()))
}

/// Browsers name the origin of every form; what is no browser may leave it away, and still needs
/// the form's token.
fn is_from_here(headers: &HeaderMap, portal: &Portal) -> bool {
    let origin = headers.get(header::ORIGIN);
    let site = headers.get(HeaderName::from_static("sec-fetch-site"));
    origin.is_none_or(|origin| origin == portal.public_url.as_str())
        && site.is_none_or(|site| site == "same-origin" || site == "none")
}
