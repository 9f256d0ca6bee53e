//! What does not change while the portal runs: the style sheet and the icon.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const SHEET: &str = include_str!("../templates/style.css");
const ICON: &str = include_str!("../templates/icon.svg");
/// A day, in seconds.
const KEEP: &str = "public, max-age=86400";
/// Octets of the sheet's digest that its name has.
const NAME_OCTETS: usize = 9;

/// Where the style sheet is. Another sheet has another name, so that browsers may keep it.
static PATH: LazyLock<String> = LazyLock::new(|| {
    let digest = digest(&SHA256, SHEET.as_bytes());
    let name = URL_SAFE_NO_PAD.encode(&digest.as_ref()[..NAME_OCTETS]);
    format!("/style-{name}.css")
});

pub(crate) fn path() -> &'static str {
    &PATH
}

pub(crate) async fn sheet() -> Response {
    kept("text/css; charset=utf-8", SHEET)
}

pub(crate) async fn icon() -> Response {
    kept("image/svg+xml", ICON)
}

fn kept(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, KEEP),
    ];
    (headers, text).into_response()
}
