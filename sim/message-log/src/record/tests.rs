//! Payloads are laid out as documented, and read back as they were.

use proptest::prelude::*;

use super::*;

fn digest() -> impl Strategy<Value = Sha512> {
    any::<u64>().prop_map(|number| Sha512::of(&number.to_le_bytes()))
}

fn step() -> impl Strategy<Value = Step> {
    (any::<bool>(), digest()).prop_map(|(left, sibling)| {
        let sibling_side = if left {
            hash_chain::Side::Left
        } else {
            hash_chain::Side::Right
        };
        Step {
            sibling_side,
            sibling,
        }
    })
}

fn some_bytes() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..50).prop_map(Bytes::from)
}

fn body() -> impl Strategy<Value = Option<LoggedBody>> {
    prop_oneof![
        Just(None),
        some_bytes().prop_map(|body| Some(LoggedBody::Whole(body))),
        digest().prop_map(|digest| Some(LoggedBody::Digest(digest))),
    ]
}

fn chain() -> impl Strategy<Value = Option<LoggedChain>> {
    let compact = prop::collection::vec(step(), 0..5).prop_map(TreePath);
    prop_oneof![
        Just(None),
        compact.prop_map(|path| Some(LoggedChain::Compact(path))),
        (some_bytes(), some_bytes())
            .prop_map(|(result, chain)| Some(LoggedChain::Verbatim(HashChain { result, chain }))),
    ]
}

fn record() -> impl Strategy<Value = MessageRecord> {
    let sides = prop_oneof![Just(Side::Consumer), Just(Side::Provider)];
    let directions = prop_oneof![Just(Direction::Request), Just(Direction::Response)];
    (
        sides,
        directions,
        any::<[String; 4]>(),
        some_bytes(),
        body(),
        chain(),
    )
        .prop_map(|(side, direction, texts, head, body, chain)| {
            let [message_id, request_id, own_party, peer_party] = texts;
            MessageRecord {
                side,
                direction,
                message_id,
                request_id,
                own_party,
                peer_party,
                head,
                body,
                signature: Bytes::from_static(b"signature"),
                chain,
                logged_at: UtcTime::from_millis(1_733_384_052_314),
            }
        })
}

fn payload(record: &MessageRecord, signature: u64) -> Vec<u8> {
    let mut encoded = EncodedMessage::default();
    record.encode(&mut encoded).unwrap();
    encoded.set_signature(signature);
    encoded.parts(record).concat()
}

proptest! {
    #[test]
    fn messages_round_trip(record in record(), signature in any::<u64>()) {
        let payload = payload(&record, signature);
        let (read, sequence) = MessageRecord::decode(payload.into()).unwrap();
        prop_assert_eq!(sequence, signature);
        prop_assert_eq!(MessageRecord { signature: record.signature.clone(), ..read }, record);
    }

    #[test]
    fn what_is_cut_or_longer_is_refused(record in record(), cut in any::<prop::sample::Index>()) {
        let mut payload = payload(&record, 1);
        let short = Bytes::copy_from_slice(&payload[..cut.index(payload.len())]);
        prop_assert!(MessageRecord::decode(short).is_err());
        payload.push(0);
        prop_assert!(MessageRecord::decode(payload.into()).is_err());
    }

    #[test]
    fn no_payload_makes_the_reader_panic(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(MessageRecord::decode(payload.clone().into()));
        drop(TimeStampRecord::decode(payload.into()));
    }

    #[test]
    fn a_record_that_was_changed_is_refused_or_another_record(
        record in record(),
        at in any::<prop::sample::Index>(),
        gone in 0..12_usize,
        inserted in prop::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut changed = payload(&record, 1);
        let at = at.index(changed.len());
        let end = (at + gone).min(changed.len());
        changed.splice(at..end, inserted);
        // There is one way to write a record: what is read is written as it was.
        if let Ok((read, signature)) = MessageRecord::decode(changed.clone().into()) {
            let read = MessageRecord { signature: record.signature, ..read };
            prop_assert_eq!(payload(&read, signature), changed);
        }
    }

    #[test]
    fn time_stamps_round_trip(first: u64, last: u64, count: u32, token in some_bytes()) {
        let stamped_at = UtcTime::from_millis(-5);
        let record = TimeStampRecord { stamped_at, first, last, count, token };
        let payload = record.encode().unwrap();
        prop_assert_eq!(TimeStampRecord::decode(payload.into()).unwrap(), record);
    }
}

#[test]
fn a_message_is_laid_out_as_documented() {
    let sibling = Sha512::of(b"sibling");
    let step = Step {
        sibling_side: hash_chain::Side::Right,
        sibling,
    };
    let record = MessageRecord {
        side: Side::Provider,
        direction: Direction::Response,
        message_id: "id".to_owned(),
        request_id: "request".to_owned(),
        own_party: "A/B/C/D".to_owned(),
        peer_party: "E/F/G/H".to_owned(),
        head: Bytes::from_static(b"HTTP/1.1 200 OK\r\n"),
        body: Some(Bytes::from_static(b"{}").into()),
        signature: Bytes::from_static(b"signature"),
        chain: Some(LoggedChain::Compact(TreePath(vec![step]))),
        logged_at: UtcTime::from_millis(0x0102_0304),
    };
    let expected = [
        b"\x01\x01\x01\x03".as_slice(),
        b"\x04\x03\x02\x01\0\0\0\0",
        b"\x09\0\0\0\0\0\0\0",
        b"\x02\0id\x07\0request\x07\0A/B/C/D\x07\0E/F/G/H",
        b"\x11\0\0\0HTTP/1.1 200 OK\r\n",
        b"\x02\0\0\0{}",
        b"\x01\0\x01",
        sibling.as_bytes(),
    ];
    assert_eq!(payload(&record, 9), expected.concat());

    let without_body = payload(&record.without_body(), 9);
    let digest = [b"\x40\0\0\0".as_slice(), Sha512::of(b"{}").as_bytes()].concat();
    let expected = [
        b"\x01\x01\x01\x0b".as_slice(),
        expected[1],
        expected[2],
        expected[3],
        expected[4],
        &digest,
        expected[6],
        expected[7],
    ];
    assert_eq!(without_body, expected.concat());
}

#[test]
fn parts_that_their_length_fields_cannot_say_are_refused() {
    let mut record = MessageRecord {
        side: Side::Consumer,
        direction: Direction::Request,
        message_id: "i".repeat(65_536),
        request_id: String::new(),
        own_party: String::new(),
        peer_party: String::new(),
        head: Bytes::new(),
        body: None,
        signature: Bytes::from_static(b"signature"),
        chain: None,
        logged_at: UtcTime::from_millis(0),
    };
    let mut encoded = EncodedMessage::default();
    let refused = |record: &MessageRecord, encoded: &mut _| match record.encode(encoded) {
        Err(LogError::TooLong { part }) => part,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&record, &mut encoded), "message ID");
    record.message_id.pop();
    record.encode(&mut encoded).unwrap();
    record.body = Some(Bytes::from(vec![0; MAX_PAYLOAD_BYTES]).into());
    assert_eq!(refused(&record, &mut encoded), "record");
    record.body = None;
    record.signature = Bytes::new();
    assert_eq!(refused(&record, &mut encoded), "signature document");
}
