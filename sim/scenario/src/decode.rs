//! A tree of values to the raw scenario, without stopping at the first problem.
//!
//! Whatever cannot be read is reported and left out, so that the checks that follow still see the
//! rest of the file. The shape of each map is declared once, with `raw_map!`; its JSON Schema comes
//! from the same declaration.

mod collection;
mod map;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::diagnostics::{Diagnostic, ProblemKind, Report, Span};
use crate::values::Scalar;
use crate::yaml::{Node, Value};

pub use collection::MAX_ENTRIES;
pub(crate) use collection::{Entry, List, Named, OneOrMore};
pub(crate) use map::{Field, MapReader, Needed};

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

fn wrong_shape(node: &Node, holder: Span, accepted: &str) -> Diagnostic {
    let (span, found) = match &node.value {
        Value::Null => (holder, "nothing is written here".to_owned()),
        Value::Scalar(text) => (node.span, format!("`{text}` is out of place")),
        Value::List(_) => (node.span, "a list is out of place".to_owned()),
        Value::Map(_) => (node.span, "a map is out of place".to_owned()),
    };
    Diagnostic::new(ProblemKind::BadValue, Some(span), found).help(format!("accepted: {accepted}"))
}
