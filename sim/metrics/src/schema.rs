//! JSON Schema of `run.json`, for those who read records with programs of their own.
//!
//! Made from the types and their comments; what is written for readers of the code is put into
//! the words of readers of the file.

use serde_json::Value;

use crate::findings::MAX_EXAMPLES;
use crate::record::{RunRecord, SCHEMA_VERSION};

/// What the schema says of the whole record.
const ABOUT: &str = "The record of one run, run.json: what was asked of whom on which machine, what \
                     was measured, proven and concluded.";

/// What the schema says of the version.
const ABOUT_VERSION: &str = "Version of the record's form. It changes whenever a reader of the old \
                             form would misunderstand the new one. A property that is added does \
                             not change it, so a reader ignores properties that it does not know, \
                             and takes those that are not required for absent in older records.";

/// JSON Schema (draft 2020-12) of [`RunRecord`] in version [`SCHEMA_VERSION`].
///
/// It holds of records of earlier programs of the same version, too: what they did not write is
/// not required.
#[must_use]
pub fn run_schema() -> Value {
    let mut schema = schemars::schema_for!(RunRecord).to_value();
    in_words_of_the_file(&mut schema);
    schema["title"] = format!("Roadtest run record, version {SCHEMA_VERSION}").into();
    schema["description"] = ABOUT.into();
    let version = &mut schema["properties"]["schema_version"];
    version["const"] = SCHEMA_VERSION.into();
    version["description"] = ABOUT_VERSION.into();
    schema
}

/// Rewrites every description within `schema`.
fn in_words_of_the_file(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "description" => *text = unlinked(text),
                    _ => in_words_of_the_file(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(in_words_of_the_file),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A comment without links into the code and without line breaks inside a paragraph; a
/// `Type::field` is a `Type.property`, and a limit is its number.
fn unlinked(comment: &str) -> String {
    comment
        .replace("[`MAX_EXAMPLES`]", &MAX_EXAMPLES.to_string())
        .replace("[`", "`")
        .replace("`]", "`")
        .replace("::", ".")
        .split("\n\n")
        .map(|paragraph| paragraph.replace('\n', " "))
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_line_breaks_are_not_for_readers_of_the_file() {
        let comment = "At most [`MAX_EXAMPLES`] of\n[`LoadResult::outcomes`].\n\nSee `a / b`.";
        let told = unlinked(comment);
        assert_eq!(
            told,
            "At most 100 of `LoadResult.outcomes`.\n\nSee `a / b`."
        );
    }
}
