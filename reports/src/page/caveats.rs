//! How far the figures can be trusted: what a reader must know before quoting them.

use sim_metrics::{LoadResult, RunRecord, VerdictOutcome};

use super::load::is_paced;
use crate::format::{count, counted, fraction, micros};

/// Answers that a percentile needs beyond it to be more than an accident.
const FEW_BEYOND_PERCENTILE: u64 = 10;
/// Loads shorter than this are mostly their own beginning.
const SHORT_LOAD_S: f64 = 60.0;
/// Part of the 99th percentile that the generator's own delay may have.
const LARGE_OWN_DELAY: f64 = 0.1;

/// A reason for care.
pub(crate) struct Caveat {
    /// In a few words.
    pub(crate) head: &'static str,
    pub(crate) text: String,
}

/// What to bear in mind, that which touches the figures most first.
pub(crate) fn of(record: &RunRecord) -> Vec<Caveat> {
    let mut caveats = Vec::new();
    let mut add = |head, text: String| caveats.push(Caveat { head, text });
    match record.verdict.outcome {
        VerdictOutcome::Passed
        | VerdictOutcome::Failed
        | VerdictOutcome::Inconclusive
        | VerdictOutcome::Invalid => {}
        VerdictOutcome::Interrupted | VerdictOutcome::Error => add(
            "The run is incomplete.",
            "Its figures describe what was done up to its end, not the scenario.".to_owned(),
        ),
    }
    if record.audit.is_none() {
        add(
            "Nothing is proven.",
            "No audit was made; every count is what the load generator and the servers say of \
             themselves."
                .to_owned(),
        );
    }
    add(
        "Everything ran on one machine.",
        one_machine(record.machine.cores),
    );
    if let Some(load) = &record.load {
        of_load(load, &mut add);
    }
    add(
        "The country is virtual.",
        "People and data are drawn from the seed; no real person is meant. Certificates and \
         time-stamps follow the real protocols, but come from trust services of the run itself, \
         with keys kept in files: they prove what happened in this run and have no legal force."
            .to_owned(),
    );
    add(
        "One run is one sample.",
        "Two runs of the same build on the same machine differ by some percent. Compare builds by \
         several runs of each."
            .to_owned(),
    );
    caveats
}

fn one_machine(cores: u32) -> String {
    let on = match cores {
        0 => String::new(),
        1 => " and its one core".to_owned(),
        cores => format!(" and its {cores} cores"),
    };
    format!(
        "Load generator, security servers, register and trust services shared it{on}, and messages \
         crossed no real network. The figures are those of the whole country on this machine: \
         servers with machines of their own have more room, and a real network adds its own time \
         to every answer."
    )
}

fn of_load(load: &LoadResult, add: &mut impl FnMut(&'static str, String)) {
    let times = &load.response_time;
    if !is_paced(load) {
        add(
            "The load waited for the servers.",
            "A fixed number of questions was in flight, and the next was sent when one was \
             answered. That finds how much can be done, but slows down whenever the servers do: \
             the response times are not those that people arriving at their own pace would see."
                .to_owned(),
        );
    } else if times.p99_us > 0 {
        let own = load.start_delay.p99_us as f64 / times.p99_us as f64;
        if own > LARGE_OWN_DELAY {
            add(
                "The load generator was late itself.",
                format!(
                    "The 99th percentile of its start delay is {}, {} of that of the response \
                     time: part of the time told is the generator’s own.",
                    micros(load.start_delay.p99_us),
                    fraction(own),
                ),
            );
        }
    }
    if load.dropped > 0 {
        add(
            "Not every question was asked.",
            format!(
                "{} came due while too many were waiting, and were not begun; no response time \
                 tells of them.",
                counted(load.dropped, "exchange", "exchanges")
            ),
        );
    }
    if load.outcomes.unknown > 0 {
        add(
            "Some questions have no answer.",
            format!(
                "{} got none; the response times contain the time for which it was waited for.",
                counted(load.outcomes.unknown, "exchange", "exchanges")
            ),
        );
    }
    if load.duration_s.is_finite() && load.duration_s < SHORT_LOAD_S {
        add(
            "The load was short.",
            "All of it is measured, from the first question: first connections and cold caches \
             weigh more than they would in a long run."
                .to_owned(),
        );
    }
    if times.count > 0 && times.count / 1_000 < FEW_BEYOND_PERCENTILE {
        add(
            "The highest percentiles rest on few answers.",
            format!(
                "Of {} response times, fewer than {FEW_BEYOND_PERCENTILE} lie beyond the 99.9th \
                 percentile.",
                count(times.count)
            ),
        );
    }
}
