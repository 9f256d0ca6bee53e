//! The line form that requests and responses share.

use bytes::Bytes;

use super::MessageError;
use crate::headers;

/// Header names and values in message order.
pub type Headers = Vec<(String, String)>;

/// The lines of a serialised message: what opens it, then its headers.
pub(super) struct Lines<'a> {
    pub(super) opening: [&'a str; 2],
    pub(super) headers: Headers,
}

pub(super) fn write(opening: [&str; 2], headers: &[(String, String)]) -> Bytes {
    let lengths = headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 3);
    let total = opening[0].len() + opening[1].len() + 4 + lengths.sum::<usize>();
    let mut text = String::with_capacity(total);
    for line in opening {
        text.push_str(line);
        text.push_str("\r\n");
    }
    for (name, value) in headers {
        text.push_str(name);
        text.push(':');
        text.push_str(value);
        text.push_str("\r\n");
    }
    text.into()
}

pub(super) fn read(serialised: &[u8]) -> Result<Lines<'_>, MessageError> {
    let text = std::str::from_utf8(serialised).map_err(|_| MessageError::Utf8)?;
    let mut lines = Vec::with_capacity(16);
    for (index, line) in text.split_inclusive("\r\n").enumerate() {
        let line = line
            .strip_suffix("\r\n")
            .filter(|line| headers::is_value(line));
        lines.push(line.ok_or(MessageError::Line(index + 1))?);
    }
    let [first, second, rest @ ..] = lines.as_slice() else {
        return Err(MessageError::Line(lines.len() + 1));
    };
    let headers = rest
        .iter()
        .map(|line| header(line))
        .collect::<Result<_, _>>()?;
    Ok(Lines {
        opening: [first, second],
        headers,
    })
}

/// The name and value of one line. The value is not trimmed: a space after the colon is signed,
/// so it is part of the value.
fn header(line: &str) -> Result<(String, String), MessageError> {
    match line.split_once(':') {
        Some((name, value)) if headers::is_name(name) && !headers::never_forwarded(name) => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err(MessageError::Header(line.chars().take(80).collect())),
    }
}

/// The last value of the header `name`: where a header is repeated, the last one counts.
pub(super) fn last<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers
        .iter()
        .rev()
        .find(|(found, _)| headers::is(found, name));
    found.map(|(_, value)| value.as_str())
}

/// As [`last`], but the name must be written in lower case, and the value must not be empty.
pub(super) fn required<'a>(
    headers: &'a [(String, String)],
    name: &'static str,
) -> Result<&'a str, MessageError> {
    let found = headers
        .iter()
        .rev()
        .find(|(found, value)| found == name && !value.is_empty());
    found
        .map(|(_, value)| value.as_str())
        .ok_or(MessageError::MissingHeader(name))
}
