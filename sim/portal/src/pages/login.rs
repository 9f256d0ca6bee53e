//! `/login`: to the identity provider.

use axum::response::Response;
use serde::Deserialize;

use crate::cookies;
use crate::oidc::{ATTEMPT_LIFETIME, Attempt, LoginError};
use crate::pages::callback;
use crate::visit::{Link, Visit, add_cookie, local_path, see_other};

/// Where people go who did not want to go anywhere else.
const USUAL_RETURN: &str = "/me";

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    #[serde(rename = "return")]
    return_to: String,
}

pub(crate) async fn begin(visit: Visit, Link(wish): Link<Wish>) -> Response {
    let return_to = local_path(&wish.return_to).unwrap_or(USUAL_RETURN);
    match to_provider(&visit, return_to).await {
        Ok(response) => response,
        Err(error) => callback::failed(&visit, &error),
    }
}

async fn to_provider(visit: &Visit, return_to: &str) -> Result<Response, LoginError> {
    let portal = &visit.portal;
    let attempt = Attempt::begin(return_to, visit.now)?;
    let url = portal
        .provider
        .login_url(&attempt, &portal.seal, visit.language)
        .await?;
    let mut response = see_other(&url);
    let cookie = attempt.to_cookie(&portal.seal);
    let seconds = ATTEMPT_LIFETIME.as_secs();
    add_cookie(
        &mut response,
        portal.jar.keep(cookies::LOGIN, &cookie, seconds),
    );
    Ok(response)
}
