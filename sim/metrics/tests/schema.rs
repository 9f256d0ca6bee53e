//! The JSON Schema of the run record: published as it is, in words, and true of what is written.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use sim_metrics::stages::AccountingCost;
use sim_metrics::{
    AuditResult, DistributionBar, Doubt, DoubtKind, Evidence, ExchangeCounts, ExchangeFacts,
    ExchangeSetting, Finding, GeneratorHealth, HistogramSummary, KeptLogs, LawCheck, LoadResult,
    MemberFacts, Phase, ProcessSample, ProcessUse, RoleStages, RunRecord, SCHEMA_VERSION,
    ScenarioFacts, SecondSlice, ServerEvidence, ServerStages, ServiceLoad, SpectrumPoint, Stage,
    StageUse, ThresholdResult, TimesOverTime, TimesSlice, Verdict, VerdictOutcome, run_schema,
};

/// A record with one of everything that a record may have.
fn full() -> RunRecord {
    let times = HistogramSummary {
        distribution: vec![DistributionBar::default()],
        spectrum: vec![SpectrumPoint::default()],
        ..HistogramSummary::default()
    };
    let load = LoadResult {
        fault_codes: BTreeMap::from([("server.serverproxy.access_denied".to_owned(), 1)]),
        response_time: times.clone(),
        generator: Some(GeneratorHealth::default()),
        series: vec![SecondSlice::default()],
        response_times: TimesOverTime {
            slice_s: 1,
            slices: vec![TimesSlice {
                first_bin: 3,
                counts: vec![1],
            }],
        },
        services: vec![ServiceLoad {
            response_time: times,
            ..ServiceLoad::default()
        }],
        stopped_early: Some("asked to stop".to_owned()),
        ..LoadResult::default()
    };
    let process = ProcessUse {
        peak_pss_bytes: Some(1),
        idle: Some(0.5),
        series: vec![ProcessSample::default()],
        ..ProcessUse::default()
    };
    let stage = StageUse {
        stage: Stage::Sign,
        measured: 1,
        cpu_us: 1.0,
        time_us: 1.0,
        p50_us: 1,
        p99_us: 1,
    };
    let mut audit = AuditResult::default();
    audit.add_finding(Finding {
        kind: "missing".to_owned(),
        message_id: Some("run-1".to_owned()),
        server: Some("gateway".to_owned()),
        text: "the request was not logged".to_owned(),
    });
    RunRecord {
        schema_version: SCHEMA_VERSION,
        scenario: ScenarioFacts {
            members: vec![MemberFacts {
                security_servers: vec!["gateway".to_owned()],
                ..MemberFacts::default()
            }],
            ..ScenarioFacts::default()
        },
        exchange: Some(ExchangeFacts {
            settings: vec![ExchangeSetting::default()],
            departures: vec!["another suite is offered".to_owned()],
            ..ExchangeFacts::default()
        }),
        phases: vec![Phase::default()],
        load: Some(load),
        processes: vec![process.clone()],
        conductor: Some(process),
        stages: vec![ServerStages {
            client_proxy: RoleStages {
                stages: vec![stage],
                ..RoleStages::default()
            },
            accounting_cost: Some(AccountingCost::default()),
            ..ServerStages::default()
        }],
        evidence: Evidence {
            servers: vec![ServerEvidence::default()],
            kept: KeptLogs::Sample {
                seed: 7,
                of: 9,
                message_ids: vec!["run-1".to_owned()],
            },
            ..Evidence::default()
        },
        exchange_counts: Some(ExchangeCounts::default()),
        audit: Some(audit),
        laws: vec![LawCheck {
            text: "what came due was begun or dropped".to_owned(),
            held: true,
        }],
        thresholds: vec![ThresholdResult {
            actual: Some(1.0),
            doubt: Some(Doubt {
                kind: DoubtKind::Invalid,
                reason: "it is the generator's own".to_owned(),
            }),
            ..ThresholdResult::default()
        }],
        verdict: Verdict {
            outcome: VerdictOutcome::Interrupted,
            reasons: vec!["interrupted".to_owned()],
            ..Verdict::default()
        },
        ..RunRecord::default()
    }
}

