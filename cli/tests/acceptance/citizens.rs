//! A country with citizens in it: what they met, what is proven of it, and what they signed, judged
//! by Estonia's own library through the list that the country published.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::finished_run::folder_of_this_process;
use crate::judges::unzip;
use crate::roadtest::{python_of_judges, roadtest, run};
use crate::scenario;

/// The made-up island, which nothing Estonian gets past.
const ISLAND: &str = include_str!("../../../scenarios/island.yaml");
/// Libdigidocpp, through its Python interface.
const JUDGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../sim/signed-documents/tests/judge.py"
);

/// The island in a hurry.
const SHORT: [(&str, &str); 4] = [
    (
        "phones-answer: \"median 1s, p99 5s\"",
        "phones-answer: \"median 100ms, p99 500ms\"",
    ),
    ("load: 20/s, duration: 20s", "load: 20/s, duration: 5s"),
    ("duration: 20s", "duration: 5s"),
    (
        "think-time: median 1s, p99 4s",
        "think-time: median 100ms, p99 400ms",
    ),
];

/// The island with something changed.
fn changed_island(changes: &[(&str, &str)]) -> String {
    let changes = SHORT.iter().chain(changes);
    changes.fold(ISLAND.to_owned(), |text, (before, after)| {
        assert!(
            text.contains(before),
            "{before} is in the island's scenario"
        );
        text.replacen(before, after, 1)
    })
}

/// A short run with every journey in it, made once for all tests.
fn island() -> &'static Path {
    static RUN: OnceLock<PathBuf> = OnceLock::new();
    RUN.get_or_init(|| {
        let around = folder_of_this_process("island");
        let text = changed_island(&[]);
        let file = scenario::write(&around, "island.yaml", text);
        let folder = around.join("run");
        run(roadtest(&around)
            .arg("run")
            .arg(file)
            .arg("--out")
            .arg(&folder))
        .expect(0);
        folder
    })
}

fn record(of: &Path) -> Value {
    let text = fs::read(of.join("run.json")).expect("the run has a record");
    serde_json::from_slice(&text).expect("the record is JSON")
}

/// What the library says of each container.
fn judged(containers: &[PathBuf]) -> Vec<String> {
    let place = tempfile::tempdir().expect("a temporary folder");
    let trust = island().join("trust");
    let pem = fs::read_to_string(trust.join("trust-list-signer.pem")).expect("the list is signed");
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let signer = place.path().join("signer.cer");
    let der = STANDARD.decode(base64).expect("PEM is base64");
    fs::write(&signer, der).expect("the folder can be written");
    let told = Command::new(python_of_judges())
        .arg(JUDGE)
        .arg(place.path())
        .arg(trust.join("trust-list.xml"))
        .arg(signer)
        .args(containers)
        .output()
        .expect("Python can be started");
    let said = String::from_utf8_lossy(&told.stdout).into_owned();
    let error = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{said}\n{error}");
    said.lines().map(str::to_owned).collect()
}

fn documents() -> Vec<PathBuf> {
    let folder = island().join("documents");
    let entries = fs::read_dir(folder).expect("somebody has signed something");
    let mut documents: Vec<_> = entries
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    documents.sort();
    documents
}

/// A copy of a container, with one byte of a data file changed.
fn changed(container: &Path, to: &Path) -> PathBuf {
    let mut entries = unzip(container);
    let data = entries
        .iter_mut()
        .find(|(name, _)| *name != "mimetype" && !name.starts_with("META-INF/"));
    let (_, content) = data.expect("a container has a data file");
    let middle = content.len() / 2;
    content[middle] ^= 1;
    let path = to.join("changed.asice");
    let mut writer = ZipWriter::new(fs::File::create(&path).expect("the folder can be written"));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    // The media type comes first.
    let (first, others): (Vec<_>, Vec<_>) =
        entries.iter().partition(|(name, _)| *name == "mimetype");
    for (name, content) in first.into_iter().chain(others) {
        writer
            .start_file(name.as_str(), stored)
            .expect("an entry can begin");
        writer.write_all(content).expect("the entry can be written");
    }
    writer.finish().expect("the container can be ended");
    path
}

#[test]
fn every_journey_ends_well_and_everything_asked_is_proven() {
    let record = record(island());
    let journeys = record["citizens"]["journeys"]
        .as_array()
        .expect("there were some");
    let mut met = Vec::new();
    for journey in journeys {
        let name = journey["journey"].as_str().expect("journeys have names");
        met.push(name);
        assert!(journey["completed"].as_u64() > Some(0), "{journey}");
        assert_eq!(journey["failed"], 0, "{}", record["citizens"]["examples"]);
        assert_eq!(journey["wrong"], 0, "{}", record["citizens"]["examples"]);
    }
    for journey in [
        "look", "track", "apply", "book", "declare", "found", "assist", "consent",
    ] {
        assert!(met.contains(&journey), "nobody came to {journey}: {met:?}");
    }
    let audit = &record["audit"];
    assert!(audit["others"].as_u64() > Some(0), "{audit}");
    assert_eq!(audit["verified"], audit["exchanges"], "{audit}");
    let findings = audit["findings"].as_object().map(serde_json::Map::len);
    assert_eq!(findings, Some(0), "{audit}");
}

#[test]
fn officials_who_look_without_a_reason_are_found_by_those_they_looked_at() {
    let around = tempfile::tempdir().expect("a temporary folder");
    // Half of the officials, so that the others go on handling applications.
    let text = changed_island(&[
        ("curious-officials: 2", "curious-officials: 6"),
        (
            "journeys: { look: 20, track: 10, apply: 15, book: 15, declare: 10, found: 10, assist: 10, consent: 10 }",
            "journeys: { apply: 1 }",
        ),
    ]);
    let file = scenario::write(around.path(), "curious.yaml", text);
    let folder = around.path().join("run");
    let ended = run(roadtest(around.path())
        .arg("run")
        .arg(file)
        .arg("--out")
        .arg(&folder))
    .expect(0);
    let record = record(&folder);
    let questions = &record["citizens"]["questions"];
    assert!(questions["justified"].as_u64() > Some(0), "{questions}");
    assert!(questions["unjustified"].as_u64() > Some(0), "{questions}");
    assert!(
        ended.stdout.contains("may look at nobody any more"),
        "{}",
        ended.stdout
    );
    // Every look is proven and in a data tracker, the curious ones no less.
    assert_eq!(record["audit"]["findings"], serde_json::json!({}));
}

#[test]
fn signed_documents_convince_estonias_library_through_the_published_list() {
    let documents = documents();
    let judgements = judged(&documents);
    assert_eq!(judgements.len(), documents.len());
    for judgement in &judgements {
        assert!(judgement.starts_with("accepted "), "{judgement}");
    }
}

#[test]
fn a_signed_document_with_one_byte_changed_convinces_nobody() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let documents = documents();
    let changed = changed(&documents[0], place.path());
    let judgements = judged(&[documents[0].clone(), changed]);
    assert!(judgements[0].starts_with("accepted "), "{judgements:?}");
    assert!(judgements[1].starts_with("refused "), "{judgements:?}");
}
