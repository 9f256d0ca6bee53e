//! Path patterns of access rights: `*` within a segment, `**` across segments.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Longest pattern, in bytes: what X-Road's database holds.
pub const MAX_PATTERN_BYTES: usize = 1024;

/// A pattern that matches whole paths.
///
/// `*` stands for any characters but `/`, `**` for any characters; `\*` and `\\` stand for the
/// character itself. The default pattern is `**`.
#[derive(Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    tokens: Vec<Token>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Character(char),
    WithinSegment,
    Anything,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// The pattern is longer than [`MAX_PATTERN_BYTES`].
    #[error("the path pattern is longer than {MAX_PATTERN_BYTES} bytes")]
    TooLong,
    /// A `\` is followed by neither `*` nor `\`.
    #[error("in the path pattern `{0}` a `\\` is followed by neither `*` nor `\\`")]
    Escape(String),
    /// The pattern can match no path: it begins with neither `/` nor `*`.
    #[error("the path pattern `{0}` begins with neither `/` nor `*`")]
    Start(String),
}

impl PathPattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_PATTERN_BYTES {
            return Err(PatternError::TooLong);
        }
        if !text.starts_with(['/', '*']) {
            return Err(PatternError::Start(text.to_owned()));
        }
        let mut tokens = Vec::with_capacity(text.len());
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            tokens.push(match character {
                '*' if characters.next_if_eq(&'*').is_some() => Token::Anything,
                '*' => Token::WithinSegment,
                '\\' => match characters.next() {
                    Some(escaped @ ('*' | '\\')) => Token::Character(escaped),
                    _ => return Err(PatternError::Escape(text.to_owned())),
                },
                character => Token::Character(character),
            });
        }
        Ok(Self {
            text: text.to_owned(),
            tokens,
        })
    }

    /// Whether the whole of `path`, a decoded and normalised path, matches.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        if self.tokens == [Token::Anything] {
            return true;
        }
        // Every place in the pattern where the path read so far may have led: so the time is
        // bounded by the product of both lengths, whatever the pattern.
        let mut places = vec![false; self.tokens.len() + 1];
        places[0] = true;
        self.skip_stars(&mut places);
        for character in path.chars() {
            let mut next = vec![false; places.len()];
            for (at, token) in self.tokens.iter().enumerate().filter(|(at, _)| places[*at]) {
                match token {
                    Token::Character(expected) => next[at + 1] |= *expected == character,
                    Token::WithinSegment => next[at] |= character != '/',
                    Token::Anything => next[at] = true,
                }
            }
            self.skip_stars(&mut next);
            places = next;
        }
        places[self.tokens.len()]
    }

    /// A star may stand for nothing.
    fn skip_stars(&self, places: &mut [bool]) {
        for (at, token) in self.tokens.iter().enumerate() {
            places[at + 1] |= places[at] && !matches!(token, Token::Character(_));
        }
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Default for PathPattern {
    fn default() -> Self {
        Self {
            text: "**".to_owned(),
            tokens: vec![Token::Anything],
        }
    }
}

impl FromStr for PathPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::parse(text)
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for PathPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PathPattern({})", self.text)
    }
}

impl Serialize for PathPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PathPattern {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        Self::parse(&Cow::<'de, str>::deserialize(source)?).map_err(D::Error::custom)
    }
}

impl schemars::JsonSchema for PathPattern {
    fn schema_name() -> Cow<'static, str> {
        "PathPattern".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "service path; * within a segment, ** across segments"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{PathPattern, PatternError};

    #[test]
    fn patterns_match_whole_paths() {
        for (pattern, path, expected) in [
            ("**", "", true),
            ("**", "/a/b", true),
            ("*", "", true),
            ("***", "", true),
            ("*", "/a", false),
            ("/", "/", true),
            ("/", "", false),
            ("/*", "/", true),
            ("/*", "/a", true),
            ("/*", "/a/", false),
            ("/**", "/a/b/c", true),
            ("/pets/*", "/pets/1", true),
            ("/pets/*", "/pets/1/x", false),
            ("/pets/*", "/pets", false),
            ("/pets/*/x", "/pets/1/x", true),
            ("/pets/**/x", "/pets/1/2/x", true),
            ("/pets/**/x", "/pets/x", false),
            ("/pets**", "/petshop/1", true),
            ("/a*b*c", "/aXbYc", true),
            ("/a*b*c", "/abcd", false),
            ("/a.c", "/abc", false),
            ("/a?c", "/abc", false),
            ("/a\\*b", "/a*b", true),
            ("/a\\*b", "/aXb", false),
            ("/a\\\\b", "/a\\b", true),
            ("/A", "/a", false),
            ("/ö*", "/öä", true),
        ] {
            let parsed = PathPattern::parse(pattern).unwrap();
            assert_eq!(parsed.matches(path), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn hostile_patterns_end_soon() {
        let pattern = PathPattern::parse(&"/*a".repeat(100)).unwrap();
        assert!(!pattern.matches(&"/a".repeat(5000)));
        let stars = PathPattern::parse(&format!("{}b", "*a".repeat(500))).unwrap();
        assert!(!stars.matches(&"a".repeat(2000)));
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for text in ["/a\\", "/a\\b"] {
            assert!(
                matches!(PathPattern::parse(text), Err(PatternError::Escape(_))),
                "{text}"
            );
        }
        assert!(matches!(
            PathPattern::parse("pets"),
            Err(PatternError::Start(_))
        ));
        assert!(matches!(
            PathPattern::parse(""),
            Err(PatternError::Start(_))
        ));
        let long = format!("/{}", "a".repeat(1024));
        assert_eq!(PathPattern::parse(&long), Err(PatternError::TooLong));
    }
}
