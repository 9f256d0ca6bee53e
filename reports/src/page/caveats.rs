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
    pub(crate) head: String,
    pub(crate) text: String,
}

/// What to bear in mind, that which touches the figures most first.
pub(crate) fn of(record: &RunRecord) -> Vec<Caveat> {
    let mut caveats = Vec::new();
    let mut add = |head: &str, text: String| {
        caveats.push(Caveat {
            head: head.to_owned(),
            text,
        });
    };
    match record.verdict.outcome {
        VerdictOutcome::Passed | VerdictOutcome::Failed => {}
        VerdictOutcome::Inconclusive | VerdictOutcome::Invalid => add(
            "Not every figure can be believed.",
            "Which ones and why stands below the thresholds; the others are as good as in any run."
                .to_owned(),
        ),
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

/// Why questions were sent late: the generator's own doing, or no place in flight.
fn lateness(load: &LoadResult, add: &mut impl FnMut(&str, String)) {
    let part_of_all = |us: u64| us as f64 / load.response_time.p99_us as f64;
    let scheduling = load.generator.as_ref();
    let scheduling_us = scheduling.map_or(0, |health| health.scheduling_delay.p99_us);
    let own_us = load.pacer_lag.p99_us.saturating_add(scheduling_us);
    if part_of_all(own_us) > LARGE_OWN_DELAY {
        add(
            "The load generator was late itself.",
            format!(
                "At the 99th percentile its pacer was {} late and its threads waited {} for a \
                 processor, together {} of the response time there: that part of the time told is \
                 the generator’s own.",
                micros(load.pacer_lag.p99_us),
                micros(scheduling_us),
                fraction(part_of_all(own_us)),
            ),
        );
    }
    let waited_us = load.start_delay.p99_us.saturating_sub(own_us);
    if part_of_all(waited_us) > LARGE_OWN_DELAY {
        add(
            "Questions waited to be sent.",
            format!(
                "As many as may be at once were in flight, so that what came due waited: at the 99th \
                 percentile {}. The response time contains it, as it does for whoever stands in a \
                 queue; the service time does not.",
                micros(load.start_delay.p99_us),
            ),
        );
    }
}

fn of_load(load: &LoadResult, add: &mut impl FnMut(&str, String)) {
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
        lateness(load, add);
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
            if load.warm_up_s > 0.0 {
                "What happens seldom may not have happened in it, and a minute is no day."
            } else {
                "All of it is measured, from the first question: first connections and cold caches \
                 weigh more than they would in a long run."
            }
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
