//! Every signature gets a time-stamp, in batches that follow each other; where none can be had,
//! messages are refused in the end.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use aws_lc_rs::digest::{SHA512, digest};
use proptest::prelude::*;
use sim_clock::Clock;
use sim_evidence::digest::Sha512;
use sim_message_log::{LogConfig, LogError, MessageLog, StampedCount, run_time_stamping};

use crate::support::{TestStamper, config, open, request, signatures_and_stamps};

fn open_with(folder: &Path, config: LogConfig) -> MessageLog {
    MessageLog::open(folder, config, Clock::wall()).unwrap().0
}

/// The digest list step, put together here from `docs/log-format.md` alone.
fn digest_list(digests: &[Vec<u8>]) -> Vec<u8> {
    const ALGORITHM: &[u8] = b"http://www.w3.org/2001/04/xmlenc#sha512";
    let item = |digest: &Vec<u8>| {
        let content = [
            &[0x04, 64],
            &digest[..],
            &[0x0c, ALGORITHM.len() as u8],
            ALGORITHM,
            &[0x30, 0],
        ]
        .concat();
        [&[0x30, content.len() as u8], &content[..]].concat()
    };
    let items: Vec<u8> = digests.iter().flat_map(item).collect();
    let length = items.len();
    let header = if length < 128 {
        vec![0x30, length as u8]
    } else {
        vec![0x30, 0x81, length as u8]
    };
    digest(&SHA512, &[header, items].concat()).as_ref().to_vec()
}

/// The imprint of a token over these documents, by the words of `docs/log-format.md`.
fn imprint(documents: &[Sha512]) -> Sha512 {
    let mut level: Vec<Vec<u8>> = documents
        .iter()
        .map(|leaf| leaf.as_bytes().to_vec())
        .collect();
    if level.len() == 1 {
        level = vec![digest_list(&level)];
    }
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| {
                if pair.len() == 2 {
                    digest_list(pair)
                } else {
                    pair[0].clone()
                }
            })
            .collect();
    }
    let top = Sha512::from_bytes(level[0].clone().try_into().unwrap()).to_base64();
    let result = format!(
        "<hc:HashChainResult xmlns:hc=\"http://cyber.ee/hashchain\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" URI=\"/ts-hashchain.xml#STEP0\">\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/>\
         <ds:DigestValue>{top}</ds:DigestValue></hc:HashChainResult>"
    );
    Sha512::of(result.as_bytes())
}

/// Every signature is in exactly one batch, the batches follow each other, and each token (here
/// the imprint itself) is over its batch.
fn assert_all_stamped(folder: &Path, limit: usize) -> usize {
    let (signatures, stamps) = signatures_and_stamps(folder);
    let mut next_first = 0;
    for stamp in &stamps {
        assert_eq!(stamp.first, next_first);
        next_first = stamp.last + 1;
        let covered: Vec<Sha512> = signatures
            .iter()
            .filter(|(sequence, _)| (stamp.first..=stamp.last).contains(sequence))
            .map(|(_, document)| *document)
            .collect();
        assert!(covered.len() <= limit);
        assert_eq!(u32::try_from(covered.len()), Ok(stamp.count));
        assert_eq!(stamp.token[..], imprint(&covered).as_bytes()[..]);
    }
    assert!(
        signatures
            .iter()
            .all(|(sequence, _)| *sequence < next_first)
    );
    stamps.len()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn batches_cover_every_signature_once(
        rounds in prop::collection::vec(0_usize..25, 1..4),
        limit in 1_usize..12,
        reopened in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let stamper = TestStamper::default();
        let config = LogConfig { time_stamp_batch: limit, ..config() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut log = open_with(folder.path(), config.clone());
            let mut number = 0;
            for (round, messages) in rounds.iter().enumerate() {
                for _ in 0..*messages {
                    log.append(request(number)).await.unwrap();
                    number += 1;
                }
                assert_eq!(log.statistics().unstamped, *messages as u64);
                if round + 1 == rounds.len() {
                    break;
                }
                if reopened {
                    drop(log);
                    log = open_with(folder.path(), config.clone());
                }
                let count = log.stamp_now(&stamper).await.unwrap();
                let tokens = messages.div_ceil(limit) as u64;
                assert_eq!(count, StampedCount { tokens, signatures: *messages as u64 });
            }
            let summary = log.drain(&stamper).await.unwrap();
            assert_eq!(summary.statistics.unstamped, 0);
        });
        let tokens: usize = rounds.iter().map(|messages| messages.div_ceil(limit)).sum();
        prop_assert_eq!(assert_all_stamped(folder.path(), limit), tokens);
    }
}

