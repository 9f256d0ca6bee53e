//! From two sets of runs to the verdict.

use std::path::{Path, PathBuf};

use sim_metrics::{Unit, metric, metrics};
use thiserror::Error;

use crate::alike::{self, Difference};
use crate::caveats;
use crate::comparison::{
    COMPARISON_SCHEMA_VERSION, Caveat, Comparison, ComparisonVerdict, Figures, MetricComparison,
    RunUsed, Side,
};
use crate::gate::{GATES, Gate};
use crate::judge::{self, Judgement, MetricVerdict, Sample};
use crate::runs::{Run, RunSet};
use crate::trouble;
use crate::words::{counted, listed, moved};

/// Runs that are named where some cannot be used; the others are counted.
const MAX_NAMED: usize = 5;

/// How to compare.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Compares also runs that differ in scenario, seed, machine or exchange; the differences become
    /// caveats.
    pub allow_different: bool,
}

/// Why two sets of runs are not compared.
#[derive(Debug, Error)]
pub enum CompareError {
    /// The runs differ in what decides their figures.
    #[error(
        "{0}; their figures say nothing about the builds unless that is what you mean to compare (then allow it)"
    )]
    Different(Box<Difference>),
    /// A set has no runs.
    #[error("the {side} has no runs: make some, or give another folder")]
    NoRuns {
        /// `baseline` or `candidate`.
        side: &'static str,
    },
    /// A set has one run twice, which would count as two.
    #[error("{} and {} are the same run, {run_id}: take one away, for a copy is no second run", files.0.display(), files.1.display())]
    Twice {
        /// The run.
        run_id: String,
        /// Both its files.
        files: (PathBuf, PathBuf),
    },
}

/// Compares `candidate` with `baseline`.
///
/// The same runs always give the same comparison.
///
/// # Errors
///
/// Refuses sets without runs, a set that has one run twice, and, unless told otherwise, runs that
/// differ in what decides their figures.
pub fn compare(
    baseline: &RunSet,
    candidate: &RunSet,
    options: Options,
) -> Result<Comparison, CompareError> {
    check_runs("baseline", baseline)?;
    check_runs("candidate", candidate)?;
    let differences = all_differences(baseline, candidate);
    if !options.allow_different
        && let Some(first) = differences.first()
    {
        return Err(CompareError::Different(Box::new(first.clone())));
    }
    let samples: Vec<Sample> = GATES
        .iter()
        .map(|gate| sample(gate, baseline, candidate))
        .collect();
    let (before, after) = (baseline.usable().count(), candidate.usable().count());
    let mut judged = judge::judge(&samples, true);
    let deciding = judged.iter().filter(|j| !j.advisory && j.p.is_some());
    let deciding = deciding.count();
    let unusable = unusable(baseline, candidate);
    let enough = judge::can_tell(before, after, deciding) && deciding > 0;
    if !unusable.is_empty() || !enough {
        judged = judge::judge(&samples, false);
    }
    let metrics: Vec<MetricComparison> = samples
        .iter()
        .zip(&judged)
        .map(|(sample, judgement)| {
            let sides = (baseline, candidate);
            metric_comparison(sample, judgement, deciding, sides)
        })
        .collect();
    let scenario = &baseline.runs[0].record.scenario;
    let mut comparison = Comparison {
        schema_version: COMPARISON_SCHEMA_VERSION,
        scenario: scenario.name.clone(),
        question: scenario.question.clone(),
        verdict: ComparisonVerdict::Pass,
        reasons: Vec::new(),
        untrue: Vec::new(),
        metrics,
        baseline: side(baseline),
        candidate: side(candidate),
        runs_needed: judge::runs_needed(deciding),
        caveats: differences.iter().map(allowed).collect(),
    };
    let mut doubts = unusable;
    if !enough {
        doubts.push(too_few(before, after, deciding, comparison.runs_needed));
    }
    conclude(&mut comparison, doubts, &trouble::both(baseline, candidate));
    caveats::add(&mut comparison, baseline, candidate);
    Ok(comparison)
}

