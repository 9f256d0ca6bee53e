//! Segment headers and records, byte for byte as in `docs/log-format.md`.

use std::path::{Path, PathBuf};

use aws_lc_rs::digest;

/// Length of a segment's header.
pub const SEGMENT_HEADER_BYTES: usize = 64;
/// Length of what stands before a record's payload.
pub const RECORD_HEADER_BYTES: usize = 16;
/// Length of what stands behind a record's payload: link and checksum.
pub const RECORD_TRAILER_BYTES: usize = LINK_BYTES + 4;
/// The longest payload a record may have.
pub const MAX_PAYLOAD_BYTES: usize = 64 << 20;
/// Kind of the record that ends a drained journal.
pub const SEAL: u8 = 15;

const MAGIC: &[u8; 8] = b"RTJRNL01";
const LINK_BYTES: usize = 32;

/// SHA-256 over the previous link and a record: ties a record to all before it.
pub type Link = [u8; LINK_BYTES];

/// The previous link of a journal's first record.
pub const FIRST_LINK: Link = [0; LINK_BYTES];

/// What a journal holds, as its segment headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalKind {
    /// Messages, signatures and time-stamps of one security server.
    MessageLog,
    /// Questions and answers of the load generator.
    Ledger,
}

/// Where a record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Its sequence in the journal, from 0.
    pub sequence: u64,
    /// The number of its segment.
    pub segment: u32,
    /// The offset of its first byte in the segment file.
    pub offset: u64,
}

/// A record as read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it lies.
    pub position: Position,
    /// Its kind, see `docs/log-format.md`.
    pub kind: u8,
    /// Its payload.
    pub payload: Vec<u8>,
}

/// A segment's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) kind: JournalKind,
    pub(crate) segment: u32,
    pub(crate) first_sequence: u64,
    pub(crate) previous_link: Link,
}

/// What stands before a record's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) length: u32,
    pub(crate) kind: u8,
    pub(crate) reserved: [u8; 3],
    pub(crate) sequence: u64,
}

/// The file of segment `number`.
#[must_use]
pub fn segment_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:08}.seg"))
}

/// The segment number a file name stands for.
pub(crate) fn segment_number(file_name: &str) -> Option<u32> {
    let digits = file_name.strip_suffix(".seg")?;
    let number: u32 = digits.parse().ok()?;
    (format!("{number:08}") == digits).then_some(number)
}

/// Bytes a record with this payload takes in its segment.
#[must_use]
pub const fn record_bytes(payload: usize) -> usize {
    RECORD_HEADER_BYTES + payload + RECORD_TRAILER_BYTES
}

/// Appends one record to `buffer` and returns its link.
///
/// The payload comes in parts, so that a large body is copied once.
pub(crate) fn encode_record(
    buffer: &mut Vec<u8>,
    previous: &Link,
    kind: u8,
    sequence: u64,
    payload: &[&[u8]],
) -> Link {
    let start = buffer.len();
    let length: usize = payload.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).expect("the writer refuses payloads over the limit");
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(&[kind, 0, 0, 0]);
    buffer.extend_from_slice(&sequence.to_le_bytes());
    for part in payload {
        buffer.extend_from_slice(part);
    }
    let link = link_of(previous, &[&buffer[start..]]);
    buffer.extend_from_slice(&link);
    let checksum = crc32c::crc32c(&buffer[start..]);
    buffer.extend_from_slice(&checksum.to_le_bytes());
    link
}

/// The link of a record whose bytes up to the link are `parts`, one behind the other.
pub(crate) fn link_of(previous: &Link, parts: &[&[u8]]) -> Link {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(previous);
    for part in parts {
        context.update(part);
    }
    let mut link = FIRST_LINK;
    link.copy_from_slice(context.finish().as_ref());
    link
}

/// The little-endian number in the first bytes of `bytes`, which has at least eight.
pub(crate) fn u64_of(bytes: &[u8]) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[..8]);
    u64::from_le_bytes(number)
}

