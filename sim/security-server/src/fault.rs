//! From an error of some part to the fault that the caller sees.

use std::future::Future;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use sim_domain::fault::{Dialect, Fault, FaultCode, Reason};
use sim_domain::headers;
use uuid::Uuid;

/// A fault with `code` that says `text`, and a detail to find it by in this server's log.
pub(crate) fn refuse(code: FaultCode, text: &dyn std::fmt::Display) -> Fault {
    Fault::new(code, text.to_string(), Uuid::new_v4().to_string())
}

/// Does `work` to its end, even if the caller goes away: a message that was sent or logged is
/// not left half-way because nobody waits for the answer any more.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Fault>> + Send + 'static,
    side: impl FnOnce(Reason) -> FaultCode,
) -> Result<T, Fault> {
    tokio::spawn(work).await.unwrap_or_else(|broken| {
        tracing::error!(%broken, "a message was not handled to its end");
        Err(refuse(side(Reason::InternalError), &"Internal error"))
    })
}

/// The answer to an information system: body in the form it accepts, and `X-Road-Error`.
pub(crate) fn rest_response(
    fault: &Fault,
    accept: &[String],
    dialect: Dialect,
) -> Response<Full<Bytes>> {
    let accept: Vec<&str> = accept.iter().map(String::as_str).collect();
    let (content_type, body) = fault.rest_body(&accept, dialect);
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(fault.code.http_status(dialect))
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let values = [
        ("content-type", content_type),
        (headers::ERROR, fault.code.text(dialect)),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