/// Wrong answers first, for they need no statistics; then whether anything can be told; then what
/// the metrics say.
fn conclude(
    comparison: &mut Comparison,
    mut doubts: Vec<String>,
    troubles: &[(trouble::Trouble, trouble::Trouble)],
) {
    let new_trouble = troubles
        .iter()
        .filter(|(before, after)| before.count == 0 && after.count > 0)
        .map(|(_, after)| format!("{}, where the baseline has none", after.told()));
    comparison.untrue = new_trouble.collect();
    let mut worse = comparison.untrue.clone();
    let reasons_of = |wanted: MetricVerdict| {
        let metrics = comparison.metrics.iter();
        metrics
            .filter(|metric| !metric.advisory && metric.verdict == wanted)
            .map(moved)
            .collect::<Vec<_>>()
    };
    worse.extend(reasons_of(MetricVerdict::Regressed));
    let better = reasons_of(MetricVerdict::Improved);
    if doubts.is_empty() {
        doubts.extend(incomplete(&comparison.metrics));
        let wrong: Vec<String> = troubles
            .iter()
            .filter(|(_, after)| after.count > 0)
            .map(|(_, after)| after.told())
            .collect();
        if !better.is_empty() && !wrong.is_empty() {
            doubts.push(format!(
                "the candidate is faster, but it has {}: a build that answers wrong is not a better one",
                listed(&wrong)
            ));
        }
    }
    (comparison.verdict, comparison.reasons) = if !worse.is_empty() {
        // What is better may have been paid for with what is worse.
        worse.extend(better);
        (ComparisonVerdict::Regressed, worse)
    } else if !doubts.is_empty() {
        (ComparisonVerdict::Inconclusive, doubts)
    } else if !better.is_empty() {
        (ComparisonVerdict::Improved, better)
    } else {
        (ComparisonVerdict::Pass, Vec::new())
    };
}

fn check_runs(side: &'static str, set: &RunSet) -> Result<(), CompareError> {
    if set.runs.is_empty() {
        return Err(CompareError::NoRuns { side });
    }
    for (index, run) in set.runs.iter().enumerate() {
        let id = &run.record.run_id;
        let same = |other: &&Run| &other.record.run_id == id && !id.is_empty();
        if let Some(earlier) = set.runs[..index].iter().find(same) {
            let name = Path::new(&set.name);
            return Err(CompareError::Twice {
                run_id: id.clone(),
                files: (name.join(&earlier.path), name.join(&run.path)),
            });
        }
    }
    Ok(())
}

/// Every usable run beside the first one of the baseline; a difference that several runs have is
/// told once.
fn all_differences(baseline: &RunSet, candidate: &RunSet) -> Vec<Difference> {
    let mut runs = [baseline, candidate]
        .into_iter()
        .flat_map(|set| set.usable().map(move |run| (Path::new(&set.name), run)));
    let Some(first) = runs.next() else {
        return Vec::new();
    };
    let mut found: Vec<Difference> = Vec::new();
    for other in runs {
        for difference in alike::differences(first, other) {
            let kind = std::mem::discriminant(&difference);
            if !found
                .iter()
                .any(|known| std::mem::discriminant(known) == kind)
            {
                found.push(difference);
            }
        }
    }
    found
}

fn allowed(difference: &Difference) -> Caveat {
    Caveat {
        head: "The runs differ in more than the build.".to_owned(),
        text: format!("It was allowed that {difference}. The verdict is about that, too."),
    }
}

/// Why runs cannot be used, a sentence for each side that has such. The verdict is not made from the
/// others: a build that breaks is not to be judged by the runs that it survived.
fn unusable(baseline: &RunSet, candidate: &RunSet) -> Vec<String> {
    let mut told = Vec::new();
    for (side, set) in [("baseline", baseline), ("candidate", candidate)] {
        let ended = set.runs.iter().filter(|run| !run.is_usable()).map(|run| {
            let reason = run.record.verdict.reasons.first();
            let because = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
            format!("{}{because}", run.path.display())
        });
        let killed = set.unfinished.iter();
        let killed = killed.map(|path| format!("{} (no run.json)", path.display()));
        let mut named: Vec<String> = ended.chain(killed).collect();
        let count = named.len();
        if count == 0 {
            continue;
        }
        if count > MAX_NAMED {
            named.truncate(MAX_NAMED);
            named.push(format!("{} more", count - MAX_NAMED));
        }
        told.push(format!(
            "{} of the {side} cannot be used: {}; make such runs again, or take \
             their folders away if you know why they ended",
            counted(count as u64, "run", "runs"),
            listed(&named)
        ));
    }
    told
}

