//! What to bear in mind before acting on a verdict, that which touches it most first.

use sim_metrics::{VerdictOutcome, doubt};

use crate::alike;
use crate::comparison::{Caveat, Comparison, ComparisonVerdict, MetricComparison};
use crate::judge::{ALPHA, MetricVerdict};
use crate::runs::{Run, RunSet};
use crate::trouble;
use crate::words::{counted, listed, percent, probability};

/// A worsening of so many floors should have been seen; where it could not, a PASS says so.
const SHOULD_SEE_FLOORS: f64 = 2.0;
/// The search for what could have been seen is that exact.
const SEARCH_SLACK: f64 = 1.01;

/// Adds what is to be said of `comparison` and the runs it was made from.
pub(crate) fn add(comparison: &mut Comparison, baseline: &RunSet, candidate: &RunSet) {
    let mut caveats = Vec::new();
    let mut add = |head: &str, text: Option<String>| {
        caveats.extend(text.map(|text| Caveat {
            head: head.to_owned(),
            text,
        }));
    };
    add(
        "Answers are wrong or unproven.",
        troubles(baseline, candidate),
    );
    add("Not every run was audited.", unaudited(baseline, candidate));
    add(
        "Runs failed by their own thresholds.",
        failed(baseline, candidate),
    );
    add("A worsening could have been missed.", missed(comparison));
    for metric in comparison.metrics.iter().filter(|metric| metric.advisory) {
        add("A metric is only shown.", Some(advisory(metric)));
    }
    add("Errors where there were none.", new_errors(comparison));
    add("Metrics were not measured.", unmeasured(comparison));
    add(
        "Not every question was asked.",
        dropped(baseline, candidate),
    );
    add(
        "Figures may be the load generator's own.",
        doubted(comparison, baseline, candidate),
    );
    add(
        "The runs were not made in turns.",
        in_blocks(baseline, candidate),
    );
    add(
        "The same run is on both sides.",
        shared(baseline, candidate),
    );
    add(
        "The machine changed a little.",
        machine(baseline, candidate),
    );
    add("A session can be biased as a whole.", session(comparison));
    comparison.caveats.extend(caveats);
}

fn troubles(baseline: &RunSet, candidate: &RunSet) -> Option<String> {
    let told: Vec<String> = trouble::both(baseline, candidate)
        .iter()
        .flat_map(|(before, after)| [("baseline", before), ("candidate", after)])
        .filter(|(_, trouble)| trouble.count > 0)
        .map(|(side, trouble)| format!("the {side} has {}", trouble.told()))
        .collect();
    (!told.is_empty()).then(|| {
        format!(
            "{}. How fast such answers came is no merit.",
            capital(&listed(&told))
        )
    })
}

fn unaudited(baseline: &RunSet, candidate: &RunSet) -> Option<String> {
    let of = |(side, set): (&str, &RunSet)| {
        let count = set
            .usable()
            .filter(|run| run.record.audit.is_none())
            .count();
        (count > 0).then(|| format!("{count} of the {side}"))
    };
    let sides = [("baseline", baseline), ("candidate", candidate)];
    let told: Vec<String> = sides.into_iter().filter_map(of).collect();
    (!told.is_empty()).then(|| {
        format!(
            "Without an audit nothing is proven of a run's answers and evidence: {}.",
            listed(&told)
        )
    })
}

fn failed(baseline: &RunSet, candidate: &RunSet) -> Option<String> {
    let of = |(side, set): (&str, &RunSet)| {
        let has_failed = |run: &&Run| run.record.verdict.outcome == VerdictOutcome::Failed;
        let failed: Vec<&Run> = set.usable().filter(has_failed).collect();
        let first = failed.first()?;
        let because = match first.record.verdict.reasons.first() {
            Some(reason) => format!("; the first one because: {reason}"),
            None => String::new(),
        };
        Some(format!(
            "{} of the {side}{because}.",
            counted(failed.len() as u64, "run", "runs")
        ))
    };
    let sides = [("baseline", baseline), ("candidate", candidate)];
    let told: Vec<String> = sides.into_iter().filter_map(of).collect();
    (!told.is_empty()).then(|| capital(&told.join(" ")))
}

/// Metrics in which these runs would not have shown a worsening worth telling.
fn missed(comparison: &Comparison) -> Option<String> {
    if !matches!(
        comparison.verdict,
        ComparisonVerdict::Pass | ComparisonVerdict::Improved
    ) {
        return None;
    }
    let told: Vec<String> = comparison
        .metrics
        .iter()
        .filter(|metric| !metric.advisory && metric.verdict == MetricVerdict::Unchanged)
        .filter_map(blind_below)
        .collect();
    (!told.is_empty()).then(|| {
        format!(
            "These runs would have shown a worsening only from some size on: {}. More runs, or a \
             quieter machine, see less.",
            listed(&told)
        )
    })
}

/// From which size on a worsening would have been seen, where that is larger than it should be.
fn blind_below(metric: &MetricComparison) -> Option<String> {
    let title = &metric.title;
    match metric.least_visible {
        Some(least) if least <= SHOULD_SEE_FLOORS * metric.floor * SEARCH_SLACK => None,
        Some(least) => Some(format!("{title} from {}", metric.scale.size(least))),
        None => Some(format!("{title} not at all")),
    }
}

