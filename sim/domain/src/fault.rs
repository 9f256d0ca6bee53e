//! Faults: what a security server says when it could not do what was asked.
//!
//! A fault has a code (made for programs), a message (made for people) and a detail (a UUID that
//! is also in the server's log). Information systems get it as JSON or XML with an `X-Road-Error`
//! header; a peer security server gets it as a SOAP fault, for REST messages too.

mod body;
mod code;
mod dialect;
mod soap;

use std::fmt;

pub use code::{FaultCode, Reason, Side};
pub use dialect::Dialect;
pub use soap::{MAX_SOAP_FAULT_BYTES, SOAP_CONTENT_TYPE};

/// Longest fault message that is kept from a peer, in characters.
pub const MAX_MESSAGE_CHARS: usize = 2000;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What went wrong, for programs.
    pub code: FaultCode,
    /// What went wrong, for people.
    pub message: String,
    /// The UUID under which the server's log has more.
    pub detail: String,
}

impl Fault {
    /// A fault of these parts.
    pub fn new(code: FaultCode, message: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {} ({})",
            self.code, self.message, self.detail
        )
    }
}

impl std::error::Error for Fault {}
