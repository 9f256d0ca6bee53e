//! What people met at the portal.

use std::cmp::Reverse;

use sim_metrics::{CitizensResult, HistogramSummary, JourneyResult, Questions, RunRecord};

use crate::format::{NOTHING, count, counted, micros, seconds, share};
use crate::table::Table;

/// Steps that are listed, the most frequent first.
const MAX_STEPS: usize = 60;
/// Failures that are shown.
const MAX_EXAMPLES: usize = 8;

/// Journeys and pages in tables.
pub(crate) struct CitizensView {
    /// How many came, one sentence or two.
    pub(crate) summary: String,
    pub(crate) journeys: Table,
    pub(crate) pages: Table,
    /// Empty where everybody logged in.
    pub(crate) not_logged_in: Table,
    /// The first failures, in words.
    pub(crate) examples: Vec<String>,
}

/// The citizens; absent where the run had none.
pub(crate) fn view(record: &RunRecord) -> Option<CitizensView> {
    let citizens = record.citizens.as_ref()?;
    Some(CitizensView {
        summary: summary(citizens),
        journeys: journeys(citizens),
        pages: pages(citizens),
        not_logged_in: not_logged_in(citizens),
        examples: citizens
            .examples
            .iter()
            .take(MAX_EXAMPLES)
            .map(|text| crate::format::cut(text, super::MAX_TEXT))
            .collect(),
    })
}

fn summary(citizens: &CitizensResult) -> String {
    let pages = citizens.pages.count;
    let mut text = format!(
        "{} in {}, with {}.",
        counted(citizens.begun, "journey was begun", "journeys were begun"),
        seconds(citizens.seconds),
        counted(pages, "page", "pages"),
    );
    if citizens.wrong() == 0 && citizens.failed() == 0 && citizens.completed() > 0 {
        text.push_str(" Every page came, and all that was checked on it is true.");
    }
    text.push_str(&questions(&citizens.questions));
    text
}

/// What came of asking those who looked; nothing where nobody asked.
fn questions(questions: &Questions) -> String {
    let Questions {
        justified,
        unjustified,
    } = *questions;
    let asked = justified.saturating_add(unjustified);
    if asked == 0 {
        return String::new();
    }
    let looks = counted(
        asked,
        "look at somebody\u{2019}s data was",
        "looks at people\u{2019}s data were",
    );
    match unjustified {
        0 => format!(" {looks} asked about, and all had a reason."),
        _ => format!(
            " {looks} asked about; {} had no reason, and whoever looked may look at nobody any more.",
            count(unjustified)
        ),
    }
}

fn journeys(citizens: &CitizensResult) -> Table {
    let heads = [
        "Journey",
        "#Done",
        "#Not logged in",
        "#Failed",
        "#Untrue",
        "#Share",
    ];
    let mut table = Table::new("What people came for, and what became of it", &heads);
    table.bar("Share");
    let all = |journey: &JourneyResult| {
        [
            journey.completed,
            journey.not_logged_in,
            journey.failed,
            journey.wrong,
        ]
        .into_iter()
        .fold(0, u64::saturating_add)
    };
    let sum = citizens
        .journeys
        .iter()
        .map(all)
        .fold(0, u64::saturating_add);
    let most = citizens.journeys.iter().map(all).max().unwrap_or(0).max(1);
    for journey in &citizens.journeys {
        let is_trouble = journey.failed > 0 || journey.wrong > 0;
        let row = table.push_marked(
            if is_trouble { "trouble" } else { "" },
            [
                super::named(&journey.journey, "unnamed"),
                count(journey.completed),
                count(journey.not_logged_in),
                count(journey.failed),
                count(journey.wrong),
                share(all(journey), sum),
            ],
        );
        row.bar = Some(all(journey) as f64 / most as f64 * 100.0);
    }
    table
}

fn pages(citizens: &CitizensResult) -> Table {
    let heads = [
        "Page",
        "#Times",
        "#Median",
        "#90\u{a0}%",
        "#99\u{a0}%",
        "#Longest",
    ];
    let caption = "Response times of whole pages, from the click to the last byte";
    let mut table = Table::new(caption, &heads);
    let mut steps: Vec<(&str, &HistogramSummary)> = citizens
        .steps
        .iter()
        .map(|step| (step.step.as_str(), &step.response_time))
        .collect();
    // A stable sort: the name decides among equals.
    steps.sort_by_key(|(_, times)| Reverse(times.count));
    for (step, times) in steps.iter().take(MAX_STEPS) {
        table.push(cells(super::named(step, "unnamed"), times));
    }
    table.left_out = steps.len().saturating_sub(MAX_STEPS);
    if steps.len() > 1 {
        table.push_marked("sum", cells("all together".to_owned(), &citizens.pages));
    }
    table
}

fn cells(name: String, times: &HistogramSummary) -> Vec<String> {
    let mut cells = vec![name, count(times.count)];
    let shown = [times.p50_us, times.p90_us, times.p99_us, times.max_us];
    cells.extend(shown.map(|us| match times.count {
        0 => NOTHING.to_owned(),
        _ => micros(us),
    }));
    cells
}

fn not_logged_in(citizens: &CitizensResult) -> Table {
    if citizens.not_logged_in.is_empty() {
        return Table::default();
    }
    let mut table = Table::new(
        "Why people did not get in",
        &["The carrier’s word", "#People"],
    );
    for (word, people) in &citizens.not_logged_in {
        table.push([super::named(word, "unnamed"), count(*people)]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_asking_is_said_in_words() {
        let said = |justified, unjustified| {
            questions(&Questions {
                justified,
                unjustified,
            })
        };
        assert_eq!(said(0, 0), "");
        assert!(said(5, 0).ends_with("all had a reason."), "{}", said(5, 0));
        let some = said(2, 1);
        assert!(some.contains("looks at people"), "{some}");
        assert!(some.contains("1 had no reason"), "{some}");
    }
}
