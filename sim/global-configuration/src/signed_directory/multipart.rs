//! Takes a directory's multipart structure apart, to the byte.

use thiserror::Error;

/// The regions of a signed directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dissected<'a> {
    /// Header lines before the first boundary.
    pub headers: &'a str,
    /// Header lines of the part that holds the content.
    pub content_headers: &'a str,
    /// The boundary within the content.
    pub content_boundary: &'a str,
    /// The signed bytes: from the first inner boundary to the line end behind the last one.
    pub signed: &'a str,
    /// Header lines of the part that holds the signature.
    pub signature_headers: &'a str,
    /// The signature in base64.
    pub signature: &'a str,
}

/// Why a text is no directory's multipart.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MultipartError {
    /// A character outside ASCII and UTF-8.
    #[error("not UTF-8 text")]
    Utf8,
    /// Something that has to be at a place is not there.
    #[error("{0} is missing or out of place")]
    Missing(&'static str),
    /// A multipart's `Content-Type` is not the one of the format.
    #[error("the content type `{0}` is not the format's")]
    ContentType(String),
}

/// Finds the regions of a directory, without judging what they say.
///
/// # Errors
///
/// [`MultipartError`] names the first thing out of place.
pub fn dissect(directory: &[u8]) -> Result<Dissected<'_>, MultipartError> {
    let text = std::str::from_utf8(directory).map_err(|_| MultipartError::Utf8)?;
    let (headers, rest) = header_block(text)?;
    let boundary = boundary(headers, "multipart/related")?;
    let first = format!("--{boundary}\r\n");
    let rest = rest
        .strip_prefix(first.as_str())
        .ok_or(MultipartError::Missing("the first boundary"))?;
    let (content_headers, rest) = header_block(rest)?;
    let content_boundary = self::boundary(content_headers, "multipart/mixed")?;
    let next = format!("\r\n--{boundary}\r\n");
    let (signed, rest) = rest
        .split_once(next.as_str())
        .ok_or(MultipartError::Missing("the boundary before the signature"))?;
    let (signature_headers, rest) = header_block(rest)?;
    let last = format!("\r\n--{boundary}--");
    let (signature, rest) = rest
        .split_once(last.as_str())
        .ok_or(MultipartError::Missing("the last boundary"))?;
    if !matches!(rest, "" | "\r\n") {
        return Err(MultipartError::Missing("the end of the directory"));
    }
    Ok(Dissected {
        headers,
        content_headers,
        content_boundary,
        signed,
        signature_headers,
        signature,
    })
}

/// The parts between the inner boundaries: header lines, and what follows them.
pub(super) fn inner_parts<'a>(
    dissected: &Dissected<'a>,
) -> Result<Vec<(&'a str, &'a str)>, MultipartError> {
    let boundary = dissected.content_boundary;
    let missing = MultipartError::Missing;
    let parts = dissected
        .signed
        .strip_prefix(&format!("--{boundary}\r\n"))
        .ok_or(missing("the first inner boundary"))?
        .strip_suffix(&format!("\r\n--{boundary}--\r\n"))
        .ok_or(missing("the last inner boundary"))?;
    parts
        .split(&format!("\r\n--{boundary}\r\n"))
        .map(|part| match part.split_once("\r\n\r\n") {
            Some((headers, content)) => Ok((headers, content)),
            // The blank line of a part without content belongs to the boundary behind it.
            None => part
                .strip_suffix("\r\n")
                .map(|headers| (headers, ""))
                .ok_or(missing("the blank line behind a part's headers")),
        })
        .collect()
}

/// The header lines before the next blank line, and what follows it.
fn header_block(text: &str) -> Result<(&str, &str), MultipartError> {
    text.split_once("\r\n\r\n")
        .ok_or(MultipartError::Missing("a blank line behind headers"))
}

/// The boundary of the only header line, the content type of `kind`.
fn boundary<'a>(headers: &'a str, kind: &str) -> Result<&'a str, MultipartError> {
    let wrong = || MultipartError::ContentType(headers.escape_debug().to_string());
    let (name, value) = headers.split_once(": ").ok_or_else(wrong)?;
    let value = value.strip_prefix(kind).ok_or_else(wrong)?;
    let boundary = value
        .strip_prefix("; charset=UTF-8; boundary=")
        .ok_or_else(wrong)?;
    let alphanumeric = boundary.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // RFC 2046, 5.1.1: at most 70 characters.
    let usable = alphanumeric && (1..=70).contains(&boundary.len());
    if name.eq_ignore_ascii_case("content-type") && usable {
        Ok(boundary)
    } else {
        Err(wrong())
    }
}
