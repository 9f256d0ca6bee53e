//! The page of a comparison: what stands where, and its words.

use askama::Template;
use sim_comparison::{
    Caveat, Comparison, ComparisonVerdict, Direction, MetricComparison, MetricVerdict, Scale, Side,
};
use sim_metrics::VerdictOutcome;

use super::{Cells, MAX_NAME, MAX_RUNS, MAX_SENTENCES, MAX_TEXT, sentences};
use crate::charts::{self, ChartError, DotRow, Dots};
use crate::format::{NOTHING, bytes, count, counted, cut, moment, or_nothing};
use crate::page::Figure;
use crate::table::Table;

/// The page, ready to be written.
#[derive(Template)]
#[template(path = "comparison.html")]
pub(crate) struct Page {
    name: String,
    subtitle: Vec<String>,
    /// Names the style and the sign: `passed`, `failed` or `interrupted`.
    class: &'static str,
    word: &'static str,
    question: String,
    answer: String,
    why: String,
    reasons: Vec<String>,
    further_reasons: usize,
    tiles: Vec<Tile>,
    metrics: Table,
    figures: Vec<Figure>,
    caveats: Vec<Caveat>,
    machines: Table,
    runs: Table,
    needed: String,
    version: String,
}

/// A key figure.
struct Tile {
    name: String,
    figure: String,
    detail: String,
}

// === impl Page ===

impl Page {
    pub(crate) fn of(comparison: &Comparison) -> Result<Self, ChartError> {
        let (class, word) = match comparison.verdict {
            ComparisonVerdict::Pass => ("passed", "Pass"),
            ComparisonVerdict::Improved => ("passed", "Improved"),
            ComparisonVerdict::Regressed => ("failed", "Regressed"),
            ComparisonVerdict::Inconclusive => ("interrupted", "Inconclusive"),
        };
        let (reasons, further_reasons) = sentences(&comparison.reasons);
        let reasons = reasons.iter().map(|reason| unbroken(reason)).collect();
        let mut figures = Vec::new();
        for metric in &comparison.metrics {
            figures.extend(figure(comparison, metric)?);
        }
        let caveat = |caveat: &Caveat| Caveat {
            head: cut(&caveat.head, MAX_NAME),
            text: unbroken(&cut(&caveat.text, MAX_TEXT)),
        };
        let caveats = comparison.caveats.iter().take(MAX_SENTENCES);
        Ok(Self {
            name: or_nothing(&cut(&comparison.scenario, MAX_NAME)),
            subtitle: subtitle(comparison),
            class,
            word,
            question: cut(&comparison.question, MAX_TEXT),
            answer: unbroken(&comparison.headline()),
            why: why(comparison),
            reasons,
            further_reasons,
            tiles: comparison.metrics.iter().map(tile).collect(),
            metrics: metrics(comparison),
            figures,
            caveats: caveats.map(caveat).collect(),
            machines: machines(comparison),
            runs: runs(comparison),
            needed: count(comparison.runs_needed as u64),
            version: versions(&comparison.candidate),
        })
    }
}

/// The same text, without line breaks between a number and its unit.
fn unbroken(text: &str) -> String {
    text.replace(" %", "\u{a0}%")
        .replace(" points", "\u{a0}points")
}

/// How a run ended by its own verdict.
pub(super) const fn outcome(outcome: VerdictOutcome) -> &'static str {
    match outcome {
        VerdictOutcome::Passed => "passed",
        VerdictOutcome::Inconclusive => "inconclusive",
        VerdictOutcome::Invalid => "invalid",
        VerdictOutcome::Failed => "failed",
        VerdictOutcome::Interrupted => "interrupted",
        VerdictOutcome::Error => "error",
    }
}

fn subtitle(comparison: &Comparison) -> Vec<String> {
    let side =
        |what: &str, side: &Side| format!("{what} {}", or_nothing(&cut(&side.name, MAX_NAME)));
    let mut parts = vec![
        side("Baseline", &comparison.baseline),
        side("candidate", &comparison.candidate),
    ];
    let runs = comparison
        .baseline
        .runs
        .iter()
        .chain(&comparison.candidate.runs);
    if let Some(first) = runs.map(|run| run.started_at.as_str()).min() {
        parts.push(moment(first));
    }
    parts
}

/// The Roadtest versions of a side's runs.
fn versions(side: &Side) -> String {
    let mut versions: Vec<String> = Vec::new();
    for run in &side.runs {
        let version = cut(&run.roadtest_version, MAX_NAME);
        if !versions.contains(&version) && versions.len() < MAX_SENTENCES {
            versions.push(version);
        }
    }
    or_nothing(&versions.join(", "))
}

fn why(comparison: &Comparison) -> String {
    let (before, after) = (comparison.baseline.usable(), comparison.candidate.usable());
    let runs = format!(
        "{} of the baseline, {} of the candidate.",
        counted(before as u64, "run", "runs"),
        count(after as u64)
    );
    let why = match comparison.verdict {
        ComparisonVerdict::Pass => {
            "A change would have to be more than chance and larger than what counts; none is both."
        }
        ComparisonVerdict::Improved => {
            "What got better is more than chance and larger than what counts; nothing got worse."
        }
        ComparisonVerdict::Regressed if comparison.untrue.is_empty() => {
            "What got worse is more than chance and larger than what counts."
        }
        ComparisonVerdict::Regressed => "Wrong or unproven answers need no statistics.",
        ComparisonVerdict::Inconclusive => "Neither better nor worse is claimed.",
    };
    format!("{why} {runs}")
}

