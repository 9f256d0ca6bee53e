//! Processor and memory use of every process.

use sim_metrics::{ProcessUse, RunRecord};

use super::{Figure, named};
use crate::charts::{self, ChartError, FIRST, LIMIT, Picture, Swatch};
use crate::format::{NOTHING, bytes, decimal, fraction, seconds};
use crate::series;

/// Processes that are listed, those with the most processor time first.
const MAX_PROCESSES: usize = 40;
/// Cores that a sample may have too many: the system counts processor time in whole ticks.
const COUNTING_ERROR: f64 = 0.5;
/// Points of the picture of all processes.
const MAX_POINTS: usize = 240;
/// Points of a small picture.
const MAX_SMALL_POINTS: usize = 60;

/// What the processes used.
pub(crate) struct ProcessesView {
    /// What they used together, one sentence.
    pub(crate) summary: String,
    pub(crate) cores: Option<Figure>,
    pub(crate) rows: Vec<ProcessRow>,
    pub(crate) sum: ProcessRow,
    pub(crate) left_out: usize,
    /// True where some process knows its proportional memory.
    pub(crate) has_proportional: bool,
}

/// One process.
pub(crate) struct ProcessRow {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) cpu: String,
    /// Part of the processor time of all.
    pub(crate) cpu_share: String,
    pub(crate) cpu_picture: Option<Picture>,
    pub(crate) memory: String,
    pub(crate) proportional: String,
    pub(crate) memory_picture: Option<Picture>,
}

/// The processes; absent where none was watched.
pub(crate) fn view(record: &RunRecord) -> Result<Option<ProcessesView>, ChartError> {
    if record.processes.is_empty() {
        return Ok(None);
    }
    let processes = &without_impossible(record);
    let parts_s: f64 = processes.iter().map(cpu_of).sum();
    let conductor = record.conductor.as_ref();
    let total_s = parts_s + conductor.map_or(0.0, cpu_of);
    let mut sorted: Vec<&ProcessUse> = processes.iter().collect();
    sorted.sort_by(|a, b| cpu_of(b).total_cmp(&cpu_of(a)));
    let end_s = processes
        .iter()
        .map(|process| series::end_of(&process.series))
        .fold(0.0, f64::max);
    let busiest = processes
        .iter()
        .flat_map(cpu_points)
        .map(|(_, share)| share)
        .fold(0.0, f64::max);
    let mut rows = sorted
        .iter()
        .take(MAX_PROCESSES)
        .enumerate()
        .map(|(index, process)| row(index, process, total_s, (end_s, busiest)))
        .collect::<Result<Vec<_>, _>>()?;
    let mut all = processes.clone();
    if let Some(conductor) = conductor {
        let busiest = cpu_points(conductor)
            .into_iter()
            .fold(busiest, |busiest, (_, share)| busiest.max(share));
        // It lives on through the audit, so its pictures have a time of their own.
        let scale = (series::end_of(&conductor.series), busiest);
        rows.push(row(rows.len(), conductor, total_s, scale)?);
        all.push(conductor.clone());
    }
    Ok(Some(ProcessesView {
        summary: summary(record, parts_s),
        cores: cores(processes, record.machine.cores)?,
        rows,
        sum: sum(&all, total_s),
        left_out: processes.len().saturating_sub(MAX_PROCESSES),
        has_proportional: processes
            .iter()
            .any(|process| process.peak_pss_bytes.is_some()),
    }))
}

/// The processes without shares of the processor that the machine does not have: a sample taken
/// too soon after the one before has hardly any time to divide by.
fn without_impossible(record: &RunRecord) -> Vec<ProcessUse> {
    let most = match record.machine.cores {
        0 => f64::INFINITY,
        cores => f64::from(cores) + COUNTING_ERROR,
    };
    let mut processes = record.processes.clone();
    for sample in processes.iter_mut().flat_map(|process| &mut process.series) {
        if sample.cpu_share > most {
            // What is no number is left out of every picture.
            sample.cpu_share = f64::NAN;
        }
    }
    processes
}

