//! Reads a journal: segments, records, seal and index, each checked against the others.
//!
//! Damage is a finding, never an end: the reader looks for the next record that is whole, or goes
//! on with the next segment.

mod index;
mod segment;
mod window;

use std::path::PathBuf;

use sim_metrics::Finding;

use crate::findings::Findings;
use crate::kinds::{self, Kind, finding};
pub(crate) use index::{IndexKey, key_of};
pub(crate) use segment::{
    KIND_EXCHANGE, KIND_MESSAGE, KIND_SIGNATURE, KIND_TIME_STAMP, KIND_USAGE,
};
use segment::{KIND_SEAL, Link, Segment, Step};
use window::Window;

/// The most segments a journal can have: their names have eight digits.
const MAX_SEGMENTS: u32 = 100_000_000;

/// What a journal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JournalKind {
    /// Messages of a security server; every segment has an index beside it.
    MessageLog,
    /// The questions and answers of the load generator, or of somebody else who asks.
    Ledger,
    /// Who looked at whose data, as a registry wrote it down.
    Tracker,
}

/// One whole record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) sequence: u64,
    pub(crate) kind: u8,
    pub(crate) payload: &'a [u8],
    /// Number of its segment.
    pub(crate) segment: u32,
    /// Where in the segment it begins.
    pub(crate) offset: u64,
}

/// Takes the records of a journal, in order.
pub(crate) trait Visitor {
    /// Takes one record; returns the key by which the index must know it, if any.
    fn visit(&mut self, record: &Record<'_>, findings: &mut Findings) -> Option<IndexKey>;

    /// The message ID within a payload that may be damaged.
    fn message_id(&self, kind: u8, payload: &[u8]) -> Option<String>;
}

/// A journal's folder, and how findings name it.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    pub(crate) folder: PathBuf,
    pub(crate) kind: JournalKind,
    /// As findings call the folder, from the run folder on.
    pub(crate) name: String,
    /// The security server, for a message log.
    pub(crate) server: Option<String>,
}

/// What is known while reading on from one segment to the next.
#[derive(Debug, Default)]
struct Cursor {
    next_sequence: u64,
    /// Link of the record before; `None` after damage, where it cannot be known.
    link: Option<Link>,
    sealed: bool,
}

// === impl Journal ===

impl Journal {
    /// Reads every record that can be read and hands it to `visitor`.
    pub(crate) fn read(&self, visitor: &mut dyn Visitor, findings: &mut Findings) {
        let count = match self.list(findings) {
            Ok(count) => count,
            Err(error) => {
                findings.add(kinds::SEGMENT, || {
                    self.finding(kinds::SEGMENT, "", &error.to_string())
                });
                return;
            }
        };
        let mut cursor = Cursor {
            link: Some(segment::FIRST_LINK),
            ..Cursor::default()
        };
        let mut window = Window::default();
        for number in 0..count {
            let read = self.read_segment(number, &mut window, &mut cursor, visitor, findings);
            if let Err(error) = read {
                cursor.link = None;
                let text = format!("not read: {error}");
                self.report(findings, kinds::SEGMENT, number, &text);
            }
        }
        if !cursor.sealed {
            let text = format!(
                "no seal after record {}",
                cursor.next_sequence.saturating_sub(1)
            );
            findings.add(kinds::UNSEALED, || self.finding(kinds::UNSEALED, "", &text));
        }
    }

    /// Bytes of all its files, as far as they can be told.
    pub(crate) fn bytes(&self) -> u64 {
        let entries = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten();
        entries
            .filter_map(|entry| entry.metadata().ok())
            .map(|metadata| metadata.len())
            .sum()
    }

