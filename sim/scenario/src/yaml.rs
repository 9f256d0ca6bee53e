//! The only module (with its part [`problem`]) that knows the YAML crate: text to a tree of values with their places.
//!
//! The tree keeps every scalar as it was written, so that `500_000`, `0010` and `on` mean what the
//! key that holds them says, and not what YAML guesses. Keys keep their order and repetitions, so
//! that all problems of a file can be told at once.

mod problem;

use std::fmt::{Formatter, Result as FormatResult};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Location, NonFiniteFloatPolicy, Options, Spanned};

use crate::diagnostics::{Diagnostic, Span};

/// Deepest nesting of maps and lists; scenarios need six.
pub const MAX_DEPTH: usize = 24;
/// Most values in a file, after aliases are replaced by what they stand for.
pub const MAX_VALUES: usize = 50_000;
/// Most aliases (`*name`) in a file.
pub const MAX_ALIASES: usize = 100;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

/// What YAML knows of a value before anybody asks what it means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Nothing was written, or `null`.
    Null,
    /// A scalar as it was written, without quotes.
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// The tree of `text`; the error is the one place where reading could not go on.
pub(crate) fn parse(text: &str) -> Result<Node, Box<Diagnostic>> {
    let tree: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options())
        .map_err(|error| Box::new(problem::syntax_problem(text, &error)))?;
    Ok(Node::from_raw(tree, text))
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_VALUES,
            max_events: MAX_VALUES * 4,
            max_aliases: MAX_ALIASES,
            max_anchors: MAX_ALIASES,
            max_recorded_anchor_events: MAX_VALUES,
            max_documents: 1,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_VALUES },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        strict_booleans: true,
        reject_unsupported_tags: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    }
}

fn span_of(location: Location) -> Span {
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    Span {
        line: number(location.line()).max(1),
        column: number(location.column()).max(1),
        length: number(location.span().len()),
    }
}

/// A value as the YAML crate hands it over: numbers and the like are looked up in the text.
enum Raw {
    Null,
    Unquoted,
    Text(String),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<Self>, Spanned<Self>)>),
}

// === impl Node ===

impl Node {
    fn from_raw(raw: Spanned<Raw>, text: &str) -> Self {
        let written = written_text(raw.defined, text);
        let mut span = span_of(raw.referenced);
        let value = match raw.value {
            Raw::Null => Value::Null,
            Raw::Unquoted => Value::Scalar(written.to_owned()),
            Raw::Text(text) => Value::Scalar(text),
            Raw::List(items) => {
                span.length = 1;
                Value::List(
                    items
                        .into_iter()
                        .map(|item| Self::from_raw(item, text))
                        .collect(),
                )
            }
            Raw::Map(entries) => {
                span.length = 1;
                let node = |raw| Self::from_raw(raw, text);
                Value::Map(
                    entries
                        .into_iter()
                        .map(|(key, value)| (node(key), node(value)))
                        .collect(),
                )
            }
        };
        Self { span, value }
    }
}

/// The characters of `text` at `location`.
fn written_text(location: Location, text: &str) -> &str {
    let bytes = location
        .span()
        .byte_offset()
        .zip(location.span().byte_len());
    let range = bytes.and_then(|(offset, length)| {
        let start = usize::try_from(offset).ok()?;
        Some(start..start.checked_add(usize::try_from(length).ok()?)?)
    });
    range
        .and_then(|range| text.get(range))
        .unwrap_or_default()
        .trim()
}

// === impl Raw ===

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut Formatter<'_>) -> FormatResult {
        f.write_str("a value, a list or a map")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Unquoted)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Unquoted)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Unquoted)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Unquoted)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Unquoted)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Unquoted)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_bytes<E: serde::de::Error>(self, _: &[u8]) -> Result<Raw, E> {
        Err(E::custom("binary data has no place in a scenario"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
            if items.len() > MAX_VALUES {
                return Err(A::Error::custom("too many values"));
            }
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostics::ProblemKind;

    fn scalar(text: &str) -> String {
        match parse(text).expect("valid YAML").value {
            Value::Scalar(text) => text,
            other => panic!("{other:?} is no scalar"),
        }
    }

    #[test]
    fn scalars_stay_as_written() {
        for text in [
            "500_000", "0010", "1e3", "0x1F", "true", "on", "-5", ".inf", ".nan", "12:30",
        ] {
            assert_eq!(scalar(text), text);
            assert_eq!(scalar(&format!("{text}   # comment")), text);
            assert_eq!(scalar(&format!("\"{text}\"")), text);
        }
        let huge = "9".repeat(60);
        assert_eq!(scalar(&huge), huge);
    }

    #[test]
    fn keys_keep_order_repetition_and_place() {
        let node = parse("b: 1\na: õ\nb: {c: [2, null]}\n").expect("valid YAML");
        let Value::Map(entries) = node.value else {
            panic!("a map")
        };
        let keys: Vec<_> = entries
            .iter()
            .map(|(key, _)| (&key.value, key.span))
            .collect();
        let key = |text: &str| Value::Scalar(text.to_owned());
        let span = |line, column, length| Span {
            line,
            column,
            length,
        };
        assert_eq!(
            keys,
            [
                (&key("b"), span(1, 1, 1)),
                (&key("a"), span(2, 1, 1)),
                (&key("b"), span(3, 1, 1)),
            ]
        );
        let Value::Map(inner) = &entries[2].1.value else {
            panic!("a map")
        };
        let Value::List(items) = &inner[0].1.value else {
            panic!("a list")
        };
        assert_eq!(
            (items[0].span, &items[1].value),
            (span(3, 9, 1), &Value::Null)
        );
    }

    #[test]
    fn an_alias_stands_for_its_value_at_its_own_place() {
        let node = parse("a: &x 7_0\nb: *x\n").expect("valid YAML");
        let Value::Map(entries) = node.value else {
            panic!("a map")
        };
        assert_eq!(entries[1].1.value, Value::Scalar("7_0".to_owned()));
        assert_eq!(entries[1].1.span.line, 2);
    }

    #[test]
    fn a_second_document_is_refused() {
        assert!(parse("a: 1\n---\nb: 2\n").is_err());
    }

    #[test]
    fn deep_nesting_is_refused() {
        for text in [
            "[".repeat(10_000),
            "- ".repeat(10_000),
            "{a: ".repeat(10_000),
        ] {
            let problem = parse(&text).expect_err("too deep");
            assert_eq!(problem.kind, ProblemKind::Syntax);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z0-9 :\\-\\[\\]{}&*!|>'\"%@`#,?\\n\\t~<=._]{0,200}") {
            if let Err(problem) = parse(&text) {
                prop_assert!(!problem.message.is_empty());
            }
        }
    }
}