fn advisory(metric: &MetricComparison) -> String {
    let noise = metric.noise.unwrap_or_default();
    let change = metric.change.map_or_else(
        || "cannot be told as a ratio".to_owned(),
        |change| format!("is {}", metric.scale.signed(change)),
    );
    let alone = metric.p.map_or_else(String::new, |p| {
        let but = if p <= ALPHA {
            ", which is worth a look"
        } else {
            ""
        };
        format!(" (p by itself {}{but})", probability(p))
    });
    format!(
        "{}: runs of the baseline differ among themselves by {}, more than the {} that would count, \
         so it does not decide. Its change {change}{alone}.",
        capital(&metric.title),
        percent(noise),
        percent(metric.floor)
    )
}

fn new_errors(comparison: &Comparison) -> Option<String> {
    let errors = comparison
        .metrics
        .iter()
        .find(|m| m.name == "error-share")?;
    let with_errors = |runs: &[Option<f64>]| {
        let runs = runs.iter().flatten();
        runs.filter(|&&share| share > 0.0).count()
    };
    let (before, after) = (
        with_errors(&errors.baseline.runs),
        with_errors(&errors.candidate.runs),
    );
    let is_told = errors.verdict == MetricVerdict::Regressed;
    (before == 0 && after > 0 && !is_told).then(|| {
        format!(
            "{} of the candidate had errors and none of the baseline: too few or too small to \
             count, yet worth a look.",
            counted(after as u64, "run", "runs")
        )
    })
}

fn unmeasured(comparison: &Comparison) -> Option<String> {
    let metrics = comparison.metrics.iter();
    let titles: Vec<String> = metrics
        .filter(|metric| metric.verdict == MetricVerdict::NotMeasured)
        .map(|metric| metric.title.clone())
        .collect();
    (!titles.is_empty()).then(|| format!("No run has a figure for {}.", listed(&titles)))
}

fn dropped(baseline: &RunSet, candidate: &RunSet) -> Option<String> {
    let of = |(side, set): (&str, &RunSet)| {
        let count: u64 = set
            .usable()
            .filter_map(|run| Some(run.record.load.as_ref()?.dropped))
            .sum();
        (count > 0).then(|| format!("{count} of the {side}"))
    };
    let sides = [("baseline", baseline), ("candidate", candidate)];
    let told: Vec<String> = sides.into_iter().filter_map(of).collect();
    (!told.is_empty()).then(|| {
        format!(
            "Exchanges came due while too many were waiting, and were not begun; no response time \
             tells of them: {}.",
            listed(&told)
        )
    })
}

/// Metrics in which the load generator distrusts a run's figure.
fn doubted(comparison: &Comparison, baseline: &RunSet, candidate: &RunSet) -> Option<String> {
    let doubted = |metric: &MetricComparison| {
        let runs = || baseline.usable().chain(candidate.usable());
        let doubts = || runs().filter_map(|run| doubt(&run.record, &metric.name));
        let first = doubts().next()?;
        let (count, all) = (doubts().count(), runs().count());
        let title = capital(&metric.title);
        Some(format!(
            "{title} in {count} of {all} runs: {}.",
            first.reason
        ))
    };
    let told: Vec<String> = comparison.metrics.iter().filter_map(doubted).collect();
    (!told.is_empty()).then(|| {
        format!(
            "{} A quieter machine or a smaller load would tell what the servers do.",
            told.join(" ")
        )
    })
}

fn in_blocks(baseline: &RunSet, candidate: &RunSet) -> Option<String> {
    let times = |set: &RunSet| {
        let times = set.usable().map(|run| run.record.started_at.clone());
        let mut times: Vec<String> = times.collect();
        times.sort();
        Some((times.first()?.clone(), times.last()?.clone()))
    };
    let ((first_before, last_before), (first_after, last_after)) =
        (times(baseline)?, times(candidate)?);
    (last_before < first_after || last_after < first_before).then(|| {
        "All runs of one side came before all of the other: whatever changed on the machine in \
         between looks like a change of the build. Runs in turns (A B, B A, A B, ...) do not have \
         this weakness."
            .to_owned()
    })
}

fn shared(baseline: &RunSet, candidate: &RunSet) -> Option<String> {
    let ids = |run: &&Run| {
        let id = &run.record.run_id;
        !id.is_empty() && baseline.runs.iter().any(|other| &other.record.run_id == id)
    };
    let count = candidate.runs.iter().filter(ids).count();
    (count > 0).then(|| {
        format!(
            "{} stand on both sides: a set compared with itself shows nothing.",
            counted(count as u64, "run", "runs")
        )
    })
}

fn machine(baseline: &RunSet, candidate: &RunSet) -> Option<String> {
    let first = &baseline.usable().next()?.record;
    let rest = baseline.usable().chain(candidate.usable());
    let differing = rest
        .map(|run| alike::minor_differences(first, &run.record))
        .find(|differing| !differing.is_empty())?;
    Some(format!(
        "It was compared nevertheless, but the verdict is about this, too: {}.",
        listed(&differing)
    ))
}

fn session(comparison: &Comparison) -> Option<String> {
    let mut metrics = comparison.metrics.iter();
    let changed = metrics.any(|metric| {
        let verdict = metric.verdict;
        verdict == MetricVerdict::Regressed || verdict == MetricVerdict::Improved
    });
    changed.then(|| {
        "On one afternoon a machine may favour one build throughout, for example by where its code \
         lies in memory. A change that shows again in another session is real."
            .to_owned()
    })
}

/// With a capital at its beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase());
    first.into_iter().flatten().chain(letters).collect()
}
