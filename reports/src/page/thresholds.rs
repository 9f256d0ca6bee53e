//! Each threshold with what was measured.

use sim_metrics::{RunRecord, metrics};

use super::caveats::Caveat;
use super::{MAX_NAME, MAX_TEXT};
use crate::format::{cut, of_metric};
use crate::table::Table;

/// Thresholds that are shown.
const MAX_THRESHOLDS: usize = 200;

/// What was promised, what was measured, and whether it held.
pub(crate) fn table(record: &RunRecord) -> Table {
    let mut table = Table::new(
        "What the scenario demands; the run passes only if all of it holds",
        &[
            "Threshold",
            "What it is about",
            "#Measured",
            "#Limit",
            "Held",
        ],
    );
    for threshold in record.thresholds.iter().take(MAX_THRESHOLDS) {
        let meaning = metrics()
            .iter()
            .find(|metric| metric.name == threshold.metric)
            .map_or("", |metric| metric.meaning);
        let actual = threshold
            .actual
            .map_or("not measured".to_owned(), |actual| {
                of_metric(&threshold.metric, actual)
            });
        let (mark, held) = match (&threshold.doubt, threshold.held) {
            (Some(_), _) => ("bad", "undecided"),
            (None, true) => ("", "yes"),
            (None, false) => ("bad", "no"),
        };
        table.push_marked(
            mark,
            [
                cut(&threshold.text, MAX_NAME),
                cut(&meaning_of(&threshold.metric, meaning), MAX_TEXT),
                actual,
                of_metric(&threshold.metric, threshold.limit),
                held.to_owned(),
            ],
        );
    }
    table.left_out = record.thresholds.len().saturating_sub(MAX_THRESHOLDS);
    table
}

/// Why thresholds decide nothing, one by one.
pub(crate) fn undecided(record: &RunRecord) -> Vec<Caveat> {
    let shown = record.thresholds.iter().take(MAX_THRESHOLDS);
    let doubted = shown.filter_map(|threshold| Some((threshold, threshold.doubt.as_ref()?)));
    doubted
        .map(|(threshold, doubt)| Caveat {
            head: cut(&threshold.text, MAX_NAME),
            text: sentence(&cut(&doubt.reason, MAX_TEXT)),
        })
        .collect()
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase());
    let first: String = first.into_iter().flatten().collect();
    format!("{first}{}.", letters.as_str())
}

/// Meanings of times name the statistic only; the metric's name says of what.
fn meaning_of(metric: &str, meaning: &str) -> String {
    let of = [
        ("response-time-", "response time"),
        ("service-time-", "service time"),
        ("start-delay-", "start delay"),
        ("pacer-lag-", "pacer lag"),
    ];
    match of
        .into_iter()
        .find(|(prefix, _)| metric.starts_with(prefix))
    {
        Some((_, what)) => format!("{what}, {meaning}"),
        None => meaning.to_owned(),
    }
}
