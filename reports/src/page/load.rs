//! What was asked and answered, how long it took, and how many a second.

use sim_metrics::{HistogramSummary, LoadResult, OutcomeCounts, RunRecord};

use super::{Figure, MAX_NAME, MAX_TEXT, heat, spectrum};
use crate::charts::{self, ChartError, FIRST, GAP, SECOND, Swatch};
use crate::format::{count, counted, cut, decimal, micros, or_nothing, rate, share};
use crate::series::{self, Timeline};
use crate::table::Table;

/// Slices of time that a picture shows.
const MAX_SLICES: usize = 240;
/// Slices of time in the table behind a picture.
const MAX_TABLE_SLICES: usize = 60;
/// Fault codes that are listed.
const MAX_FAULT_CODES: usize = 50;
/// Bars of a distribution that are listed.
const MAX_BARS: usize = 200;

/// The load in tables and pictures.
pub(crate) struct LoadView {
    /// What was offered and what became of it, one sentence.
    pub(crate) asked: String,
    /// Why it ended early; empty where it did not.
    pub(crate) stopped_early: String,
    pub(crate) outcomes: Table,
    pub(crate) fault_codes: Table,
    pub(crate) times: Table,
    /// From when response time is counted.
    pub(crate) counted_from: &'static str,
    /// What counts in no figure of the whole load; empty where everything does.
    pub(crate) warm_up: String,
    pub(crate) distribution: Option<Figure>,
    pub(crate) spectrum: Option<Figure>,
    pub(crate) heat: Option<Figure>,
    pub(crate) percentiles: Option<Figure>,
    /// What was answered a second, one sentence.
    pub(crate) rate: String,
    pub(crate) throughput: Option<Figure>,
    /// Absent where every exchange ended ok.
    pub(crate) errors: Option<Figure>,
}

/// True where exchanges had intended starts; else each began when another ended.
pub(crate) fn is_paced(load: &LoadResult) -> bool {
    load.pacer_lag.count > 0
}

/// The load; absent where there was none.
pub(crate) fn view(record: &RunRecord) -> Result<Option<LoadView>, ChartError> {
    let Some(load) = &record.load else {
        return Ok(None);
    };
    let paced = is_paced(load);
    let timeline = series::timeline(load, MAX_SLICES);
    let coarse = series::timeline(load, MAX_TABLE_SLICES);
    let (percentiles, throughput, errors) = match (&timeline, &coarse) {
        (Some(fine), Some(coarse)) => (
            percentiles(fine, coarse)?,
            Some(throughput(fine, coarse, paced)?),
            errors(fine)?,
        ),
        _ => (None, None, None),
    };
    Ok(Some(LoadView {
        asked: asked(record, load),
        stopped_early: cut(load.stopped_early.as_deref().unwrap_or(""), MAX_TEXT),
        outcomes: outcomes(&load.outcomes),
        fault_codes: fault_codes(load),
        times: times(load),
        counted_from: if paced {
            "Response time is counted from when the question was meant to be sent, so a slow \
             answer cannot hide behind a late question."
        } else {
            "A question was sent whenever an answer made room for it, so there was no time at \
             which it was meant to be sent: response time is counted from sending."
        },
        warm_up: warm_up(load),
        distribution: distribution(&load.response_time)?,
        spectrum: spectrum::figure(load)?,
        heat: heat::figure(load)?,
        percentiles,
        rate: told_rate(load, timeline.as_ref()),
        throughput,
        errors,
    }))
}

/// What counts in no figure of the whole load.
fn warm_up(load: &LoadResult) -> String {
    if load.warm_up_s > 0.0 {
        format!(
            "What came due in the first {} is the warm-up: it was asked, answered and audited like \
             the rest, and is shown over time, but counts in no other figure.",
            crate::format::seconds(load.warm_up_s)
        )
    } else {
        String::new()
    }
}

