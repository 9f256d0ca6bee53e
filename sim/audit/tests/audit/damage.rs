//! Damaged files: every changed byte must be found, and the rest still be read.

use std::path::{Path, PathBuf};

use sim_audit::{AuditError, audit};
use sim_metrics::AuditResult;

use crate::assert_findings;
use crate::country::Country;
use crate::forge::{PEOPLE, Run};

/// Small enough for several segments.
const SEGMENT_BYTES: u64 = 24 << 10;

/// A run on disk.
struct Written {
    run: Run,
    folder: tempfile::TempDir,
}

impl Written {
    fn new(segment_bytes: u64) -> Self {
        let country = Country::new();
        let run = Run {
            segment_bytes,
            ..Run::genuine(&country)
        };
        let folder = tempfile::tempdir().unwrap();
        run.write(&country, folder.path());
        Self { run, folder }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn audit(&self) -> AuditResult {
        audit(self.folder.path(), &self.run.plan(), &mut |_, _| {}).unwrap()
    }

    /// Changes a file, audits, and puts it back.
    fn with(&self, file: &str, change: impl FnOnce(&mut Vec<u8>)) -> AuditResult {
        let path = self.path(file);
        let genuine = std::fs::read(&path).unwrap();
        let mut bytes = genuine.clone();
        change(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        let result = self.audit();
        std::fs::write(&path, genuine).unwrap();
        result
    }
}

/// Journal and index files, by their path from the run folder on.
fn files(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for journal in ["ledger", "logs/consumer", "logs/provider"] {
        for entry in std::fs::read_dir(folder.join(journal)).unwrap() {
            files.push(format!(
                "{journal}/{}",
                entry.unwrap().file_name().to_str().unwrap()
            ));
        }
    }
    files.sort();
    files
}

#[test]
fn runs_in_many_segments_are_read_through() {
    let written = Written::new(SEGMENT_BYTES);
    let segments = files(written.folder.path());
    assert!(
        segments.contains(&"logs/consumer/00000002.seg".to_owned()),
        "{segments:?}"
    );
    let result = written.audit();
    assert!(result.is_clean(), "{result:#?}");
}

#[test]
fn every_changed_byte_is_found_in_its_file() {
    let written = Written::new(SEGMENT_BYTES);
    for (number, file) in files(written.folder.path()).into_iter().enumerate() {
        let length = std::fs::metadata(written.path(&file)).unwrap().len() as usize;
        // The first bytes of headers and records, and places all over the file.
        let places = [0, 9, 13, 20, 30, 60, 64, 68, 69, 72, 80, length - 1];
        let places = places.into_iter().skip(number % 3).step_by(3);
        let spread = (0..8).map(|step| (step * length) / 8 + (number * 7 + step) % 31);
        for place in places.chain(spread).filter(|place| *place < length) {
            let result = written.with(&file, |bytes| bytes[place] ^= 1 << (place % 8));
            assert!(!result.is_clean(), "byte {place} of {file}");
            let named = result
                .examples
                .iter()
                .any(|example| example.text.contains(&file));
            assert!(named, "byte {place} of {file}: {:#?}", result.examples);
        }
    }
}

#[test]
fn damage_names_the_record_and_its_message_and_costs_no_other() {
    let written = Written::new(64 << 20);
    let file = "logs/provider/00000000.seg";
    let result = written.with(file, |bytes| {
        let needle = b"x-road-id:run-9\r\n";
        let place = bytes
            .windows(needle.len())
            .position(|window| window == needle)
            .unwrap();
        bytes[place] = b'y';
    });
    assert_findings(&result, &[("checksum", 1), ("missing-record", 1)]);
    assert_eq!((result.missing, result.verified), (1, PEOPLE - 1));
    let example = &result.examples[0];
    assert_eq!(example.message_id.as_deref(), Some("run-9"));
    assert!(example.text.contains("record "), "{}", example.text);
}

#[test]
fn a_damaged_signature_is_not_called_a_lie() {
    let written = Written::new(64 << 20);
    let result = written.with("logs/provider/00000000.seg", |bytes| bytes[200] ^= 1);
    // The first record: the signature of seven requests, in a batch of fourteen exchanges.
    assert_findings(
        &result,
        &[
            ("checksum", 1),
            ("signature-missing", 7),
            ("time-stamp-batches", 1),
        ],
    );
    assert_eq!((result.unproven, result.missing), (14, 0));
}

#[test]
fn a_broken_length_costs_one_record_only() {
    let written = Written::new(64 << 20);
    let result = written.with("ledger/00000000.seg", |bytes| bytes[64] ^= 0x40);
    assert_eq!(result.findings["checksum"], 1);
    assert_eq!(
        (result.exchanges, result.verified),
        (PEOPLE - 1, PEOPLE - 1)
    );
    let result = written.with("ledger/00000000.seg", |bytes| bytes[66] = 0xff);
    assert_eq!(
        (result.exchanges, result.verified),
        (PEOPLE - 1, PEOPLE - 1)
    );
}

#[test]
fn altering_a_record_with_its_checksum_breaks_the_link() {
    let written = Written::new(64 << 20);
    let result = written.with("ledger/00000000.seg", |bytes| {
        // The first record's scheduled time, which nothing else depends on.
        let length = u32::from_le_bytes(bytes[64..68].try_into().unwrap()) as usize;
        bytes[64 + 16 + 4] ^= 1;
        let end = 64 + 16 + length + 32;
        let checksum = crc32c::crc32c(&bytes[64..end]);
        bytes[end..end + 4].copy_from_slice(&checksum.to_le_bytes());
    });
    assert_findings(&result, &[("broken-link", 1)]);
    assert!(
        result.examples[0].text.contains("record 0"),
        "{}",
        result.examples[0].text
    );
}

#[test]
fn records_dropped_from_a_journal_are_found() {
    let written = Written::new(64 << 20);
    let result = written.with("ledger/00000000.seg", |bytes| {
        let length = u32::from_le_bytes(bytes[64..68].try_into().unwrap()) as usize;
        bytes.drain(64..64 + length + 52);
    });
    assert_eq!(
        (result.findings["sequence"], result.findings["broken-link"]),
        (1, 1)
    );
    assert_eq!(result.findings["person-not-asked"], 1);
}

#[test]
fn a_journal_must_end_with_its_seal() {
    let written = Written::new(64 << 20);
    let seal = 8 + 52;
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - seal);
    let result = written.with("ledger/00000000.seg", cut);
    assert_findings(&result, &[("unsealed", 1)]);
    let result = written.with("logs/consumer/00000000.seg", cut);
    assert_findings(&result, &[("unsealed", 1)]);
    // Half a seal.
    let result = written.with("ledger/00000000.seg", |bytes| {
        bytes.truncate(bytes.len() - 9);
    });
    assert_findings(&result, &[("checksum", 1), ("unsealed", 1)]);
    // Preallocated space that was not cut off.
    let result = written.with("ledger/00000000.seg", |bytes| bytes.extend([0; 4096]));
    assert_findings(&result, &[("checksum", 1)]);
    // Something after the end: the seal once more.
    let result = written.with("ledger/00000000.seg", |bytes| {
        bytes.extend_from_within(bytes.len() - seal..);
    });
    assert!(result.findings["seal"] >= 1, "{:?}", result.findings);
}

#[test]
fn a_lost_segment_is_found_and_the_others_are_read() {
    let written = Written::new(SEGMENT_BYTES);
    let lost = written.path("logs/consumer/00000001.seg");
    std::fs::remove_file(&lost).unwrap();
    let result = written.audit();
    assert_eq!(result.findings["segment"], 1);
    assert_eq!(result.findings["sequence"], 1);
    assert!(result.missing > 0 && result.verified > 0, "{result:#?}");
    assert_eq!(result.missing + result.messages, 4 * PEOPLE);
}

#[test]
fn an_index_must_be_there_complete_and_exact() {
    let written = Written::new(64 << 20);
    let index = "logs/provider/00000000.idx";
    let result = written.with(index, |bytes| bytes.truncate(bytes.len() - 32));
    assert_eq!(
        result.findings["index"], 2,
        "its header, and the entry itself"
    );
    let named = result
        .examples
        .iter()
        .filter(|example| example.message_id.is_some());
    assert_eq!(named.count(), 1);
    // An index that agrees with itself, but lacks an entry.
    let result = written.with(index, |bytes| {
        bytes.drain(16..48);
        let count = (bytes.len() as u32 - 16) / 32;
        let checksum = crc32c::crc32c(&bytes[16..]);
        bytes[8..12].copy_from_slice(&count.to_le_bytes());
        bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
    });
    assert_findings(&result, &[("index", 1)]);
    std::fs::remove_file(written.path(index)).unwrap();
    let result = written.audit();
    assert_findings(&result, &[("index", 1)]);
    assert_eq!(result.verified, PEOPLE);
}

#[test]
fn stray_files_are_found() {
    let written = Written::new(64 << 20);
    for file in [
        "ledger/00000000.idx",
        "logs/consumer/00000001.idx",
        "logs/provider/notes.txt",
    ] {
        std::fs::write(written.path(file), "?").unwrap();
    }
    assert_findings(&written.audit(), &[("stray-file", 3)]);
}

#[test]
fn a_folder_without_a_run_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let written = Written::new(64 << 20);
    let error = audit(folder.path(), &written.run.plan(), &mut |_, _| {}).unwrap_err();
    assert!(
        matches!(
            error,
            AuditError::NotARun {
                missing: "ledger",
                ..
            }
        ),
        "{error}"
    );
}
