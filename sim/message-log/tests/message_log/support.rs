//! Messages to log, a stamper that grants or refuses, and ways to look at what is there.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use sim_clock::{Clock, UtcTime};
use sim_evidence::digest::Sha512;
use sim_journal::JournalReader;
use sim_message_log::record::{SIGNATURE, TIME_STAMP, TimeStampRecord};
use sim_message_log::{
    Direction, LogConfig, LogReader, MessageLog, MessageRecord, RecoveryReport, Side, Stamp,
    StampError, Stamper,
};

/// Small segments, so that tests rotate.
pub(crate) const SEGMENT_BYTES: u64 = 8 << 10;

/// Grants a token that is the imprint itself, or refuses.
#[derive(Debug, Default)]
pub(crate) struct TestStamper {
    pub(crate) refuses: AtomicBool,
    pub(crate) imprints: Mutex<Vec<Sha512>>,
}

impl Stamper for TestStamper {
    async fn stamp(&self, imprint: Sha512) -> Result<Stamp, StampError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(StampError::NoAuthority);
        }
        self.imprints.lock().unwrap().push(imprint);
        let token = Bytes::copy_from_slice(imprint.as_bytes());
        Ok(Stamp {
            at: UtcTime::from_millis(1_000),
            token,
        })
    }
}

pub(crate) fn config() -> LogConfig {
    LogConfig {
        segment_bytes: SEGMENT_BYTES,
        ..LogConfig::default()
    }
}

pub(crate) fn open(folder: &Path) -> (MessageLog, RecoveryReport) {
    MessageLog::open(folder, config(), Clock::wall()).expect("the log opens")
}

pub(crate) fn signature(number: usize) -> Bytes {
    format!(
        "<signature number=\"{number}\">{}</signature>",
        "s".repeat(number % 7)
    )
    .into()
}

/// A request that is signed by a document of its own.
pub(crate) fn request(number: usize) -> MessageRecord {
    MessageRecord {
        side: Side::Provider,
        direction: Direction::Request,
        message_id: format!("run-{number}"),
        request_id: format!("request-{number}"),
        own_party: "EE/GOV/1/register".to_owned(),
        peer_party: "EE/GOV/2/board".to_owned(),
        head: format!("POST /r1/{number} HTTP/1.1\r\n").into(),
        body: Some(Bytes::from(format!("{{\"ids\":[{number}]}}")).into()),
        signature: signature(number),
        chain: None,
        logged_at: UtcTime::from_millis(1_733_384_052_314),
    }
}

pub(crate) fn response(number: usize) -> MessageRecord {
    MessageRecord {
        direction: Direction::Response,
        head: format!("HTTP/1.1 200 OK\r\nnumber: {number}\r\n").into(),
        body: None,
        ..request(number)
    }
}

/// The IDs of all requests, each of which must be whole.
pub(crate) fn logged_ids(folder: &Path) -> BTreeSet<String> {
    let reader = LogReader::open(folder).expect("a log");
    reader
        .message_ids()
        .map(|id| id.expect("a whole record"))
        .collect()
}

/// Digests of all signature documents by sequence, and all time-stamps, in order.
pub(crate) fn signatures_and_stamps(folder: &Path) -> (Vec<(u64, Sha512)>, Vec<TimeStampRecord>) {
    let mut signatures = Vec::new();
    let mut stamps = Vec::new();
    for record in JournalReader::open(folder).unwrap() {
        let record = record.unwrap();
        match record.kind {
            SIGNATURE => signatures.push((record.position.sequence, Sha512::of(&record.payload))),
            TIME_STAMP => stamps.push(TimeStampRecord::decode(record.payload.into()).unwrap()),
            _ => {}
        }
    }
    (signatures, stamps)
}
