//! The page that says what went wrong, and the way on.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::frame::{Frame, Place};
use crate::texts::Texts;
use crate::visit::Visit;

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    NotFound,
    State,
    Cancelled,
    Provider,
    Token,
    Full,
    Form,
    Fields,
    TooLarge,
    Internal,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    f: Frame<'a>,
    /// For robots, and for those who help.
    code: &'static str,
    message: &'static str,
    /// Whether trying to log in again may help.
    offers_login: bool,
}

// === impl Problem ===

impl Problem {
    pub(super) const fn parts(self) -> (StatusCode, &'static str, fn(&Texts) -> &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", |t| t.error_not_found),
            Self::State => (StatusCode::BAD_REQUEST, "login_state", |t| t.error_state),
            Self::Cancelled => (StatusCode::OK, "login_cancelled", |t| t.error_cancelled),
            Self::Provider => (StatusCode::BAD_GATEWAY, "login_provider", |t| {
                t.error_provider
            }),
            Self::Token => (StatusCode::FORBIDDEN, "login_token", |t| t.error_token),
            Self::Full => (StatusCode::SERVICE_UNAVAILABLE, "full", |t| t.error_full),
            Self::Form => (StatusCode::FORBIDDEN, "form", |t| t.error_form),
            Self::Fields => (StatusCode::BAD_REQUEST, "fields", |t| t.error_fields),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", |t| {
                t.error_too_large
            }),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", |t| {
                t.error_internal
            }),
        }
    }

    pub(crate) fn answer(self, visit: &Visit) -> Response {
        let (status, code, message) = self.parts();
        // Cancelling is everybody's right. All else may be an attack, and who looks into one needs
        // to know who it was.
        if self != Self::Cancelled {
            let user = visit
                .session
                .as_ref()
                .map(|session| &session.person.user_id);
            tracing::warn!(problem = code, user, "refused a request");
        }
        let is_login = matches!(
            self,
            Self::State | Self::Cancelled | Self::Provider | Self::Token
        );
        let mut response = visit.page(&Page {
            f: visit.frame(Place::Elsewhere),
            code,
            message: message(visit.texts()),
            offers_login: is_login,
        });
        if response.status().is_success() {
            *response.status_mut() = status;
        }
        response
    }
}
