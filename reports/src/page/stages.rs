//! Where the time goes: what an exchange costs, part by part, and what it waits for.

mod servers;
mod words;

use sim_metrics::stages::{cpu_by_part, cpu_of_server, time_by_part};
use sim_metrics::{Part, PartUse, RunRecord};

use super::{Figure, named};
use crate::charts::{self, ChartError, Piece, Stack, part_colour, part_marker};
use crate::format::{NOTHING, fraction, seconds};
use crate::table::Table;

use words::{means, phrase};

/// Security servers that are shown.
const MAX_SERVERS: usize = 12;
/// Parts that a sentence names.
const NAMED_PARTS: usize = 3;

/// Where the time of an exchange goes.
pub(crate) struct StagesView {
    /// What costs most, in plain words.
    pub(crate) summary: String,
    /// What another run costs, in plain words; empty where there is none beside.
    pub(crate) comparison: String,
    pub(crate) cpu: Option<Figure>,
    pub(crate) rows: Vec<PartRow>,
    /// Name of the run that stands beside.
    pub(crate) beside: Option<String>,
    pub(crate) waits: String,
    pub(crate) time: Option<Figure>,
    pub(crate) by_server: Option<Figure>,
    pub(crate) servers: Table,
    pub(crate) steps: Table,
    /// What the accounting itself costs.
    pub(crate) cost: String,
}

/// One part.
pub(crate) struct PartRow {
    /// Marker of its colour.
    pub(crate) marker: String,
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) cpu: String,
    pub(crate) share: String,
    /// Of the run beside.
    pub(crate) beside: String,
    pub(crate) time: String,
}

/// One run's parts.
struct Costs {
    name: String,
    cpu: Vec<PartUse>,
    time: Vec<PartUse>,
}

/// Where the time went, with the bars of another run beside; absent where the run did not measure.
pub(crate) fn view(
    record: &RunRecord,
    beside: Option<&RunRecord>,
) -> Result<Option<StagesView>, ChartError> {
    let Some(own) = Costs::of(record) else {
        return Ok(None);
    };
    let other = beside.and_then(Costs::of).map(|mut other| {
        if let Some(beside) = beside.filter(|_| other.name == own.name) {
            other.name = named(&beside.run_id, "the other run");
        }
        other
    });
    let runs: Vec<&Costs> = std::iter::once(&own).chain(&other).collect();
    Ok(Some(StagesView {
        summary: own.summary(),
        comparison: other
            .as_ref()
            .map_or(String::new(), |other| own.against(other)),
        cpu: cpu(&runs)?,
        rows: rows(&own, other.as_ref()),
        beside: other.as_ref().map(|other| other.name.clone()),
        waits: own.waits(),
        time: time(&runs)?,
        by_server: by_server(record)?,
        servers: servers::facts(record),
        steps: servers::steps(record),
        cost: servers::cost(record),
    }))
}

// === impl Costs ===

impl Costs {
    fn of(record: &RunRecord) -> Option<Self> {
        let cpu = cpu_by_part(record)?;
        let costs = Self {
            name: named(&record.scenario.name, "this run"),
            cpu,
            time: time_by_part(record).unwrap_or_default(),
        };
        sum(&costs.cpu).is_finite().then_some(costs)
    }

    fn summary(&self) -> String {
        let whole = sum(&self.cpu);
        format!(
            "An exchange costs {} of processor time, all processes together. Most of it goes to {}.",
            us(whole),
            dearest(&self.cpu, whole),
        )
    }

    fn waits(&self) -> String {
        let whole = sum(&self.time);
        if whole <= 0.0 {
            return "How long an answer waits for each part was not measured.".to_owned();
        }
        format!(
            "An answer takes {} in the mean. Most of that is {}.",
            us(whole),
            dearest(&self.time, whole),
        )
    }

    /// What the other run costs against this one.
    fn against(&self, other: &Self) -> String {
        let (own, others) = (sum(&self.cpu), sum(&other.cpu));
        let more = |part: &Part| part_us(&other.cpu, *part) - part_us(&self.cpu, *part);
        let by_change = |a: &Part, b: &Part| more(a).abs().total_cmp(&more(b).abs());
        let largest = Part::ALL.into_iter().max_by(by_change);
        let change = largest.map_or(String::new(), |part| {
            let sign = if more(&part) < 0.0 { "less" } else { "more" };
            let change = us(more(&part).abs());
            format!(
                " The greatest difference is {}: {change} {sign}.",
                phrase(part)
            )
        });
        format!(
            "{} costs {}, {} times as much.{change}",
            other.name,
            us(others),
            crate::format::decimal(others / own),
        )
    }
}

/// The dearest parts with their shares, for a sentence.
fn dearest(parts: &[PartUse], whole: f64) -> String {
    let mut sorted: Vec<&PartUse> = parts.iter().collect();
    sorted.sort_by(|a, b| b.us.total_cmp(&a.us));
    let told: Vec<String> = sorted
        .iter()
        .take(NAMED_PARTS)
        .map(|part| format!("{} ({})", phrase(part.part), fraction_of(part.us, whole)))
        .collect();
    match told.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{}, and {last}", before.join(", ")),
        None => NOTHING.to_owned(),
    }
}