    /// How many segments there must be, by the highest number among the files' names.
    fn list(&self, findings: &mut Findings) -> std::io::Result<u32> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        let segments = names.iter().filter_map(|name| numbered(name));
        let segments = segments.filter(|(_, ending)| *ending == "seg");
        let count = segments.map(|(number, _)| number + 1).max().unwrap_or(0);
        let indexed = if self.kind == JournalKind::MessageLog {
            count
        } else {
            0
        };
        for name in names {
            let belongs = match numbered(&name) {
                Some((_, "seg")) => true,
                Some((number, "idx")) => number < indexed,
                _ => false,
            };
            if !belongs {
                let text = "does not belong here";
                findings.add(kinds::STRAY_FILE, || {
                    self.finding(kinds::STRAY_FILE, &name, text)
                });
            }
        }
        Ok(count)
    }

    fn read_segment(
        &self,
        number: u32,
        window: &mut Window,
        cursor: &mut Cursor,
        visitor: &mut dyn Visitor,
        findings: &mut Findings,
    ) -> std::io::Result<()> {
        let mut expected_index = index::Expected::default();
        let path = self.folder.join(segment_name(number));
        let mut segment = Segment::open(&path, self.kind, window)?;
        self.check_header(number, &segment, cursor, findings);
        let mut damaged = false;
        while let Some(step) = segment.next(cursor.next_sequence)? {
            match step {
                Step::Record(raw) => {
                    self.check_place(number, &raw, cursor, findings);
                    let record = Record {
                        sequence: raw.sequence,
                        kind: raw.kind,
                        payload: raw.payload,
                        segment: number,
                        offset: raw.offset,
                    };
                    if raw.kind == KIND_SEAL {
                        self.check_seal(&record, findings);
                        cursor.sealed = true;
                    } else if let Some(key) = visitor.visit(&record, findings) {
                        expected_index.add(key, &record);
                    }
                    cursor.next_sequence = raw.sequence.saturating_add(1);
                    cursor.link = Some(raw.link);
                }
                Step::Damage(damage) => {
                    damaged = true;
                    let id = damage
                        .payload
                        .and_then(|(kind, payload)| visitor.message_id(kind, payload));
                    let what = format!(
                        "record {} at byte {}: {}; {}",
                        cursor.next_sequence, damage.offset, damage.what, damage.consequence
                    );
                    findings.add(kinds::CHECKSUM, || Finding {
                        message_id: id,
                        ..self.finding(kinds::CHECKSUM, &segment_name(number), &what)
                    });
                    cursor.next_sequence = cursor.next_sequence.saturating_add(1);
                    cursor.link = None;
                }
            }
        }
        if self.kind == JournalKind::MessageLog {
            let look_up = |offset| {
                self.message_id_at(number, offset, |kind, payload| {
                    visitor.message_id(kind, payload)
                })
            };
            index::check(self, number, expected_index, damaged, &look_up, findings);
        }
        Ok(())
    }

    fn check_header(
        &self,
        number: u32,
        segment: &Segment<'_>,
        cursor: &mut Cursor,
        findings: &mut Findings,
    ) {
        if cursor.sealed {
            self.report(findings, kinds::SEAL, number, "a segment after the seal");
        }
        match segment.header(number) {
            Err(what) => {
                self.report(findings, kinds::SEGMENT, number, what);
            }
            Ok(header) => {
                if header.first_sequence != cursor.next_sequence {
                    let text = format!(
                        "header says record {} is first, it must be {}",
                        header.first_sequence, cursor.next_sequence
                    );
                    self.report(findings, kinds::SEQUENCE, number, &text);
                    cursor.next_sequence = header.first_sequence;
                }
                if cursor.link.is_some_and(|link| link != header.previous_link) {
                    let text = "header does not link to the last record before";
                    self.report(findings, kinds::BROKEN_LINK, number, text);
                }
                // After damage the header knows what the reader no longer does.
                cursor.link = cursor.link.or(Some(header.previous_link));
            }
        }
    }

    fn check_place(
        &self,
        number: u32,
        record: &segment::RawRecord<'_>,
        cursor: &Cursor,
        findings: &mut Findings,
    ) {
        let at = format!("record {} at byte {}", record.sequence, record.offset);
        if cursor.sealed {
            self.report(
                findings,
                kinds::SEAL,
                number,
                &format!("{at} follows the seal"),
            );
        }
        if record.sequence != cursor.next_sequence {
            let text = format!("{at}: its sequence must be {}", cursor.next_sequence);
            self.report(findings, kinds::SEQUENCE, number, &text);
        }
        if cursor.link.is_some_and(|link| !record.follows(&link)) {
            let text = format!("{at}: its link does not follow from the record before");
            self.report(findings, kinds::BROKEN_LINK, number, &text);
        }
    }

    fn check_seal(&self, record: &Record<'_>, findings: &mut Findings) {
        let counted = record.payload.try_into().map(u64::from_le_bytes).ok();
        if counted != Some(record.sequence) {
            let text = format!(
                "the seal, record {}, does not say that {} records are before it",
                record.sequence, record.sequence
            );
            self.report(findings, kinds::SEAL, record.segment, &text);
        }
    }

    fn report(&self, findings: &mut Findings, kind: Kind, segment: u32, text: &str) {
        findings.add(kind, || self.finding(kind, &segment_name(segment), text));
    }

    /// A finding about a file of this journal.
    fn finding(&self, kind: Kind, file: &str, text: &str) -> Finding {
        let separator = if file.is_empty() { "" } else { "/" };
        let text = format!("{}{separator}{file}: {text}", self.name);
        Finding {
            server: self.server.clone(),
            ..finding(kind, text)
        }
    }

    /// How findings name a record.
    pub(crate) fn name_of(&self, segment: u32, sequence: u64) -> String {
        format!("{}/{} record {sequence}", self.name, segment_name(segment))
    }

    /// Reads the message ID of one record again.
    pub(crate) fn message_id_at(
        &self,
        segment: u32,
        offset: u64,
        read: impl FnOnce(u8, &[u8]) -> Option<String>,
    ) -> Option<String> {
        let path = self.folder.join(segment_name(segment));
        segment::with_payload_at(&path, offset, read)
    }
}

/// Number and ending of a file whose name has the form of a segment's or an index's.
fn numbered(name: &str) -> Option<(u32, &str)> {
    let (stem, ending) = name.split_once('.')?;
    let digits = stem.len() == 8 && stem.bytes().all(|byte| byte.is_ascii_digit());
    let number = stem
        .parse::<u32>()
        .ok()
        .filter(|number| digits && *number < MAX_SEGMENTS)?;
    Some((number, ending))
}

fn segment_name(number: u32) -> String {
    format!("{number:08}.seg")
}
