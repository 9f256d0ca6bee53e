//! The description of a registry in OpenAPI, composed of parts that kinds of registries share.
//!
//! Each part is a document with what is its own: nothing stands in two of them.

use bytes::Bytes;
use serde_json::Value;
use sim_population::SchemeName;

use crate::config::Kind;

/// Of every registry.
const SHARED: &str = include_str!("openapi/shared.json");
/// Of everybody who serves citizens: the data tracker, and what a call brings along.
const CITIZENS: &str = include_str!("openapi/citizens.json");
/// Of those who take signed documents.
const DOCUMENTS: &str = include_str!("openapi/documents.json");
/// Of those who look into others' registers.
const INQUIRIES: &str = include_str!("openapi/inquiries.json");
/// What load generators ask a population register.
const LIVENESS: &str = include_str!("openapi/liveness.json");

/// The description of a registry of this kind, as JSON; without citizens' services where it has
/// none. The schemes decide how a national ID is written.
pub(crate) fn description(kind: Kind, serves_citizens: bool, scheme: SchemeName) -> Bytes {
    let mut description = Value::Null;
    for part in parts(kind, serves_citizens, scheme) {
        let part = serde_json::from_str(part).expect("a test reads every part");
        merge(&mut description, part);
    }
    description.to_string().into()
}

fn parts(kind: Kind, serves_citizens: bool, scheme: SchemeName) -> Vec<&'static str> {
    let mut parts = vec![SHARED, of_scheme(scheme)];
    if kind == Kind::PopulationRegister {
        parts.push(LIVENESS);
    }
    if serves_citizens {
        parts.push(CITIZENS);
        parts.extend(of_kind(kind));
    }
    parts
}

const fn of_scheme(scheme: SchemeName) -> &'static str {
    match scheme {
        SchemeName::Isikukood => include_str!("openapi/isikukood.json"),
        SchemeName::Island => include_str!("openapi/island.json"),
    }
}

const fn of_kind(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::PopulationRegister => &[include_str!("openapi/population.json")],
        Kind::SocialInsurance => &[
            include_str!("openapi/social-insurance.json"),
            DOCUMENTS,
            INQUIRIES,
        ],
        Kind::Tax => &[include_str!("openapi/tax.json"), DOCUMENTS],
        Kind::Health => &[include_str!("openapi/health.json")],
        Kind::Business => &[include_str!("openapi/business.json")],
        Kind::Education => &[include_str!("openapi/education.json")],
        Kind::Bank => &[include_str!("openapi/bank.json")],
        Kind::SchoolJournal => &[include_str!("openapi/school-journal.json")],
        Kind::Consents => &[include_str!("openapi/consents.json")],
        Kind::Insurer => &[include_str!("openapi/insurer.json"), INQUIRIES],
    }
}

/// Puts `part` into `whole`, object by object.
fn merge(whole: &mut Value, part: Value) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (key, value) in part {
                merge(whole.entry(key).or_insert(Value::Null), value);
            }
        }
        (whole, part) => {
            debug_assert!(whole.is_null(), "two parts say something else: {part}");
            *whole = part;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const KINDS: [Kind; 10] = [
        Kind::PopulationRegister,
        Kind::SocialInsurance,
        Kind::Tax,
        Kind::Health,
        Kind::Business,
        Kind::Education,
        Kind::Bank,
        Kind::SchoolJournal,
        Kind::Consents,
        Kind::Insurer,
    ];

    fn composed(kind: Kind, serves_citizens: bool, scheme: SchemeName) -> Value {
        serde_json::from_slice(&description(kind, serves_citizens, scheme)).unwrap()
    }

    /// What stands behind every `$ref`.
    fn references<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
        match value {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref") {
                    found.insert(reference);
                }
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_kind_is_described_whole_and_without_leftovers() {
        for kind in KINDS {
            for scheme in [SchemeName::Isikukood, SchemeName::Island] {
                let whole = composed(kind, true, scheme);
                assert_eq!(whole["openapi"], "3.1.0");
                assert!(whole["info"]["title"].is_string(), "{kind:?}");
                let mut used = BTreeSet::new();
                references(&whole, &mut used);
                for reference in &used {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(whole.pointer(pointer).is_some(), "{kind:?}: {reference}");
                }
                for (sort, components) in whole["components"].as_object().unwrap() {
                    for name in components.as_object().unwrap().keys() {
                        let reference = format!("#/components/{sort}/{name}");
                        assert!(used.contains(reference.as_str()), "{kind:?}: {reference}");
                    }
                }
            }
        }
    }

    #[test]
    fn without_citizens_there_is_only_what_load_generators_ask() {
        let whole = composed(Kind::PopulationRegister, false, SchemeName::Isikukood);
        let paths: Vec<&String> = whole["paths"].as_object().unwrap().keys().collect();
        assert_eq!(
            paths,
            [
                "/export.csv",
                "/health",
                "/liveness",
                "/openapi.json",
                "/person"
            ]
        );
    }

    #[test]
    fn a_national_id_is_that_of_the_country() {
        let island = composed(Kind::Bank, true, SchemeName::Island);
        let pattern = island.pointer("/components/schemas/NationalId/pattern");
        assert!(pattern.unwrap().as_str().unwrap().contains('-'));
    }

    #[test]
    #[should_panic(expected = "two parts say something else")]
    fn two_parts_do_not_say_the_same_thing_differently() {
        let mut whole = serde_json::json!({ "paths": { "/a": 1 } });
        merge(&mut whole, serde_json::json!({ "paths": { "/a": 2 } }));
    }
}
