//! Journals whose power is cut at any step, again and again: no committed record is missing, none
//! is invented, and the journal goes on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::{Rng, RngExt as _};
use sim_journal::simulated_disk::SimulatedDisk;
use sim_journal::{JournalError, JournalKind, JournalOptions, JournalReader, JournalWriter};

/// Journals that are tried; each has a seed of its own.
const JOURNALS: u64 = 400;
/// Times that the power of each is cut.
const POWER_CUTS: u32 = 4;
/// Steps of the disk that a journal takes at most before its power is cut.
const MAX_STEPS: u32 = 40;
/// Small, so that every other step is one of a rotation.
const SEGMENT_BYTES: u64 = 1_500;
const KIND: u8 = 4;

/// One journal through all its lives.
struct Trial<'a, Random> {
    random: &'a mut Random,
    folder: PathBuf,
    disk: SimulatedDisk,
    /// Records that were committed: they must be there.
    committed: u64,
    /// Records that may be there.
    written: u64,
}

/// Says which seed it was, where a trial fails.
struct SeedOnPanic(u64);

impl Drop for SeedOnPanic {
    #[expect(
        clippy::print_stderr,
        reason = "a person who repeats the failure needs it"
    )]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the failing trial has seed {}", self.0);
        }
    }
}

/// The payload of the record with this sequence; lengths vary.
fn payload(sequence: u64) -> Vec<u8> {
    let length = 1 + sequence * 37 % 220;
    (0..length).map(|at| (sequence + at) as u8).collect()
}

impl<Random: Rng> Trial<'_, Random> {
    /// Writes until the power goes, or the process is killed; whether it was the power.
    fn live(&mut self) -> bool {
        self.disk
            .lose_power_after(self.random.random_range(0..MAX_STEPS));
        // A killed process and the one that follows it share a disk that is never without power.
        let killed_after = self.random.random_range(0..60);
        match self.write(killed_after) {
            Ok(()) => false,
            Err(JournalError::Damaged { path, what, .. }) => {
                panic!("{}: {what}", path.display())
            }
            Err(_) => true,
        }
    }

    fn write(&mut self, records: u32) -> Result<(), JournalError> {
        let options = JournalOptions {
            segment_bytes: SEGMENT_BYTES,
            storage: Arc::new(self.disk.clone()),
            ..JournalOptions::default()
        };
        let (mut writer, recovery) =
            JournalWriter::open(&self.folder, JournalKind::MessageLog, options)?;
        self.check(recovery.records);
        // Opening has made durable whatever it found.
        self.committed = recovery.records;
        self.written = recovery.records;
        for _ in 0..records {
            self.written += 1;
            let position = writer.append(KIND, &payload(self.written - 1))?;
            assert_eq!(position.sequence, self.written - 1);
            if self.random.random_ratio(1, 3) {
                writer.commit()?;
                self.committed = self.written;
            }
        }
        if self.random.random_ratio(1, 8) {
            writer.seal()?;
            self.committed = self.written;
        }
        Ok(())
    }

    fn check(&self, found: u64) {
        let possible = self.committed..=self.written;
        assert!(possible.contains(&found), "{found} of {possible:?}");
        assert_eq!(
            payloads(&self.folder),
            (0..found).map(payload).collect::<Vec<_>>()
        );
    }

    fn cut_power(&mut self) {
        // Between nothing and everything that was not synced gets through.
        let chance = self.random.random_range(0.0..=1.0);
        self.disk.power_cut(|| self.random.random_bool(chance));
        self.disk = SimulatedDisk::default();
    }
}

/// All payloads a reader finds, a seal left out.
fn payloads(folder: &Path) -> Vec<Vec<u8>> {
    let records = JournalReader::open(folder).unwrap().map(Result::unwrap);
    let records = records.filter(|record| record.kind == KIND);
    records.map(|record| record.payload).collect()
}

#[test]
fn no_committed_record_is_lost_to_power_cuts_and_kills() {
    let mut cuts = 0;
    for seed in 0..JOURNALS {
        let _told = SeedOnPanic(seed);
        let around = tempfile::tempdir().unwrap();
        let mut trial = Trial {
            random: &mut sim_clock::rng(seed, "power cuts"),
            // Neither folder exists yet.
            folder: around.path().join("logs/journal"),
            disk: SimulatedDisk::default(),
            committed: 0,
            written: 0,
        };
        let mut left = POWER_CUTS;
        while left > 0 {
            // After a kill the power may hold, or be cut before the next process starts.
            if trial.live() || trial.random.random_ratio(1, 3) {
                trial.cut_power();
                left -= 1;
                cuts += 1;
            }
        }
        trial.disk = SimulatedDisk::default();
        trial.write(3).unwrap();
    }
    assert_eq!(cuts, JOURNALS * u64::from(POWER_CUTS));
}

/// Fills a journal on `disk`, fails the sync of what comes next, and gives the process up.
fn fail_a_sync(folder: &Path, disk: &SimulatedDisk) {
    let mut writer = open(folder, disk);
    writer.append(KIND, &payload(0)).unwrap();
    writer.commit().unwrap();
    disk.fail_syncs_after(0);
    writer.append(KIND, &payload(1)).unwrap();
    writer.commit().expect_err("the sync fails");
    assert!(matches!(writer.commit(), Err(JournalError::Poisoned)));
    disk.mend_syncs();
}

fn open(folder: &Path, disk: &SimulatedDisk) -> JournalWriter {
    let options = JournalOptions {
        storage: Arc::new(disk.clone()),
        ..JournalOptions::default()
    };
    let opened = JournalWriter::open(folder, JournalKind::MessageLog, options);
    opened.unwrap().0
}

#[test]
fn a_restart_after_a_failed_sync_builds_on_nothing_that_the_disk_does_not_have() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("journal");
    let disk = SimulatedDisk::default();
    fail_a_sync(&folder, &disk);
    // Memory still shows the record whose sync failed.
    assert_eq!(payloads(&folder).len(), 2);
    let mut writer = open(&folder, &disk);
    assert_eq!(writer.records(), 1, "what was not synced is not built upon");
    writer.append(KIND, &payload(1)).unwrap();
    writer.commit().unwrap();
    disk.power_cut(|| false);
    assert_eq!(payloads(&folder), [payload(0), payload(1)]);
}
