//! Records of a message log, and its indexes.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sim_message_log::MessageRecord;
use sim_message_log::index::Index;
use sim_message_log::record::TimeStampRecord;

/// A message as `docs/log-format.md` lays it out, with a body and a path of one step.
fn message() -> Vec<u8> {
    let mut payload = b"\x01\x01\x01\x03\x04\x03\x02\x01\0\0\0\0\x09\0\0\0\0\0\0\0".to_vec();
    payload.extend_from_slice(b"\x02\0id\x07\0request\x07\0A/B/C/D\x07\0E/F/G/H");
    payload.extend_from_slice(b"\x11\0\0\0HTTP/1.1 200 OK\r\n\x02\0\0\0{}\x01\0\x01");
    payload.extend_from_slice(&[5; 64]);
    payload
}

fuzz_target!(|data: &[u8]| {
    for bytes in [data.to_vec(), fuzz::edited(&message(), data)] {
        let bytes = Bytes::from(bytes);
        if let Ok((message, _)) = MessageRecord::decode(bytes.clone()) {
            // Lengths are checked before anything is taken: nothing is larger than the payload.
            assert!(message.head.len() + message.message_id.len() <= bytes.len());
            let _ = message.chain_documents();
        }
        let _ = TimeStampRecord::decode(bytes);
    }
    if let Some(index) = Index::from_bytes(data.to_vec()) {
        let _ = index.offsets("id");
    }
});
