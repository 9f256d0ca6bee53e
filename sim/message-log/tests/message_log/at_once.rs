//! Stamping at once: no message is acknowledged before a token of its own covers its signature.

use std::sync::atomic::Ordering;

use sim_clock::Clock;
use sim_message_log::{
    BodyLogging, LogConfig, LogError, LogReader, LoggedBody, MessageLog, StampingTime,
    run_time_stamping_at_once,
};
use tokio::task::{JoinHandle, JoinSet};

use crate::support::{TestStamper, config, request, response, signatures_and_stamps};

fn at_once() -> LogConfig {
    LogConfig {
        stamping: StampingTime::AtOnce,
        time_stamp_batch: 1,
        ..config()
    }
}

/// A stamper that outlives the test, as the task that uses it wants it.
fn stamper() -> &'static TestStamper {
    Box::leak(Box::default())
}

fn stamp_beside(log: &MessageLog, stamper: &'static TestStamper) -> JoinHandle<()> {
    tokio::spawn(run_time_stamping_at_once(log.clone(), stamper))
}

#[tokio::test]
async fn every_signature_has_a_token_when_its_message_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = MessageLog::open(folder.path(), at_once(), Clock::wall()).unwrap();
    let stamper = stamper();
    let task = stamp_beside(&log, stamper);
    for round in 0..3 {
        let mut appends = JoinSet::new();
        for number in round * 100..(round + 1) * 100 {
            let log = log.clone();
            appends.spawn(async move { log.append(request(number)).await });
        }
        while let Some(done) = appends.join_next().await {
            done.unwrap().unwrap();
        }
        assert_eq!(log.statistics().unstamped, 0);
    }
    // Signed by a document that has its token already.
    log.append(response(0)).await.unwrap();
    assert_eq!(stamper.imprints.lock().unwrap().len(), 300);
    task.abort();
    log.drain(&stamper).await.unwrap();

    let (signatures, stamps) = signatures_and_stamps(folder.path());
    assert_eq!((signatures.len(), stamps.len()), (300, 300));
    for ((sequence, _), stamp) in signatures.iter().zip(&stamps) {
        assert_eq!((stamp.last, stamp.count), (*sequence, 1));
    }
}

#[tokio::test]
async fn a_message_without_a_token_fails_and_is_stamped_later() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = MessageLog::open(folder.path(), at_once(), Clock::wall()).unwrap();
    let stamper = stamper();
    let task = stamp_beside(&log, stamper);
    log.append(request(0)).await.unwrap();

    stamper.refuses.store(true, Ordering::SeqCst);
    for number in 1..4 {
        let refused = log.append(request(number)).await;
        assert!(matches!(refused, Err(LogError::Stamping(_))), "{refused:?}");
    }
    assert_eq!(log.statistics().unstamped, 3);

    stamper.refuses.store(false, Ordering::SeqCst);
    log.append(request(4)).await.unwrap();
    assert_eq!(log.statistics().unstamped, 0);
    task.abort();
    let summary = log.drain(&stamper).await.unwrap();
    assert_eq!(
        (summary.statistics.messages, summary.statistics.time_stamps),
        (5, 5)
    );
}

#[tokio::test]
async fn bodies_that_are_not_logged_leave_their_digest_alone() {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig {
        bodies: BodyLogging::Digest,
        ..config()
    };
    let (log, _) = MessageLog::open(folder.path(), config, Clock::wall()).unwrap();
    let logged = request(7);
    let body = logged.body.clone().unwrap();
    log.append(logged).await.unwrap();
    log.append(response(8)).await.unwrap();
    log.drain(&TestStamper::default()).await.unwrap();

    let reader = LogReader::open(folder.path()).unwrap();
    let found = reader.find("run-7").unwrap();
    let digest = body.digest();
    assert_eq!(found[0].record.body, Some(LoggedBody::Digest(digest)));
    assert_eq!(reader.find("run-8").unwrap()[0].record.body, None);
    let parts = reader.container_parts(&found[0]).unwrap();
    assert_eq!(parts.attachment, None);
    let segment = std::fs::read(folder.path().join("00000000.seg")).unwrap();
    let body = body.whole().unwrap();
    assert!(!segment.windows(body.len()).any(|window| window == body));
}
