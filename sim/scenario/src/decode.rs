//! A tree of values to the raw scenario, without stopping at the first problem.
//!
//! Whatever cannot be read is reported and left out, so that the checks that follow still see the
//! rest of the file. The shape of each map is declared once, with `raw_map!`; its JSON Schema comes
//! from the same declaration.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::diagnostics::{Diagnostic, ProblemKind, Report, Span};
use crate::suggest::{did_you_mean, one_of};
use crate::values::Scalar;
use crate::yaml::{Node, Value};

/// Most entries in one list or map of names.
pub const MAX_ENTRIES: usize = 1_000;

/// Something that can be read from a node.
pub(crate) trait Decode: Sized {
    /// What is expected, for people: `a count such as 500_000`.
    fn accepted() -> String;

    /// Reads `node`, which the key at `holder` holds. Every problem goes to `report`.
    fn decode(node: &Node, holder: Span, report: &mut Report<'_>) -> Option<Self>;
}

/// A scalar and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// A value that a scenario must have; empty only where its lack has been reported.
#[derive(Clone, Debug)]
pub(crate) struct Needed<T>(Option<T>);

/// A list.
#[derive(Clone, Debug)]
pub(crate) struct List<T> {
    pub(crate) items: Vec<T>,
    /// Whether every item could be read: if not, a name that seems to be missing may be there.
    pub(crate) complete: bool,
}

/// A map whose keys are names that the author chose. Names are unique.
#[derive(Clone, Debug)]
pub(crate) struct Named<K, V> {
    pub(crate) entries: Vec<Entry<K, V>>,
    /// Whether every name could be read.
    pub(crate) complete: bool,
}

/// A name and what bears it; empty where that could not be read.
#[derive(Clone, Debug)]
pub(crate) struct Entry<K, V> {
    pub(crate) name: At<K>,
    pub(crate) value: Option<V>,
}

/// A field of a map that `raw_map!` declares.
pub(crate) trait Field: Sized {
    /// Takes the field named `key` out of `map`.
    fn take(map: &mut MapReader<'_>, key: &str, report: &mut Report<'_>) -> Self;
}

/// Declares a map with fixed keys: a field each, in the order in which files should have them.
/// `Needed` fields must be there, `Option` fields may.
macro_rules! raw_map {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        #[derive(Clone, Debug, schemars::JsonSchema)]
        #[schemars(rename_all = "kebab-case", deny_unknown_fields)]
        // JSON objects do not keep an order; the reference in docs/ needs it.
        #[schemars(extend("x-order" = [$(stringify!($field)),*]))]
        $(#[$meta])*
        pub(crate) struct $name {
            $($(#[$field_meta])* pub(crate) $field: $type,)*
        }

        impl $crate::decode::Decode for $name {
            fn accepted() -> String {
                let keys = [$(stringify!($field).replace('_', "-"),)*];
                format!("a map with the keys {}", keys.join(", "))
            }

            fn decode(
                node: &$crate::yaml::Node,
                holder: $crate::diagnostics::Span,
                report: &mut $crate::diagnostics::Report<'_>,
            ) -> Option<Self> {
                let mut map = $crate::decode::MapReader::open::<Self>(node, holder, report)?;
                let raw = Self {
                    $($field: $crate::decode::Field::take(
                        &mut map,
                        &stringify!($field).replace('_', "-"),
                        report,
                    ),)*
                };
                map.close(report);
                Some(raw)
            }
        }
    };
}
pub(crate) use raw_map;

/// A map that is being read key by key.
pub(crate) struct MapReader<'n> {
    holder: Span,
    entries: Vec<(At<String>, &'n Node)>,
    known: Vec<String>,
}

// === impl MapReader ===

impl<'n> MapReader<'n> {
    pub(crate) fn open<T: Decode>(
        node: &'n Node,
        holder: Span,
        report: &mut Report<'_>,
    ) -> Option<Self> {
        let mut entries = entries_of::<T>(node, holder, report)?;
        report_repetitions(&entries, "key", report);
        let mut seen = BTreeSet::new();
        entries.retain(|(key, _)| seen.insert(key.value.clone()));
        Some(Self {
            holder,
            entries,
            known: Vec::new(),
        })
    }

    fn take(&mut self, key: &str) -> Option<(At<String>, &'n Node)> {
        self.known.push(key.to_owned());
        let index = self
            .entries
            .iter()
            .position(|(found, _)| found.value == key)?;
        Some(self.entries.remove(index))
    }

    /// Reports the keys that nobody took.
    pub(crate) fn close(self, report: &mut Report<'_>) {
        for (key, _) in &self.entries {
            let known = self.known.iter().map(String::as_str);
            let message = format!("unknown key `{}`", key.value);
            report.add(
                Diagnostic::new(ProblemKind::UnknownKey, Some(key.span), message)
                    .maybe_help(did_you_mean(&key.value, known.clone()))
                    .help(format!("accepted here: {}", one_of(known))),
            );
        }
    }
}

/// The entries of a map, with keys as text.
fn entries_of<'n, T: Decode>(
    node: &'n Node,
    holder: Span,
    report: &mut Report<'_>,
) -> Option<Vec<(At<String>, &'n Node)>> {
    let Value::Map(entries) = &node.value else {
        report.add(wrong_shape(node, holder, &T::accepted()));
        return None;
    };
    let mut read = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        match &key.value {
            Value::Scalar(text) => read.push((
                At {
                    value: text.clone(),
                    span: key.span,
                },
                value,
            )),
            Value::Null | Value::List(_) | Value::Map(_) => {
                let problem =
                    Diagnostic::new(ProblemKind::BadValue, Some(key.span), "a key must be text");
                report.add(problem);
            }
        }
    }
    Some(read)
}

/// Reports keys that occur again.
fn report_repetitions(entries: &[(At<String>, &Node)], noun: &str, report: &mut Report<'_>) {
    let mut first_lines: BTreeMap<&str, usize> = BTreeMap::new();
    for (key, _) in entries {
        if let Some(line) = first_lines.get(key.value.as_str()) {
            let message = format!("the {noun} `{}` occurs twice", key.value);
            report.add(
                Diagnostic::new(ProblemKind::Duplicate, Some(key.span), message)
                    .help(format!("first on line {line}")),
            );
        } else {
            first_lines.insert(&key.value, key.span.line);
        }
    }
}

fn wrong_shape(node: &Node, holder: Span, accepted: &str) -> Diagnostic {
    let (span, found) = match &node.value {
        Value::Null => (holder, "nothing is written here".to_owned()),
        Value::Scalar(text) => (node.span, format!("`{text}` is out of place")),
        Value::List(_) => (node.span, "a list is out of place".to_owned()),
        Value::Map(_) => (node.span, "a map is out of place".to_owned()),
    };
    Diagnostic::new(ProblemKind::BadValue, Some(span), found).help(format!("accepted: {accepted}"))
}

// === impl Field ===

impl<T: Decode> Field for Needed<T> {
    fn take(map: &mut MapReader<'_>, key: &str, report: &mut Report<'_>) -> Self {
        let Some((at, node)) = map.take(key) else {
            let message = format!("the key `{key}` is missing");
            // The file as a whole has no key that holds it.
            let holder = Some(map.holder).filter(|span| span.length > 0);
            report.add(
                Diagnostic::new(ProblemKind::MissingKey, holder, message)
                    .help(format!("accepted: {}", T::accepted())),
            );
            return Self(None);
        };
        Self(T::decode(node, at.span, report))
    }
}

impl<T: Decode> Field for Option<T> {
    fn take(map: &mut MapReader<'_>, key: &str, report: &mut Report<'_>) -> Self {
        let (at, node) = map.take(key)?;
        T::decode(node, at.span, report)
    }
}

// === impl Needed ===

impl<T> Needed<T> {
    /// The value, unless its lack has been reported.
    pub(crate) const fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T: JsonSchema> JsonSchema for Needed<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

// === impl At ===

impl<T: Scalar> Decode for At<T> {
    fn accepted() -> String {
        T::accepted()
    }

