//! `POST /language`: another language, and back to the page.

use axum::response::Response;
use serde::Deserialize;

use crate::cookies;
use crate::pages::problem::Problem;
use crate::texts::Language;
use crate::visit::{Form, Visit, add_cookie, local_path, see_other};

/// How long a choice is kept: a year, in seconds.
const KEPT_S: u64 = 365 * 24 * 60 * 60;

#[derive(Deserialize)]
pub(crate) struct Choice {
    language: Language,
    #[serde(default, rename = "return")]
    return_to: String,
}

pub(crate) async fn choose(form: Form<Visit, Choice>) -> Response {
    let (visit, choice) = (form.by, form.fields);
    if !visit.portal.languages.contains(&choice.language) {
        return visit.problem(Problem::Fields);
    }
    let mut response = see_other(local_path(&choice.return_to).unwrap_or("/"));
    let code = choice.language.code();
    add_cookie(
        &mut response,
        visit.portal.jar.keep(cookies::LANGUAGE, code, KEPT_S),
    );
    response
}