/// What `schema` does not say, or does not allow, of `value`; each with its place. It knows the
/// keywords that these schemas are made of, and objects to any property that has no description:
/// what a record holds is to be told.
fn objections(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference
            .rsplit('/')
            .next()
            .expect("a reference has a name");
        return objections(root, &root["$defs"][name], value, at);
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(schemas) = schema[choice].as_array() {
            let fits = |schema: &&Value| objections(root, schema, value, at).is_empty();
            return match schemas.iter().filter(fits).count() {
                0 => vec![format!("{at}: no choice fits")],
                _ => Vec::new(),
            };
        }
    }
    let expected: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let is = |name: &&str| match value {
        Value::Null => *name == "null",
        Value::Bool(_) => *name == "boolean",
        Value::Number(number) => *name == "number" || *name == "integer" && number.is_u64(),
        Value::String(_) => *name == "string",
        Value::Array(_) => *name == "array",
        Value::Object(_) => *name == "object",
    };
    let allowed = schema["enum"].as_array();
    let constant = schema.get("const");
    if !expected.iter().any(is)
        || allowed.is_some_and(|allowed| !allowed.contains(value))
        || constant.is_some_and(|constant| constant != value)
    {
        return vec![format!("{at}: {value}")];
    }
    let mut found = Vec::new();
    if let Value::Array(values) = value {
        for value in values {
            found.extend(objections(root, &schema["items"], value, at));
        }
    }
    if let Value::Object(values) = value {
        let required = schema["required"].as_array().into_iter().flatten();
        let missing = required
            .filter_map(Value::as_str)
            .filter(|name| !values.contains_key(*name));
        found.extend(missing.map(|name| format!("{at}/{name}: missing")));
        for (name, value) in values {
            let place = format!("{at}/{name}");
            let property = &schema["properties"][name];
            let of_any_name = &schema["additionalProperties"];
            match (property.is_object(), of_any_name.is_object()) {
                (true, _) => found.extend(objections(root, property, value, &place)),
                (false, true) => found.extend(objections(root, of_any_name, value, &place)),
                (false, false) => found.push(format!("{place}: not described")),
            }
        }
    }
    found
}

fn objections_to(record: &Value) -> Vec<String> {
    let schema = run_schema();
    objections(&schema, &schema, record, "")
}

fn json(record: &RunRecord) -> Value {
    serde_json::to_value(record).expect("a record can be written")
}

#[test]
fn the_published_schema_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("docs/run.schema.json");
    let mut generated = serde_json::to_string_pretty(&run_schema()).expect("it is JSON");
    generated.push('\n');
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, &generated).expect("docs/ can be written");
    }
    let published = std::fs::read_to_string(&path).expect("docs/run.schema.json");
    assert!(
        published == generated,
        "docs/run.schema.json is out of date: UPDATE_REFERENCE=1 cargo test -p sim-metrics"
    );
}

#[test]
fn what_is_written_is_as_the_schema_says() {
    let whole = json(&full());
    assert_eq!(objections_to(&whole), Vec::<String>::new());
    // What a record leaves out where there is nothing is not required.
    let least = RunRecord {
        schema_version: SCHEMA_VERSION,
        load: Some(LoadResult::default()),
        stages: vec![ServerStages::default()],
        ..RunRecord::default()
    };
    assert_eq!(objections_to(&json(&least)), Vec::<String>::new());
}

#[test]
fn what_is_no_record_is_not_as_the_schema_says() {
    let spoilt = |spoil: fn(&mut Value)| {
        let mut record = json(&full());
        spoil(&mut record);
        objections_to(&record)
    };
    let version = spoilt(|record| record["schema_version"] = (SCHEMA_VERSION + 1).into());
    assert_eq!(
        version,
        [format!("/schema_version: {}", SCHEMA_VERSION + 1)]
    );
    let text = spoilt(|record| record["load"]["services"][0]["started"] = "many".into());
    assert_eq!(text, ["/load: no choice fits"]);
    let missing = spoilt(|record| {
        record["scenario"]
            .as_object_mut()
            .expect("an object")
            .remove("seed");
    });
    assert_eq!(missing, ["/scenario/seed: missing"]);
    let outcome = spoilt(|record| record["verdict"]["outcome"] = "splendid".into());
    assert_eq!(outcome, ["/verdict/outcome: no choice fits"]);
}

#[test]
fn it_says_of_which_version_it_is() {
    let schema = run_schema();
    assert_eq!(
        schema["title"],
        format!("Roadtest run record, version {SCHEMA_VERSION}")
    );
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    let version = &schema["properties"]["schema_version"];
    assert_eq!(version["const"], SCHEMA_VERSION);
    assert!(
        version["description"]
            .as_str()
            .is_some_and(|text| text.contains("changes whenever")),
        "{version}"
    );
}

#[test]
fn every_property_is_described_in_words_of_the_file() {
    let schema = run_schema();
    let types = schema["$defs"].as_object().expect("it has types");
    let mut properties = 0;
    for (name, of_type) in types.iter().chain([(&"RunRecord".to_owned(), &schema)]) {
        let own = of_type["properties"].as_object().into_iter().flatten();
        for (key, property) in own {
            properties += 1;
            let told = property["description"].as_str().unwrap_or_default();
            assert!(told.ends_with('.'), "{name}.{key}: {told:?}");
            check_words(told, types);
        }
        check_words(of_type["description"].as_str().unwrap_or_default(), types);
    }
    assert!(properties > 150, "{properties}");
}

/// No links into the code; what looks like a type or a property is one of the schema.
#[track_caller]
fn check_words(told: &str, types: &serde_json::Map<String, Value>) {
    assert!(!told.contains("[`") && !told.contains("::"), "{told}");
    for quoted in told.split('`').skip(1).step_by(2) {
        let (of_type, property) = quoted.split_once('.').unwrap_or((quoted, ""));
        let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_name(of_type) && of_type.starts_with(|c: char| c.is_ascii_uppercase()) {
            let known = types.get(of_type).is_some_and(|of_type| {
                property.is_empty() || of_type["properties"][property].is_object()
            });
            assert!(known, "{told}: there is no {quoted}");
        }
    }
}