    fn decode(node: &Node, holder: Span, report: &mut Report<'_>) -> Option<Self> {
        let Value::Scalar(text) = &node.value else {
            report.add(wrong_shape(node, holder, &T::accepted()));
            return None;
        };
        match T::parse(text.trim()) {
            Ok(value) => Some(Self {
                value,
                span: node.span,
            }),
            Err(error) => {
                report.add(
                    Diagnostic::new(ProblemKind::BadValue, Some(node.span), error.message)
                        .maybe_help(error.help)
                        .help(format!("accepted: {}", T::accepted())),
                );
                None
            }
        }
    }
}

impl<T: Scalar> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = T::schema();
        // For the reference in docs/; editors pass over what they do not know.
        schema.insert("x-accepted".to_owned(), T::accepted().into());
        schema
    }
}

// === impl List ===

impl<T: Decode> Decode for List<T> {
    fn accepted() -> String {
        format!("a list, each entry {}", T::accepted())
    }

    fn decode(node: &Node, holder: Span, report: &mut Report<'_>) -> Option<Self> {
        let Value::List(nodes) = &node.value else {
            report.add(wrong_shape(node, holder, &Self::accepted()));
            return None;
        };
        if nodes.is_empty() || nodes.len() > MAX_ENTRIES {
            report.add(wrong_number(node, holder, nodes.len()));
            return None;
        }
        let items: Vec<T> = nodes
            .iter()
            .filter_map(|item| T::decode(item, item.span, report))
            .collect();
        let complete = items.len() == nodes.len();
        Some(Self { items, complete })
    }
}

