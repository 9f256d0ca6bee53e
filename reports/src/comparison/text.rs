//! The table for a terminal.

use std::fmt::Write as _;

use sim_comparison::Comparison;

use super::{Cells, sentences};

/// Heads of the columns; the first names the metric.
const HEADS: [&str; 7] = [
    "",
    "baseline",
    "candidate",
    "change",
    "95 % interval",
    "p",
    "",
];
/// Space between columns.
const GAP: usize = 2;

/// Verdict, metrics, reasons and caveats, in lines.
pub(crate) fn text(comparison: &Comparison) -> String {
    let word = comparison.verdict.word();
    let mut text = format!("{word}  {}\n\n", comparison.headline());
    text.push_str(&table(comparison));
    let (reasons, further) = sentences(&comparison.reasons);
    let (baseline, candidate) = (comparison.baseline.usable(), comparison.candidate.usable());
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "\n  {baseline} runs of the baseline, {candidate} of the candidate"
    );
    for reason in reasons {
        let _ = writeln!(text, "  - {reason}");
    }
    if further > 0 {
        let _ = writeln!(text, "  - and {further} more");
    }
    for caveat in &comparison.caveats {
        let _ = writeln!(text, "  * {} {}", caveat.head, caveat.text);
    }
    text.replace('\u{a0}', " ")
}

/// A line for each metric, columns as wide as they need to be.
fn table(comparison: &Comparison) -> String {
    let mut rows = vec![HEADS.map(str::to_owned)];
    rows.extend(comparison.metrics.iter().map(|metric| {
        let cells = Cells::of(metric);
        [
            cells.title,
            cells.baseline,
            cells.candidate,
            cells.change,
            cells.interval,
            cells.adjusted_p,
            cells.verdict.to_owned(),
        ]
    }));
    let mut widths = [0; HEADS.len()];
    for (width, column) in widths.iter_mut().zip(0..) {
        let cells = rows.iter().map(|row: &[String; HEADS.len()]| &row[column]);
        *width = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
    }
    let mut text = String::new();
    for row in &rows {
        let [first, middle @ .., last] = row;
        let _ = write!(text, "  {first:<width$}", width = widths[0]);
        for (cell, width) in middle.iter().zip(&widths[1..]) {
            let _ = write!(text, "{cell:>width$}", width = width + GAP);
        }
        let line = if last.is_empty() { "" } else { "  " };
        let _ = writeln!(text, "{line}{last}");
    }
    text
}
