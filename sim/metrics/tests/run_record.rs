//! The run record on disk: round trip, and every kind of file that must be refused.

use std::fs;

use sim_metrics::{
    AuditResult, ExchangeCounts, ExchangeFacts, ExchangeSetting, Finding, LoadResult, MAX_EXAMPLES,
    OutcomeCounts, ProcessUse, RecordError, RunRecord, SCHEMA_VERSION, VerdictOutcome, load_record,
    save_record,
};
use tempfile::TempDir;

fn record() -> RunRecord {
    let mut audit = AuditResult {
        exchanges: 3,
        ..AuditResult::default()
    };
    audit.add_finding(Finding {
        kind: "missing".to_owned(),
        ..Finding::default()
    });
    let outcomes = OutcomeCounts {
        ok: 2,
        refused: 1,
        ..OutcomeCounts::default()
    };
    let mut load = LoadResult {
        offered: 3,
        started: 3,
        outcomes,
        ..LoadResult::default()
    };
    load.fault_codes
        .insert("server.serverproxy.access_denied".to_owned(), 1);
    RunRecord {
        schema_version: SCHEMA_VERSION,
        run_id: "pension-1".to_owned(),
        load: Some(load),
        processes: vec![ProcessUse {
            name: "register".to_owned(),
            ..ProcessUse::default()
        }],
        exchange: Some(ExchangeFacts {
            profile: "xroad-ee".to_owned(),
            settings: vec![ExchangeSetting {
                name: "signing-key".to_owned(),
                value: "rsa-3072".to_owned(),
                differs_from_profile: false,
            }],
            departures: vec!["another suite is offered".to_owned()],
        }),
        exchange_counts: Some(ExchangeCounts {
            signatures_made: 7,
            ..ExchangeCounts::default()
        }),
        audit: Some(audit),
        ..RunRecord::default()
    }
}

fn refusal_of(text: &[u8]) -> RecordError {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("run.json");
    fs::write(&path, text).expect("the folder is writable");
    load_record(&path).expect_err("the file must be refused")
}

#[test]
fn what_is_saved_is_loaded_and_nothing_else_is_left() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("run.json");
    save_record(&path, &RunRecord::default()).unwrap();
    save_record(&path, &record()).unwrap();
    assert_eq!(load_record(&path).unwrap(), record());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = serde_json::to_vec_pretty(&record()).unwrap();
    for length in 0..whole.len() {
        match refusal_of(&whole[..length]) {
            RecordError::CutOff { bytes, .. } => assert_eq!(bytes, length as u64),
            other => panic!("cut to {length}: {other:?}"),
        }
    }
}

#[test]
fn another_version_is_refused_by_its_number() {
    let mut other = serde_json::to_value(record()).unwrap();
    other["schema_version"] = 99.into();
    other["load"] = "a form nobody knows yet".into();
    let refusal = refusal_of(other.to_string().as_bytes());
    assert!(
        matches!(refusal, RecordError::OtherVersion { found: 99, .. }),
        "{refusal:?}"
    );
    assert!(
        refusal.to_string().contains("schema version 99"),
        "{refusal}"
    );
}

#[test]
fn other_json_is_refused() {
    for text in ["{}", "[]", "null", "{\"schema_version\":1}", "run"] {
        let refusal = refusal_of(text.as_bytes());
        assert!(
            matches!(refusal, RecordError::Malformed { .. }),
            "{text}: {refusal:?}"
        );
    }
}

#[test]
fn a_folder_that_does_not_exist_is_an_error() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("gone").join("run.json");
    assert!(matches!(
        save_record(&path, &record()),
        Err(RecordError::Write { .. })
    ));
    assert!(matches!(load_record(&path), Err(RecordError::Read { .. })));
}

#[test]
fn an_unfinished_record_is_not_a_pass() {
    assert_eq!(RunRecord::default().verdict.outcome, VerdictOutcome::Error);
}

#[test]
fn examples_of_findings_are_bounded_and_counts_are_not() {
    let mut audit = AuditResult::default();
    assert!(audit.is_clean());
    for _ in 0..MAX_EXAMPLES + 50 {
        audit.add_finding(Finding {
            kind: "extra".to_owned(),
            ..Finding::default()
        });
    }
    assert_eq!(audit.examples.len(), MAX_EXAMPLES);
    assert_eq!(audit.findings["extra"], MAX_EXAMPLES as u64 + 50);
    assert!(!audit.is_clean());
}