/// Answers a second, and how far they stayed behind what came due.
fn told_rate(load: &LoadResult, timeline: Option<&Timeline>) -> String {
    let answered = format!(
        "{} answers a second over {}.",
        rate(load.throughput_per_s),
        crate::format::seconds((load.duration_s - load.warm_up_s.max(0.0)).max(0.0))
    );
    let Some(timeline) = timeline.filter(|_| is_paced(load)) else {
        return answered;
    };
    let mut due = 0.0;
    let mut behind = (0.0, 0.0);
    for slice in &timeline.slices {
        let length_s = 2.0 * (slice.middle_s - slice.from_s);
        due += (slice.offered_per_s - slice.completed_per_s) * length_s;
        if due > behind.0 {
            behind = (due, slice.from_s + length_s);
        }
    }
    if behind.0 < 1.0 {
        return format!("{answered} Whatever came due was answered in the same second.");
    }
    format!(
        "{answered} The answers were furthest behind {} into the load: {} exchanges had come due \
         by then without an answer.",
        crate::format::seconds(behind.1),
        count(behind.0.round() as u64)
    )
}

fn asked(record: &RunRecord, load: &LoadResult) -> String {
    let planned = record.scenario.exchanges;
    let dropped = match load.dropped {
        0 => String::new(),
        dropped => format!(
            " {} came due and were not begun, as too many were still waiting.",
            counted(dropped, "exchange", "exchanges")
        ),
    };
    let each = match record.scenario.ids_per_exchange {
        0 => format!(
            "{:.1} in a question on average",
            load.ids_asked as f64 / load.started.max(1) as f64
        ),
        ids => format!("{} in each question", count(ids)),
    };
    format!(
        "{} planned, {} begun, {} answered: {} in all, {each}.{dropped}",
        counted(planned, "exchange", "exchanges"),
        count(load.started),
        count(load.completed),
        counted(load.ids_asked, "person asked about", "people asked about"),
    )
}

fn outcomes(counts: &OutcomeCounts) -> Table {
    let mut table = Table::new(
        "How the exchanges ended, as the one who asked saw it",
        &["Outcome", "Meaning", "#Exchanges", "#Share"],
    );
    let total = counts.total();
    let rows = [
        ("ok", "a valid answer, and the truth", counts.ok, false),
        (
            "wrong",
            "a valid answer, but not the truth",
            counts.wrong,
            true,
        ),
        (
            "refused",
            "a fault code says why there is no answer",
            counts.refused,
            true,
        ),
        (
            "failed",
            "an answer that is neither valid nor a refusal",
            counts.failed,
            true,
        ),
        (
            "unknown",
            "no answer; only the logs can tell what happened",
            counts.unknown,
            true,
        ),
    ];
    for (name, meaning, number, trouble) in rows {
        let mark = if trouble && number > 0 { "bad" } else { "" };
        let cells = [
            name.to_owned(),
            meaning.to_owned(),
            count(number),
            share(number, total),
        ];
        table.push_marked(mark, cells);
    }
    table
}

fn fault_codes(load: &LoadResult) -> Table {
    let mut table = Table::new(
        "Answers with a fault, by their code",
        &["Fault code", "#Answers"],
    );
    let mut codes: Vec<_> = load.fault_codes.iter().collect();
    // The most frequent first; the name decides among equals.
    codes.sort_by_key(|&(code, number)| (std::cmp::Reverse(number), code));
    for (code, number) in codes.iter().take(MAX_FAULT_CODES) {
        table.push([or_nothing(&cut(code, MAX_NAME)), count(**number)]);
    }
    table.left_out = codes.len().saturating_sub(MAX_FAULT_CODES);
    table
}

fn times(load: &LoadResult) -> Table {
    let mut table = Table::new(
        "Times, as the load generator measured them",
        &[
            "Time",
            "From … to",
            "#Number",
            "#Mean",
            "#Median",
            "#90\u{a0}%",
            "#99\u{a0}%",
            "#99.9\u{a0}%",
            "#Longest",
        ],
    );
    let mut row = |name: &str, span: &str, times: &HistogramSummary| {
        if times.count > 0 {
            table.push([
                name.to_owned(),
                span.to_owned(),
                count(times.count),
                crate::format::seconds(times.mean_us / 1e6),
                micros(times.p50_us),
                micros(times.p90_us),
                micros(times.p99_us),
                micros(times.p999_us),
                micros(times.max_us),
            ]);
        }
    };
    if is_paced(load) {
        row(
            "response time",
            "intended start to answer",
            &load.response_time,
        );
        row("service time", "actual start to answer", &load.service_time);
        row("start delay", "intended to actual start", &load.start_delay);
        row(
            "pacer lag",
            "intended start to the pacer’s call",
            &load.pacer_lag,
        );
    } else {
        // Without intended starts the other times say nothing else.
        row("response time", "sending to answer", &load.response_time);
    }
    table
}

