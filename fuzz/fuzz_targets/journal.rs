//! Segments of a journal: whatever is in the file, what is read of it is what was written.
#![no_main]

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sim_journal::format::segment_path;
use sim_journal::{JournalKind, JournalOptions, JournalReader, JournalWriter, SyncPolicy};
use tempfile::TempDir;

const KIND: u8 = 4;

thread_local! {
    static FOLDER: RefCell<TempDir> = RefCell::new(tempfile::tempdir().expect("a folder"));
}

/// The one segment of a journal of five records.
static VALID: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let mut writer = open(folder.path()).expect("a new journal");
    for payload in payloads() {
        writer.append(KIND, &payload).expect("it is not too long");
    }
    writer.commit().expect("the disk has room");
    fs::read(segment_path(folder.path(), 0)).expect("it was just written")
});

fn payloads() -> impl Iterator<Item = Vec<u8>> {
    (1..=5).map(|number| vec![number; 40 * usize::from(number)])
}

fn open(folder: &Path) -> Option<JournalWriter> {
    let options = JournalOptions {
        sync: SyncPolicy::Never,
        ..JournalOptions::default()
    };
    let opened = JournalWriter::open(folder, JournalKind::MessageLog, options);
    opened.ok().map(|(writer, _)| writer)
}

fuzz_target!(|data: &[u8]| {
    FOLDER.with_borrow(|folder| {
        let segment = segment_path(folder.path(), 0);
        for bytes in [data.to_vec(), fuzz::edited(&VALID, data)] {
            let is_ours = bytes.starts_with(&VALID[..64]);
            fs::write(&segment, &bytes).expect("the disk has room");
            let read: Vec<Vec<u8>> = JournalReader::open(folder.path())
                .into_iter()
                .flatten()
                .map_while(Result::ok)
                .map(|record| record.payload)
                .collect();
            if is_ours {
                // Checksums and links let nothing through that was not written.
                assert!(payloads().take(read.len()).eq(read.iter().cloned()));
            }
            if let Some(mut writer) = open(folder.path()) {
                assert_eq!(writer.records(), read.len() as u64);
                writer.append(KIND, b"more").expect("it goes on");
                writer.commit().expect("the disk has room");
                let records = JournalReader::open(folder.path()).expect("a journal");
                assert_eq!(records.filter(Result::is_ok).count(), read.len() + 1);
            }
        }
    });
});
