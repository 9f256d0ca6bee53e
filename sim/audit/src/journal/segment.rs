//! One segment file: its header, its records, and the way on after damage.

use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::JournalKind;
use super::window::Window;

/// A signature document.
pub(crate) const KIND_SIGNATURE: u8 = 1;
/// A request or a response.
pub(crate) const KIND_MESSAGE: u8 = 2;
/// A token over a batch of signature documents.
pub(crate) const KIND_TIME_STAMP: u8 = 3;
/// A question and its answer.
pub(crate) const KIND_EXCHANGE: u8 = 4;
/// The last record of a journal that was ended in order.
pub(super) const KIND_SEAL: u8 = 15;
/// One look at somebody's data.
pub(crate) const KIND_USAGE: u8 = 5;

pub(super) type Link = [u8; 32];

/// What the first record of a journal is linked to.
pub(super) const FIRST_LINK: Link = [0; 32];

const MAGIC: &[u8; 8] = b"RTJRNL01";
const HEADER_BYTES: usize = 64;
const RECORD_HEAD_BYTES: usize = 16;
const RECORD_TAIL_BYTES: usize = 32 + 4;
const MAX_PAYLOAD_BYTES: usize = 64 << 20;

/// Longest segment that is read. After damage the rest of a segment is taken into memory at once.
const MAX_SEGMENT_BYTES: u64 = 2 << 30;

/// How many records may be lost to damage before what looks like a later one is not believed.
const MAX_LOST_RECORDS: u64 = 1 << 20;

/// A segment, and how far it was read.
#[derive(Debug)]
pub(super) struct Segment<'w> {
    file: File,
    kind: JournalKind,
    /// The stretch that is in memory; the next record begins within it or where it ends.
    window: &'w mut Window,
    offset: u64,
}

/// What a segment's header promises.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) first_sequence: u64,
    pub(super) previous_link: Link,
}

/// A record whose checksum fits.
#[derive(Debug)]
pub(super) struct RawRecord<'a> {
    pub(super) sequence: u64,
    pub(super) kind: u8,
    pub(super) payload: &'a [u8],
    pub(super) link: Link,
    pub(super) offset: u64,
    /// What the link covers, besides the link before.
    linked: &'a [u8],
}

/// Bytes that are no whole record.
#[derive(Debug)]
pub(super) struct Damage<'a> {
    pub(super) offset: u64,
    pub(super) what: &'static str,
    pub(super) consequence: String,
    /// Kind and payload, where the length at least fits.
    pub(super) payload: Option<(u8, &'a [u8])>,
}

/// One step through a segment.
#[derive(Debug)]
pub(super) enum Step<'a> {
    Record(RawRecord<'a>),
    Damage(Damage<'a>),
}

/// Bytes of a segment from some offset on, in which records are looked for.
#[derive(Clone, Copy)]
struct Stretch<'a> {
    bytes: &'a [u8],
    start: u64,
    kind: JournalKind,
}

/// A record's extent and fields, by its length field alone.
struct Frame<'a> {
    kind: u8,
    sequence: u64,
    reserved: [u8; 3],
    payload: &'a [u8],
    whole: &'a [u8],
}

// === impl Segment ===

