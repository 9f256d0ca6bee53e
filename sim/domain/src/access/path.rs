//! The one reading of a service path that is both matched and forwarded.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{percent_decode, percent_decode_str};
use thiserror::Error;

use crate::fault::Reason;
use crate::identifiers::{IdentifierError, decode_part, encode_part};

/// A service path, decoded and without dot segments and doubled slashes. Empty, or beginning
/// with `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NormalisedPath(String);

/// Why a service path is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// The path is not correctly percent-encoded UTF-8.
    #[error("the path is malformed: {0}")]
    Encoding(#[from] IdentifierError),
    /// The path holds a control character.
    #[error("the path holds a control character")]
    Control,
    /// The path still holds `..` after normalising, plainly or under further encoding.
    #[error("the path leads above its service")]
    Upwards,
    /// The path does not begin with `/`.
    #[error("the path does not begin with `/`")]
    Relative,
}

/// Decodes `raw`, the service path of a request, and removes its dot segments.
///
/// An encoded `/` becomes a real one: what the service will see decides, not what was written.
/// Any `..` that is left, also as part of a longer segment (`..;x`) or encoded once more, is
/// refused, because some services would follow it.
pub fn normalise_path(raw: &str) -> Result<NormalisedPath, PathError> {
    if raw.is_empty() {
        return Ok(NormalisedPath(String::new()));
    }
    let mut decoded = String::with_capacity(raw.len());
    for (index, segment) in raw.split('/').enumerate() {
        if index > 0 {
            decoded.push('/');
        }
        decoded.push_str(&decode_part(segment)?);
    }
    if !decoded.starts_with('/') {
        return Err(PathError::Relative);
    }
    if decoded.chars().any(char::is_control) {
        return Err(PathError::Control);
    }
    let normalised = remove_dot_segments(&decoded)?;
    if climbs(&normalised) {
        return Err(PathError::Upwards);
    }
    Ok(NormalisedPath(normalised))
}

/// RFC 3986, section 5.2.4, save that climbing above the root is an error.
fn remove_dot_segments(path: &str) -> Result<String, PathError> {
    let mut kept: Vec<&str> = Vec::new();
    let mut ends_in_folder = false;
    for segment in path.split('/').skip(1) {
        ends_in_folder = matches!(segment, "" | "." | "..");
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop().ok_or(PathError::Upwards)?;
            }
            segment => kept.push(segment),
        }
    }
    let mut normalised = String::with_capacity(path.len());
    for segment in kept {
        normalised.push('/');
        normalised.push_str(segment);
    }
    if ends_in_folder {
        normalised.push('/');
    }
    Ok(normalised)
}

/// Whether `..` appears in `path`, however often a service may decode it. Each decoding shortens
/// the path, so this ends.
fn climbs(path: &str) -> bool {
    let mut bytes = Cow::Borrowed(path.as_bytes());
    loop {
        if bytes.windows(2).any(|pair| pair == b"..") {
            return true;
        }
        match percent_decode(&bytes).into() {
            Cow::Borrowed(_) => return false,
            Cow::Owned(decoded) => bytes = Cow::Owned(decoded),
        }
    }
}

impl NormalisedPath {
    /// The decoded path, which patterns are matched against.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path for the request to the service: it decodes to exactly [`Self::as_str`].
    #[must_use]
    pub fn to_encoded(&self) -> String {
        let encoded: Vec<_> = self.0.split('/').map(encode_part).collect();
        let encoded = encoded.join("/");
        debug_assert_eq!(percent_decode_str(&encoded).decode_utf8_lossy(), self.0);
        encoded
    }
}

impl fmt::Display for NormalisedPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl PathError {
    /// What the server proxy answers.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Upwards | Self::Control => Reason::AccessDenied,
            Self::Encoding(_) | Self::Relative => Reason::InternalError,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::{PathError, normalise_path};

    #[test]
    fn paths_are_decoded_and_normalised() {
        for (raw, expected) in [
            ("", ""),
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a/b/", "/a/b/"),
            ("//a///b", "/a/b"),
            ("/a/./b/.", "/a/b/"),
            ("/a/../b", "/b"),
            ("/a/%2e%2E/b", "/b"),
            ("/a/b/..", "/a/"),
            ("/a%2Fb", "/a/b"),
            ("/a%2F..%2Fb", "/b"),
            ("/%C3%B6%3B%20x", "/ö; x"),
            ("/a%2Db", "/a-b"),
            ("/100%25", "/100%"),
        ] {
            assert_eq!(normalise_path(raw).unwrap().as_str(), expected, "{raw}");
        }
    }

    #[test]
    fn climbing_is_refused_in_every_disguise() {
        for raw in [
            "/..",
            "/../a",
            "/a/../../b",
            "/%2e%2e/a",
            "/a/..%2f..%2f..",
            "/..;x/a",
            "/a..b",
            "/..%5ca",
            "/%252e%252e/a",
            "/%25252e./a",
            "/%2e%252E/a",
        ] {
            assert_eq!(normalise_path(raw), Err(PathError::Upwards), "{raw}");
        }
        assert_eq!(normalise_path("/a%00"), Err(PathError::Control));
        assert_eq!(normalise_path("a"), Err(PathError::Relative));
        assert!(matches!(normalise_path("/%"), Err(PathError::Encoding(_))));
        assert!(matches!(
            normalise_path("/%ff"),
            Err(PathError::Encoding(_))
        ));
    }

    proptest! {
        #[test]
        fn what_is_forwarded_reads_as_what_was_matched(raw in "/[a-z0-9./%;ö2eEfF ]{0,30}") {
            if let Ok(path) = normalise_path(&raw) {
                prop_assert!(!path.as_str().contains(".."));
                let again = normalise_path(&path.to_encoded()).unwrap();
                prop_assert_eq!(again, path);
            }
        }
    }
}