/// The little-endian number in the first bytes of `bytes`, which has at least four.
pub(crate) fn u32_of(bytes: &[u8]) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[..4]);
    u32::from_le_bytes(number)
}

// === impl JournalKind ===

impl JournalKind {
    const fn code(self) -> u32 {
        match self {
            Self::MessageLog => 1,
            Self::Ledger => 2,
        }
    }

    const fn of_code(code: u32) -> Option<Self> {
        match code {
            1 => Some(Self::MessageLog),
            2 => Some(Self::Ledger),
            _ => None,
        }
    }
}

// === impl SegmentHeader ===

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&self.kind.code().to_le_bytes());
        bytes[12..16].copy_from_slice(&self.segment.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_sequence.to_le_bytes());
        bytes[24..56].copy_from_slice(&self.previous_link);
        let checksum = crc32c::crc32c(&bytes[..60]);
        bytes[60..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// `None` where any byte is not as a writer leaves it.
    pub(crate) fn decode(bytes: &[u8; SEGMENT_HEADER_BYTES]) -> Option<Self> {
        let mut previous_link = FIRST_LINK;
        previous_link.copy_from_slice(&bytes[24..56]);
        let header = Self {
            kind: JournalKind::of_code(u32_of(&bytes[8..]))?,
            segment: u32_of(&bytes[12..]),
            first_sequence: u64_of(&bytes[16..]),
            previous_link,
        };
        (header.encode() == *bytes).then_some(header)
    }
}

// === impl RecordHeader ===

impl RecordHeader {
    pub(crate) fn decode(bytes: &[u8; RECORD_HEADER_BYTES]) -> Self {
        Self {
            length: u32_of(bytes),
            kind: bytes[4],
            reserved: [bytes[5], bytes[6], bytes[7]],
            sequence: u64_of(&bytes[8..]),
        }
    }

    /// The payload's length, where a writer could have written this header.
    pub(crate) fn payload_bytes(&self) -> Option<usize> {
        let length = usize::try_from(self.length).ok()?;
        (length > 0 && length <= MAX_PAYLOAD_BYTES && self.reserved == [0; 3]).then_some(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_eight_digits() {
        let path = segment_path(Path::new("log"), 12);
        assert_eq!(path, Path::new("log/00000012.seg"));
        assert_eq!(segment_number("00000012.seg"), Some(12));
        for other in [
            "12.seg",
            "00000012.idx",
            "0000001x.seg",
            "+0000012.seg",
            "000000012.seg",
        ] {
            assert_eq!(segment_number(other), None, "{other}");
        }
    }

    #[test]
    fn every_byte_of_a_segment_header_counts() {
        let header = SegmentHeader {
            kind: JournalKind::Ledger,
            segment: 3,
            first_sequence: 77,
            previous_link: [9; 32],
        };
        let bytes = header.encode();
        assert_eq!(&bytes[..12], b"RTJRNL01\x02\0\0\0");
        assert_eq!(SegmentHeader::decode(&bytes), Some(header));
        for index in 0..bytes.len() {
            let mut changed = bytes;
            changed[index] ^= 1;
            assert_eq!(SegmentHeader::decode(&changed), None, "byte {index}");
        }
    }

    #[test]
    fn a_record_is_laid_out_as_documented() {
        let mut buffer = Vec::new();
        let link = encode_record(&mut buffer, &FIRST_LINK, 4, 5, &[b"ab", b"c"]);
        assert_eq!(&buffer[..19], b"\x03\0\0\0\x04\0\0\0\x05\0\0\0\0\0\0\0abc");
        let mut linked = vec![0; 32];
        linked.extend_from_slice(&buffer[..19]);
        assert_eq!(digest::digest(&digest::SHA256, &linked).as_ref(), link);
        assert_eq!(buffer[19..51], link);
        assert_eq!(u32_of(&buffer[51..]), crc32c::crc32c(&buffer[..51]));
        assert_eq!(buffer.len(), record_bytes(3));
    }

    #[test]
    fn the_checksum_is_castagnoli() {
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
    }
}
