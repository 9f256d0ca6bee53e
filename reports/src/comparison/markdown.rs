//! The summary for a pull request.

use std::fmt::Write as _;

use sim_comparison::{Comparison, Side};

use super::{Cells, MAX_NAME, MAX_RUNS, MAX_TEXT, sentences};
use crate::format::{count, cut, moment, or_nothing};

/// Verdict, metrics, reasons and caveats, with the runs folded away.
pub(crate) fn markdown(comparison: &Comparison) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "**{}**: {}\n",
        comparison.verdict.word(),
        escaped(&comparison.headline())
    );
    let _ = writeln!(
        text,
        "`{}`, {} runs of the baseline, {} of the candidate\n",
        code(&comparison.scenario),
        comparison.baseline.usable(),
        comparison.candidate.usable()
    );
    text.push_str(
        "| metric | baseline | candidate | change | 95 % interval | p, adjusted | verdict |\n\
         |---|---:|---:|---:|---:|---:|---|\n",
    );
    for metric in &comparison.metrics {
        let cells = Cells::of(metric);
        let verdict = match cells.verdict {
            word @ ("worse" | "better") => format!("**{word}**"),
            word => word.to_owned(),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {verdict} |",
            escaped(&cells.title),
            cells.baseline,
            cells.candidate,
            cells.change,
            cells.interval,
            cells.adjusted_p.replace('<', "&lt;"),
        );
    }
    let (reasons, further) = sentences(&comparison.reasons);
    if !reasons.is_empty() {
        text.push_str("\nWhy:\n\n");
    }
    for reason in reasons {
        let _ = writeln!(text, "- {}", escaped(&reason));
    }
    if further > 0 {
        let _ = writeln!(text, "- and {further} more");
    }
    if !comparison.caveats.is_empty() {
        text.push_str("\nTo bear in mind:\n\n");
    }
    for caveat in &comparison.caveats {
        let told = cut(&caveat.text, MAX_TEXT);
        let _ = writeln!(text, "- **{}** {}", escaped(&caveat.head), escaped(&told));
    }
    text.push_str("\n<details><summary>Runs and machines</summary>\n\n");
    text.push_str(
        "| side | run | began | Roadtest | verdict of its own |\n|---|---|---|---|---|\n",
    );
    runs(&mut text, "baseline", &comparison.baseline);
    runs(&mut text, "candidate", &comparison.candidate);
    text.push('\n');
    machine(&mut text, "Baseline", &comparison.baseline);
    machine(&mut text, "Candidate", &comparison.candidate);
    text.push_str("\n</details>\n");
    text
}

fn runs(text: &mut String, name: &str, side: &Side) {
    for run in side.runs.iter().take(MAX_RUNS) {
        let used = if run.usable { "" } else { ", not compared" };
        let _ = writeln!(
            text,
            "| {name} | `{}` | {} | {} | {}{used} |",
            code(&run.path.display().to_string()),
            escaped(&moment(&run.started_at)),
            escaped(&cut(&run.roadtest_version, MAX_NAME)),
            super::page::outcome(run.outcome),
        );
    }
    if let further @ 1.. = side.runs.len().saturating_sub(MAX_RUNS) {
        let _ = writeln!(text, "| {name} | and {further} more | | | |");
    }
}

fn machine(text: &mut String, name: &str, side: &Side) {
    let machine = &side.machine;
    let _ = writeln!(
        text,
        "- {name}: {} cores, {}, kernel {}",
        count(machine.cores.into()),
        escaped(&or_nothing(&cut(&machine.cpu_model, MAX_NAME))),
        escaped(&or_nothing(&cut(&machine.kernel, MAX_NAME)))
    );
}

/// Text that stays text: on one line, without signs that mean something to Markdown or HTML.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '@' | '!' | '~' => {
                safe.push('\\');
                safe.push(letter);
            }
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

/// Text within back-ticks, also in a table.
fn code(text: &str) -> String {
    cut(text, MAX_NAME)
        .chars()
        .map(|letter| match letter {
            '`' | '|' => '\'',
            letter if letter.is_control() => ' ',
            letter => letter,
        })
        .collect()
}
