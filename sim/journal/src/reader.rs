//! Reads a journal from its files: every record in order, or one by its position.
//!
//! Every record is checked on the way: checksum, sequence, link. As in recovery, a record of the
//! last segment that does not fit ends the journal ([`JournalReader::torn_tail`] tells); damage
//! before that is an error.

use std::path::{Path, PathBuf};

use crate::error::JournalError;
use crate::format::{JournalKind, Position, Record, SegmentHeader, segment_path};
use crate::recovery::segment_numbers;
use crate::segment_scan::{Next, SegmentScan, read_header};

/// An iterator over the records of a journal, a seal included.
#[derive(Debug)]
pub struct JournalReader {
    folder: PathBuf,
    kind: JournalKind,
    last_segment: u32,
    scan: SegmentScan,
    torn_tail: Option<Position>,
    finished: bool,
}

/// What a segment's header says, for who looks records up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentStart {
    /// The number of the segment.
    pub segment: u32,
    /// The sequence of its first record.
    pub first_sequence: u64,
}

/// The segments of the journal in `folder`, in order; one whose header is not whole is left out.
///
/// # Errors
/// Where the folder or a header cannot be read.
pub fn segments(folder: &Path) -> Result<Vec<SegmentStart>, JournalError> {
    let mut starts = Vec::new();
    for segment in segment_numbers(folder)? {
        let path = segment_path(folder, segment);
        let header =
            read_header(&path).map_err(|source| JournalError::ReadSegment { path, source })?;
        starts.extend(header.map(|header| SegmentStart {
            segment,
            first_sequence: header.first_sequence,
        }));
    }
    Ok(starts)
}

/// The record that starts at `offset` of a segment; its checksum is checked, its link is not.
///
/// # Errors
/// Where there is no whole record, or the file cannot be read.
pub fn record_at(folder: &Path, segment: u32, offset: u64) -> Result<Record, JournalError> {
    let path = segment_path(folder, segment);
    match SegmentScan::read_unlinked(&path, segment, offset) {
        Ok(Next::Record(record)) => Ok(record),
        Ok(Next::End) => Err(JournalError::Damaged {
            path,
            offset,
            what: "no record here",
        }),
        Ok(Next::Broken(what)) => Err(JournalError::Damaged { path, offset, what }),
        Err(source) => Err(JournalError::ReadSegment { path, source }),
    }
}

// === impl JournalReader ===

impl JournalReader {
    /// Reads the journal in `folder` from its first record.
    ///
    /// # Errors
    /// Where the folder holds no journal, or its first header does not fit.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        Self::open_at_segment(folder, 0)
    }

    /// Reads from the first record of a segment; the links before it are taken from its header.
    ///
    /// # Errors
    /// Where there is no such segment, or its header does not fit.
    pub fn open_at_segment(folder: &Path, segment: u32) -> Result<Self, JournalError> {
        let Some(last_segment) = segments(folder)?.last().map(|start| start.segment) else {
            return Err(JournalError::WrongKind {
                folder: folder.to_owned(),
            });
        };
        let (header, scan) = open_segment(folder, segment)?;
        Ok(Self {
            folder: folder.to_owned(),
            kind: header.kind,
            last_segment,
            scan,
            torn_tail: None,
            finished: false,
        })
    }

    /// What the journal holds.
    #[must_use]
    pub fn kind(&self) -> JournalKind {
        self.kind
    }

    /// Where the journal ends with something that is no record, once the iterator has ended.
    #[must_use]
    pub fn torn_tail(&self) -> Option<Position> {
        self.torn_tail
    }

    fn advance(&mut self) -> Result<Option<Record>, JournalError> {
        loop {
            let at = self.scan.position();
            let path = segment_path(&self.folder, at.segment);
            match self.scan.next() {
                Ok(Next::Record(record)) => return Ok(Some(record)),
                Ok(Next::End) if at.segment >= self.last_segment => return Ok(None),
                Ok(Next::End) => self.enter_next_segment(at)?,
                Ok(Next::Broken(_)) if at.segment >= self.last_segment => {
                    self.torn_tail = Some(at);
                    return Ok(None);
                }
                Ok(Next::Broken(what)) => {
                    return Err(JournalError::Damaged {
                        path,
                        offset: at.offset,
                        what,
                    });
                }
                Err(source) => return Err(JournalError::ReadSegment { path, source }),
            }
        }
    }

    /// Goes on with the next segment, which must continue at the sequence and link reached.
    fn enter_next_segment(&mut self, at: Position) -> Result<(), JournalError> {
        let (header, scan) = open_segment(&self.folder, at.segment + 1)?;
        let continues = header.kind == self.kind
            && header.first_sequence == at.sequence
            && header.previous_link == self.scan.link();
        if !continues {
            return Err(JournalError::Damaged {
                path: segment_path(&self.folder, at.segment + 1),
                offset: 0,
                what: "segment does not continue the one before",
            });
        }
        self.scan = scan;
        Ok(())
    }
}

impl Iterator for JournalReader {
    type Item = Result<Record, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let next = self.advance().transpose();
        self.finished = !matches!(next, Some(Ok(_)));
        next
    }
}

fn open_segment(folder: &Path, segment: u32) -> Result<(SegmentHeader, SegmentScan), JournalError> {
    let path = segment_path(folder, segment);
    let failed = |source| JournalError::ReadSegment {
        path: path.clone(),
        source,
    };
    let header = read_header(&path)
        .map_err(failed)?
        .filter(|header| header.segment == segment);
    let Some(header) = header else {
        return Err(JournalError::Damaged {
            path,
            offset: 0,
            what: "segment header does not fit",
        });
    };
    let scan = SegmentScan::start(&path, &header).map_err(failed)?;
    Ok((header, scan))
}
