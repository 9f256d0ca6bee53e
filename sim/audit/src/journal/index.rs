//! The index beside a segment, held against the messages that the segment was found to have.

use sha2::{Digest, Sha256};

use super::{Journal, Record};
use crate::findings::Findings;
use crate::kinds;
use sim_metrics::Finding;

/// First sixteen bytes of SHA-256(message ID).
pub(crate) type IndexKey = [u8; 16];

const MAGIC: &[u8; 8] = b"RTINDX01";
const HEADER_BYTES: usize = 16;
const ENTRY_BYTES: usize = 32;

/// Key, offset, sequence; sorted in this order.
type Entry = (IndexKey, u64, u64);

/// What an index must hold.
#[derive(Debug, Default)]
pub(super) struct Expected(Vec<Entry>);

/// The key of a message ID.
pub(crate) fn key_of(message_id: &str) -> IndexKey {
    let digest = Sha256::digest(message_id.as_bytes());
    *digest.first_chunk().expect("a SHA-256 digest has 32 bytes")
}

impl Expected {
    pub(super) fn add(&mut self, key: IndexKey, record: &Record<'_>) {
        self.0.push((key, record.offset, record.sequence));
    }
}

/// Checks the index of segment `number`.
///
/// Of a damaged segment the index may know more than could be read.
pub(super) fn check(
    journal: &Journal,
    number: u32,
    expected: Expected,
    damaged: bool,
    message_id_at: &dyn Fn(u64) -> Option<String>,
    findings: &mut Findings,
) {
    let file = format!("{number:08}.idx");
    let mut report = |text: String, message_id: Option<String>| {
        findings.add(kinds::INDEX, || Finding {
            message_id,
            ..journal.finding(kinds::INDEX, &file, &text)
        });
    };
    let bytes = match std::fs::read(journal.folder.join(&file)) {
        Ok(bytes) => bytes,
        Err(error) => return report(format!("not read: {error}"), None),
    };
    if let Err(what) = check_header(&bytes) {
        report(what.to_owned(), None);
    }
    let mut expected = expected.0;
    expected.sort_unstable();
    let entries = bytes.get(HEADER_BYTES..).unwrap_or_default();
    let mut expected = expected.into_iter().peekable();
    for (place, found) in entries.chunks_exact(ENTRY_BYTES).map(entry).enumerate() {
        while let Some(missing) = expected.next_if(|entry| *entry < found) {
            report(
                format!("no entry of record {}", missing.2),
                message_id_at(missing.1),
            );
        }
        if expected.next_if_eq(&found).is_none() && !damaged {
            let (_, offset, sequence) = found;
            report(
                format!("entry {place} is of no message: record {sequence} at byte {offset}"),
                message_id_at(offset),
            );
        }
    }
    for (_, offset, sequence) in expected {
        report(
            format!("no entry of record {sequence}"),
            message_id_at(offset),
        );
    }
}

fn check_header(bytes: &[u8]) -> Result<(), &'static str> {
    let header = bytes
        .first_chunk::<HEADER_BYTES>()
        .ok_or("shorter than its header")?;
    let entries = &bytes[HEADER_BYTES..];
    let count = u32::try_from(entries.len() / ENTRY_BYTES).unwrap_or(u32::MAX);
    let holds = [
        (&header[..8] == MAGIC, "wrong magic"),
        (
            entries.len().is_multiple_of(ENTRY_BYTES),
            "ends within an entry",
        ),
        (
            header[8..12] == count.to_le_bytes(),
            "wrong number of entries",
        ),
        (
            header[12..16] == crc32c::crc32c(entries).to_le_bytes(),
            "wrong checksum",
        ),
    ];
    holds
        .iter()
        .find(|(holds, _)| !holds)
        .map_or(Ok(()), |(_, what)| Err(what))
}

fn entry(bytes: &[u8]) -> Entry {
    let number = |start: usize| {
        let bytes = bytes[start..start + 8]
            .try_into()
            .expect("eight bytes of an entry");
        u64::from_le_bytes(bytes)
    };
    let key = bytes[..16].try_into().expect("an entry has 32 bytes");
    (key, number(16), number(24))
}
