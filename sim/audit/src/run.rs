//! The audit of a run from its folder: who reads what, on how many threads.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use sim_clock::Clock;
use sim_metrics::{AuditResult, Finding};

use crate::crossing::{Crossing, Source};
use crate::digest::Half;
use crate::findings::Findings;
use crate::journal::{Journal, JournalKind};
use crate::kinds::{self, finding};
use crate::ledger::{LedgerCounts, LedgerReader};
use crate::log::{LogCounts, LogReader};
use crate::partitions::Partitions;
use crate::signatures_seen::SignaturesSeen;
use crate::stamped::Stamped;
use crate::tracker::TrackerReader;
use crate::trust::Trust;
use crate::value_checks::{Checker, QUEUE, ValueChecks};
use crate::verdicts::Verdicts;
use crate::{AuditError, AuditPlan, OtherClient};

/// How often progress is told.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(200);

/// Messages that an exchange leaves in the logs.
const MESSAGES_PER_EXCHANGE: u64 = 4;

/// What every reader shares.
pub(crate) struct Reading<'a> {
    pub(crate) run_folder: &'a Path,
    plan: &'a AuditPlan,
    pub(crate) trust: &'a Trust,
    sources: &'a [Source],
    pub(crate) partitions: &'a Partitions,
    pub(crate) verdicts: Verdicts,
    /// Messages read so far.
    pub(crate) messages: AtomicU64,
}

/// What one reader found in its journal.
struct Outcome {
    findings: Findings,
    ledger: LedgerCounts,
    log: LogCounts,
    stamped: Stamped,
    /// Of a log.
    signatures: Option<SignaturesSeen>,
}

pub(crate) fn audit(
    run_folder: &Path,
    plan: &AuditPlan,
    progress: &mut dyn FnMut(u64, f64),
) -> Result<AuditResult, AuditError> {
    let clock = Clock::wall();
    let begun = clock.monotonic();
    let mut findings = Findings::default();
    let mut sources = sources(run_folder, plan, &mut findings)?;
    let trust = Trust::load(&run_folder.join("trust"))?;
    let temporary = |source| AuditError::Temporary { source };
    let bytes = sources.iter().map(|source| source.journal.bytes()).sum();
    let partitions = Partitions::create(run_folder, bytes).map_err(temporary)?;
    let reading = Reading {
        run_folder,
        plan,
        trust: &trust,
        sources: &sources,
        partitions: &partitions,
        verdicts: Verdicts::default(),
        messages: AtomicU64::new(0),
    };
    let mut tell = || {
        let done = reading.messages.load(Ordering::Relaxed) / MESSAGES_PER_EXCHANGE;
        let seconds = (clock.monotonic() - begun).as_secs_f64();
        progress(done, done as f64 / seconds.max(f64::EPSILON));
    };
    let checks = ValueChecks::default();
    let outcomes = reading.read_all(&checks, &mut tell).map_err(temporary)?;
    let failed = checks.into_failed();
    let mut result = AuditResult::default();
    for (number, (source, outcome)) in sources.iter_mut().zip(outcomes).enumerate() {
        // The load generator's ledger is the first.
        if number > 0 {
            result.others += outcome.ledger.exchanges;
        }
        source.stamped = outcome.stamped;
        if let Some(signatures) = &outcome.signatures {
            source
                .find_invalid(signatures, &failed, &mut findings)
                .map_err(temporary)?;
        }
        findings.merge(outcome.findings);
        result.exchanges += outcome.ledger.exchanges;
        result.wrong += outcome.ledger.wrong;
        result.deceased_named += outcome.ledger.deceased_named;
        result.messages += outcome.log.messages;
        result.signatures += outcome.log.signatures;
        result.time_stamps += outcome.log.time_stamps;
    }
    for crossed in join(&partitions, &sources).map_err(temporary)? {
        crossed.add_to(&mut findings, &mut result);
    }
    findings.into_result(&mut result);
    result.seconds = (clock.monotonic() - begun).as_secs_f64();
    progress(
        result.exchanges,
        result.exchanges as f64 / result.seconds.max(f64::EPSILON),
    );
    Ok(result)
}

