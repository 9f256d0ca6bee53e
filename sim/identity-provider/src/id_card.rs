//! The ID-card: a listener of its own that asks the browser for a certificate during the handshake.
//!
//! It stands under the provider's host name, so that the browser shows it the cookie of the log-in,
//! and does one thing: finds out whose card it is, and sends the person back to the provider's own
//! pages, which go on or say what is wrong. A card that is missing or not good is therefore told in
//! words: the handshake succeeds with any certificate whose key the browser holds, or with none.

mod listener;
mod tls;

use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;

use crate::app::with_headers;
use crate::flows::{Flow, Stage};
use crate::login::{look, no_flow, wait_path};
use crate::oidc::authorize::see_other;
use crate::pages::{self, Problem};
use crate::person::Method;
use crate::provider::Provider;
use crate::style;

pub(crate) use listener::{Card, CardListener};
pub use tls::CardTlsError;
pub(crate) use tls::{CardTls, base_url};

/// The routes of the listener.
pub(crate) fn app(provider: Arc<Provider>) -> Router {
    Router::new()
        .route("/id-card/{flow}", get(log_in))
        .route(style::PATH, get(style::sheet))
        .route(style::ICON_PATH, get(style::icon))
        .fallback(pages::not_found)
        .layer(map_response(with_headers))
        .layer(map_response(with_close))
        .with_state(provider)
}

/// The card belongs to the connection: whoever tries again, perhaps with another card, needs a new one.
async fn with_close(mut response: Response) -> Response {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// What a flow says to somebody who comes with a card.
enum May {
    Try,
    /// Somebody else, or this person in another window, is further.
    Not,
    NotOffered,
}

async fn log_in(
    State(provider): State<Arc<Provider>>,
    ConnectInfo(card): ConnectInfo<Card>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    let elsewhere = format!("{}{}", provider.issuer, wait_path(&name));
    match look(&provider, &name, &headers, may_try) {
        None => return no_flow(&provider, &headers),
        Some(May::NotOffered) => {
            let language = pages::preferred_language(&provider, &headers);
            return pages::problem(&provider, language, Problem::Page);
        }
        Some(May::Not) => return see_other(&elsewhere),
        Some(May::Try) => {}
    }
    let stage = match provider.card_holder(card.certificate).await {
        Ok(authenticated) => Stage::Authenticated(authenticated),
        Err(refusal) => Stage::Refused(refusal),
    };
    look(&provider, &name, &headers, |flow| {
        if is_choosing(flow) {
            flow.stage = stage;
        }
    });
    see_other(&elsewhere)
}

fn may_try(flow: &mut Flow) -> May {
    if !flow.request.methods.contains(&Method::IdCard) {
        return May::NotOffered;
    }
    if !is_choosing(flow) {
        return May::Not;
    }
    match flow.count_attempt() {
        Ok(_) => May::Try,
        Err(_) => May::Not,
    }
}

const fn is_choosing(flow: &Flow) -> bool {
    matches!(flow.stage, Stage::Choosing | Stage::Refused(_))
}