#[tokio::test]
async fn messages_are_refused_when_stamping_failed_for_too_long() {
    let folder = tempfile::tempdir().unwrap();
    let acceptable = |time| LogConfig {
        acceptable_time_stamp_failure: time,
        ..config()
    };
    let stamper = TestStamper::default();
    stamper.refuses.store(true, Ordering::SeqCst);

    let log = open_with(folder.path(), acceptable(Some(Duration::from_secs(3600))));
    log.append(request(0)).await.unwrap();
    assert!(matches!(
        log.stamp_now(&stamper).await,
        Err(LogError::Stamping(_))
    ));
    log.append(request(1))
        .await
        .expect("an hour has not passed");
    drop(log);

    let log = open_with(folder.path(), acceptable(Some(Duration::ZERO)));
    log.append(request(2))
        .await
        .expect("nothing has failed yet");
    assert!(matches!(
        log.stamp_now(&stamper).await,
        Err(LogError::Stamping(_))
    ));
    let refused = log.append(request(3)).await;
    assert!(matches!(refused, Err(LogError::TimestampingFailed { .. })));
    assert!(matches!(
        log.health(),
        Err(LogError::TimestampingFailed { .. })
    ));
    stamper.refuses.store(false, Ordering::SeqCst);
    log.stamp_now(&stamper).await.unwrap();
    log.append(request(3)).await.expect("stamping works again");
    drop(log);

    let log = open_with(folder.path(), acceptable(None));
    stamper.refuses.store(true, Ordering::SeqCst);
    assert!(matches!(
        log.stamp_now(&stamper).await,
        Err(LogError::Stamping(_))
    ));
    log.append(request(4)).await.expect("never refused");
}

#[tokio::test]
async fn what_waits_for_a_stamp_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let log = open_with(
        folder.path(),
        LogConfig {
            max_unstamped: 3,
            ..config()
        },
    );
    for number in 0..3 {
        log.append(request(number)).await.unwrap();
    }
    let refused = log.append(request(3)).await;
    assert!(matches!(
        refused,
        Err(LogError::TooManyUnstamped { waiting: 3 })
    ));
    log.stamp_now(&TestStamper::default()).await.unwrap();
    log.append(request(3)).await.unwrap();
}

#[tokio::test]
async fn a_full_batch_is_stamped_before_the_interval_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let log = open_with(
        folder.path(),
        LogConfig {
            time_stamp_batch: 5,
            ..config()
        },
    );
    let stamper = Arc::new(TestStamper::default());
    let for_task = Arc::clone(&stamper);
    let task = {
        let log = log.clone();
        tokio::spawn(async move {
            run_time_stamping(log, &*for_task, Duration::from_secs(3600)).await;
        })
    };
    for number in 0..5 {
        log.append(request(number)).await.unwrap();
    }
    let stamped = async {
        while log.statistics().unstamped > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), stamped)
        .await
        .expect("stamped at once");
    task.abort();
    assert_eq!(stamper.imprints.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_drain_without_time_stamps_seals_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    log.append(request(0)).await.unwrap();
    let stamper = TestStamper::default();
    stamper.refuses.store(true, Ordering::SeqCst);
    let refused = log.drain(&stamper).await;
    assert!(matches!(
        refused,
        Err(LogError::SealedUnstamped { unstamped: 1, .. })
    ));
    let (log, report) = open(folder.path());
    assert!(report.was_sealed);
    assert_eq!(report.unstamped, 1);
    log.drain(&TestStamper::default()).await.unwrap();
    assert_eq!(assert_all_stamped(folder.path(), 1), 1);
}
