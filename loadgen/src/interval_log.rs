//! The interval log: how long answers took, interval by interval, in the form that tools of
//! HdrHistogram read (`docs/measurement.md`, "Outputs").
//!
//! It is written while the load runs, by a thread of its own. Where the disk is slower than the
//! load the workers wait for it, as they do for the ledger.

use std::fs::File;
use std::io::{self, LineWriter};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, SystemTime};

use hdrhistogram::Histogram;
use hdrhistogram::serialization::interval_log::{
    IntervalLogWriter, IntervalLogWriterBuilder, IntervalLogWriterError, Tag,
};
use hdrhistogram::serialization::{V2DeflateSerializeError, V2DeflateSerializer};
use sim_clock::UtcTime;
use tokio::sync::oneshot;

use crate::error::LoadError;
use crate::series::Cell;

/// Tag of the intervals of response times.
const RESPONSE_TIME: &str = "response-time";
/// Tag of the intervals of service times.
const SERVICE_TIME: &str = "service-time";
/// Intervals of one length; those that follow are twice as long, so that a day takes some tens of
/// megabytes.
const INTERVALS_OF_A_LENGTH: u64 = 3_600;
/// Seconds that wait for the disk.
const WAITING_SECONDS: usize = 16;
/// Longer lines than most; each is written when it is whole.
const LINE_BYTES: usize = 16 * 1024;

type Writer<'a> = IntervalLogWriter<'a, 'a, LineWriter<File>, V2DeflateSerializer>;

/// The thread that writes.
#[derive(Debug)]
pub(crate) struct IntervalLog {
    path: PathBuf,
    outcome: oneshot::Receiver<io::Result<()>>,
}

/// Takes second after second, without gaps; absent ones are those in which nothing happened.
pub(crate) type Seconds = SyncSender<Option<Cell>>;

/// The seconds of an interval that is not written yet.
struct Interval {
    from_s: u64,
    seconds: u64,
    /// How many make it whole.
    length_s: u64,
    /// Intervals written.
    written: u64,
    cell: Cell,
}

// === impl IntervalLog ===

impl IntervalLog {
    /// Begins the log at `path`, of a load that begins at `began`.
    pub(crate) fn begin(
        path: &Path,
        began: UtcTime,
        warm_up: Duration,
    ) -> Result<(Self, Seconds), LoadError> {
        let file = File::create(path).map_err(|source| LoadError::IntervalLog {
            path: path.to_owned(),
            source,
        })?;
        let file = LineWriter::with_capacity(LINE_BYTES, file);
        let (sender, seconds) = sync_channel(WAITING_SECONDS);
        let (done, outcome) = oneshot::channel();
        crate::run::spawn_thread("interval-log", move || {
            // Whoever waits for the outcome may have given up; then nobody needs it.
            let _ = done.send(write_all(file, began, warm_up, &seconds));
        })?;
        let path = path.to_owned();
        Ok((Self { path, outcome }, sender))
    }

    /// Waits for the last line, once the sender is gone.
    pub(crate) async fn finish(self) -> Result<(), LoadError> {
        let outcome = self
            .outcome
            .await
            .map_err(|_| LoadError::ThreadLost("interval-log".to_owned()))?;
        outcome.map_err(|source| LoadError::IntervalLog {
            path: self.path,
            source,
        })
    }
}

fn write_all(
    mut file: LineWriter<File>,
    began: UtcTime,
    warm_up: Duration,
    seconds: &Receiver<Option<Cell>>,
) -> io::Result<()> {
    let outcome = write_while_it_goes(&mut file, began, warm_up, seconds);
    // After a failure seconds are still taken, so that no worker waits for ever.
    seconds.iter().for_each(drop);
    outcome
}