fn distribution(times: &HistogramSummary) -> Result<Option<Figure>, ChartError> {
    let title = "Distribution of response times";
    let Some(picture) = charts::distribution("distribution", title, times)? else {
        return Ok(None);
    };
    let mut table = Table::new(title, &["Up to", "#Answers", "#Share"]);
    for bar in times.distribution.iter().take(MAX_BARS) {
        table.push([
            micros(bar.up_to_us),
            count(bar.count),
            share(bar.count, times.count),
        ]);
    }
    table.left_out = times.distribution.len().saturating_sub(MAX_BARS);
    Ok(Some(Figure {
        caption: "Share of answers by response time".to_owned(),
        note: "The scale is logarithmic: each step to the right is a longer wait by the same \
               factor. Half of all answers lie left of the line “half within”."
            .to_owned(),
        legend: Vec::new(),
        picture,
        table: Some(table),
    }))
}

fn percentiles(fine: &Timeline, coarse: &Timeline) -> Result<Option<Figure>, ChartError> {
    let Some(picture) = charts::percentiles(fine)? else {
        return Ok(None);
    };
    let mut table = Table::new(
        "Response time over time",
        &["From", "#Median", "#99\u{a0}%"],
    );
    let shown = |us: Option<u64>| us.map_or(crate::format::NOTHING.to_owned(), micros);
    for slice in &coarse.slices {
        table.push([at(slice.from_s), shown(slice.p50_us), shown(slice.p99_us)]);
    }
    let note = match fine.slice_s {
        1 => "Second by second, on a logarithmic scale.".to_owned(),
        length => format!(
            "In slices of {}, on a logarithmic scale: the middle one of its seconds’ medians and \
             the highest of its seconds’ 99th percentiles.",
            crate::format::seconds(length as f64)
        ),
    };
    let legend = vec![
        Swatch::new(SECOND, "99\u{a0}% within"),
        Swatch::new(FIRST, "median: half within"),
    ];
    Ok(Some(Figure {
        caption: "Response time over the load".to_owned(),
        note,
        legend,
        picture,
        table: Some(table),
    }))
}

fn throughput(fine: &Timeline, coarse: &Timeline, paced: bool) -> Result<Figure, ChartError> {
    let picture = charts::throughput(fine, paced)?;
    let mut table = Table::new(
        "Exchanges a second",
        &["From", "#Came due", "#Answered", "#Not ok"],
    );
    for slice in &coarse.slices {
        table.push([
            at(slice.from_s),
            rate(slice.offered_per_s),
            rate(slice.completed_per_s),
            rate(slice.errors_per_s),
        ]);
    }
    let mut legend = vec![Swatch::new(FIRST, "answered")];
    if paced {
        legend.push(Swatch::new(SECOND, "came due"));
        legend.push(Swatch::new(GAP, "came due beyond what was answered"));
    }
    Ok(Figure {
        caption: "Exchanges a second over the load".to_owned(),
        note: slices_of(fine),
        legend,
        picture,
        table: Some(table),
    })
}

fn errors(fine: &Timeline) -> Result<Option<Figure>, ChartError> {
    Ok(charts::errors(fine)?.map(|picture| Figure {
        caption: "Exchanges a second that ended otherwise than ok".to_owned(),
        note: slices_of(fine),
        legend: Vec::new(),
        picture,
        table: None,
    }))
}

fn slices_of(timeline: &Timeline) -> String {
    let short = if timeline.cut_short {
        " The last second, not a whole one, is left out."
    } else {
        ""
    };
    match timeline.slice_s {
        1 => format!("Second by second.{short}"),
        length => {
            format!(
                "Means of slices of {}.{short}",
                crate::format::seconds(length as f64)
            )
        }
    }
}

/// A time since the load began, in whole seconds: a table of them reads best in one unit.
fn at(from_s: f64) -> String {
    format!("{}\u{a0}s", decimal(from_s))
}
