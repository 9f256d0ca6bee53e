//! A disk that is full, fails, or loses its power: what was not acknowledged may be gone, what was
//! is there.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use sim_clock::Clock;
use sim_journal::simulated_disk::SimulatedDisk;
use sim_message_log::{LogConfig, LogError, MessageLog};

use crate::support::{TestStamper, config, logged_ids, open, request};

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

/// Eight tasks append until the power goes after `acknowledgements`; the IDs acknowledged.
fn append_until_power_cut(
    log: &MessageLog,
    disk: &SimulatedDisk,
    acknowledgements: usize,
    mut survivors: impl Iterator<Item = bool>,
) -> BTreeSet<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    runtime.block_on(async {
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let (log, acknowledged) = (log.clone(), Arc::clone(&acknowledged));
                tokio::spawn(async move {
                    for number in (task..).step_by(8) {
                        if log.append(request(number)).await.is_err() {
                            return;
                        }
                        acknowledged.lock().unwrap().insert(format!("run-{number}"));
                    }
                })
            })
            .collect();
        while acknowledged.lock().unwrap().len() < acknowledgements {
            tokio::task::yield_now().await;
        }
        disk.power_cut(|| survivors.next().unwrap());
        for task in tasks {
            task.await.unwrap();
        }
    });
    Arc::try_unwrap(acknowledged).unwrap().into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn power_cuts_lose_nothing_that_was_acknowledged(
        acknowledgements in 0_usize..150,
        survivors in prop::collection::vec(any::<bool>(), 97),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let disk = SimulatedDisk::default();
        let (log, _) = MessageLog::open(folder.path(), on(&disk), Clock::wall()).unwrap();
        let survivors = survivors.into_iter().cycle();
        let acknowledged = append_until_power_cut(&log, &disk, acknowledgements, survivors);
        prop_assert!(acknowledged.len() >= acknowledgements);
        drop(log);
        let (_log, report) = open(folder.path());
        let logged = logged_ids(folder.path());
        prop_assert!(logged.is_superset(&acknowledged));
        prop_assert_eq!(report.messages, logged.len() as u64);
    }
}
