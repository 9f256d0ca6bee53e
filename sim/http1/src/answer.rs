//! What is sent in answer to a request.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use bytes::{BufMut as _, Bytes, BytesMut};
use http::StatusCode;
use sim_clock::Clock;

use crate::error::InvalidHeader;
use crate::head;

/// Room for the head of most answers.
const HEAD_BYTES: usize = 512;

/// An answer: status, header lines, and a body in pieces.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    lines: Vec<u8>,
    body: Vec<Bytes>,
    has_date: bool,
}

/// The `Date` header's value, made once a second.
#[derive(Default)]
pub(crate) struct Date {
    second: i64,
    text: String,
}

// === impl Answer ===

impl Answer {
    /// An answer with this status code, without headers and body.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            lines: Vec::with_capacity(HEAD_BYTES),
            body: Vec::new(),
            has_date: false,
        }
    }

    /// The status code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Adds a header line. The length of the body need not be said.
    ///
    /// # Errors
    /// Where the line would not stay one.
    pub fn header(&mut self, name: &str, value: &[u8]) -> Result<(), InvalidHeader> {
        push_line(&mut self.lines, name, value)?;
        self.has_date |= name.eq_ignore_ascii_case("date");
        Ok(())
    }

    /// The same answer with this body, one piece behind the other.
    #[must_use]
    pub fn with_body(mut self, pieces: Vec<Bytes>) -> Self {
        self.body = pieces;
        self
    }

    /// What is sent: `connection` says what becomes of it, where that needs saying.
    pub(crate) fn into_pieces(
        self,
        date: &str,
        connection: Option<&str>,
        to_head: bool,
    ) -> Vec<Bytes> {
        let mut head = BytesMut::with_capacity(self.lines.len() + HEAD_BYTES).writer();
        let reason = StatusCode::from_u16(self.status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default();
        let length: usize = self.body.iter().map(Bytes::len).sum();
        let is_bodiless = head::is_bodiless(self.status);
        // Writing to a buffer in memory does not fail.
        let _ = write!(head, "HTTP/1.1 {} {reason}\r\n", self.status);
        let _ = head.write_all(&self.lines);
        if !is_bodiless {
            let _ = write!(head, "content-length: {length}\r\n");
        }
        if let Some(connection) = connection {
            let _ = write!(head, "connection: {connection}\r\n");
        }
        if !self.has_date {
            let _ = write!(head, "date: {date}\r\n");
        }
        let _ = head.write_all(b"\r\n");
        let mut pieces = Vec::with_capacity(1 + self.body.len());
        pieces.push(head.into_inner().freeze());
        if !is_bodiless && !to_head {
            pieces.extend(self.body);
        }
        pieces
    }
}

/// Adds one header line.
pub(crate) fn push_line(
    lines: &mut Vec<u8>,
    name: &str,
    value: &[u8],
) -> Result<(), InvalidHeader> {
    let is_token = !name.is_empty() && name.bytes().all(is_token_byte);
    // Anything but control characters; tabs are blanks (RFC 9110, section 5.5).
    let is_text = value
        .iter()
        .all(|byte| *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f));
    if !is_token || !is_text {
        return Err(InvalidHeader(name.escape_debug().to_string()));
    }
    lines.extend_from_slice(name.as_bytes());
    lines.extend_from_slice(b": ");
    lines.extend_from_slice(value);
    lines.extend_from_slice(b"\r\n");
    Ok(())
}

/// RFC 9110, section 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

// === impl Date ===

impl Date {
    /// The value now.
    pub(crate) fn at(&mut self, clock: Clock) -> &str {
        let second = clock.now().as_millis().div_euclid(1_000);
        if second != self.second || self.text.is_empty() {
            self.second = second;
            let since_epoch = Duration::from_secs(u64::try_from(second).unwrap_or_default());
            self.text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since_epoch);
        }
        &self.text
    }
}
