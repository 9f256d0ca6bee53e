//! Framing of a multipart body (RFC 2046, section 5.1), over a complete buffer.
//!
//! Strict where the standard is lenient: no preamble, no epilogue, no padding after a boundary.
//! Every part must be closed, so a body that was cut short is always an error.

use bytes::Bytes;
use memchr::memmem;
use rand::RngExt;
use thiserror::Error;

/// Most parts in one body: a message has at most six besides its OCSP responses.
pub(crate) const MAX_PARTS: usize = 16;
/// Longest header block of one part, in bytes.
const MAX_PART_HEADER_BYTES: usize = 1024;
/// Longest boundary (RFC 2046, section 5.1.1).
const MAX_BOUNDARY_CHARS: usize = 70;
/// Longest content that is copied behind its headers instead of being sent from where it is.
const MAX_COPIED_BYTES: usize = 1024;
/// Random letters in a boundary: no content has it by chance.
const BOUNDARY_LETTERS: usize = 30;

/// One part: its media type in lower case without parameters, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) media_type: String,
    pub(crate) content: Bytes,
}

/// Why a body is no multipart of the announced boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum FramingError {
    /// The body does not begin with the boundary.
    #[error("it does not begin with its boundary")]
    Start,
    /// A boundary is followed by neither a line break nor `--`.
    #[error("a boundary is malformed")]
    Boundary,
    /// The headers of a part do not end, are too long, or are no headers.
    #[error("a part's headers are malformed")]
    Headers,
    /// A part has no content type.
    #[error("a part has no content type")]
    NoContentType,
    /// The closing boundary is missing.
    #[error("it ends in the middle of a part")]
    Truncated,
    /// More parts than [`MAX_PARTS`].
    #[error("it has more than {MAX_PARTS} parts")]
    TooManyParts,
    /// Bytes follow the closing boundary.
    #[error("bytes follow its end")]
    Epilogue,
}

/// A fresh boundary of X-Road's form: `xtop` and 30 letters.
pub(crate) fn boundary() -> String {
    // 26^13 is less than 2^64: thirteen letters a draw.
    const LETTERS_A_DRAW: usize = 13;
    let mut random = rand::rng();
    let mut boundary = String::with_capacity(4 + BOUNDARY_LETTERS);
    boundary.push_str("xtop");
    let mut draw = 0_u64;
    for letter in 0..BOUNDARY_LETTERS {
        if letter.is_multiple_of(LETTERS_A_DRAW) {
            draw = random.random();
        }
        boundary.push(char::from(b'a' + (draw % 26) as u8));
        draw /= 26;
    }
    boundary
}

/// The body of these parts, each a content type and its bytes, in pieces to be sent one behind the
/// other. Long contents are not copied.
pub(crate) fn write(boundary: &str, parts: &[(&str, &Bytes)]) -> Vec<Bytes> {
    let framing = boundary.len() + "--\r\ncontent-type: \r\n\r\n\r\n".len();
    let lengths = parts.iter().map(|(kind, content)| {
        let copied = if is_copied(content) { content.len() } else { 0 };
        kind.len() + copied + framing
    });
    let mut text = Vec::with_capacity(lengths.sum::<usize>() + framing);
    // Where in the text each long content belongs.
    let mut gaps = Vec::with_capacity(parts.len());
    for (content_type, content) in parts {
        for piece in [
            "--",
            boundary,
            "\r\ncontent-type: ",
            content_type,
            "\r\n\r\n",
        ] {
            text.extend_from_slice(piece.as_bytes());
        }
        if is_copied(content) {
            text.extend_from_slice(content);
        } else {
            gaps.push((text.len(), *content));
        }
        text.extend_from_slice(b"\r\n");
    }
    for piece in ["--", boundary, "--\r\n"] {
        text.extend_from_slice(piece.as_bytes());
    }
    let text = Bytes::from(text);
    let mut pieces = Vec::with_capacity(2 * gaps.len() + 1);
    let mut from = 0;
    for (at, content) in gaps {
        pieces.extend([text.slice(from..at), content.clone()]);
        from = at;
    }
    pieces.push(text.slice(from..));
    pieces
}

/// Whether copying a content costs less than sending it as a piece of its own.
fn is_copied(content: &Bytes) -> bool {
    content.len() <= MAX_COPIED_BYTES
}

/// Cuts `body` into its parts, without copying them.
pub(crate) fn split(boundary: &str, body: &Bytes) -> Result<Vec<Part>, FramingError> {
    let delimiter = format!("\r\n--{boundary}");
    let finder = memmem::Finder::new(delimiter.as_bytes());
    let first = &delimiter.as_bytes()[2..];
    if !body.starts_with(first) {
        return Err(FramingError::Start);
    }
    let mut at = first.len();
    let mut parts = Vec::with_capacity(8);
    loop {
        match &body[at..] {
            [b'\r', b'\n', ..] => at += 2,
            b"--" | b"--\r\n" => return Ok(parts),
            [b'-', b'-', ..] => return Err(FramingError::Epilogue),
            [] | [b'\r' | b'-'] => return Err(FramingError::Truncated),
            _ => return Err(FramingError::Boundary),
        }
        if parts.len() == MAX_PARTS {
            return Err(FramingError::TooManyParts);
        }
        let (media_type, header_bytes) = read_headers(&body[at..])?;
        let start = at + header_bytes;
        let length = finder.find(&body[start..]).ok_or(FramingError::Truncated)?;
        parts.push(Part {
            media_type,
            content: body.slice(start..start + length),
        });
        at = start + length + delimiter.len();
    }
}

/// The media type of the part that begins at `text`, and how many bytes its headers take.
fn read_headers(text: &[u8]) -> Result<(String, usize), FramingError> {
    let window = &text[..text.len().min(MAX_PART_HEADER_BYTES)];
    if window.starts_with(b"\r\n") {
        return Err(FramingError::NoContentType);
    }
    let Some(end) = memmem::find(window, b"\r\n\r\n") else {
        let complete = window.len() == MAX_PART_HEADER_BYTES;
        return Err(if complete {
            FramingError::Headers
        } else {
            FramingError::Truncated
        });
    };
    let lines = std::str::from_utf8(&window[..end]).map_err(|_| FramingError::Headers)?;
    let mut media_type = None;
    for line in lines.split("\r\n") {
        let (name, value) = line.split_once(':').ok_or(FramingError::Headers)?;
        if name.eq_ignore_ascii_case("content-type") {
            let essence = value.split(';').next().unwrap_or_default();
            media_type = Some(essence.trim().to_ascii_lowercase());
        }
    }
    Ok((media_type.ok_or(FramingError::NoContentType)?, end + 4))
}

/// The boundary that a content type of this media type announces.
pub(crate) fn boundary_of<'a>(content_type: &'a str, media_type: &str) -> Option<&'a str> {
    let mut pieces = content_type.split(';').map(str::trim);
    if !pieces.next()?.eq_ignore_ascii_case(media_type) {
        return None;
    }
    let value = pieces.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then(|| value.trim())
    })?;
    let quoted = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    let boundary = quoted.unwrap_or(value);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    let valid = (1..=MAX_BOUNDARY_CHARS).contains(&boundary.len())
        && boundary.bytes().all(allowed)
        && !boundary.ends_with(' ');
    valid.then_some(boundary)
}
