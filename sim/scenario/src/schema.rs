//! The JSON Schema of scenario files, which editors understand.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::raw::RawScenario;

/// The JSON Schema (draft 2020-12) of a scenario file, with a description on every key.
#[must_use]
pub fn json_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<RawScenario>().to_value();
    forbid_null(&mut schema);
    schema
}

/// A key that may be left out may not be written without a value.
fn forbid_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            without_null_type(members);
            without_null_choice(members);
            members.values_mut().for_each(forbid_null);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `"type": ["string", "null"]` becomes `"type": "string"`.
fn without_null_type(members: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = members.get_mut("type") else {
        return;
    };
    types.retain(|name| name != "null");
    if let [only] = types.as_slice() {
        let only = only.clone();
        members.insert("type".to_owned(), only);
    }
}

/// `"anyOf": [X, {"type": "null"}]` becomes the members of `X`.
fn without_null_choice(members: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = members.get_mut("anyOf") else {
        return;
    };
    choices.retain(|choice| choice["type"] != "null");
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        members.remove("anyOf");
        members.extend(only);
    }
}
