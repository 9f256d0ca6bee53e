//! What a container of evidence needs comes back out of the log, whole and in its exact bytes.

use bytes::Bytes;
use sim_clock::Clock;
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::{
    ChainForm, HashChain, HashTree, Leaf, PairMemo, message_chain, verify_chain,
    verify_time_stamp_chain,
};
use sim_message_log::{
    LogConfig, LogReader, LoggedBody, LoggedChain, MessageLog, MessageRecord, ReadError,
};

use crate::support::{TestStamper, config, open, request, response, signature};

const BATCH: usize = 5;

fn leaf_of(record: &MessageRecord) -> Leaf {
    let attachment = record.body.as_ref().map(LoggedBody::digest);
    Leaf {
        message: Sha512::of(&record.head),
        attachment,
    }
}

/// A batch of messages under one signature document, with the chains their signer made.
fn batch(number: usize) -> Vec<(MessageRecord, HashChain)> {
    let plain: Vec<MessageRecord> = (number * BATCH..(number + 1) * BATCH)
        .map(|number| {
            if number % 2 == 0 {
                request(number)
            } else {
                response(number)
            }
        })
        .collect();
    let leaves: Vec<Leaf> = plain.iter().map(leaf_of).collect();
    let digests: Vec<Sha512> = leaves.iter().map(Leaf::digest).collect();
    let tree = HashTree::build(&digests).unwrap();
    let chains = leaves.iter().enumerate().map(|(index, leaf)| {
        let path = tree.path(index);
        let chain = message_chain(leaf, &path);
        // As if a peer had written this one in a form of its own.
        if index == 3 {
            (LoggedChain::Verbatim(chain.clone()), chain)
        } else {
            (LoggedChain::Compact(path), chain)
        }
    });
    let signed = plain.iter().zip(chains).map(|(record, (logged, chain))| {
        let record = MessageRecord {
            signature: signature(number),
            chain: Some(logged),
            ..record.clone()
        };
        (record, chain)
    });
    signed.collect()
}

#[tokio::test]
async fn every_part_of_a_container_fits_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let config = LogConfig {
        time_stamp_batch: 3,
        ..config()
    };
    let (log, _) = MessageLog::open(folder.path(), config, Clock::wall()).unwrap();
    let messages: Vec<_> = (0..20).flat_map(batch).collect();
    for (record, _) in &messages {
        log.append(record.clone()).await.unwrap();
    }
    assert_eq!(log.statistics().signatures, 20);
    log.drain(&TestStamper::default()).await.unwrap();

    let reader = LogReader::open(folder.path()).unwrap();
    for (record, chain) in &messages {
        let found = reader.find(&record.message_id).unwrap();
        assert_eq!(
            found
                .iter()
                .map(|message| &message.record)
                .collect::<Vec<_>>(),
            [record]
        );
        let parts = reader.container_parts(&found[0]).unwrap();
        assert_eq!(
            (&parts.message, parts.attachment.as_ref()),
            (
                &record.head,
                record.body.as_ref().and_then(LoggedBody::whole)
            )
        );
        assert_eq!(parts.signature_document, record.signature);
        assert_eq!(parts.signature_chain.as_ref(), Some(chain));
        let form = verify_chain(chain, &leaf_of(record), &PairMemo::new()).unwrap();
        assert!(matches!(form, ChainForm::Compact(_)));
        // The test's tokens are the imprints themselves.
        let imprint = Sha512::of(&parts.time_stamp_chain.result);
        assert_eq!(
            parts.time_stamp_token,
            Bytes::copy_from_slice(imprint.as_bytes())
        );
        let document = Sha512::of(&parts.signature_document);
        verify_time_stamp_chain(&parts.time_stamp_chain, document).unwrap();
    }
}

#[tokio::test]
async fn a_message_without_a_time_stamp_has_no_container_yet() {
    let folder = tempfile::tempdir().unwrap();
    let (log, _) = open(folder.path());
    log.append(request(0)).await.unwrap();
    let parts = || {
        let reader = LogReader::open(folder.path()).unwrap();
        let message = reader.find("run-0").unwrap().remove(0);
        reader.container_parts(&message)
    };
    assert!(matches!(parts(), Err(ReadError::Unstamped { sequence: 0 })));
    log.stamp_now(&TestStamper::default()).await.unwrap();
    let parts = parts().unwrap();
    assert_eq!(
        parts.signature_chain, None,
        "the signature names the message itself"
    );
}
