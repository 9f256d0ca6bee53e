//! The record of one exchange in a ledger, kind 4 of `docs/log-format.md`, and a ledger for those
//! who ask seldom.

use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

use crate::{JournalError, JournalKind, JournalOptions, JournalWriter, SyncPolicy};

/// Kind of an exchange's record.
pub const EXCHANGE: u8 = 4;
/// Version of its form.
const VERSION: u8 = 1;

/// What is written of one exchange by the one who asked.
#[derive(Clone, Copy, Debug)]
pub struct ExchangeRecord<'a> {
    /// How it ended: 0 ok, 1 refused, 2 failed, 3 unknown, 4 wrong.
    pub outcome: u8,
    /// HTTP status, 0 without an answer.
    pub status: u16,
    /// When it should have started, since the load began.
    pub scheduled: Duration,
    /// When it was started, likewise.
    pub started: Duration,
    /// When the answer was whole, likewise; absent without one.
    pub finished: Option<Duration>,
    /// `X-Road-Id` as sent.
    pub message_id: &'a [u8],
    /// `X-Road-Client` as sent.
    pub client: &'a [u8],
    /// Method, one blank, path with query, as sent.
    pub target: &'a [u8],
    /// `X-Road-Error`, empty without.
    pub fault_code: &'a [u8],
    /// `X-Road-Request-Hash` of the answer, empty without.
    pub request_hash: &'a [u8],
    /// Body of the request; at most 4 GiB.
    pub question: &'a [u8],
    /// Body of the answer; at most 4 GiB.
    pub answer: &'a [u8],
}

/// A ledger to which one thread writes exchange by exchange.
///
/// For whoever asks some hundred times a second; the load generator, who asks more often, gathers
/// records and lets a thread of its own write them.
#[derive(Debug)]
pub struct ExchangeLedger {
    writer: JournalWriter,
    payload: Vec<u8>,
}

// === impl ExchangeRecord ===

impl ExchangeRecord<'_> {
    /// Writes the payload behind what is in `to`.
    ///
    /// # Panics
    ///
    /// Where a body has more than 4 GiB.
    pub fn encode(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&[VERSION, self.outcome]);
        to.extend_from_slice(&self.status.to_le_bytes());
        for time in [
            self.scheduled,
            self.started,
            self.finished.unwrap_or_default(),
        ] {
            to.extend_from_slice(&nanoseconds(time).to_le_bytes());
        }
        for text in [
            self.message_id,
            self.client,
            self.target,
            self.fault_code,
            self.request_hash,
        ] {
            let text = bounded_text(text);
            let length = u16::try_from(text.len()).expect("bounded just now");
            to.extend_from_slice(&length.to_le_bytes());
            to.extend_from_slice(text.as_bytes());
        }
        for body in [self.question, self.answer] {
            let length = u32::try_from(body.len()).expect("questions and answers are bounded");
            to.extend_from_slice(&length.to_le_bytes());
            to.extend_from_slice(body);
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Header values need not be UTF-8, and may be longer than a length field says: the ledger keeps
/// as much as it can.
fn bounded_text(text: &[u8]) -> Cow<'_, str> {
    let kept = &text[..text.len().min(usize::from(u16::MAX))];
    match std::str::from_utf8(kept) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let valid = &kept[..error.valid_up_to()];
            Cow::Owned(String::from_utf8_lossy(valid).into_owned())
        }
    }
}

// === impl ExchangeLedger ===

impl ExchangeLedger {
    /// Begins a ledger in `folder`, which is made.
    ///
    /// # Errors
    ///
    /// Where its first file cannot be made.
    pub fn begin(folder: &Path) -> Result<Self, JournalError> {
        let options = JournalOptions {
            sync: SyncPolicy::Never,
            ..JournalOptions::default()
        };
        Ok(Self {
            writer: JournalWriter::create(folder, JournalKind::Ledger, options)?,
            payload: Vec::new(),
        })
    }

    /// Writes one exchange to the file.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written; nothing more can be after that.
    pub fn write(&mut self, record: &ExchangeRecord<'_>) -> Result<(), JournalError> {
        self.payload.clear();
        record.encode(&mut self.payload);
        self.writer.append(EXCHANGE, &self.payload)?;
        self.writer.commit()
    }

    /// Ends the ledger in order; how many exchanges it holds.
    ///
    /// # Errors
    ///
    /// Where the last record cannot be written.
    pub fn seal(self) -> Result<u64, JournalError> {
        self.writer.seal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::JournalReader;

    fn record<'a>(question: &'a [u8], answer: &'a [u8]) -> ExchangeRecord<'a> {
        ExchangeRecord {
            outcome: 0,
            status: 200,
            scheduled: Duration::from_nanos(1),
            started: Duration::from_nanos(2),
            finished: Some(Duration::from_nanos(3)),
            message_id: b"portal-1",
            client: b"EE/GOV/1/portal",
            target: b"GET /r1/EE/GOV/2/people/record/1",
            fault_code: b"",
            request_hash: b"aGFzaA==",
            question,
            answer,
        }
    }

    #[test]
    fn a_ledger_holds_what_was_written_and_is_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        let mut ledger = ExchangeLedger::begin(&path).unwrap();
        ledger.write(&record(b"", b"{}")).unwrap();
        ledger.write(&record(b"q", b"a")).unwrap();
        assert_eq!(ledger.seal().unwrap(), 2);
        let records = JournalReader::open(&path).unwrap();
        let kinds: Vec<u8> = records.map(|record| record.unwrap().kind).collect();
        assert_eq!(kinds, [EXCHANGE, EXCHANGE, crate::SEAL]);
    }

    #[test]
    fn every_field_stands_where_the_format_says() {
        let mut payload = Vec::new();
        record(b"question", b"answer").encode(&mut payload);
        assert_eq!(payload[..4], [1, 0, 200, 0]);
        assert_eq!(payload[4..12], 1_u64.to_le_bytes());
        assert_eq!(payload[20..28], 3_u64.to_le_bytes());
        assert_eq!(payload[28..38], *b"\x08\0portal-1");
        assert!(payload.ends_with(b"\x08\0\0\0question\x06\0\0\0answer"));
    }

    #[test]
    fn texts_are_cut_to_what_the_ledger_can_hold() {
        assert_eq!(bounded_text(b"plain"), "plain");
        assert_eq!(bounded_text(b"ab\xffcd"), "ab");
        let long = "\u{20ac}".repeat(30_000);
        let kept = bounded_text(long.as_bytes());
        assert!(long.starts_with(&*kept) && kept.len() > 65_000 && kept.len() <= 65_535);
    }
}