fn write_while_it_goes(
    file: &mut LineWriter<File>,
    began: UtcTime,
    warm_up: Duration,
    seconds: &Receiver<Option<Cell>>,
) -> io::Result<()> {
    let mut serializer = V2DeflateSerializer::new();
    let began = SystemTime::UNIX_EPOCH
        + Duration::from_millis(u64::try_from(began.as_millis()).unwrap_or_default());
    let warm_up = format!(
        "What came due in the first {} s is the warm-up, and counts in no other figure of the run",
        warm_up.as_secs_f64()
    );
    // Java's reader takes a log with a BaseTime alone for one that began with its first interval.
    let mut log = IntervalLogWriterBuilder::new()
        .add_comment("[Histogram log format version 1.3]")
        .add_comment(
            "Values are microseconds, those of an exchange in the interval that it ended in",
        )
        .add_comment(&warm_up)
        .with_start_time(began)
        .with_base_time(began)
        .begin_log_with(file, &mut serializer)?;
    let mut interval = Interval::new();
    for second in seconds {
        interval.add(second.as_ref());
        if interval.is_whole() {
            interval.write(&mut log)?;
        }
    }
    if interval.seconds > 0 {
        interval.write(&mut log)?;
    }
    Ok(())
}

// === impl Interval ===

impl Interval {
    fn new() -> Self {
        Self {
            from_s: 0,
            seconds: 0,
            length_s: 1,
            written: 0,
            cell: Cell::new(),
        }
    }

    fn add(&mut self, second: Option<&Cell>) {
        self.seconds += 1;
        if let Some(second) = second {
            self.cell.merge(second);
        }
    }

    const fn is_whole(&self) -> bool {
        self.seconds == self.length_s
    }

    /// Writes it, and begins the next.
    fn write(&mut self, log: &mut Writer<'_>) -> io::Result<()> {
        let from = Duration::from_secs(self.from_s);
        let length = Duration::from_secs(self.seconds);
        let mut write = |times: &Histogram<u32>, tag| {
            log.write_histogram(times, from, length, Tag::new(tag))
                .map_err(io_error)
        };
        write(&self.cell.response_time_us, RESPONSE_TIME)?;
        write(&self.cell.service_time_us, SERVICE_TIME)?;
        self.cell.clear();
        self.from_s += self.seconds;
        self.seconds = 0;
        self.written += 1;
        if self.written.is_multiple_of(INTERVALS_OF_A_LENGTH) {
            self.length_s *= 2;
        }
        Ok(())
    }
}

fn io_error(error: IntervalLogWriterError<V2DeflateSerializeError>) -> io::Error {
    match error {
        IntervalLogWriterError::IoError(error) => error,
        IntervalLogWriterError::SerializeError(error) => io::Error::other(error),
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::*;

    /// Start and length of the intervals of a tag.
    fn intervals(text: &[u8], tag: &str) -> Vec<(u64, u64)> {
        let entries = IntervalLogIterator::new(text).map(|entry| entry.expect("a line of a log"));
        entries
            .filter_map(|entry| match entry {
                LogEntry::Interval(interval) if interval.tag() == Tag::new(tag) => {
                    let start = interval.start_timestamp().as_secs();
                    Some((start, interval.duration().as_secs()))
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_long_load_has_longer_intervals_and_no_gaps() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.hlog");
        let file = LineWriter::new(File::create(&path).unwrap());
        let (sender, seconds) = sync_channel(INTERVALS_OF_A_LENGTH as usize * 2);
        for _ in 0..INTERVALS_OF_A_LENGTH + 3 {
            sender.send(None).unwrap();
        }
        drop(sender);
        write_all(file, UtcTime::from_millis(7_000), Duration::ZERO, &seconds).unwrap();
        let text = std::fs::read(&path).unwrap();
        for tag in [RESPONSE_TIME, SERVICE_TIME] {
            let found = intervals(&text, tag);
            assert_eq!(found.len() as u64, INTERVALS_OF_A_LENGTH + 2);
            assert_eq!(found[..2], [(0, 1), (1, 1)]);
            assert_eq!(found[3_599..], [(3_599, 1), (3_600, 2), (3_602, 1)]);
        }
        let head = String::from_utf8_lossy(&text[..400]).into_owned();
        assert!(head.contains("#[StartTime: 7.000 (seconds"), "{head}");
        assert!(head.contains("#[BaseTime: 7.000 (seconds"), "{head}");
    }
}