fn tile(metric: &MetricComparison) -> Tile {
    let cells = Cells::of(metric);
    Tile {
        name: cells.title,
        figure: unbroken(&cells.change),
        detail: format!(
            "{} → {}, {}",
            cells.baseline, cells.candidate, cells.verdict
        ),
    }
}

fn metrics(comparison: &Comparison) -> Table {
    let mut table = Table::new(
        "Medians over the runs of each side, and how sure it is that they differ",
        &[
            "Metric",
            "#Baseline",
            "#Candidate",
            "#Change",
            "#95 % interval",
            "#p",
            "#Counts beyond",
            "#Noise",
            "Verdict",
        ],
    );
    for metric in &comparison.metrics {
        let decides = metric.verdict == MetricVerdict::Regressed && !metric.advisory;
        let cells = Cells::of(metric);
        table.push_marked(
            if decides { "bad" } else { "" },
            [
                cells.title,
                cells.baseline,
                cells.candidate,
                cells.change,
                cells.interval,
                cells.adjusted_p,
                cells.threshold,
                cells.noise,
                cells.verdict.to_owned(),
            ],
        );
    }
    table
}

/// Every run of one metric; none where no run has a figure.
fn figure(
    comparison: &Comparison,
    metric: &MetricComparison,
) -> Result<Option<Figure>, ChartError> {
    let cells = Cells::of(metric);
    let row = |name, side: &Side, figures: &sim_comparison::Figures| DotRow {
        name,
        figures: figures
            .runs
            .iter()
            .zip(&side.runs)
            .filter_map(|(figure, run)| Some(((*figure)?, run.usable)))
            .take(MAX_RUNS)
            .collect(),
        median: figures.median,
    };
    let picture = charts::dots(Dots {
        id: format!("dots-{}", identifier(&metric.name)),
        title: format!("{}, every run", cells.title),
        description: format!(
            "Median {} of the baseline and {} of the candidate: {}.",
            cells.baseline, cells.candidate, cells.change
        ),
        unit: &metric.unit,
        rows: [
            row("baseline", &comparison.baseline, &metric.baseline),
            row("candidate", &comparison.candidate, &metric.candidate),
        ],
        unchanged: unchanged(metric),
    })?;
    let better = match metric.direction {
        Direction::HigherIsBetter => "more is better",
        Direction::LowerIsBetter => "less is better",
    };
    Ok(picture.map(|picture| Figure {
        caption: unbroken(&format!(
            "{}, {better}: {} ({})",
            cells.title, cells.change, cells.verdict
        )),
        note: String::new(),
        legend: Vec::new(),
        picture,
        table: None,
    }))
}

/// Where the candidate's median counts as unchanged.
fn unchanged(metric: &MetricComparison) -> Option<(f64, f64)> {
    let (median, threshold) = (metric.baseline.median?, metric.threshold);
    let (low, high) = match metric.scale {
        Scale::Ratio => (median / (1.0 + threshold), median * (1.0 + threshold)),
        // No share is below zero.
        Scale::Difference => ((median - threshold).max(0.0), median + threshold),
    };
    (low.is_finite() && high.is_finite()).then_some((low, high))
}

/// Letters that may stand in an element's ID.
fn identifier(name: &str) -> String {
    let letters = name.chars().take(MAX_NAME);
    letters
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

fn machines(comparison: &Comparison) -> Table {
    let mut table = Table::new("What each side ran on", &["", "Baseline", "Candidate"]);
    let (a, b) = (&comparison.baseline.machine, &comparison.candidate.machine);
    let text = |text: &str| or_nothing(&cut(text, MAX_NAME));
    let mut push = |name: &str, a: String, b: String| {
        table.push([name.to_owned(), a, b]);
    };
    push("Processor", text(&a.cpu_model), text(&b.cpu_model));
    push("Cores", count(a.cores.into()), count(b.cores.into()));
    push("Memory", bytes(a.memory_bytes), bytes(b.memory_bytes));
    push("Kernel", text(&a.kernel), text(&b.kernel));
    push("Operating system", text(&a.os), text(&b.os));
    let (before, after) = (&comparison.baseline, &comparison.candidate);
    push("Roadtest", versions(before), versions(after));
    table
}

fn runs(comparison: &Comparison) -> Table {
    let mut table = Table::new(
        "In the order of their beginning",
        &[
            "Run",
            "Side",
            "Record",
            "Began",
            "Its own verdict",
            "Compared",
        ],
    );
    let sides = [
        ("baseline", &comparison.baseline),
        ("candidate", &comparison.candidate),
    ];
    let mut all = Vec::new();
    for (name, side) in sides {
        all.extend(side.runs.iter().take(MAX_RUNS).map(|run| (name, run)));
        table.left_out += side.runs.len().saturating_sub(MAX_RUNS);
    }
    all.sort_by_key(|(_, run)| &run.started_at);
    for (name, run) in all {
        let path = cut(&run.path.display().to_string(), MAX_NAME);
        table.push([
            or_nothing(&cut(&run.run_id, MAX_NAME)),
            name.to_owned(),
            if path.is_empty() {
                NOTHING.to_owned()
            } else {
                path
            },
            moment(&run.started_at),
            outcome(run.outcome).to_owned(),
            if run.usable { "yes" } else { "no" }.to_owned(),
        ]);
    }
    table
}
