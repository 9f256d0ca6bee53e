//! `POST /logout`: ends the session here, and at the provider where it has one.

use axum::response::Response;
use serde::Deserialize;

use crate::cookies;
use crate::visit::{Form, Visit, add_cookie, see_other};

#[derive(Deserialize)]
pub(crate) struct Nothing {}

pub(crate) async fn end(form: Form<Visit, Nothing>) -> Response {
    let visit = form.by;
    let portal = &visit.portal;
    let ended = visit
        .session
        .as_ref()
        .and_then(|session| portal.sessions.close(&session.key));
    if let Some(session) = &ended {
        portal.assistants.revoke(&session.key);
    }
    let back_to = format!("{}/", portal.public_url);
    let onward = ended.and_then(|session| portal.provider.logout_url(&session.id_token, &back_to));
    let mut response = see_other(onward.as_deref().unwrap_or("/"));
    add_cookie(&mut response, portal.jar.clear(cookies::SESSION));
    response
}
