//! What is acknowledged is there, once, and found by its ID.

use std::fs;
use std::task::{Context, Waker};

use sim_clock::Clock;
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::{Side, Step, TreePath};
use sim_journal::reader::segments;
use sim_message_log::index::Index;
use sim_message_log::{LogError, LogReader, LoggedChain, MessageLog, MessageRecord};

use crate::support::{
    TestStamper, config, logged_ids, open, request, response, signature, signatures_and_stamps,
};

/// Starts all appends before any is acknowledged.
async fn append_together(log: &MessageLog, records: Vec<MessageRecord>) {
    let tasks: Vec<_> = records
        .into_iter()
        .map(|record| {
            let log = log.clone();
            tokio::spawn(async move { log.append(record).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().expect("acknowledged");
    }
}

#[tokio::test]
async fn request_and_response_are_found_before_and_after_the_drain() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    for number in 0..100 {
        log.append(request(number)).await.unwrap();
        log.append(response(number)).await.unwrap();
    }
    let check = || {
        let reader = LogReader::open(folder.path()).unwrap();
        for number in [0, 42, 99] {
            let found = reader.find(&format!("run-{number}")).unwrap();
            let records: Vec<_> = found.into_iter().map(|message| message.record).collect();
            assert_eq!(records, [request(number), response(number)]);
        }
        assert_eq!(reader.find("run-100").unwrap(), []);
        let ids: Vec<_> = reader.message_ids().map(Result::unwrap).collect();
        assert_eq!(
            ids,
            (0..100)
                .map(|number| format!("run-{number}"))
                .collect::<Vec<_>>()
        );
    };
    check();
    let summary = log.drain(&TestStamper::default()).await.unwrap();
    assert_eq!(summary.statistics.messages, 200);
    let all = segments(folder.path()).unwrap();
    assert!(all.len() > 3, "segments were rotated");
    assert_eq!(usize::try_from(summary.segments).unwrap(), all.len());
    for segment in all {
        assert!(
            Index::read(folder.path(), segment.segment)
                .unwrap()
                .is_some()
        );
    }
    check();
}

#[tokio::test]
async fn what_waits_together_is_written_with_one_sync() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    append_together(&log, (0..200).map(request).collect()).await;
    let statistics = log.statistics();
    assert_eq!((statistics.messages, statistics.signatures), (200, 200));
    assert!(statistics.commits <= 20, "{statistics:?}");
    assert!(statistics.largest_group >= 10, "{statistics:?}");
}

#[tokio::test]
async fn a_signature_that_a_batch_shares_is_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    let step = |number: usize| Step {
        sibling_side: if number.is_multiple_of(2) {
            Side::Right
        } else {
            Side::Left
        },
        sibling: Sha512::of(&number.to_le_bytes()),
    };
    let in_batch = |number: usize| MessageRecord {
        signature: signature(number / 10),
        chain: Some(LoggedChain::Compact(TreePath(
            (0..4).map(|_| step(number)).collect(),
        ))),
        ..request(number)
    };
    append_together(&log, (0..30).map(in_batch).collect()).await;
    let statistics = log.statistics();
    assert_eq!(
        (statistics.signatures, statistics.shared_signatures),
        (3, 27)
    );
    drop(log);
    // The cache begins with what the log holds.
    let (log, _) = open(folder.path());
    log.append(in_batch(25)).await.unwrap();
    assert_eq!(log.statistics().signatures, 0);
    assert_eq!(signatures_and_stamps(folder.path()).0.len(), 3);
    let reader = LogReader::open(folder.path()).unwrap();
    for number in 0..30 {
        for message in reader.find(&format!("run-{number}")).unwrap() {
            assert!(message.signature_sequence < message.position.sequence);
            assert_eq!(message.record, in_batch(number));
        }
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    // The first of a turn has to wake the thread, the second waits in its group.
    let mut first = Box::pin(log.append(request(0)));
    let mut second = Box::pin(log.append(request(1)));
    let mut nobody = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut nobody).is_pending());
    assert!(second.as_mut().poll(&mut nobody).is_pending());
    drop(first);
    second.await.expect("acknowledged");
    assert!(logged_ids(folder.path()).contains("run-1"));
}

#[tokio::test]
async fn a_message_that_is_too_long_is_refused_and_others_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    let long = MessageRecord {
        own_party: "x".repeat(70_000),
        ..request(0)
    };
    let refused = log.append(long).await;
    assert!(matches!(
        refused,
        Err(LogError::TooLong { part: "own party" })
    ));
    log.append(request(1)).await.unwrap();
    assert_eq!(
        signatures_and_stamps(folder.path()).0.len(),
        1,
        "no signature of nothing"
    );
}

#[tokio::test]
async fn a_drained_log_refuses_and_goes_on_when_reopened() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    let other = log.clone();
    log.append(request(0)).await.unwrap();
    let first = log.drain(&TestStamper::default()).await.unwrap();
    assert_eq!(first.records, 3, "signature, message and time-stamp");
    assert!(matches!(
        other.append(request(1)).await,
        Err(LogError::Closed)
    ));

    let (log, report) = open(folder.path());
    assert!(report.was_sealed);
    assert_eq!(
        (report.records, report.messages, report.unstamped),
        (3, 1, 0)
    );
    log.append(request(1)).await.unwrap();
    log.drain(&TestStamper::default()).await.unwrap();
    let reader = LogReader::open(folder.path()).unwrap();
    for number in 0..2 {
        assert_eq!(reader.find(&format!("run-{number}")).unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_lost_index_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    for number in 0..100 {
        log.append(request(number)).await.unwrap();
    }
    log.drain(&TestStamper::default()).await.unwrap();
    let lost = folder.path().join("00000001.idx");
    let bytes = fs::read(&lost).unwrap();
    fs::remove_file(&lost).unwrap();
    let (log, _) = MessageLog::open(folder.path(), config(), Clock::wall()).unwrap();
    assert_eq!(fs::read(&lost).unwrap(), bytes);
    fs::write(&lost, b"torn").unwrap();
    log.drain(&TestStamper::default()).await.unwrap();
    assert_eq!(fs::read(&lost).unwrap(), bytes);
}
