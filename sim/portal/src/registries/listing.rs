//! Lists whose entries differ from registry to registry: diagnoses, prescriptions, studies, roles.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Members that say what an entry is, the most telling first.
const TITLES: [&str; 9] = [
    "name",
    "title",
    "medicine",
    "school",
    "institution",
    "company",
    "company_name",
    "kind",
    "code",
];
/// Members that the page shows elsewhere or that say nothing to a person.
const HIDDEN: [&str; 2] = ["national_id", "id"];
/// Entries that are read.
const MAX_ENTRIES: usize = 200;

/// The entries of a list, wherever it stands in an answer.
#[derive(Debug, Default)]
pub(crate) struct Listing(pub(crate) Vec<Entry>);

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) title: String,
    /// What else is said of it, in the registry's order of names.
    pub(crate) details: Vec<String>,
}

// === impl Listing ===

impl<'de> Deserialize<'de> for Listing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = match Value::deserialize(deserializer)? {
            Value::Array(entries) => entries,
            Value::Object(members) => members
                .into_iter()
                .find_map(|(_, value)| match value {
                    Value::Array(entries) => Some(entries),
                    _ => None,
                })
                .unwrap_or_default(),
            Value::Null => Vec::new(),
            // Nothing on record is another answer than one that nobody can read.
            _ => return Err(D::Error::custom("a list is needed")),
        };
        Ok(Self(
            entries
                .iter()
                .take(MAX_ENTRIES)
                .filter_map(Entry::of)
                .collect(),
        ))
    }
}

// === impl Entry ===

impl Entry {
    fn of(value: &Value) -> Option<Self> {
        let Value::Object(members) = value else {
            return Some(Self {
                title: scalar(value)?,
                details: Vec::new(),
            });
        };
        let mut said: Vec<(&str, String)> = Vec::new();
        for (name, value) in members {
            match value {
                // What an entry is about may be an object of its own, such as a company.
                Value::Object(inner) => said.extend(inner.iter().filter_map(named)),
                _ => said.extend(named((name, value))),
            }
        }
        let title = TITLES
            .iter()
            .find_map(|title| said.iter().position(|(name, _)| name == title));
        let (_, title) = said.remove(title.or((!said.is_empty()).then_some(0))?);
        said.retain(|(name, text)| !HIDDEN.contains(name) && *text != title);
        Some(Self {
            title,
            details: said.into_iter().map(|(_, text)| text).collect(),
        })
    }
}

fn named<'a>((name, value): (&'a String, &'a Value)) -> Option<(&'a str, String)> {
    Some((name.as_str(), scalar(value)?))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listing(answer: Value) -> Vec<Entry> {
        serde_json::from_value::<Listing>(answer).unwrap().0
    }

    #[test]
    fn a_list_is_found_wherever_it_stands() {
        let expected = vec![Entry {
            title: "Tea Ltd".to_owned(),
            details: vec!["12345678".to_owned(), "owner".to_owned()],
        }];
        let role = json!({ "company": { "code": "12345678", "name": "Tea Ltd" }, "role": "owner" });
        assert_eq!(listing(json!([role])), expected);
        assert_eq!(
            listing(json!({ "national_id": "1", "roles": [role] })),
            expected
        );
        assert_eq!(listing(json!(null)), []);
        assert_eq!(listing(json!(["asthma", {}, []]))[0].title, "asthma");
        assert_eq!(listing(json!(["asthma", {}, []])).len(), 1);
        for no_list in [json!("asthma"), json!(7), json!(false)] {
            assert!(serde_json::from_value::<Listing>(no_list).is_err());
        }
    }
}