fn cpu(runs: &[&Costs]) -> Result<Option<Figure>, ChartError> {
    let stacks: Vec<Stack> = runs.iter().map(|run| stack(&run.name, &run.cpu)).collect();
    let title = "Processor time of an exchange, all processes together";
    let picture = charts::stacked(
        "stages-cpu",
        title,
        described(runs, |run| &run.cpu),
        &stacks,
    )?;
    Ok(picture.map(|picture| Figure {
        caption: title.to_owned(),
        note: "Grey: understanding a message. Blue: proving it. Green: keeping it. Orange: \
               carrying it. Violet: asking and answering. The table below has every part."
            .to_owned(),
        legend: Vec::new(),
        picture,
        table: None,
    }))
}

fn time(runs: &[&Costs]) -> Result<Option<Figure>, ChartError> {
    let stacks: Vec<Stack> = runs
        .iter()
        .filter(|run| !run.time.is_empty())
        .map(|run| stack(&run.name, &run.time))
        .collect();
    let title = "Time until there is an answer, in the mean";
    let picture = charts::stacked(
        "stages-time",
        title,
        described(runs, |run| &run.time),
        &stacks,
    )?;
    Ok(picture.map(|picture| Figure {
        caption: title.to_owned(),
        note: "Many exchanges share the processor and the disk, so an answer mostly waits for its \
               turn; “transport” and “event loop” contain that. Colours are those of the table."
            .to_owned(),
        legend: Vec::new(),
        picture,
        table: None,
    }))
}

fn by_server(record: &RunRecord) -> Result<Option<Figure>, ChartError> {
    let servers = record.stages.iter().take(MAX_SERVERS);
    let stacks: Vec<Stack> = servers
        .map(|server| stack(&named(&server.server, "unnamed"), &cpu_of_server(server)))
        .filter(|stack| !stack.pieces.is_empty())
        .collect();
    let listed: Vec<String> = stacks
        .iter()
        .map(|stack| format!("{} {}", stack.name, stack.whole))
        .collect();
    let title = "Processor time of an exchange within each security server";
    let picture = charts::stacked("stages-servers", title, listed.join("; "), &stacks)?;
    Ok(picture.map(|picture| Figure {
        caption: title.to_owned(),
        note: String::new(),
        legend: Vec::new(),
        picture,
        table: None,
    }))
}

fn stack(name: &str, parts: &[PartUse]) -> Stack {
    let pieces = parts.iter().map(|used| Piece {
        name: used.part.name(),
        size: used.us,
        colour: part_colour(used.part),
    });
    Stack {
        name: name.to_owned(),
        whole: us(sum(parts)),
        pieces: pieces.collect(),
    }
}

/// The bars in words.
fn described(runs: &[&Costs], parts: impl Fn(&Costs) -> &[PartUse]) -> String {
    let one = |run: &&Costs| {
        let parts = parts(run);
        let listed = parts
            .iter()
            .map(|used| format!("{} {}", used.part.name(), us(used.us)));
        format!("{}: {}.", run.name, listed.collect::<Vec<_>>().join(", "))
    };
    runs.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn rows(own: &Costs, other: Option<&Costs>) -> Vec<PartRow> {
    let whole = sum(&own.cpu);
    let shown = |parts: &[PartUse], part| match part_us(parts, part) {
        0.0 => NOTHING.to_owned(),
        time => us(time),
    };
    let used = |part: &Part| {
        let other = other.map_or(0.0, |other| part_us(&other.cpu, *part));
        part_us(&own.cpu, *part) + part_us(&own.time, *part) + other > 0.0
    };
    let row = |part| PartRow {
        marker: part_marker(part),
        name: part.name(),
        meaning: means(part),
        cpu: shown(&own.cpu, part),
        share: fraction_of(part_us(&own.cpu, part), whole),
        beside: other.map_or(String::new(), |other| shown(&other.cpu, part)),
        time: shown(&own.time, part),
    };
    let mut rows: Vec<PartRow> = Part::ALL.into_iter().filter(used).map(row).collect();
    rows.push(PartRow {
        marker: String::new(),
        name: "together",
        meaning: "",
        cpu: us(whole),
        share: fraction_of(whole, whole),
        beside: other.map_or(String::new(), |other| us(sum(&other.cpu))),
        time: us(sum(&own.time)),
    });
    rows
}

fn part_us(parts: &[PartUse], part: Part) -> f64 {
    let found = parts.iter().find(|used| used.part == part);
    found.map_or(0.0, |used| used.us)
}

fn sum(parts: &[PartUse]) -> f64 {
    parts.iter().map(|used| used.us).sum()
}

fn us(us: f64) -> String {
    seconds(us / 1e6)
}

/// A share in percent, to a tenth.
fn fraction_of(part: f64, whole: f64) -> String {
    fraction((part / whole * 1e3).round() / 1e3)
}
