//! Walks the records of one segment file and checks each: the common ground of recovery and
//! reading.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::format::{
    FIRST_LINK, Link, Position, RECORD_HEADER_BYTES, RECORD_TRAILER_BYTES, Record, RecordHeader,
    SEGMENT_HEADER_BYTES, SegmentHeader, link_of, record_bytes, u32_of,
};

const READ_AHEAD_BYTES: usize = 1 << 20;

/// What follows in a segment.
#[derive(Debug)]
pub(crate) enum Next {
    /// A whole record that fits.
    Record(Record),
    /// The end of what was written: end of file, or a length of 0.
    End,
    /// Bytes that are no record, and why.
    Broken(&'static str),
}

/// A cursor over one segment file.
#[derive(Debug)]
pub(crate) struct SegmentScan {
    file: BufReader<File>,
    segment: u32,
    offset: u64,
    sequence: u64,
    link: Link,
}

/// Reads a segment's header; `None` where it is short or does not fit.
pub(crate) fn read_header(path: &Path) -> io::Result<Option<SegmentHeader>> {
    let mut file = File::open(path)?;
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    match file.read_exact(&mut bytes) {
        Ok(()) => Ok(SegmentHeader::decode(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Bytes of the file from `offset` up to the last that is not zero.
pub(crate) fn bytes_left(path: &Path, offset: u64) -> io::Result<u64> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut chunk = vec![0; READ_AHEAD_BYTES];
    let (mut read, mut left) = (0_u64, 0_u64);
    loop {
        let count = file.read(&mut chunk)?;
        if count == 0 {
            return Ok(left);
        }
        if let Some(last) = chunk[..count].iter().rposition(|byte| *byte != 0) {
            left = read + as_u64(last) + 1;
        }
        read += as_u64(count);
    }
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).expect("a length in memory fits 64 bits")
}

// === impl SegmentScan ===

impl SegmentScan {
    /// Starts behind the header of the segment file `path`.
    pub(crate) fn start(path: &Path, header: &SegmentHeader) -> io::Result<Self> {
        let offset = as_u64(SEGMENT_HEADER_BYTES);
        let mut file = BufReader::with_capacity(READ_AHEAD_BYTES, File::open(path)?);
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self {
            file,
            segment: header.segment,
            offset,
            sequence: header.first_sequence,
            link: header.previous_link,
        })
    }

    /// The one record at `offset`, its checksum checked, but neither its link nor its sequence.
    pub(crate) fn read_unlinked(path: &Path, segment: u32, offset: u64) -> io::Result<Next> {
        let mut file = BufReader::new(File::open(path)?);
        file.seek(SeekFrom::Start(offset))?;
        Self {
            file,
            segment,
            offset,
            sequence: 0,
            link: FIRST_LINK,
        }
        .read(false)
    }

    /// The next record, checked in full.
    pub(crate) fn next(&mut self) -> io::Result<Next> {
        self.read(true)
    }

    /// Where the next record starts.
    pub(crate) fn position(&self) -> Position {
        Position {
            sequence: self.sequence,
            segment: self.segment,
            offset: self.offset,
        }
    }

    /// The link of the record read last.
    pub(crate) fn link(&self) -> Link {
        self.link
    }

    fn read(&mut self, linked: bool) -> io::Result<Next> {
        let mut head = [0; RECORD_HEADER_BYTES];
        let read = self.fill(&mut head)?;
        // The end marker may itself be cut short by the end of the file.
        if head[..read.min(4)].iter().all(|byte| *byte == 0) {
            return Ok(Next::End);
        }
        if read < head.len() {
            return Ok(Next::Broken("record header is cut short"));
        }
        let header = RecordHeader::decode(&head);
        let Some(length) = header.payload_bytes() else {
            return Ok(Next::Broken("record header does not fit"));
        };
        if linked && header.sequence != self.sequence {
            return Ok(Next::Broken("sequence is not the next one"));
        }
        // A false length must not allocate 64 MiB for nothing.
        let mut payload = Vec::with_capacity((length + RECORD_TRAILER_BYTES).min(READ_AHEAD_BYTES));
        let wanted = as_u64(length + RECORD_TRAILER_BYTES);
        if as_u64((&mut self.file).take(wanted).read_to_end(&mut payload)?) < wanted {
            return Ok(Next::Broken("record is cut short"));
        }
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&head), &payload[..length + 32]);
        if checksum != u32_of(&payload[length + 32..]) {
            return Ok(Next::Broken("checksum does not fit"));
        }
        if linked {
            let link = link_of(&self.link, &[&head, &payload[..length]]);
            if link != payload[length..length + 32] {
                return Ok(Next::Broken("link does not fit"));
            }
            self.link = link;
        }
        payload.truncate(length);
        let position = Position {
            sequence: header.sequence,
            ..self.position()
        };
        self.offset += as_u64(record_bytes(length));
        self.sequence = header.sequence.saturating_add(1);
        Ok(Next::Record(Record {
            position,
            kind: header.kind,
            payload,
        }))
    }

    /// Fills as much of `bytes` as the file still has.
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.file.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}
