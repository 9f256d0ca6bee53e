//! Reopens a journal after a crash: what is whole stands, the torn rest of the last segment goes.

use std::fs;
use std::path::Path;

use crate::error::JournalError;
use crate::format::{
    FIRST_LINK, JournalKind, Link, Record, SEAL, SEGMENT_HEADER_BYTES, SegmentHeader,
    segment_number, segment_path,
};
use crate::options::{JournalOptions, SyncPolicy};
use crate::segment_scan::{Next, SegmentScan, bytes_left, read_header};
use crate::storage::{SegmentFile, Storage};

/// What reopening found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Records that stand, a seal not counted.
    pub records: u64,
    /// Bytes behind the last whole record that were cut off; the zeros that a segment is filled
    /// with ahead of its records do not count.
    pub dropped_bytes: u64,
    /// The journal had been sealed; the seal is gone now.
    pub was_sealed: bool,
}

/// Where a reopened journal goes on.
pub(crate) struct Recovered {
    pub(crate) file: Box<dyn SegmentFile>,
    pub(crate) segment: u32,
    pub(crate) written: u64,
    pub(crate) records: u64,
    pub(crate) link: Link,
}

/// The end of the last segment's whole records.
struct Tail {
    segment: u32,
    offset: u64,
    records: u64,
    link: Link,
    sealed: bool,
}

/// The numbers of the segments in `folder`, in order.
///
/// # Errors
/// Where the folder cannot be listed.
pub(crate) fn segment_numbers(
    folder: &Path,
) -> Result<impl DoubleEndedIterator<Item = u32> + use<>, JournalError> {
    let failed = |source| JournalError::Folder {
        folder: folder.to_owned(),
        source,
    };
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        numbers.extend(name.to_str().and_then(segment_number));
    }
    numbers.sort_unstable();
    Ok(numbers.into_iter())
}

/// Reads all segments, cuts the torn end, and opens the last one for writing.
///
/// `None` where there is no journal, or a crash left no more than the torn header of its first
/// segment.
pub(crate) fn recover(
    folder: &Path,
    kind: JournalKind,
    options: &JournalOptions,
    mut visit: impl FnMut(Record),
) -> Result<(Option<Recovered>, Recovery), JournalError> {
    let mut report = Recovery::default();
    let mut numbers: Vec<u32> = segment_numbers(folder)?.collect();
    settle_last(folder, options, &numbers)?;
    report.dropped_bytes += drop_unborn_segment(folder, options.storage.as_ref(), &mut numbers)?;
    let mut tail = None;
    for (index, number) in numbers.iter().enumerate() {
        let is_last = index + 1 == numbers.len();
        let next = read_segment(folder, kind, *number, tail.as_ref(), is_last, &mut visit)?;
        tail = Some(next);
    }
    let Some(tail) = tail else {
        return Ok((None, report));
    };
    report.records = tail.records;
    report.was_sealed = tail.sealed;
    let path = segment_path(folder, tail.segment);
    if !tail.sealed {
        report.dropped_bytes +=
            bytes_left(&path, tail.offset).map_err(|source| JournalError::ReadSegment {
                path: path.clone(),
                source,
            })?;
    }
    let file = cut(folder, &path, &tail, options)?;
    let recovered = Recovered {
        file,
        segment: tail.segment,
        written: tail.offset,
        records: tail.records,
        link: tail.link,
    };
    Ok((Some(recovered), report))
}

/// Sees to it that of the last segment only what is on stable storage is read: after a sync that
/// failed, records behind a hole would be taken for safe. Segments before it were synced.
fn settle_last(
    folder: &Path,
    options: &JournalOptions,
    numbers: &[u32],
) -> Result<(), JournalError> {
    let (Some(last), SyncPolicy::DataSync) = (numbers.last(), options.sync) else {
        return Ok(());
    };
    let segment = *last;
    options
        .storage
        .settle(&segment_path(folder, segment))
        .map_err(|source| JournalError::SyncSegment { segment, source })
}

