//! From an error of some part to the fault that the caller sees.

use bytes::Bytes;
use sim_domain::fault::{Dialect, Fault, FaultCode};
use sim_domain::headers;
use sim_http1::Answer;
use uuid::Uuid;

/// A fault with `code` that says `text`, and a detail to find it by in this server's log.
pub(crate) fn refuse(code: FaultCode, text: &dyn std::fmt::Display) -> Fault {
    Fault::new(code, text.to_string(), Uuid::new_v4().to_string())
}

/// The answer to an information system: body in the form it accepts, and `X-Road-Error`.
pub(crate) fn rest_answer(fault: &Fault, accept: &[&str], dialect: Dialect) -> Answer {
    let (content_type, body) = fault.rest_body(accept, dialect);
    let mut answer = Answer::new(fault.code.http_status(dialect));
    let code = fault.code.text(dialect);
    for (name, value) in [("content-type", content_type), (headers::ERROR, code)] {
        if let Err(error) = answer.header(name, value.as_bytes()) {
            tracing::error!(%error, "a header of a fault was left out");
        }
    }
    answer.with_body(vec![Bytes::from(body)])
}
