//! Percent-encoding of one identifier part, as in a URL path segment (RFC 3986, section 3.3).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::IdentifierError;

/// Everything a path segment may not carry as it is: all but unreserved characters,
/// sub-delimiters, `:` and `@`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// `part` as it stands in a URL or header, hexadecimal digits in upper case.
#[must_use]
pub fn encode_part(part: &str) -> Cow<'_, str> {
    if part.bytes().all(is_segment_byte) {
        return Cow::Borrowed(part);
    }
    utf8_percent_encode(part, ESCAPED).into()
}

/// The part that `encoded` stands for.
///
/// Strict: a `%` without two hexadecimal digits, an unencoded character outside a path segment's
/// alphabet (a space, a letter beyond ASCII) and bytes that are not UTF-8 are errors. A `+` is a
/// plus sign.
pub fn decode_part(encoded: &str) -> Result<Cow<'_, str>, IdentifierError> {
    if encoded.bytes().all(is_segment_byte) {
        return Ok(Cow::Borrowed(encoded));
    }
    if !well_formed(encoded.as_bytes()) {
        return Err(IdentifierError::Encoding(encoded.to_owned()));
    }
    percent_decode_str(encoded)
        .decode_utf8()
        .map_err(|_| IdentifierError::Utf8(encoded.to_owned()))
}

fn well_formed(mut rest: &[u8]) -> bool {
    loop {
        rest = match rest {
            [] => return true,
            [b'%', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                tail
            }
            [byte, tail @ ..] if is_segment_byte(*byte) => tail,
            _ => return false,
        };
    }
}

const fn is_segment_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+'
        )
        || matches!(byte, b',' | b';' | b'=' | b':' | b'@')
}