/// Brings all footprints together, several files at once; what came of each, in their order.
fn join<'s>(partitions: &Partitions, sources: &'s [Source]) -> std::io::Result<Vec<Crossing<'s>>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= partitions.count() {
                return done;
            }
            let mut crossing = Crossing::new(sources);
            let read = partitions.read(number, &mut |footprints| crossing.take(footprints));
            done.push((number, read.map(|()| crossing)));
        }
    };
    let mut done: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads()).map(|_| scope.spawn(work)).collect();
        let done = threads.into_iter().map(|thread| thread.join());
        done.flat_map(|done| done.expect("joining does not panic"))
            .collect()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, crossed)| crossed).collect()
}

/// How many threads have a core to themselves.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The journals of a run: the ledger first, those of other clients, the data trackers, then the logs
/// by name.
fn sources(
    run_folder: &Path,
    plan: &AuditPlan,
    findings: &mut Findings,
) -> Result<Vec<Source>, AuditError> {
    let missing = |missing| AuditError::NotARun {
        folder: run_folder.to_owned(),
        missing,
    };
    for folder in ["ledger", "logs", "trust"] {
        if !run_folder.join(folder).is_dir() {
            return Err(missing(folder));
        }
    }
    let mut sources = vec![Source {
        journal: Journal {
            folder: run_folder.join("ledger"),
            kind: JournalKind::Ledger,
            name: "ledger".to_owned(),
            server: None,
        },
        consumer: false,
        provider: false,
        stamped: Stamped::default(),
        invalid: BTreeSet::new(),
    }];
    sources.extend(plan.other_clients.iter().map(|other| Source {
        journal: Journal {
            folder: run_folder.join("ledgers").join(&other.name),
            kind: JournalKind::Ledger,
            name: format!("ledgers/{}", other.name),
            server: None,
        },
        consumer: false,
        provider: false,
        stamped: Stamped::default(),
        invalid: BTreeSet::new(),
    }));
    sources.extend(plan.trackers.iter().map(|name| Source {
        journal: Journal {
            folder: run_folder.join("trackers").join(name),
            kind: JournalKind::Tracker,
            name: format!("trackers/{name}"),
            server: None,
        },
        consumer: false,
        provider: false,
        stamped: Stamped::default(),
        invalid: BTreeSet::new(),
    }));
    let found = servers(&run_folder.join("logs"))?;
    for server in plan.consumer_servers.iter().chain(&plan.provider_servers) {
        if !found.contains(server) {
            let text = format!("logs/{server}: there is no log of this security server");
            findings.add(kinds::LOG_MISSING, || finding(kinds::LOG_MISSING, text));
        }
    }
    sources.extend(found.into_iter().map(|server| Source {
        journal: Journal {
            folder: run_folder.join("logs").join(&server),
            kind: JournalKind::MessageLog,
            name: format!("logs/{server}"),
            server: Some(server.clone()),
        },
        consumer: plan.consumer_servers.contains(&server),
        provider: plan.provider_servers.contains(&server),
        stamped: Stamped::default(),
        invalid: BTreeSet::new(),
    }));
    Ok(sources)
}

/// Names of the folders with message logs.
fn servers(logs: &Path) -> Result<BTreeSet<String>, AuditError> {
    let list = || {
        let mut names = BTreeSet::new();
        for entry in std::fs::read_dir(logs)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                names.insert(entry.file_name().to_string_lossy().into_owned());
            }
        }
        Ok(names)
    };
    list().map_err(|source| AuditError::Folder {
        folder: logs.to_owned(),
        source,
    })
}

// === impl Source ===

impl Source {
    /// Finds the signatures of a log whose values did not verify.
    fn find_invalid(
        &mut self,
        signatures: &SignaturesSeen,
        failed: &BTreeSet<Half>,
        findings: &mut Findings,
    ) -> std::io::Result<()> {
        // Nearly always; and then the signatures need not be gone through.
        if failed.is_empty() {
            return Ok(());
        }
        for signature in signatures.iter() {
            let signature = signature?;
            if failed.contains(&signature.value) {
                self.invalid.insert(signature.sequence);
                findings.add(kinds::SIGNATURE_INVALID, || {
                    let place = self.journal.name_of(signature.segment, signature.sequence);
                    let text = format!("{place}: the signature's value does not verify");
                    let server = self.journal.server.clone();
                    Finding {
                        server,
                        ..finding(kinds::SIGNATURE_INVALID, text)
                    }
                });
            }
        }
        Ok(())
    }
}