fn summary(record: &RunRecord, parts_s: f64) -> String {
    let per_exchange = sim_metrics::metric(record, "cpu-per-exchange")
        .map_or(String::new(), |cpu_s| {
            format!(", {} an exchange", seconds(cpu_s))
        });
    let number = record.processes.len();
    let conductor = record
        .conductor
        .as_ref()
        .map_or(String::new(), |conductor| {
            format!(
                " Driving them and auditing what they left took {} more.",
                seconds(cpu_of(conductor)),
            )
        });
    let memory = sim_metrics::metric(record, "peak-pss").map_or(String::new(), |pss| {
        format!(
            " At its peak each, they held {} together, the audit included.",
            bytes(pss as u64),
        )
    });
    format!(
        "{number} {} used {} of processor time{per_exchange}.{conductor}{memory}",
        if number == 1 { "process" } else { "processes" },
        seconds(parts_s),
    )
}

fn cores(processes: &[ProcessUse], cores: u32) -> Result<Option<Figure>, ChartError> {
    let points = series::together(processes, MAX_POINTS);
    let Some(picture) = charts::cores_used(&points, cores)? else {
        return Ok(None);
    };
    let mut legend = vec![Swatch::new(FIRST, "used by all processes together")];
    if cores > 0 {
        legend.push(Swatch::new(LIMIT, "cores there are"));
    }
    Ok(Some(Figure {
        caption: "Processor cores in use".to_owned(),
        note: "Where the line meets the limit, more answers a second need more cores or less \
               work. The audit runs afterwards and is not in the picture."
            .to_owned(),
        legend,
        picture,
        table: None,
    }))
}

fn row(
    index: usize,
    process: &ProcessUse,
    total_s: f64,
    (end_s, busiest): (f64, f64),
) -> Result<ProcessRow, ChartError> {
    let name = named(&process.name, "unnamed");
    let memory = series::thinned(&process.series, MAX_SMALL_POINTS, |s| s.rss_bytes as f64);
    let most = memory.iter().map(|&(_, rss)| rss).fold(0.0, f64::max);
    Ok(ProcessRow {
        // Many a process is named after its kind.
        kind: if process.kind == process.name {
            String::new()
        } else {
            named(&process.kind, "")
        },
        cpu: seconds(process.cpu_seconds),
        cpu_share: if total_s > 0.0 {
            fraction(cpu_of(process) / total_s)
        } else {
            NOTHING.to_owned()
        },
        cpu_picture: charts::sparkline(
            format!("cpu-{index}"),
            format!("Cores used by {name} over time"),
            &cpu_points(process),
            (end_s, busiest),
        )?,
        memory: bytes(process.peak_rss_bytes),
        proportional: process.peak_pss_bytes.map_or(NOTHING.to_owned(), bytes),
        memory_picture: charts::sparkline(
            format!("memory-{index}"),
            format!("Memory of {name} over time"),
            &memory,
            (end_s, most),
        )?,
        name,
    })
}

fn sum(processes: &[ProcessUse], total_s: f64) -> ProcessRow {
    let add =
        |figure: fn(&ProcessUse) -> u64| processes.iter().map(figure).fold(0, u64::saturating_add);
    let proportional = add(|process| process.peak_pss_bytes.unwrap_or(0));
    ProcessRow {
        name: "all together".to_owned(),
        kind: String::new(),
        cpu: seconds(total_s),
        cpu_share: if total_s > 0.0 {
            fraction(1.0)
        } else {
            NOTHING.to_owned()
        },
        cpu_picture: None,
        memory: bytes(add(|process| process.peak_rss_bytes)),
        proportional: bytes(proportional),
        memory_picture: None,
    }
}

/// Processor time, zero where the record holds no number.
fn cpu_of(process: &ProcessUse) -> f64 {
    if process.cpu_seconds.is_finite() {
        process.cpu_seconds.max(0.0)
    } else {
        0.0
    }
}

fn cpu_points(process: &ProcessUse) -> Vec<(f64, f64)> {
    series::thinned(&process.series, MAX_SMALL_POINTS, |sample| sample.cpu_share)
}

impl ProcessesView {
    /// What the small pictures have in common.
    pub(crate) fn scale(&self) -> String {
        let columns = if self.has_proportional {
            " Resident memory counts pages that processes share in each of them; proportional \
             memory divides them."
        } else {
            " Pages that processes share are counted in each of them."
        };
        let shown = decimal(self.rows.len() as f64);
        format!(
            "{shown} shown, those with the most processor time first. The small pictures of \
             processor use have one scale in common; those of memory begin at zero and each has \
             its own.{columns}"
        )
    }
}
