//! `POST /backchannel-logout`: the provider tells that somebody logged out.
//!
//! No browser comes here, and so no form's token: what counts is the provider's signature.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::oidc::LoggedOut;
use crate::state::Portal;

#[derive(Deserialize)]
struct Told {
    logout_token: String,
}

/// 200 where it was understood, also where nobody was logged in; 400 where not (section 2.8).
pub(crate) async fn logout(State(portal): State<Arc<Portal>>, body: Bytes) -> StatusCode {
    let Ok(told) = serde_urlencoded::from_bytes::<Told>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    match portal.provider.logged_out(&told.logout_token).await {
        Ok(logged_out) => {
            let ended = portal.sessions.close_where(|session| match &logged_out {
                LoggedOut::Session(sid) => session.provider_session.as_ref() == Some(sid),
                LoggedOut::Person(user_id) => session.person.user_id == *user_id,
            });
            tracing::info!(ended, "the provider ended sessions");
            StatusCode::OK
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(%error, cause, "refused a logout token");
            StatusCode::BAD_REQUEST
        }
    }
}