// === impl Reading ===

impl Reading<'_> {
    /// Reads all journals, several at once; what was found, in the order of the journals.
    fn read_all(
        &self,
        checks: &ValueChecks,
        tell: &mut dyn FnMut(),
    ) -> std::io::Result<Vec<Outcome>> {
        let threads = threads();
        // The ledger is by far the shortest: it comes last.
        let order: Vec<usize> = (1..self.sources.len()).chain([0]).collect();
        let next = AtomicUsize::new(0);
        let (sender, receiver) = mpsc::channel();
        let mut outcomes: Vec<_> = self.sources.iter().map(|_| None).collect();
        let (tasks, values) = mpsc::sync_channel(QUEUE);
        let values = Mutex::new(values);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| checks.work(&values));
            }
            // A reader often waits for the curve, so one more than there are cores is worth it.
            for _ in 0..(threads + 1).min(order.len()) {
                let sender = sender.clone();
                let checker = Checker::new(checks, tasks.clone());
                let (next, order) = (&next, &order);
                scope.spawn(move || {
                    while let Some(number) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                        // The receiver waits for every journal, so it is there.
                        let _sent = sender.send((*number, self.read(*number, &checker)));
                    }
                });
            }
            drop(sender);
            drop(tasks);
            loop {
                match receiver.recv_timeout(PROGRESS_INTERVAL) {
                    Ok((number, outcome)) => outcomes[number] = Some(outcome),
                    Err(RecvTimeoutError::Timeout) => tell(),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
            }
        });
        outcomes
            .into_iter()
            .map(|outcome| outcome.expect("every journal was read"))
            .collect()
    }

    fn read(&self, number: usize, checker: &Checker<'_>) -> std::io::Result<Outcome> {
        let journal = &self.sources[number].journal;
        let short = u16::try_from(number).expect("a run has no 65,536 security servers");
        match journal.kind {
            JournalKind::Ledger => {
                // The load generator's is the first.
                let other = number.checked_sub(1);
                let other = other.map(|other| &self.plan.other_clients[other]);
                self.read_ledger(journal, short, other)
            }
            JournalKind::Tracker => self.read_tracker(journal, short),
            JournalKind::MessageLog => self.read_log(journal, short, checker),
        }
    }

    fn read_ledger(
        &self,
        journal: &Journal,
        number: u16,
        other: Option<&OtherClient>,
    ) -> std::io::Result<Outcome> {
        let mut findings = Findings::default();
        let writer = self.partitions.writer();
        let mut reader = LedgerReader::new(self.plan, other, journal, number, writer);
        journal.read(&mut reader, &mut findings);
        let ledger = reader.finish(&mut findings)?;
        Ok(Outcome {
            findings,
            ledger,
            log: LogCounts::default(),
            stamped: Stamped::default(),
            signatures: None,
        })
    }

    fn read_tracker(&self, journal: &Journal, number: u16) -> std::io::Result<Outcome> {
        let mut findings = Findings::default();
        let mut reader = TrackerReader::new(journal, number, self.partitions.writer());
        journal.read(&mut reader, &mut findings);
        reader.finish()?;
        Ok(Outcome {
            findings,
            ledger: LedgerCounts::default(),
            log: LogCounts::default(),
            stamped: Stamped::default(),
            signatures: None,
        })
    }

    fn read_log(
        &self,
        journal: &Journal,
        number: u16,
        checker: &Checker<'_>,
    ) -> std::io::Result<Outcome> {
        let mut findings = Findings::default();
        let mut reader = LogReader::create(journal, number, self, checker.clone())?;
        journal.read(&mut reader, &mut findings);
        let (log, stamped, signatures) = reader.finish()?;
        Ok(Outcome {
            findings,
            ledger: LedgerCounts::default(),
            log,
            stamped,
            signatures: Some(signatures),
        })
    }
}