/// Removes a last segment whose header was never whole: it was being created.
fn drop_unborn_segment(
    folder: &Path,
    storage: &dyn Storage,
    numbers: &mut Vec<u32>,
) -> Result<u64, JournalError> {
    let Some(last) = numbers.last() else {
        return Ok(0);
    };
    let path = segment_path(folder, *last);
    let failed = |source| JournalError::ReadSegment {
        path: path.clone(),
        source,
    };
    if read_header(&path).map_err(failed)?.is_some() {
        return Ok(0);
    }
    // Records are only written behind a synced header: with records there, this is no crash.
    let left = bytes_left(&path, 0).map_err(failed)?;
    if left > u64::try_from(SEGMENT_HEADER_BYTES).unwrap_or(u64::MAX) {
        return Err(JournalError::Damaged {
            path,
            offset: 0,
            what: "segment header does not fit",
        });
    }
    storage.remove(&path).map_err(failed)?;
    numbers.pop();
    Ok(left)
}

/// Reads one segment; `before` is the end of the one before it.
fn read_segment(
    folder: &Path,
    kind: JournalKind,
    number: u32,
    before: Option<&Tail>,
    is_last: bool,
    visit: &mut impl FnMut(Record),
) -> Result<Tail, JournalError> {
    let path = segment_path(folder, number);
    let failed = |source| JournalError::ReadSegment {
        path: path.clone(),
        source,
    };
    let damaged = |offset, what| JournalError::Damaged {
        path: path.clone(),
        offset,
        what,
    };
    let header = read_header(&path)
        .map_err(failed)?
        .ok_or_else(|| damaged(0, "segment header does not fit"))?;
    if header.kind != kind {
        return Err(JournalError::WrongKind {
            folder: folder.to_owned(),
        });
    }
    if header != continuing_header(kind, before) || header.segment != number {
        return Err(damaged(0, "segment does not continue the one before"));
    }
    let mut scan = SegmentScan::start(&path, &header).map_err(failed)?;
    loop {
        let (at, link) = (scan.position(), scan.link());
        let sealed = match scan.next().map_err(failed)? {
            Next::Record(record) if record.kind == SEAL => true,
            Next::Record(record) => {
                visit(record);
                continue;
            }
            Next::Broken(what) if !is_last => return Err(damaged(at.offset, what)),
            Next::Broken(_) | Next::End => false,
        };
        if sealed && !is_last {
            return Err(damaged(at.offset, "a seal before the end"));
        }
        let offset = at.offset;
        return Ok(Tail {
            segment: number,
            offset,
            records: at.sequence,
            link,
            sealed,
        });
    }
}

/// The only header that may follow the segment that ends at `before`, or begin the journal.
fn continuing_header(kind: JournalKind, before: Option<&Tail>) -> SegmentHeader {
    SegmentHeader {
        kind,
        segment: before.map_or(0, |tail| tail.segment.saturating_add(1)),
        first_sequence: before.map_or(0, |tail| tail.records),
        previous_link: before.map_or(FIRST_LINK, |tail| tail.link),
    }
}

/// Cuts the last segment behind its last whole record, durably, and opens it for writing.
///
/// What was torn must not stay: behind shorter new records it would look like a torn end again.
/// The folder is synced as well: a kill may have come between the making of the segment and the
/// sync that makes its name durable, and what is acknowledged from now on would go with the name.
fn cut(
    folder: &Path,
    path: &Path,
    tail: &Tail,
    options: &JournalOptions,
) -> Result<Box<dyn SegmentFile>, JournalError> {
    let segment = tail.segment;
    let opened = options.storage.open(path);
    let mut file = opened.map_err(|source| JournalError::OpenSegment {
        path: path.to_owned(),
        source,
    })?;
    file.set_len(tail.offset)
        .map_err(|source| JournalError::WriteSegment { segment, source })?;
    if options.sync == SyncPolicy::DataSync {
        file.sync()
            .and_then(|()| options.storage.sync_folder(folder))
            .map_err(|source| JournalError::SyncSegment { segment, source })?;
    }
    Ok(file)
}
