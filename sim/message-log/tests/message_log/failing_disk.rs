//! A disk that is full, fails, or loses its power: what was not acknowledged may be gone, what was
//! is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rand::{Rng, RngExt as _};
use sim_clock::Clock;
use sim_journal::JournalError;
use sim_journal::simulated_disk::SimulatedDisk;
use sim_message_log::{LogConfig, LogError, LogReader, MessageLog};
use tokio::task::JoinSet;

use crate::support::{TestStamper, config, logged_ids, open, request};

/// Logs that are tried; each has a seed of its own.
const LOGS: u64 = 150;
/// Times that the power of each is cut.
const POWER_CUTS: u32 = 4;
/// Steps of the disk that a log takes at most before its power is cut.
const MAX_STEPS: u32 = 60;
/// Tasks that append at once, and what one of them appends at most.
const TASKS: usize = 4;
const MAX_MESSAGES_OF_A_TASK: usize = 20;

fn on(disk: &SimulatedDisk) -> LogConfig {
    LogConfig {
        storage: Arc::new(disk.clone()),
        ..config()
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_after_the_disk_failed_until_a_restart() {
    let faults: [fn(&SimulatedDisk); 2] = [
        |disk| disk.fill_up_after(2_000),
        |disk| disk.fail_syncs_after(2),
    ];
    for fault in faults {
        let folder = tempfile::tempdir().unwrap();
        let disk = SimulatedDisk::default();
        let (log, _) = MessageLog::open(folder.path(), on(&disk), Clock::wall()).unwrap();
        fault(&disk);
        let mut acknowledged = BTreeSet::new();
        for number in 0..50 {
            match log.append(request(number)).await {
                Ok(()) => assert!(acknowledged.insert(format!("run-{number}"))),
                Err(error) => assert!(matches!(error, LogError::Write(_)), "{error:?}"),
            }
        }
        assert!(acknowledged.len() < 50);
        assert!(matches!(log.health(), Err(LogError::Write(_))));
        assert!(matches!(
            log.drain(&TestStamper::default()).await,
            Err(LogError::Write(_))
        ));
        disk.power_cut(|| false);
        assert_eq!(logged_ids(folder.path()), acknowledged);
        let (log, report) = open(folder.path());
        assert_eq!(
            usize::try_from(report.messages).unwrap(),
            acknowledged.len()
        );
        log.append(request(50))
            .await
            .expect("accepted after a restart");
    }
}

/// One log through all its lives.
struct Trial<'a, Random> {
    random: &'a mut Random,
    folder: &'a Path,
    disk: SimulatedDisk,
    /// The IDs that were acknowledged: they must be there.
    acknowledged: BTreeSet<String>,
    /// The number of the next message.
    next: usize,
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

impl<Random: Rng> Trial<'_, Random> {
    /// Opens the log and appends from several tasks, until the power goes or the process is killed.
    async fn live(&mut self) {
        let steps = self.random.random_range(0..MAX_STEPS);
        self.disk.lose_power_after(steps);
        let opened = MessageLog::open(self.folder, on(&self.disk), Clock::wall());
        let (log, report) = match opened {
            Ok(opened) => opened,
            Err(LogError::Open(error)) if !matches!(*error, JournalError::Damaged { .. }) => return,
            Err(LogError::Index { .. }) => return,
            Err(error) => panic!("the log is damaged: {error:?}"),
        };
        self.check(Some(report.messages));
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            let (log, first) = (log.clone(), self.next);
            let count = self.random.random_range(0..MAX_MESSAGES_OF_A_TASK);
            self.next += count;
            tasks.spawn(async move {
                let mut acknowledged = Vec::new();
                for number in first..first + count {
                    match log.append(request(number)).await {
                        Ok(()) => acknowledged.push(format!("run-{number}")),
                        Err(error) => assert!(matches!(error, LogError::Write(_)), "{error:?}"),
                    }
                }
                acknowledged
            });
        }
        if self.random.random_ratio(1, 2) {
            // Without waiting: a stamp lands between messages wherever it may.
            let log = log.clone();
            tasks.spawn(async move {
                drop(log.stamp_now(&TestStamper::default()).await);
                Vec::new()
            });
        }
        while let Some(done) = tasks.join_next().await {
            self.acknowledged.extend(done.unwrap());
        }
        if self.random.random_ratio(1, 6) {
            drop(log.drain(&TestStamper::default()).await);
        }
    }

    /// What was acknowledged is there, and can be found by its ID.
    fn check(&mut self, messages: Option<u64>) {
        if self.acknowledged.is_empty() && messages.is_none() {
            // The power may have gone before there was a log.
            return;
        }
        let logged = logged_ids(self.folder);
        let missing: Vec<_> = self.acknowledged.difference(&logged).collect();
        assert_eq!(missing, Vec::<&String>::new());
        let reader = LogReader::open(self.folder).unwrap();
        for id in &self.acknowledged {
            assert_eq!(reader.find(id).unwrap().len(), 1, "{id} is found");
        }
        if let Some(messages) = messages {
            assert_eq!(usize::try_from(messages).unwrap(), logged.len());
        }
    }

    /// Cuts the power; between nothing and everything that was not synced gets through.
    fn cut_power(&mut self) {
        let chance = self.random.random_range(0.0..=1.0);
        self.disk.power_cut(|| self.random.random_bool(chance));
        self.disk = SimulatedDisk::default();
        self.tear_indexes();
        self.check(None);
    }

    /// Indexes are not synced: what a power cut leaves of them is anybody's guess.
    fn tear_indexes(&mut self) {
        let Ok(entries) = fs::read_dir(self.folder) else {
            return;
        };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "idx"));
        paths.sort();
        for path in paths {
            match self.random.random_range(0..3) {
                0 => fs::remove_file(path).unwrap(),
                1 => {
                    let mut bytes = fs::read(&path).unwrap();
                    bytes.truncate(self.random.random_range(0..=bytes.len()));
                    fs::write(path, bytes).unwrap();
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn power_cuts_lose_nothing_that_was_acknowledged() {
    let mut acknowledged = 0;
    for seed in 0..LOGS {
        let _told = SeedOnPanic(seed);
        let around = tempfile::tempdir().unwrap();
        let mut trial = Trial {
            random: &mut sim_clock::rng(seed, "power cuts"),
            folder: &around.path().join("logs/server"),
            disk: SimulatedDisk::default(),
            acknowledged: BTreeSet::new(),
            next: 0,
        };
        for _ in 0..POWER_CUTS {
            trial.live().await;
            trial.cut_power();
        }
        let (log, report) = open(trial.folder);
        trial.check(Some(report.messages));
        log.append(request(trial.next))
            .await
            .expect("the log goes on");
        acknowledged += trial.acknowledged.len();
    }
    // Few trials end before anything is acknowledged.
    assert!(acknowledged as u64 > LOGS * 10, "{acknowledged}");
}
