//! How much disk a run will take, told before it begins, and whether there is as much.
//!
//! A model with measured constants (docs/figures.md, "Disk"): every exchange leaves four messages,
//! two in each of two logs; messages that wait together share a signature document, and the longer
//! for it are their paths through its tree.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use sim_scenario::{Load, Scenario, Workload};
use sim_workload::Subject;

use crate::exit::Invalid;
use crate::show::bytes;

/// Messages that an exchange leaves: a request and a response in each of two logs.
const MESSAGES_PER_EXCHANGE: f64 = 4.0;
/// A message's record and index entry, without its body and its path.
const MESSAGE_BYTES: f64 = 550.0;
/// A signature document's record.
const DOCUMENT_BYTES: f64 = 5_250.0;
/// A step of a message's path, as it is logged.
const STEP_BYTES: f64 = 65.0;
/// Steps of a path, for each time that the messages of a document can be halved: most messages
/// are in the larger trees.
const STEPS_PER_HALVING: f64 = 1.3;
/// Exchanges a second that no two cores have reached.
const MOST_PER_SECOND: f64 = 10_000.0;
/// Messages that share a document: this power of the number in flight.
const SHARING_EXPONENT: f64 = 0.6;
/// In flight at a set rate: as many as arrive in this time.
const SECONDS_IN_FLIGHT: f64 = 0.02;
/// Question and answer without any national ID.
const BODIES_BYTES: f64 = 37.0;
/// What each national ID adds to them.
const ID_BYTES: f64 = 14.0;
/// What each entry of a person adds to an answer.
const ENTRY_BYTES: f64 = 82.0;
/// Questions of each kind whose sizes are averaged.
const SAMPLED_SIZES: u32 = 1_000;
/// A ledger's record without question and answer.
const LEDGER_BYTES: f64 = 293.0;
/// What the audit writes of an exchange while it works.
const AUDIT_BYTES: f64 = 5.0 * 214.0;
/// Exchanges of a citizen's journey: most pages ask several registries.
const EXCHANGES_PER_JOURNEY: f64 = 20.0;
/// What such an exchange leaves in the logs: hardly any of them share a document.
const CITIZENS_EXCHANGE_BYTES: f64 = 18_500.0;
/// Pages of a journey that somebody thinks about, and answers of their phone.
const THOUGHTS_PER_JOURNEY: f64 = 5.0;
const PHONE_ANSWERS_PER_JOURNEY: f64 = 1.2;
/// The z-score of the 99th percentile.
const Z99: f64 = 2.326;
/// A person in the register.
const PERSON_BYTES: f64 = 26.0;
/// What no run does without: configurations, page, record.
const LEAST_BYTES: f64 = 1e6;

/// What a run will take, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    logs: f64,
    ledger: f64,
    /// Gone with the end of the run: the register, and what the audit writes.
    meanwhile: f64,
}

/// Says what a run of `scenario` will take in the folder `results`, which need not exist yet.
///
/// # Errors
///
/// Where less is free there.
pub(crate) fn provide(scenario: &Scenario, results: &Path) -> Result<String> {
    let estimate = Estimate::of(scenario);
    let free = free_bytes(results)?;
    if estimate.total() > free {
        return Err(Invalid::usage(format!(
            "the run would take about {}, {} of it for the message logs, and {} has {} free; \
             name a folder with more room with --out, ask about fewer people, or make room: \
             --keep sample and --keep none need the room only until the audit is done",
            bytes(estimate.total()),
            bytes(estimate.logs as u64),
            results.display(),
            bytes(free),
        ))
        .into());
    }
    Ok(format!(
        "  disk       about {} for logs and ledger, {} more meanwhile; {} are free",
        bytes((estimate.logs + estimate.ledger) as u64),
        bytes(estimate.meanwhile as u64),
        bytes(free),
    ))
}

/// What is free for this user in the file system that a path is on, or will be.
fn free_bytes(path: &Path) -> Result<u64> {
    let there = path.ancestors().find(|ancestor| ancestor.exists());
    let there = there.unwrap_or_else(|| Path::new("."));
    let system = rustix::fs::statvfs(there)
        .with_context(|| format!("cannot tell how much is free in {}", there.display()))?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}

// === impl Estimate ===

impl Estimate {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        let exchanges = exchanges(scenario);
        let people = scenario.population.people as f64;
        let in_flight = match &scenario.workload.load {
            Load::InFlight { in_flight, .. } => f64::from(*in_flight),
            Load::ArrivalRate { course, .. } => {
                let highest = course
                    .profile()
                    .map_or(0.0, |profile| profile.highest_rate());
                highest * SECONDS_IN_FLIGHT
            }
        };
        let sharing = in_flight.max(1.0).powf(SHARING_EXPONENT);
        let path = STEP_BYTES * STEPS_PER_HALVING * sharing.log2();
        let (ids, entries) = ids_and_entries(&scenario.workload);
        let ids = (ids * exchanges).min(people.max(exchanges));
        let bodies = BODIES_BYTES * exchanges + (ID_BYTES + ENTRY_BYTES * entries) * ids;
        let messages = MESSAGES_PER_EXCHANGE * exchanges;
        Self {
            // Question and answer are in both logs.
            logs: messages * (MESSAGE_BYTES + path + DOCUMENT_BYTES / sharing)
                + 2.0 * bodies
                + CITIZENS_EXCHANGE_BYTES * EXCHANGES_PER_JOURNEY * journeys(scenario),
            ledger: LEDGER_BYTES * exchanges + bodies,
            meanwhile: AUDIT_BYTES * exchanges + PERSON_BYTES * people + LEAST_BYTES,
        }
    }

    fn total(&self) -> u64 {
        (self.logs + self.ledger + self.meanwhile) as u64
    }
}

