//! What does not change while the portal runs: the style sheet and the icon.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Where the style sheet is. The number is changed with the sheet, so that browsers may keep it.
pub(crate) const PATH: &str = "/style-2.css";

const SHEET: &str = include_str!("../templates/style.css");
const ICON: &str = include_str!("../templates/icon.svg");
/// A day, in seconds.
const KEEP: &str = "public, max-age=86400";

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
