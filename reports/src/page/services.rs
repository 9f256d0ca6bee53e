//! What each service was asked, and by whom.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use sim_metrics::{HistogramSummary, LoadResult, OutcomeCounts, RunRecord, ServiceLoad};

use super::members;
use super::names::Names;
use crate::format::{NOTHING, bytes, count, counted, micros, share};
use crate::table::Table;

/// Services that are listed, those with the most exchanges first.
const MAX_SERVICES: usize = 60;

/// The column with the bars.
const SHARE: &str = "Share";
/// Every outcome, with the head of its column.
const OUTCOMES: [(&str, OutcomeCount); 5] = [
    ("Ok", |counts| counts.ok),
    ("Wrong", |counts| counts.wrong),
    ("Refused", |counts| counts.refused),
    ("Failed", |counts| counts.failed),
    ("Unknown", |counts| counts.unknown),
];

/// How many ended in one way.
type OutcomeCount = fn(&OutcomeCounts) -> u64;

/// The services, and the members behind them, in tables.
pub(crate) struct ServicesView {
    /// Who asked what, one sentence.
    pub(crate) summary: String,
    pub(crate) services: Table,
    /// How to read that table.
    pub(crate) services_note: String,
    /// Empty where it would only repeat the other one.
    pub(crate) members: Table,
    /// How to read that table; may be empty.
    pub(crate) members_note: String,
}

