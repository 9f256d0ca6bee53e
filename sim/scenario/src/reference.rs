//! The reference of every key, as Markdown, made from the JSON Schema.

use std::fmt::Write;

use serde_json::Value;

use crate::schema::json_schema;

const INTRODUCTION: &str = "\
# The scenario file

This page is generated from the code: `UPDATE_REFERENCE=1 cargo test -p sim-scenario` writes it anew.

A scenario is one YAML file that describes a virtual country, what is asked of it, and what must hold afterwards.
`roadtest check FILE` tells everything that is wrong with a file; `roadtest schema` prints a JSON Schema for editors.
Keys stand in the order of this page, and the first line of a file is a comment that says which question it answers.
Counts may be written `500_000`; everything with a unit is written with it.
";

/// A section still to be written: what it is called and the schema it describes.
struct Section<'s> {
    path: String,
    schema: &'s Value,
}

/// The reference of every key of a scenario file, as Markdown.
#[must_use]
pub fn reference_markdown() -> String {
    let root = json_schema();
    let mut text = INTRODUCTION.to_owned();
    let mut waiting = vec![Section {
        path: "Top level".to_owned(),
        schema: &root,
    }];
    while !waiting.is_empty() {
        let mut found = Vec::new();
        for section in &waiting {
            write_section(&mut text, section, &root, &mut found);
        }
        waiting = found;
    }
    text
}

fn write_section<'s>(
    text: &mut String,
    section: &Section<'s>,
    root: &'s Value,
    found: &mut Vec<Section<'s>>,
) {
    let properties = &section.schema["properties"];
    let description = section.schema["description"].as_str().unwrap_or_default();
    let heading = if section.path == "Top level" {
        section.path.clone()
    } else {
        format!("`{}`", section.path)
    };
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\n## {heading}\n\n{description}\n\n| key | meaning | accepted | if left out |\n|---|---|---|---|\n"
    );
    let parent = if section.path == "Top level" {
        String::new()
    } else {
        format!("{}.", section.path)
    };
    for key in ordered_keys(section.schema) {
        let property = &properties[&key];
        let (accepted, inner) = accepted(&format!("{parent}{key}"), property, root);
        let _ = writeln!(
            text,
            "| `{key}` | {} | {} | {} |",
            cell(property["description"].as_str().unwrap_or_default()),
            cell(&accepted),
            left_out(section.schema, &key, property),
        );
        found.extend(inner);
    }
}

/// The keys of a map in the order of their declaration.
fn ordered_keys(schema: &Value) -> Vec<String> {
    let fields = schema["x-order"].as_array();
    let names = fields.into_iter().flatten().filter_map(Value::as_str);
    names.map(|name| name.replace('_', "-")).collect()
}

fn left_out(schema: &Value, key: &str, property: &Value) -> String {
    let needed = schema["required"]
        .as_array()
        .is_some_and(|keys| keys.iter().any(|needed| needed == key));
    match (
        property["default"].as_str(),
        property["x-left-out"].as_str(),
    ) {
        (Some(default), _) => format!("`{default}`"),
        (None, Some(words)) => words.to_owned(),
        (None, None) if needed => "an error".to_owned(),
        (None, None) => "nothing".to_owned(),
    }
}

/// What a key accepts, and the section that describes it further.
fn accepted<'s>(path: &str, schema: &'s Value, root: &'s Value) -> (String, Option<Section<'s>>) {
    if let Some(words) = schema["x-accepted"].as_str() {
        return (words.to_owned(), None);
    }
    if let Some(items) = schema.get("items") {
        let (words, inner) = accepted(path, items, root);
        return (format!("a list, each entry {words}"), inner);
    }
    let (path, words, target) = match schema
        .get("additionalProperties")
        .filter(|inner| inner.is_object())
    {
        Some(inner) => (format!("{path}.NAME"), "a map from names to", inner),
        None => (path.to_owned(), "a map:", schema),
    };
    let target = target["$ref"]
        .as_str()
        .and_then(|pointer| root.pointer(&pointer[1..]))
        .unwrap_or(target);
    (
        format!("{words} `{path}`"),
        Some(Section {
            path,
            schema: target,
        }),
    )
}

/// Text fit for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