impl<'w> Segment<'w> {
    /// Opens a segment, to be read through `window`.
    pub(super) fn open(
        path: &Path,
        kind: JournalKind,
        window: &'w mut Window,
    ) -> std::io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        if length > MAX_SEGMENT_BYTES {
            let text = format!("{length} bytes are more than a segment can have");
            return Err(Error::new(ErrorKind::FileTooLarge, text));
        }
        window.begin(length);
        window.hold(&file, 0, HEADER_BYTES)?;
        Ok(Self {
            file,
            kind,
            window,
            offset: HEADER_BYTES as u64,
        })
    }

    /// Reads the header of segment `number`; only before the first record.
    pub(super) fn header(&self, number: u32) -> Result<Header, &'static str> {
        let header = self
            .window
            .from(0)
            .first_chunk::<HEADER_BYTES>()
            .ok_or("shorter than its header")?;
        let kind = match self.kind {
            JournalKind::MessageLog => 1u32,
            JournalKind::Ledger | JournalKind::Tracker => 2,
        };
        let expected = [
            (&header[..8] == MAGIC, "wrong magic"),
            (header[8..12] == kind.to_le_bytes(), "wrong kind of journal"),
            (
                header[12..16] == number.to_le_bytes(),
                "number differs from the file name",
            ),
            (header[56..60] == [0; 4], "reserved bytes are not zero"),
            (
                stored_checksum(header) == crc32c::crc32c(&header[..60]),
                "wrong header checksum",
            ),
        ];
        if let Some((_, what)) = expected.iter().find(|(holds, _)| !holds) {
            return Err(what);
        }
        Ok(Header {
            first_sequence: u64::from_le_bytes(chunk(header, 16)),
            previous_link: chunk(header, 24),
        })
    }

    /// The next record or stretch of damage; `None` at the end of the segment.
    ///
    /// `expected` is the sequence that the next record must have; it tells records from chance
    /// after damage.
    pub(super) fn next(&mut self, expected: u64) -> std::io::Result<Option<Step<'_>>> {
        let offset = self.offset;
        if offset >= self.window.length() {
            return Ok(None);
        }
        self.window.hold(&self.file, offset, RECORD_HEAD_BYTES)?;
        let length = Stretch::of(self.window, offset, self.kind).length_of_first();
        self.window.hold(&self.file, offset, length)?;
        let checked = Stretch::of(self.window, offset, self.kind).check(0);
        if checked.is_err() {
            // The way on may lead anywhere behind.
            self.window.hold(&self.file, offset, usize::MAX)?;
        }
        let stretch = Stretch::of(self.window, offset, self.kind);
        let step = match checked {
            Ok(frame_bytes) => {
                self.offset += frame_bytes as u64;
                Step::Record(stretch.first(frame_bytes))
            }
            Err(what) => {
                let (damage, passed) = stretch.step_over(what, expected);
                self.offset += passed as u64;
                Step::Damage(damage)
            }
        };
        Ok(Some(step))
    }
}

// === impl Stretch ===

impl<'a> Stretch<'a> {
    /// What is in memory from `start` on.
    fn of(window: &'a Window, start: u64, kind: JournalKind) -> Self {
        Self {
            bytes: window.from(start),
            start,
            kind,
        }
    }

    /// How long the record at the start says that it is, as a whole.
    fn length_of_first(&self) -> usize {
        let length = self
            .bytes
            .first_chunk()
            .copied()
            .map_or(0, u32::from_le_bytes);
        RECORD_HEAD_BYTES + (length as usize).min(MAX_PAYLOAD_BYTES) + RECORD_TAIL_BYTES
    }

