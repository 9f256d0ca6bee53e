//! A message log read from its first record to its seal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sim_journal::{JournalReader, SEAL};
use sim_message_log::MessageRecord;
use sim_message_log::record::{MESSAGE, SIGNATURE};

/// How many messages the log has of each message ID. Every checksum and link is checked, every
/// message's signature document is there, and the log is sealed.
pub(crate) fn read(folder: &Path) -> BTreeMap<String, u32> {
    let mut messages = BTreeMap::new();
    let mut signatures = BTreeSet::new();
    let mut reader = JournalReader::open(folder).unwrap();
    let mut last = None;
    for record in reader.by_ref() {
        let record = record.unwrap();
        last = Some(record.kind);
        match record.kind {
            SIGNATURE => assert!(signatures.insert(record.position.sequence)),
            MESSAGE => {
                let (message, signature) = MessageRecord::decode(record.payload.into()).unwrap();
                assert!(signatures.contains(&signature), "{}", message.message_id);
                *messages.entry(message.message_id).or_default() += 1;
            }
            _ => {}
        }
    }
    assert_eq!((last, reader.torn_tail()), (Some(SEAL), None));
    messages
}