/// Which columns there is something to tell in.
struct Columns {
    /// Several clients asked.
    client: bool,
    /// Several rows share the exchanges.
    share: bool,
    /// Outcomes that came about; none where all ended ok.
    outcomes: Vec<(&'static str, OutcomeCount)>,
}

/// The services; absent where the record does not tell them apart.
pub(crate) fn view(record: &RunRecord) -> Option<ServicesView> {
    let load = record.load.as_ref()?;
    if load.services.is_empty() {
        return None;
    }
    let names = Names::of(record);
    let (members, members_note) = members::view(record, load, &names);
    Some(ServicesView {
        summary: summary(load, &names),
        services: services(load, &names),
        services_note: services_note(load),
        members,
        members_note,
    })
}

/// `pension-board/pensions asked 3 services of population-register/people.`
fn summary(load: &LoadResult, names: &Names<'_>) -> String {
    let clients: BTreeSet<&str> = load.services.iter().map(|s| s.client.as_str()).collect();
    let services: BTreeSet<&str> = load.services.iter().map(|s| s.service.as_str()).collect();
    let told: Vec<(String, String)> = services.iter().map(|id| names.service(id)).collect();
    let providers: BTreeSet<&str> = told.iter().map(|(_, provider)| provider.as_str()).collect();
    let one_of = |set: &BTreeSet<&str>| match set.first() {
        Some(&only) if set.len() == 1 => Some(only.to_owned()),
        _ => None,
    };
    let who = match one_of(&clients) {
        Some(client) => names.subsystem(&client),
        None => counted(clients.len() as u64, "client", "clients"),
    };
    let what = match told.as_slice() {
        [(service, _)] => format!("one service, {service}"),
        many => counted(many.len() as u64, "service", "services"),
    };
    let of = match one_of(&providers) {
        Some(provider) if provider.is_empty() => String::new(),
        Some(provider) => format!(" of {provider}"),
        None => format!(
            " of {}",
            counted(providers.len() as u64, "subsystem", "subsystems")
        ),
    };
    format!("{who} asked {what}{of}.")
}

fn services(load: &LoadResult, names: &Names<'_>) -> Table {
    let columns = Columns::of(&load.services);
    let caption = if columns.share {
        "Each service by who asked it, the most exchanges first"
    } else {
        "The service that was asked"
    };
    let mut table = Table::new(caption, &columns.heads());
    table.bar(SHARE);
    let sum = sum(load);
    let mut sorted: Vec<&ServiceLoad> = load.services.iter().collect();
    // A stable sort: the order of the workload decides among equals.
    sorted.sort_by_key(|asked| Reverse(asked.started));
    let most = sorted.first().map_or(0, |asked| asked.started);
    for asked in sorted.iter().take(MAX_SERVICES) {
        let (name, provider) = names.service(&asked.service);
        let cells = columns.cells(name, asked, sum.started);
        let has_errors = members::errors(&asked.outcomes) > 0;
        let row = table.push_marked(if has_errors { "trouble" } else { "" }, cells);
        row.notes.push(provider);
        if columns.client {
            row.notes
                .push(format!("asked by {}", names.subsystem(&asked.client)));
        }
        row.bar = columns.share.then(|| percent(asked.started, most));
    }
    table.left_out = sorted.len().saturating_sub(MAX_SERVICES);
    if columns.share {
        let cells = columns.cells("all together".to_owned(), &sum, sum.started);
        table.push_marked("sum", cells);
    }
    table
}

fn services_note(load: &LoadResult) -> String {
    let mut note = "Question and answer: bytes of a message’s body, in the mean.".to_owned();
    if load.warm_up_s > 0.0 {
        note.push_str(" The warm-up counts in everything but the times.");
    }
    if load.services.len() > 1 {
        note.push_str(" Percentiles do not add up: those of all together are the whole load’s.");
    }
    note
}

/// Everything together, with the response times of the whole load.
fn sum(load: &LoadResult) -> ServiceLoad {
    let add =
        |of: fn(&ServiceLoad) -> u64| load.services.iter().map(of).fold(0, u64::saturating_add);
    ServiceLoad {
        started: add(|asked| asked.started),
        completed: add(|asked| asked.completed),
        outcomes: OutcomeCounts {
            ok: add(|asked| asked.outcomes.ok),
            refused: add(|asked| asked.outcomes.refused),
            failed: add(|asked| asked.outcomes.failed),
            unknown: add(|asked| asked.outcomes.unknown),
            wrong: add(|asked| asked.outcomes.wrong),
        },
        request_bytes: add(|asked| asked.request_bytes),
        answer_bytes: add(|asked| asked.answer_bytes),
        response_time: load.response_time.clone(),
        ..ServiceLoad::default()
    }
}

fn times(times: &HistogramSummary) -> [String; 4] {
    let shown = [times.p50_us, times.p90_us, times.p99_us, times.max_us];
    shown.map(|us| match times.count {
        0 => NOTHING.to_owned(),
        _ => micros(us),
    })
}

/// Bytes of one of so many.
fn each(sum: u64, number: u64) -> String {
    sum.checked_div(number).map_or(NOTHING.to_owned(), bytes)
}

/// Part of a whole, 0 to 100.
fn percent(part: u64, whole: u64) -> f64 {
    (part as f64 / whole.max(1) as f64 * 100.0).min(100.0)
}

// === impl Columns ===

impl Columns {
    fn of(services: &[ServiceLoad]) -> Self {
        let came_about = |of: OutcomeCount| services.iter().any(|asked| of(&asked.outcomes) > 0);
        let all_ok = services
            .iter()
            .all(|asked| members::errors(&asked.outcomes) == 0);
        let outcomes = OUTCOMES.into_iter();
        Self {
            client: services
                .windows(2)
                .any(|pair| pair[0].client != pair[1].client),
            share: services.len() > 1,
            outcomes: outcomes
                .filter(|&(_, of)| !all_ok && came_about(of))
                .collect(),
        }
    }

    fn heads(&self) -> Vec<String> {
        let mut numbers = vec!["Exchanges"];
        numbers.extend(self.share.then_some(SHARE));
        numbers.extend(self.outcomes.iter().map(|&(head, _)| head));
        numbers.extend(["Median", "90\u{a0}%", "99\u{a0}%", "Longest"]);
        numbers.extend(["Question", "Answer"]);
        let numbers = numbers.into_iter().map(|head| format!("#{head}"));
        std::iter::once("Service".to_owned())
            .chain(numbers)
            .collect()
    }

    /// A row; `all` is how many exchanges there were in all.
    fn cells(&self, name: String, asked: &ServiceLoad, all: u64) -> Vec<String> {
        let mut cells = vec![name, count(asked.started)];
        cells.extend(self.share.then(|| share(asked.started, all)));
        cells.extend(
            self.outcomes
                .iter()
                .map(|(_, of)| count(of(&asked.outcomes))),
        );
        cells.extend(times(&asked.response_time));
        cells.push(each(asked.request_bytes, asked.started));
        cells.push(each(asked.answer_bytes, asked.completed));
        cells
    }
}
