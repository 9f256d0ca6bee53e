//! Laws that hold of every run, whatever was measured: where one does not, the measurement is at
//! fault, and no figure of it can be used.
//!
//! Denning and Buzen, The operational analysis of queueing network models, ACM Computing Surveys
//! 10 (3), 1978.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::load::LoadResult;
use crate::record::RunRecord;

/// Fewer counts of what was in flight say nothing about their mean.
const MIN_LOOKS: u64 = 50;
/// By how much the mean in flight may miss what it should be, relative,
const IN_FLIGHT_TOLERANCE: f64 = 0.25;
/// and besides, in exchanges: a load of one or two in flight is counted as whole numbers.
const IN_FLIGHT_SLACK: f64 = 2.0;
/// By how much processor time may exceed what there is: clocks of two kinds are compared.
const CPU_TOLERANCE: f64 = 0.05;

/// A law, and whether it held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LawCheck {
    /// The law, in a sentence with its figures.
    pub text: String,
    /// True where it held.
    pub held: bool,
}

/// Every law that can be held against the run.
#[must_use]
pub fn laws(record: &RunRecord) -> Vec<LawCheck> {
    let Some(load) = &record.load else {
        return Vec::new();
    };
    [
        Some(flow_is_kept(load)),
        little(load),
        utilisation(record, load),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every exchange that came due was begun or dropped, and every one that was begun ended in one
/// way.
fn flow_is_kept(load: &LoadResult) -> LawCheck {
    let ended = load.outcomes.total();
    LawCheck {
        text: format!(
            "flow: {} offered = {} started + {} dropped, and {ended} ended",
            load.offered, load.started, load.dropped
        ),
        held: load.offered == load.started + load.dropped
            && ended == load.started
            && load.completed <= load.started,
    }
}

/// Little's law: as many are in flight, counted now and then, as come in the time that each is.
fn little(load: &LoadResult) -> Option<LawCheck> {
    let health = load.generator.as_ref()?;
    if health.looks < MIN_LOOKS || load.service_time.count == 0 {
        return None;
    }
    let counted = health.mean_in_flight;
    let should_be = load.throughput_per_s * load.service_time.mean_us / 1e6;
    // Exchanges without an answer are in flight as well, for a time that nobody knows.
    let unanswered = (load.started - load.completed.min(load.started)) as f64;
    let share = unanswered / load.started.max(1) as f64;
    let tolerance = IN_FLIGHT_SLACK + (IN_FLIGHT_TOLERANCE + share) * should_be.max(counted);
    Some(LawCheck {
        text: format!(
            "Little: {counted:.1} in flight, counted {} times; {should_be:.1} by rate times time",
            health.looks
        ),
        held: (counted - should_be).abs() <= tolerance,
    })
}

/// Nobody uses more processor time than there is.
fn utilisation(record: &RunRecord, load: &LoadResult) -> Option<LawCheck> {
    let cores = f64::from(record.machine.cores);
    let used: f64 = record
        .processes
        .iter()
        .map(|process| process.cpu_seconds - process.start_cpu_seconds)
        .sum();
    // Processes are watched from the load's beginning until they have drained.
    let lasted: f64 = record
        .phases
        .iter()
        .filter(|phase| matches!(phase.name.as_str(), "stand up" | "load" | "drain"))
        .map(|phase| phase.seconds)
        .sum();
    let there_is = cores * lasted.max(load.duration_s);
    (there_is > 0.0).then(|| LawCheck {
        text: format!("utilisation: {used:.2} s of processor time used of {there_is:.2} s"),
        held: used <= there_is * (1.0 + CPU_TOLERANCE),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::ProcessUse;
    use crate::load::{GeneratorHealth, OutcomeCounts};
    use crate::record::{Machine, Phase};

    fn run() -> RunRecord {
        let mut load = LoadResult {
            offered: 1_000,
            started: 1_000,
            completed: 1_000,
            outcomes: OutcomeCounts {
                ok: 1_000,
                ..OutcomeCounts::default()
            },
            duration_s: 10.0,
            throughput_per_s: 100.0,
            generator: Some(GeneratorHealth {
                looks: 100,
                mean_in_flight: 20.0,
                ..GeneratorHealth::default()
            }),
            ..LoadResult::default()
        };
        load.service_time.count = 1_000;
        load.service_time.mean_us = 200_000.0;
        RunRecord {
            machine: Machine {
                cores: 2,
                ..Machine::default()
            },
            phases: vec![Phase {
                name: "load".to_owned(),
                seconds: 10.0,
            }],
            processes: vec![ProcessUse {
                cpu_seconds: 19.0,
                ..ProcessUse::default()
            }],
            load: Some(load),
            ..RunRecord::default()
        }
    }

    fn broken(change: impl Fn(&mut RunRecord)) -> Vec<String> {
        let mut run = run();
        change(&mut run);
        let broken = laws(&run).into_iter().filter(|law| !law.held);
        broken.map(|law| law.text).collect()
    }

    #[test]
    fn a_sound_run_keeps_every_law() {
        assert_eq!(laws(&run()).len(), 3);
        assert_eq!(broken(|_| ()), [""; 0]);
        assert!(laws(&RunRecord::default()).is_empty());
    }

    #[test]
    fn a_measurement_that_contradicts_itself_is_found() {
        let load = |change: fn(&mut LoadResult)| {
            broken(move |run| change(run.load.as_mut().expect("there is one")))
        };
        assert_eq!(
            load(|load| load.dropped = 1),
            ["flow: 1000 offered = 1000 started + 1 dropped, and 1000 ended"]
        );
        assert_eq!(
            load(|load| load.service_time.mean_us = 400_000.0),
            ["Little: 20.0 in flight, counted 100 times; 40.0 by rate times time"]
        );
        assert_eq!(
            broken(|run| run.processes[0].cpu_seconds = 30.0),
            ["utilisation: 30.00 s of processor time used of 20.00 s"]
        );
        // Too few counts say nothing.
        let unknown = load(|load| {
            load.service_time.mean_us = 400_000.0;
            load.generator.as_mut().expect("there is one").looks = 3;
        });
        assert_eq!(unknown, [""; 0]);
    }
}
