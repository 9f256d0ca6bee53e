//! Lists, and maps whose keys the author chose.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::map::{entries_of, report_repetitions};
use super::{At, Decode, wrong_shape};
use crate::diagnostics::{Diagnostic, ProblemKind, Report, Span};
use crate::values::Scalar;
use crate::yaml::{Node, Value};

/// Most entries in one list or map of names.
pub const MAX_ENTRIES: usize = 1_000;

/// A list.
#[derive(Clone, Debug)]
pub(crate) struct List<T> {
    pub(crate) items: Vec<T>,
    /// Whether every item could be read: if not, a name that seems to be missing may be there.
    pub(crate) complete: bool,
}

/// A value, or a list of several.
#[derive(Clone, Debug)]
pub(crate) struct OneOrMore<T> {
    pub(crate) items: Vec<At<T>>,
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

// === impl OneOrMore ===

impl<T: Scalar> Decode for OneOrMore<T> {
    fn accepted() -> String {
        format!("{}; or a list of several", T::accepted())
    }

    fn decode(node: &Node, holder: Span, report: &mut Report<'_>) -> Option<Self> {
        let items = match &node.value {
            Value::List(_) => List::decode(node, holder, report)?.items,
            _ => vec![At::decode(node, holder, report)?],
        };
        Some(Self { items })
    }
}

impl<T: Scalar> JsonSchema for OneOrMore<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "one_or_more".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = T::schema();
        json_schema!({
            "anyOf": [one, { "type": "array", "items": one, "minItems": 1, "maxItems": MAX_ENTRIES }],
            "x-accepted": <Self as Decode>::accepted(),
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
