//! A log whose last two groups are cut, zeroed or overwritten at every byte opens with every whole
//! record before that, says what it dropped, and goes on.

use std::fs;
use std::path::{Path, PathBuf};

use rand::Rng;
use sim_clock::Clock;
use sim_journal::format::{record_bytes, segment_path};
use sim_journal::{JournalReader, Record, SyncPolicy};
use sim_message_log::record::MESSAGE;
use sim_message_log::{LogConfig, LogReader, MessageLog};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::support::{config, request};

/// Messages that are logged one by one, each a group of its own.
const SINGLE: usize = 5;
/// Messages in each of the last two groups.
const GROUP: usize = 3;

/// A log as a kill leaves it, and a copy to damage.
struct Scene {
    whole: PathBuf,
    damaged: PathBuf,
    records: Vec<Record>,
    /// The last segment, zeros that it was filled with ahead included.
    bytes: Vec<u8>,
    _around: TempDir,
}

impl Scene {
    async fn set() -> Self {
        let around = tempfile::tempdir().unwrap();
        let whole = around.path().join("whole");
        let (log, _) = MessageLog::open(&whole, unsynced(), Clock::wall()).unwrap();
        for number in 0..SINGLE {
            log.append(request(number)).await.unwrap();
        }
        for group in 0..2 {
            append_group(&log, SINGLE + group * GROUP).await;
        }
        assert_eq!(log.statistics().commits, SINGLE as u64 + 2);
        drop(log);
        let records: Vec<Record> = JournalReader::open(&whole)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let last = records.last().unwrap().position.segment;
        let mut bytes = fs::read(segment_path(&whole, last)).unwrap();
        // As in a segment that is synced, and filled ahead.
        bytes.resize(bytes.len() + 300, 0);
        Self {
            damaged: around.path().join("damaged"),
            whole,
            records,
            bytes,
            _around: around,
        }
    }

    /// Where the first of the last two groups begins: at the first signature document of it.
    fn groups_begin(&self) -> usize {
        let in_groups = 2 * 2 * GROUP;
        let first = &self.records[self.records.len() - in_groups];
        assert_eq!(
            first.position.segment,
            self.last_segment(),
            "one segment has both groups"
        );
        as_usize(first.position.offset)
    }

    fn records_end(&self) -> usize {
        end_of(self.records.last().unwrap())
    }

    fn last_segment(&self) -> u32 {
        self.records.last().unwrap().position.segment
    }

    /// A log whose last segment holds `bytes` opens with what is whole of it, and goes on.
    async fn check(&self, case: &str, bytes: &[u8]) {
        copy(&self.whole, &self.damaged);
        fs::write(segment_path(&self.damaged, self.last_segment()), bytes).unwrap();
        let as_written = |end: usize| bytes.get(..end) == Some(&self.bytes[..end]);
        let stands = |record: &&Record| {
            record.position.segment != self.last_segment() || as_written(end_of(record))
        };
        let standing: Vec<&Record> = self.records.iter().take_while(stands).collect();
        let messages = standing
            .iter()
            .filter(|record| record.kind == MESSAGE)
            .count();
        let behind = &bytes[end_of(standing.last().unwrap())..];
        let dropped = behind
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1);

        let (log, report) = MessageLog::open(&self.damaged, unsynced(), Clock::wall()).unwrap();
        assert_eq!(report.records, standing.len() as u64, "{case}");
        assert_eq!(report.messages, messages as u64, "{case}");
        assert_eq!(report.dropped_bytes, dropped as u64, "{case}");
        log.append(request(1_000)).await.unwrap();
        drop(log);
        let reader = LogReader::open(&self.damaged).unwrap();
        let ids: Vec<_> = reader.message_ids().map(Result::unwrap).collect();
        assert_eq!(ids.len(), messages + 1, "{case}");
        assert_eq!(ids.last().map(String::as_str), Some("run-1000"), "{case}");
        let found = reader.find("run-1000").unwrap();
        assert_eq!(found[0].record, request(1_000), "{case}");
    }
}

/// Nothing here waits for a disk, and the log is opened a thousand times.
fn unsynced() -> LogConfig {
    LogConfig {
        sync: SyncPolicy::Never,
        ..config()
    }
}

/// Logs messages so that one commit has them all.
async fn append_group(log: &MessageLog, first: usize) {
    let mut tasks = JoinSet::new();
    for number in first..first + GROUP {
        let log = log.clone();
        tasks.spawn(async move { log.append(request(number)).await });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
}

fn end_of(record: &Record) -> usize {
    as_usize(record.position.offset) + record_bytes(record.payload.len())
}

fn as_usize(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[tokio::test]
async fn a_cut_at_every_byte_of_the_last_two_groups_drops_no_whole_record() {
    let scene = Scene::set().await;
    for length in scene.groups_begin()..=scene.bytes.len() {
        scene
            .check(&format!("cut at {length}"), &scene.bytes[..length])
            .await;
    }
}

#[tokio::test]
async fn zeros_from_every_byte_of_the_last_two_groups_drop_no_whole_record() {
    let scene = Scene::set().await;
    for from in scene.groups_begin()..=scene.records_end() {
        let mut bytes = scene.bytes.clone();
        bytes[from..].fill(0);
        scene.check(&format!("zeros from {from}"), &bytes).await;
    }
}

#[tokio::test]
async fn garbage_from_every_byte_of_the_last_two_groups_drops_no_whole_record() {
    let scene = Scene::set().await;
    let mut random = sim_clock::rng(1, "garbage");
    for from in scene.groups_begin()..=scene.records_end() {
        let mut bytes = scene.bytes.clone();
        random.fill_bytes(&mut bytes[from..]);
        scene.check(&format!("garbage from {from}"), &bytes).await;
    }
}

#[tokio::test]
async fn a_whole_record_of_another_life_behind_the_end_is_dropped() {
    let scene = Scene::set().await;
    let begin = scene.groups_begin();
    let length = scene.records_end() - begin;
    // A shorter record now lies where one ended that a whole one followed.
    let mut bytes = scene.bytes[..begin].to_vec();
    bytes.extend_from_slice(&scene.bytes[begin + length / 2..]);
    scene.check("a tail of another life", &bytes).await;
}
