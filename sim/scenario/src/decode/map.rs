//! Maps with fixed keys, read key by key.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::{At, Decode, wrong_shape};
use crate::diagnostics::{Diagnostic, ProblemKind, Report, Span};
use crate::suggest::{did_you_mean, one_of};
use crate::yaml::{Node, Value};

/// A value that a scenario must have; empty only where its lack has been reported.
#[derive(Clone, Debug)]
pub(crate) struct Needed<T>(Option<T>);

/// A field of a map that `raw_map!` declares.
pub(crate) trait Field: Sized {
    /// Takes the field named `key` out of `map`.
    fn take(map: &mut MapReader<'_>, key: &str, report: &mut Report<'_>) -> Self;
}

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
pub(super) fn entries_of<'n, T: Decode>(
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
pub(super) fn report_repetitions(
    entries: &[(At<String>, &Node)],
    noun: &str,
    report: &mut Report<'_>,
) {
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