fn wrong_number(node: &Node, holder: Span, found: usize) -> Diagnostic {
    let span = if found == 0 { holder } else { node.span };
    let message = format!("{found} entries are written here");
    Diagnostic::new(ProblemKind::BadValue, Some(span), message)
        .help(format!("accepted: 1 to {MAX_ENTRIES} entries"))
}

impl<T: JsonSchema> JsonSchema for List<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "list".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "items": generator.subschema_for::<T>(),
            "minItems": 1,
            "maxItems": MAX_ENTRIES,
        })
    }
}

// === impl Named ===

impl<K: Scalar, V: Decode> Decode for Named<K, V> {
    fn accepted() -> String {
        format!("a map from {} to {}", K::accepted(), V::accepted())
    }

    fn decode(node: &Node, holder: Span, report: &mut Report<'_>) -> Option<Self> {
        let written = entries_of::<Self>(node, holder, report)?;
        if written.is_empty() || written.len() > MAX_ENTRIES {
            report.add(wrong_number(node, holder, written.len()));
            return None;
        }
        let mut named = Self {
            entries: Vec::with_capacity(written.len()),
            complete: true,
        };
        // A name that occurs twice still counts twice: what bears it may be what another part needs.
        report_repetitions(&written, "name", report);
        for (key, node) in written {
            let name_node = Node {
                span: key.span,
                value: Value::Scalar(key.value),
            };
            let name = At::<K>::decode(&name_node, key.span, report);
            let value = V::decode(node, key.span, report);
            match name {
                Some(name) => named.entries.push(Entry { name, value }),
                None => named.complete = false,
            }
        }
        Some(named)
    }
}

impl<K: Scalar, V: JsonSchema> JsonSchema for Named<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "names".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": K::schema(),
            "additionalProperties": generator.subschema_for::<V>(),
            "minProperties": 1,
            "maxProperties": MAX_ENTRIES,
        })
    }
}
