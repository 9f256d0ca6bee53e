//! Journals that were cut, changed, or lost their power reopen with every whole record, and go on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use sim_journal::format::{SEGMENT_HEADER_BYTES, record_bytes, segment_path};
use sim_journal::simulated_disk::SimulatedDisk;
use sim_journal::{
    JournalError, JournalKind, JournalOptions, JournalReader, JournalWriter, Recovery, SEAL,
    SyncPolicy,
};

const KIND: u8 = 4;
const SEGMENT_BYTES: u64 = 1500;

fn options(sync: SyncPolicy) -> JournalOptions {
    JournalOptions {
        segment_bytes: SEGMENT_BYTES,
        sync,
        ..JournalOptions::default()
    }
}

/// The payload of the `index`th record; lengths vary.
fn payload(index: u64) -> Vec<u8> {
    let length = 1 + usize::try_from(index * 37 % 120).unwrap();
    (0..length).map(|at| (index as usize + at) as u8).collect()
}

/// Writes `count` records in groups of three, and drops the writer as a kill would.
fn write(folder: &Path, sync: SyncPolicy, count: u64) {
    let mut writer =
        JournalWriter::create(folder, JournalKind::Ledger, options(sync)).expect("a new journal");
    for index in 0..count {
        writer.append(KIND, &payload(index)).unwrap();
        if index % 3 == 2 {
            writer.commit().unwrap();
        }
    }
    writer.commit().unwrap();
}

/// All payloads a reader finds, a seal left out.
fn read(folder: &Path) -> Vec<Vec<u8>> {
    let reader = JournalReader::open(folder).expect("a journal");
    let records: Vec<_> = reader
        .map(|record| record.expect("a whole record"))
        .collect();
    for (index, record) in (0..).zip(&records) {
        assert_eq!(record.position.sequence, index);
    }
    records
        .into_iter()
        .filter(|record| record.kind != SEAL)
        .map(|record| record.payload)
        .collect()
}

fn expected(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(payload).collect()
}

fn reopen(folder: &Path) -> Result<(JournalWriter, Recovery), JournalError> {
    // Without syncs: these tests reopen a journal thousands of times.
    JournalWriter::open(folder, JournalKind::Ledger, options(SyncPolicy::Never))
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn what_is_sealed_is_cut_to_length_and_read_back() {
    for sync in [SyncPolicy::Never, SyncPolicy::DataSync] {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("journal");
        write(&folder, sync, 60);
        let (writer, recovery) = reopen(&folder).unwrap();
        assert_eq!(
            recovery,
            Recovery {
                records: 60,
                dropped_bytes: 0,
                was_sealed: false
            }
        );
        assert!(writer.segment() >= 2, "rotation takes part");
        let last = segment_path(&folder, writer.segment());
        assert_eq!(writer.seal().unwrap(), 60);
        assert_eq!(read(&folder), expected(60));
        let bytes: usize = (0..60)
            .map(|index| record_bytes(payload(index).len()))
            .sum();
        let files: u64 = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum();
        let segments = fs::read_dir(&folder).unwrap().count();
        let wanted = bytes + segments * SEGMENT_HEADER_BYTES + record_bytes(8);
        assert_eq!(files, wanted as u64, "no zeros stay behind");
        assert!(fs::metadata(last).unwrap().len() <= SEGMENT_BYTES);
    }
}

#[test]
fn a_seal_begins_no_segment_of_its_own() {
    for count in 0..120 {
        let folder = tempfile::tempdir().unwrap();
        let options = options(SyncPolicy::Never);
        let mut writer =
            JournalWriter::create(folder.path(), JournalKind::Ledger, options).unwrap();
        for index in 0..count {
            writer.append(KIND, &payload(index)).unwrap();
        }
        let segment = writer.segment();
        assert_eq!(writer.seal().unwrap(), count);
        let records = JournalReader::open(folder.path()).unwrap();
        let seal = records.last().unwrap().unwrap();
        assert_eq!((seal.kind, seal.position.segment), (SEAL, segment));
    }
}

#[test]
fn a_synced_segment_is_filled_ahead_and_a_rest_of_zeros_is_no_loss() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), SyncPolicy::DataSync, 2);
    assert_eq!(
        fs::metadata(segment_path(root.path(), 0)).unwrap().len(),
        SEGMENT_BYTES
    );
    assert_eq!(read(root.path()), expected(2));
    let (_, recovery) = reopen(root.path()).unwrap();
    assert_eq!(
        recovery,
        Recovery {
            records: 2,
            dropped_bytes: 0,
            was_sealed: false
        }
    );
}

