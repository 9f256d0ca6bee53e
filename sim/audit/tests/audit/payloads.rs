//! Payloads of records, and index files, as `docs/log-format.md` has them.

use std::collections::BTreeMap;
use std::path::Path;

use sim_evidence::digest::sha256;
use sim_journal::Position;

use crate::country::now;
use crate::forge::{Chain, Exchange, Message};

impl Exchange {
    pub(crate) fn payload(&self) -> Vec<u8> {
        let mut payload = vec![1, self.outcome];
        payload.extend(self.status.to_le_bytes());
        for time in [10u64, 20, 30] {
            payload.extend(time.to_le_bytes());
        }
        for text in [&self.id, &self.client, &self.target, "", &self.request_hash] {
            put_text(&mut payload, text);
        }
        put_long(&mut payload, &self.question);
        put_long(&mut payload, &self.answer);
        payload
    }
}

impl Message {
    pub(crate) fn payload(&self, signature: u64) -> Vec<u8> {
        let chain = match self.chain {
            Chain::None => 0,
            Chain::Compact(_) => 0b010,
            Chain::Verbatim(..) => 0b110,
        };
        let mut payload = vec![
            1,
            self.side,
            self.direction,
            chain | u8::from(self.body.is_some()),
        ];
        payload.extend(now().as_millis().to_le_bytes());
        payload.extend(signature.to_le_bytes());
        for text in [&self.id, &self.request_id, &self.own, &self.peer] {
            put_text(&mut payload, text);
        }
        put_long(&mut payload, &self.head);
        put_long(&mut payload, self.body.as_deref().unwrap_or_default());
        match &self.chain {
            Chain::None => {}
            Chain::Compact(steps) => {
                payload.extend((steps.len() as u16).to_le_bytes());
                for (side, sibling) in steps {
                    payload.push(*side);
                    payload.extend(sibling);
                }
            }
            Chain::Verbatim(result, chain) => {
                put_long(&mut payload, result);
                put_long(&mut payload, chain);
            }
        }
        payload
    }
}

fn put_text(payload: &mut Vec<u8>, text: &str) {
    payload.extend((text.len() as u16).to_le_bytes());
    payload.extend(text.as_bytes());
}

pub(crate) fn put_long(payload: &mut Vec<u8>, bytes: &[u8]) {
    payload.extend((bytes.len() as u32).to_le_bytes());
    payload.extend(bytes);
}

pub(crate) type IndexEntry = ([u8; 16], u64, u64);

pub(crate) fn note(index: &mut BTreeMap<u32, Vec<IndexEntry>>, id: &str, position: &Position) {
    let key = sha256(id.as_bytes())[..16].try_into().unwrap();
    let entry = (key, position.offset, position.sequence);
    index.entry(position.segment).or_default().push(entry);
}

pub(crate) fn write_index(path: &Path, mut entries: Vec<IndexEntry>) {
    entries.sort_unstable();
    let mut body = Vec::new();
    for (key, offset, sequence) in &entries {
        body.extend(key);
        body.extend(offset.to_le_bytes());
        body.extend(sequence.to_le_bytes());
    }
    let mut file = b"RTINDX01".to_vec();
    file.extend((entries.len() as u32).to_le_bytes());
    file.extend(crc32c::crc32c(&body).to_le_bytes());
    file.extend(body);
    std::fs::write(path, file).unwrap();
}
