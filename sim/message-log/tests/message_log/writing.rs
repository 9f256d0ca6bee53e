//! A log written whole is one that a server could have written and drained.

use std::fs;
use std::path::Path;

use sim_journal::reader::segments;
use sim_message_log::index::Index;
use sim_message_log::record::{TIME_STAMP, TimeStampRecord};
use sim_message_log::{LogError, LogReader, MessageRecord, SealedLogWriter};

use crate::support::{
    SEGMENT_BYTES, TestStamper, logged_ids, open, request, response, signature,
    signatures_and_stamps,
};

/// As many messages as fill several segments.
const EXCHANGES: usize = 60;

fn kind_and_payload(folder: &Path) -> Vec<(u8, Vec<u8>)> {
    sim_journal::JournalReader::open(folder)
        .unwrap()
        .map(|record| record.unwrap())
        .map(|record| (record.kind, record.payload))
        .collect()
}

#[tokio::test]
async fn is_byte_for_byte_what_a_server_writes() {
    let folder = tempfile::tempdir().unwrap();
    let (drained, written) = (folder.path().join("drained"), folder.path().join("written"));
    let (log, _) = open(&drained);
    for number in 0..EXCHANGES {
        log.append(request(number)).await.unwrap();
        log.append(response(number)).await.unwrap();
    }
    log.drain(&TestStamper::default()).await.unwrap();
    let (_, stamps) = signatures_and_stamps(&drained);

    let mut writer = SealedLogWriter::create(&written, SEGMENT_BYTES).unwrap();
    for number in 0..EXCHANGES {
        let at = writer.signature(&signature(number)).unwrap();
        for record in [request(number), response(number)] {
            writer.message(&record, at).unwrap();
        }
    }
    for stamp in &stamps {
        writer.time_stamp(stamp).unwrap();
    }
    let records = writer.seal().unwrap();
    assert_eq!(records, kind_and_payload(&drained).len() as u64 - 1);
    let names = |folder: &Path| {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&written), names(&drained));
    assert!(
        names(&written).len() > 4,
        "several segments and their indexes"
    );
    for name in names(&written) {
        let [ours, theirs] =
            [&written, &drained].map(|folder| fs::read(folder.join(&name)).unwrap());
        assert_eq!(ours, theirs, "{name:?}");
    }
}

#[test]
fn what_a_reader_would_not_take_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = SealedLogWriter::create(folder.path(), SEGMENT_BYTES).unwrap();
    assert!(matches!(
        writer.signature(b""),
        Err(LogError::TooLong { part: "record" })
    ));
    let at = writer.signature(&signature(1)).unwrap();
    let long = MessageRecord {
        message_id: "x".repeat(1 << 16),
        ..request(1)
    };
    let refused = writer.message(&long, at);
    assert!(
        matches!(refused, Err(LogError::TooLong { part: "message ID" })),
        "{refused:?}"
    );
    writer.message(&request(1), at).unwrap();
    assert_eq!(writer.seal().unwrap(), 2);
    assert_eq!(logged_ids(folder.path()).len(), 1);
    assert!(matches!(
        SealedLogWriter::create(folder.path(), SEGMENT_BYTES),
        Err(LogError::Open(_))
    ));
}

/// The seal's 60 bytes may be the ones for which there is no room any more.
#[test]
fn every_segment_has_an_index_wherever_the_seal_comes() {
    let message = request(7);
    for room in 0..80 {
        let folder = tempfile::tempdir().unwrap();
        let mut probe = SealedLogWriter::create(&folder.path().join("probe"), u64::MAX).unwrap();
        let at = probe.signature(&signature(7)).unwrap();
        probe.message(&message, at).unwrap();
        probe.seal().unwrap();
        let length = fs::metadata(folder.path().join("probe/00000000.seg"))
            .unwrap()
            .len();

        let path = folder.path().join("log");
        let mut writer = SealedLogWriter::create(&path, length - 60 + room).unwrap();
        let at = writer.signature(&signature(7)).unwrap();
        writer.message(&message, at).unwrap();
        writer.seal().unwrap();
        for segment in segments(&path).unwrap() {
            let index = Index::read(&path, segment.segment).unwrap();
            assert!(index.is_some(), "segment {} with {room}", segment.segment);
        }
        let found = LogReader::open(&path)
            .unwrap()
            .find(&message.message_id)
            .unwrap();
        assert_eq!(found.len(), 1);
    }
}

#[test]
fn a_time_stamp_is_kept_as_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = SealedLogWriter::create(folder.path(), SEGMENT_BYTES).unwrap();
    let at = writer.signature(&signature(1)).unwrap();
    writer.message(&request(1), at).unwrap();
    let stamp = TimeStampRecord {
        stamped_at: sim_clock::UtcTime::from_millis(7),
        first: 0,
        last: at,
        count: 1,
        token: b"token of another batch"[..].into(),
    };
    writer.time_stamp(&stamp).unwrap();
    writer.seal().unwrap();
    assert_eq!(signatures_and_stamps(folder.path()).1, [stamp]);
    let kinds = kind_and_payload(folder.path());
    assert_eq!(
        kinds.iter().filter(|(kind, _)| *kind == TIME_STAMP).count(),
        1
    );
}