    fn frame_at(&self, offset: usize) -> Option<Frame<'a>> {
        let bytes = self.bytes.get(offset..)?;
        let head = bytes.first_chunk::<RECORD_HEAD_BYTES>()?;
        let length = u32::from_le_bytes(chunk(head, 0)) as usize;
        if length == 0 || length > MAX_PAYLOAD_BYTES {
            return None;
        }
        Some(Frame {
            kind: head[4],
            sequence: u64::from_le_bytes(chunk(head, 8)),
            reserved: chunk(head, 5),
            payload: bytes.get(RECORD_HEAD_BYTES..RECORD_HEAD_BYTES + length)?,
            whole: bytes.get(..RECORD_HEAD_BYTES + length + RECORD_TAIL_BYTES)?,
        })
    }

    /// Whether a whole record is at `offset`; its length, or why not.
    fn check(&self, offset: usize) -> Result<usize, &'static str> {
        if self.bytes[offset..].iter().take(4).all(|byte| *byte == 0) {
            return Err("not cut to the length of its records");
        }
        let frame = self.frame_at(offset).ok_or("its length does not fit")?;
        if stored_checksum(frame.whole) != crc32c::crc32c(&frame.whole[..frame.whole.len() - 4]) {
            return Err("its checksum does not fit");
        }
        if frame.reserved != [0; 3] {
            return Err("its reserved bytes are not zero");
        }
        if !self.holds(frame.kind) {
            return Err("a record of this kind does not belong here");
        }
        Ok(frame.whole.len())
    }

    /// The record at the start, which was checked to have so many bytes.
    fn first(&self, length: usize) -> RawRecord<'a> {
        let (linked, tail) = self.bytes[..length].split_at(length - RECORD_TAIL_BYTES);
        RawRecord {
            sequence: u64::from_le_bytes(chunk(linked, 8)),
            kind: linked[4],
            payload: &linked[RECORD_HEAD_BYTES..],
            link: chunk(tail, 0),
            offset: self.start,
            linked,
        }
    }

    const fn holds(&self, kind: u8) -> bool {
        match self.kind {
            JournalKind::MessageLog => {
                matches!(
                    kind,
                    KIND_SIGNATURE | KIND_MESSAGE | KIND_TIME_STAMP | KIND_SEAL
                )
            }
            JournalKind::Ledger => matches!(kind, KIND_EXCHANGE | KIND_SEAL),
            JournalKind::Tracker => matches!(kind, KIND_USAGE | KIND_SEAL),
        }
    }

    /// From damage at the start to the next whole record, or to the end, to which this stretch
    /// must reach; also how far that is.
    fn step_over(&self, what: &'static str, expected: u64) -> (Damage<'a>, usize) {
        let frame = self.frame_at(0);
        let behind = frame.as_ref().map(|frame| frame.whole.len());
        let next = behind
            .filter(|next| *next == self.bytes.len() || self.plausible(*next, expected))
            .or_else(|| (1..self.bytes.len()).find(|next| self.plausible(*next, expected)));
        let consequence = match next {
            Some(next) if next < self.bytes.len() => {
                format!("read on at byte {}", self.start + next as u64)
            }
            Some(_) => "it was the last of the segment".to_owned(),
            None => "nothing more of this segment could be read".to_owned(),
        };
        let damage = Damage {
            offset: self.start,
            what,
            consequence,
            payload: frame.map(|frame| (frame.kind, frame.payload)),
        };
        (damage, next.unwrap_or(self.bytes.len()))
    }

    /// True where a whole record begins at `offset` that can come after `expected`.
    fn plausible(&self, offset: usize, expected: u64) -> bool {
        let later = expected..=expected.saturating_add(MAX_LOST_RECORDS);
        // The cheap fields first: this is asked of every byte after damage.
        self.bytes.get(offset + 5..offset + 8) == Some(&[0; 3])
            && self
                .frame_at(offset)
                .is_some_and(|frame| self.holds(frame.kind) && later.contains(&frame.sequence))
            && self.check(offset).is_ok()
    }
}

// === impl RawRecord ===

impl RawRecord<'_> {
    /// True where this record's link follows from `previous`.
    pub(super) fn follows(&self, previous: &Link) -> bool {
        let link = Sha256::new()
            .chain_update(previous)
            .chain_update(self.linked)
            .finalize();
        link[..] == self.link
    }
}

/// Reads one record's payload again from its file; for the few that findings name.
pub(super) fn with_payload_at<T>(
    path: &Path,
    offset: u64,
    read: impl FnOnce(u8, &[u8]) -> Option<T>,
) -> Option<T> {
    let file = File::open(path).ok()?;
    let mut head = [0; RECORD_HEAD_BYTES];
    file.read_exact_at(&mut head, offset).ok()?;
    let length = u32::from_le_bytes(chunk(&head, 0)) as usize;
    if length > MAX_PAYLOAD_BYTES {
        return None;
    }
    let mut payload = vec![0; length];
    file.read_exact_at(&mut payload, offset + RECORD_HEAD_BYTES as u64)
        .ok()?;
    read(head[4], &payload)
}

/// The last four bytes as a checksum.
fn stored_checksum(bytes: &[u8]) -> u32 {
    bytes
        .last_chunk()
        .map_or(0, |chunk| u32::from_le_bytes(*chunk))
}

/// `N` bytes from `start`, which the caller knows to be there.
fn chunk<const N: usize>(bytes: &[u8], start: usize) -> [u8; N] {
    bytes[start..start + N]
        .try_into()
        .expect("the range has N bytes")
}