#[test]
fn a_sealed_journal_goes_on_without_its_seal() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), SyncPolicy::DataSync, 5);
    let seal = |writer: JournalWriter| writer.seal().unwrap();
    seal(reopen(root.path()).unwrap().0);
    let (mut writer, recovery) = reopen(root.path()).unwrap();
    assert_eq!(
        recovery,
        Recovery {
            records: 5,
            dropped_bytes: 0,
            was_sealed: true
        }
    );
    writer.append(KIND, &payload(5)).unwrap();
    seal(writer);
    assert_eq!(read(root.path()), expected(6));
}

#[test]
fn a_cut_at_every_byte_leaves_every_whole_record() {
    let root = tempfile::tempdir().unwrap();
    let (whole, cut) = (root.path().join("whole"), root.path().join("cut"));
    write(&whole, SyncPolicy::DataSync, 45);
    let (writer, _) = reopen(&whole).unwrap();
    let last = writer.segment();
    drop(writer);
    let bytes = fs::read(segment_path(&whole, last)).unwrap();
    let ends: Vec<(u64, usize)> = JournalReader::open(&whole)
        .unwrap()
        .map(Result::unwrap)
        .filter(|record| record.position.segment == last)
        .map(|record| {
            let end = record.position.offset + record_bytes(record.payload.len()) as u64;
            (record.position.sequence + 1, usize::try_from(end).unwrap())
        })
        .collect();
    assert!(
        ends.len() >= 6,
        "two groups at least lie in the last segment"
    );
    assert_eq!(ends.last().unwrap().1, bytes.len());
    let in_full_segments = ends[0].0 - 1;

    for length in 0..=bytes.len() {
        copy(&whole, &cut);
        fs::write(segment_path(&cut, last), &bytes[..length]).unwrap();
        let before = ends.iter().rev().find(|(_, end)| *end <= length).copied();
        let header = SEGMENT_HEADER_BYTES.min(length);
        let (stand, end) = before.unwrap_or((in_full_segments, header));
        let (mut writer, recovery) = reopen(&cut).unwrap();
        assert_eq!(recovery.records, stand, "cut at {length}");
        // A header that was never whole goes with its segment.
        let end = if length < SEGMENT_HEADER_BYTES {
            0
        } else {
            end
        };
        // Zeros at the end say nothing: a segment is filled with them ahead.
        let last = bytes[end..length].iter().rposition(|byte| *byte != 0);
        let dropped = last.map_or(0, |last| last as u64 + 1);
        assert_eq!(recovery.dropped_bytes, dropped, "cut at {length}");
        writer.append(KIND, &payload(stand)).unwrap();
        writer.commit().unwrap();
        assert_eq!(read(&cut), expected(stand + 1), "cut at {length}");
    }
}

#[test]
fn a_change_of_any_byte_of_the_last_segment_leaves_what_stood_before_it() {
    let root = tempfile::tempdir().unwrap();
    let (whole, changed) = (root.path().join("whole"), root.path().join("changed"));
    write(&whole, SyncPolicy::DataSync, 12);
    drop(reopen(&whole).unwrap());
    let bytes = fs::read(segment_path(&whole, 0)).unwrap();
    let starts: Vec<u64> = JournalReader::open(&whole)
        .unwrap()
        .map(|record| record.unwrap().position.offset)
        .collect();
    assert_eq!(starts.len(), 12);
    for index in 0..bytes.len() {
        copy(&whole, &changed);
        let mut bytes = bytes.clone();
        bytes[index] ^= 0x10;
        fs::write(segment_path(&changed, 0), bytes).unwrap();
        if index < SEGMENT_HEADER_BYTES {
            // Records stand behind this header: no crash leaves that, so nothing is thrown away.
            assert!(
                matches!(reopen(&changed), Err(JournalError::Damaged { .. })),
                "{index}"
            );
            continue;
        }
        let stand = starts
            .iter()
            .filter(|start| **start <= index as u64)
            .count() as u64
            - 1;
        assert_eq!(reopen(&changed).unwrap().1.records, stand, "byte {index}");
        assert_eq!(read(&changed), expected(stand), "byte {index}");
    }
}

#[test]
fn damage_before_the_last_segment_is_refused_and_nothing_is_cut() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), SyncPolicy::DataSync, 60);
    let path = segment_path(root.path(), 0);
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let Err(JournalError::Damaged { path: named, .. }) = reopen(root.path()) else {
        panic!("the damage is named");
    };
    assert_eq!(named, path);
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert!(
        JournalReader::open(root.path())
            .unwrap()
            .any(|record| record.is_err())
    );
}