/// Journeys of citizens, as if there were as many people all day as at its busiest.
fn journeys(scenario: &Scenario) -> f64 {
    let Some(citizens) = &scenario.citizens else {
        return 0.0;
    };
    let phones = scenario.identity_provider.as_ref();
    let phone_s = phones.map_or(0.0, |it| mean_s(it.phones.median, it.phones.p99));
    let think_s = mean_s(citizens.think_median, citizens.think_p99);
    let journey_s = THOUGHTS_PER_JOURNEY * think_s + PHONE_ANSWERS_PER_JOURNEY * phone_s;
    // Everybody has one under way when the time is over, which they end.
    let each = 1.0 + citizens.duration.as_secs_f64() / journey_s.max(f64::MIN_POSITIVE);
    f64::from(citizens.people_at_once) * each
}

/// The mean of a log-normal time.
fn mean_s(median: Duration, p99: Duration) -> f64 {
    let median_s = median.as_secs_f64();
    let sigma = (p99.as_secs_f64() / median_s).ln() / Z99;
    median_s * (sigma * sigma / 2.0).exp()
}

/// National IDs in a question on average, and for what share of them the answer has an entry.
fn ids_and_entries(workload: &Workload) -> (f64, f64) {
    let (mut weight, mut ids, mut entries) = (0.0, 0.0, 0.0);
    for ask in workload.asks() {
        let of_these = f64::from(ask.weight) * ask.sizes.mean(SAMPLED_SIZES);
        weight += f64::from(ask.weight);
        ids += of_these;
        match ask.subject {
            Subject::Deaths => {}
            Subject::Persons => entries += of_these,
        }
    }
    (ids / weight, entries / ids)
}

/// As many as are planned; where time alone ends the load, as many as could be in the time.
fn exchanges(scenario: &Scenario) -> f64 {
    let stop = scenario.workload.stop;
    match (scenario.exchanges(), stop.after) {
        (Some(planned), _) => planned as f64,
        (None, after) => {
            let seconds = after.unwrap_or_default().as_secs_f64();
            let limit = stop.exchanges.unwrap_or(u64::MAX) as f64;
            (seconds * MOST_PER_SECOND).min(limit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENARIO: &str = include_str!("../../scenarios/pension-liveness.yaml");

    fn scenario(people: &str, ids: &str, in_flight: &str) -> Scenario {
        let text = SCENARIO
            .replace("people: 500_000", &format!("people: {people}"))
            .replace("ids-per-exchange: 1", &format!("ids-per-exchange: {ids}"))
            .replace("64 in flight", &format!("{in_flight} in flight"))
            .replace("deceased: 980 ", "deceased: 10 ")
            .replace("deceased-named: 980", "deceased-named: 10");
        Scenario::parse("scenario.yaml", &text).unwrap()
    }

    #[test]
    fn the_estimate_is_near_what_was_measured() {
        // People, IDs in a question, in flight; bytes of the logs and of the ledger.
        for (people, ids, in_flight, logs, ledger) in [
            ("500_000", "1", "64", 2_760e6, 172e6),
            ("50_000", "1", "64", 279.8e6, 17.2e6),
            ("600", "1", "1", 13.96e6, 0.206e6),
            ("4_000", "1", "16", 23.7e6, 1.37e6),
            ("10_000", "1", "256", 47.6e6, 3.43e6),
            ("100_000", "100", "64", 8.03e6, 1.73e6),
            ("100_000", "1_000", "16", 4.24e6, 1.43e6),
        ] {
            let estimate = Estimate::of(&scenario(people, ids, in_flight));
            for (estimated, measured) in [(estimate.logs, logs), (estimate.ledger, ledger)] {
                let ratio = estimated / measured;
                assert!(
                    (0.75..1.25).contains(&ratio),
                    "{people} {ids} {in_flight}: {ratio}"
                );
            }
        }
    }

    #[test]
    fn citizens_count_as_well() {
        // Bytes of the logs of a run of each, of which the workload's own are a part.
        for (text, measured) in [
            (include_str!("../../scenarios/estonia.yaml"), 106.8e6),
            (include_str!("../../scenarios/island.yaml"), 25.2e6),
        ] {
            let scenario = Scenario::parse("scenario.yaml", text).unwrap();
            let estimate = Estimate::of(&scenario);
            let ratio = estimate.logs / measured;
            assert!((0.6..1.6).contains(&ratio), "{}: {ratio}", scenario.name);
        }
    }

    #[test]
    fn more_than_there_is_room_for_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path().join("not/there/yet");
        let told = provide(&scenario("600", "1", "1"), &results).unwrap();
        assert!(told.contains("about 14.2 MB for logs and ledger"), "{told}");
        let mut vast = scenario("600", "1", "1");
        vast.population.people = 1 << 50;
        let refused = provide(&vast, &results).unwrap_err().to_string();
        assert!(
            refused.contains("--out") && refused.contains("--keep"),
            "{refused}"
        );
        assert!(!results.exists());
    }
}