fn too_few(before: usize, after: usize, deciding: usize, needed: usize) -> String {
    if deciding == 0 {
        return "no metric was measured in every run of both sides".to_owned();
    }
    format!(
        "the baseline has {} that can be used and the candidate {after}: to tell a change of one of \
         {} from chance, each side needs {needed}",
        counted(before as u64, "run", "runs"),
        counted(deciding as u64, "metric", "metrics"),
    )
}

/// Metrics that some runs have and others lack.
fn incomplete(metrics: &[MetricComparison]) -> Option<String> {
    let titles: Vec<String> = metrics
        .iter()
        .filter(|metric| metric.verdict == MetricVerdict::Undecided)
        .map(|metric| metric.title.clone())
        .collect();
    (!titles.is_empty()).then(|| {
        format!(
            "some runs have no figure for {}, so these cannot be compared",
            listed(&titles)
        )
    })
}

/// A figure of a run, where it is a number.
fn figure(run: &Run, gate: &Gate) -> Option<f64> {
    metric(&run.record, gate.metric).filter(|figure| figure.is_finite())
}

fn sample(gate: &'static Gate, baseline: &RunSet, candidate: &RunSet) -> Sample {
    let figures =
        |set: &RunSet| -> Vec<f64> { set.usable().filter_map(|run| figure(run, gate)).collect() };
    let (before, after) = (figures(baseline), figures(candidate));
    let complete =
        before.len() == baseline.usable().count() && after.len() == candidate.usable().count();
    Sample {
        gate,
        baseline: before,
        candidate: after,
        complete,
    }
}

fn metric_comparison(
    sample: &Sample,
    judgement: &Judgement,
    deciding: usize,
    (baseline, candidate): (&RunSet, &RunSet),
) -> MetricComparison {
    let gate = sample.gate;
    let medians = sample.medians();
    let every = |set: &RunSet| set.runs.iter().map(|run| figure(run, gate)).collect();
    MetricComparison {
        name: gate.metric.to_owned(),
        title: gate.title.to_owned(),
        unit: unit(gate.metric).to_owned(),
        direction: gate.direction,
        scale: gate.scale,
        baseline: Figures {
            median: crate::noise::median(&sample.baseline),
            runs: every(baseline),
        },
        candidate: Figures {
            median: crate::noise::median(&sample.candidate),
            runs: every(candidate),
        },
        ratio: medians.and_then(|(before, after)| (before > 0.0).then(|| after / before)),
        change: sample.change(),
        interval: sample.interval(),
        p: judgement.p,
        adjusted_p: judgement.adjusted_p,
        floor: gate.floor,
        noise: judgement.noise,
        threshold: judgement.threshold,
        least_visible: judgement
            .p
            .and_then(|_| sample.least_visible(judgement, deciding.max(1))),
        advisory: judgement.advisory,
        verdict: judgement.verdict,
    }
}

/// What a metric's number counts, in a word.
fn unit(name: &str) -> &'static str {
    let metric = metrics().iter().find(|metric| metric.name == name);
    match metric.map(|metric| metric.unit) {
        Some(Unit::PerSecond) => "per-second",
        Some(Unit::Seconds) => "seconds",
        Some(Unit::Share) => "share",
        Some(Unit::Bytes) => "bytes",
        Some(Unit::Count) | None => "count",
    }
}

fn side(set: &RunSet) -> Side {
    let used = |run: &Run| RunUsed {
        run_id: run.record.run_id.clone(),
        path: run.path.clone(),
        started_at: run.record.started_at.clone(),
        roadtest_version: run.record.roadtest_version.clone(),
        outcome: run.record.verdict.outcome,
        usable: run.is_usable(),
    };
    let first = set.usable().next().or(set.runs.first());
    Side {
        name: set.name.clone(),
        runs: set.runs.iter().map(used).collect(),
        machine: first.map_or_else(Default::default, |run| run.record.machine.clone()),
    }
}