#[test]
fn a_missing_or_foreign_segment_is_refused() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), SyncPolicy::DataSync, 60);
    let other = JournalWriter::open(
        root.path(),
        JournalKind::MessageLog,
        options(SyncPolicy::Never),
    );
    assert!(matches!(other, Err(JournalError::WrongKind { .. })));
    let again = JournalWriter::create(root.path(), JournalKind::Ledger, options(SyncPolicy::Never));
    assert!(matches!(again, Err(JournalError::AlreadyExists { .. })));
    fs::remove_file(segment_path(root.path(), 1)).unwrap();
    assert!(matches!(
        reopen(root.path()),
        Err(JournalError::Damaged { .. })
    ));
}

#[test]
fn payloads_that_no_reader_would_accept_are_not_written() {
    let root = tempfile::tempdir().unwrap();
    let (mut writer, _) = reopen(root.path()).unwrap();
    assert!(matches!(
        writer.append(KIND, &[]),
        Err(JournalError::PayloadSize { bytes: 0 })
    ));
    let big = vec![1; sim_journal::MAX_PAYLOAD_BYTES];
    let over = writer.append_parts(KIND, &[&big, b"x"]);
    assert!(matches!(over, Err(JournalError::PayloadSize { .. })));
    writer.append(KIND, &big).unwrap();
    writer.append(KIND, &payload(1)).unwrap();
    writer.commit().unwrap();
    let lengths: Vec<usize> = read(root.path()).iter().map(Vec::len).collect();
    assert_eq!(lengths, [big.len(), payload(1).len()]);
}

#[test]
fn nothing_is_accepted_after_a_failed_sync_or_a_full_disk() {
    for fault in [
        |disk: &SimulatedDisk| disk.fail_syncs_after(0),
        |disk: &SimulatedDisk| disk.fill_up_after(100),
    ] {
        let root = tempfile::tempdir().unwrap();
        let disk = SimulatedDisk::default();
        let options = JournalOptions {
            storage: std::sync::Arc::new(disk.clone()),
            ..options(SyncPolicy::DataSync)
        };
        let mut writer = JournalWriter::create(root.path(), JournalKind::Ledger, options).unwrap();
        writer.append(KIND, &payload(0)).unwrap();
        writer.commit().unwrap();
        fault(&disk);
        for index in 1..60 {
            if writer.append(KIND, &payload(index)).is_err() {
                break;
            }
        }
        writer.commit().expect_err("the disk fails");
        assert!(matches!(
            writer.append(KIND, b"x"),
            Err(JournalError::Poisoned)
        ));
        assert!(matches!(writer.commit(), Err(JournalError::Poisoned)));
        assert!(matches!(writer.seal(), Err(JournalError::Poisoned)));
        disk.power_cut(|| false);
        assert_eq!(reopen(root.path()).unwrap().1.records, 1);
    }
}

/// Replaces, inserts and removes: place, bytes that go, bytes that come.
fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, Vec<u8>)>> {
    let inserted = prop::collection::vec(any::<u8>(), 0..40);
    prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, inserted), 1..4)
}

proptest! {
    /// Whatever is in the file of the last segment: what is read was written, recovery agrees with
    /// the reader, and the journal goes on.
    #[test]
    fn whatever_a_segment_holds_nothing_is_read_that_was_not_written(
        edits in edits(),
        noise in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), SyncPolicy::Never, 8);
        let path = segment_path(root.path(), 0);
        let whole = fs::read(&path).unwrap();
        let mut edited = whole.clone();
        for (at, gone, inserted) in edits {
            let at = at.index(edited.len() + 1);
            let end = (at + gone).min(edited.len());
            edited.splice(at..end, inserted);
        }
        let behind_header = [&whole[..SEGMENT_HEADER_BYTES], &noise].concat();
        for bytes in [edited, behind_header, noise] {
            fs::write(&path, &bytes).unwrap();
            let stand = JournalReader::open(root.path()).map_or(0, |records| {
                let read: Vec<_> = records.map_while(Result::ok).map(|read| read.payload).collect();
                assert_eq!(read, expected(read.len() as u64));
                read.len() as u64
            });
            let Ok((mut writer, recovery)) = reopen(root.path()) else {
                continue;
            };
            prop_assert_eq!(recovery.records, stand);
            writer.append(KIND, &payload(stand)).unwrap();
            writer.commit().unwrap();
            prop_assert_eq!(read(root.path()), expected(stand + 1));
        }
    }
}
