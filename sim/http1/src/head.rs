//! The head of a message: first line, header lines, and what they say of the body.

use std::mem::MaybeUninit;

use bytes::{Buf as _, Bytes, BytesMut};
use http::StatusCode;
use memchr::memchr_iter;

use crate::headers::Headers;

/// Longest head that is read, in bytes.
pub const MAX_HEAD_BYTES: usize = 128 * 1024;
/// Most header lines of one head.
pub const MAX_HEADER_LINES: usize = 200;

/// A request's head.
#[derive(Clone, Debug)]
pub struct RequestHead {
    /// The method, as sent.
    pub method: String,
    /// The target, as sent.
    pub target: String,
    /// The header lines.
    pub headers: Headers,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    pub(crate) is_http_11: bool,
    pub(crate) expects_continue: bool,
}

/// A response's head.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    /// The status code.
    pub status: StatusCode,
    /// The reason phrase, which may be empty.
    pub reason: String,
    /// The header lines.
    pub headers: Headers,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
}

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none, or it is empty.
    Empty,
    /// After so many bytes.
    Length(u64),
    /// After the last chunk.
    Chunked,
    /// With the connection: responses only.
    UntilClose,
}

/// Why bytes are no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadError {
    TooLarge,
    Malformed(&'static str),
}

/// Cuts the first whole head off `buffer`; none where it has not arrived yet.
///
/// `searched` is how far earlier calls have looked for the head's end. Lines end in CR and LF: who
/// takes a bare LF for an end, too, sees other lines than who does not.
pub(crate) fn cut(buffer: &mut BytesMut, searched: &mut usize) -> Result<Option<Bytes>, HeadError> {
    // Empty lines before a request are skipped (RFC 9112, section 2.2).
    while buffer.starts_with(b"\r\n") {
        buffer.advance(2);
        *searched = 0;
    }
    let window = &buffer[..buffer.len().min(MAX_HEAD_BYTES)];
    for at in memchr_iter(b'\n', &window[*searched..]) {
        let line = &window[..*searched + at];
        if !line.ends_with(b"\r") {
            return Err(HeadError::Malformed("a line does not end in CR and LF"));
        }
        if line.ends_with(b"\r\n\r") {
            let end = line.len() + 1;
            *searched = 0;
            return Ok(Some(buffer.split_to(end).freeze()));
        }
    }
    *searched = window.len();
    if buffer.len() > MAX_HEAD_BYTES {
        return Err(HeadError::TooLarge);
    }
    Ok(None)
}

impl RequestHead {
    /// Reads a whole head.
    pub(crate) fn parse(text: &Bytes) -> Result<Self, HeadError> {
        let mut lines = [const { MaybeUninit::uninit() }; MAX_HEADER_LINES];
        let mut request = httparse::Request::new(&mut []);
        let parsed = request.parse_with_uninit_headers(text, &mut lines);
        complete(parsed, text)?;
        let headers = Headers::within(text, request.headers)
            .ok_or(HeadError::Malformed("a header lies outside"))?;
        let is_http_11 = request.version == Some(1);
        let framing = length(&headers, is_http_11)?.unwrap_or(Framing::Empty);
        Ok(Self {
            method: request.method.unwrap_or_default().to_owned(),
            target: request.path.unwrap_or_default().to_owned(),
            framing,
            keep_alive: keeps_alive(&headers, is_http_11),
            is_http_11,
            expects_continue: is_http_11 && has_token(&headers, "expect", "100-continue"),
            headers,
        })
    }

    /// The target's path, up to the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// What follows the `?` of the target.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// Whether the client waits for leave before it sends the body.
    #[must_use]
    pub const fn expects_continue(&self) -> bool {
        self.expects_continue
    }
}

impl ResponseHead {
    /// Reads a whole head; `to_head` where the request's method was HEAD.
    pub(crate) fn parse(text: &Bytes, to_head: bool) -> Result<Self, HeadError> {
        let mut lines = [const { MaybeUninit::uninit() }; MAX_HEADER_LINES];
        let mut response = httparse::Response::new(&mut []);
        let config = httparse::ParserConfig::default();
        let parsed = config.parse_response_with_uninit_headers(&mut response, text, &mut lines);
        complete(parsed, text)?;
        let headers = Headers::within(text, response.headers)
            .ok_or(HeadError::Malformed("a header lies outside"))?;
        let status = StatusCode::from_u16(response.code.unwrap_or_default())
            .map_err(|_| HeadError::Malformed("not a status"))?;
        let is_bodiless = to_head || is_bodiless(status.as_u16());
        let is_http_11 = response.version == Some(1);
        let stated = length(&headers, is_http_11)?;
        Ok(Self {
            status,
            reason: response.reason.unwrap_or_default().to_owned(),
            framing: match stated {
                _ if is_bodiless => Framing::Empty,
                Some(framing) => framing,
                None => Framing::UntilClose,
            },
            keep_alive: keeps_alive(&headers, is_http_11),
            headers,
        })
    }
}

/// Whether an answer with this status never has a body.
pub(crate) const fn is_bodiless(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}

/// The whole `text` must have been the head.
fn complete(parsed: httparse::Result<usize>, text: &[u8]) -> Result<(), HeadError> {
    match parsed {
        Ok(httparse::Status::Complete(end)) if end == text.len() => Ok(()),
        Ok(_) => Err(HeadError::Malformed("it breaks off")),
        Err(httparse::Error::TooManyHeaders) => Err(HeadError::TooLarge),
        Err(httparse::Error::Version) => Err(HeadError::Malformed("not HTTP/1")),
        Err(_) => Err(HeadError::Malformed("not a head of HTTP/1")),
    }
}

/// What the headers say of the body's length; none where they say nothing.
fn length(headers: &Headers, is_http_11: bool) -> Result<Option<Framing>, HeadError> {
    let mut stated: Option<u64> = None;
    for value in headers.all("content-length") {
        let value = decimal(value).ok_or(HeadError::Malformed("not a content length"))?;
        if stated.is_some_and(|stated| stated != value) {
            return Err(HeadError::Malformed("two content lengths"));
        }
        stated = Some(value);
    }
    let mut codings = headers.all("transfer-encoding");
    match (codings.next(), codings.next(), stated) {
        (None, _, None) => Ok(None),
        (None, _, Some(0)) => Ok(Some(Framing::Empty)),
        (None, _, Some(length)) => Ok(Some(Framing::Length(length))),
        (Some(_), _, Some(_)) => Err(HeadError::Malformed("a content length beside chunks")),
        (Some(_), _, None) if !is_http_11 => Err(HeadError::Malformed("HTTP/1.0 has no chunks")),
        (Some(coding), None, None) if coding.eq_ignore_ascii_case(b"chunked") => {
            Ok(Some(Framing::Chunked))
        }
        (Some(_), _, None) => Err(HeadError::Malformed("a transfer coding but chunked")),
    }
}

/// Digits alone, and a number that fits.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn keeps_alive(headers: &Headers, is_http_11: bool) -> bool {
    !has_token(headers, "connection", "close")
        && (is_http_11 || has_token(headers, "connection", "keep-alive"))
}

/// Whether a header that is a list of words has this one.
fn has_token(headers: &Headers, name: &str, token: &str) -> bool {
    headers.all(name).any(|value| {
        value
            .split(|byte| *byte == b',')
            .any(|word| word.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    })
}

#[cfg(test)]
mod tests;
