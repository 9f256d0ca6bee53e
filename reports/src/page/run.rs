//! What was run, where, when, and what the time was spent on.

use sim_metrics::{Phase, RunRecord};

use super::{Figure, MAX_NAME, MAX_TEXT, named};
use crate::charts::{self, ChartError, Part};
use crate::format::{bytes, count, cut, moment, or_nothing, seconds, share};
use crate::table::Table;

/// Phases that are shown.
const MAX_PHASES: usize = 20;
/// Characters of the scenario's text that are shown.
const MAX_SCENARIO_TEXT: usize = 64 * 1024;
/// A scenario of so many lines stands open on the page.
const OPEN_LINES: usize = 90;
/// The phase that the run is about.
const MAIN_PHASE: &str = "load";

/// Where the time went.
pub(crate) struct PhasesView {
    pub(crate) summary: String,
    pub(crate) figure: Option<Figure>,
    pub(crate) table: Table,
}

/// What was run, and where.
pub(crate) struct RunView {
    /// Names and values.
    pub(crate) facts: Vec<(&'static str, String)>,
    pub(crate) scenario_text: String,
    /// True where the text is longer than what is shown.
    pub(crate) scenario_cut: bool,
    pub(crate) scenario_open: bool,
    pub(crate) version: String,
}

/// What stands below the page's name: run, time and version.
pub(crate) fn subtitle(record: &RunRecord) -> Vec<String> {
    let mut parts = Vec::new();
    if !record.run_id.trim().is_empty() {
        parts.push(format!("Run {}", named(&record.run_id, "")));
    }
    if !record.started_at.trim().is_empty() {
        parts.push(moment(&record.started_at));
    }
    parts.push(format!(
        "Roadtest {}",
        or_nothing(&cut(&record.roadtest_version, MAX_NAME))
    ));
    parts
}

/// Where the time went; absent where the record does not say.
pub(crate) fn phases(record: &RunRecord) -> Result<Option<PhasesView>, ChartError> {
    let phases: Vec<&Phase> = record.phases.iter().take(MAX_PHASES).collect();
    if phases.is_empty() {
        return Ok(None);
    }
    let length = |phase: &Phase| {
        if phase.seconds.is_finite() {
            phase.seconds.max(0.0)
        } else {
            0.0
        }
    };
    let total: f64 = phases.iter().map(|phase| length(phase)).sum();
    let parts: Vec<Part> = phases
        .iter()
        .map(|phase| Part {
            name: named(&phase.name, "unnamed"),
            size: length(phase),
            main: phase.name == MAIN_PHASE,
        })
        .collect();
    let listed: Vec<String> = phases
        .iter()
        .map(|phase| {
            format!(
                "{} {}",
                named(&phase.name, "unnamed"),
                seconds(length(phase))
            )
        })
        .collect();
    let mut table = Table::new(
        "Phases of the run, in order",
        &["Phase", "#Time", "#Share", "What happens"],
    );
    // Thousandths of a second are the finest that a share of the time needs.
    let whole = |time_s: f64| (time_s * 1e3) as u64;
    for phase in &phases {
        let time_s = length(phase);
        table.push([
            named(&phase.name, "unnamed"),
            seconds(time_s),
            share(whole(time_s), whole(total)),
            meaning(&phase.name).to_owned(),
        ]);
    }
    table.left_out = record.phases.len().saturating_sub(MAX_PHASES);
    let title = "Phases of the run";
    let description = format!("In order: {}.", listed.join(", "));
    let figure = charts::bar("phases-bar", title, description, &parts)?.map(|picture| Figure {
        caption: "What the time was spent on, from left to right".to_owned(),
        note: String::new(),
        legend: Vec::new(),
        picture,
        table: None,
    });
    Ok(Some(PhasesView {
        summary: format!("{} in all.", seconds(total)),
        figure,
        table,
    }))
}

fn meaning(phase: &str) -> &'static str {
    match phase {
        "stand up" | "start" => {
            "trust services, central server, register and security servers start, enrol and register"
        }
        "load" => "questions are asked and answered",
        "drain" => "what is in flight ends, the last time-stamps are taken, logs are closed",
        "audit" => "everything that was written is read again and verified",
        _ => "",
    }
}

/// What was run, and where.
pub(crate) fn view(record: &RunRecord) -> RunView {
    let text = &record.scenario.text;
    let shown = cut(text, MAX_SCENARIO_TEXT);
    RunView {
        facts: facts(record),
        scenario_cut: shown.len() != text.len(),
        scenario_open: shown.lines().count() <= OPEN_LINES,
        scenario_text: shown,
        version: or_nothing(&cut(&record.roadtest_version, MAX_TEXT)),
    }
}

fn facts(record: &RunRecord) -> Vec<(&'static str, String)> {
    let (scenario, machine) = (&record.scenario, &record.machine);
    let cores = match machine.cores {
        0 => String::new(),
        1 => "1 core".to_owned(),
        cores => format!("{cores} cores"),
    };
    let memory = if machine.memory_bytes == 0 {
        String::new()
    } else {
        bytes(machine.memory_bytes)
    };
    let plan = format!(
        "{} people, {} of them deceased; {} exchanges of {}",
        count(scenario.people),
        count(scenario.deceased),
        count(scenario.exchanges),
        match scenario.ids_per_exchange {
            0 => "different numbers of national IDs".to_owned(),
            1 => "1 national ID".to_owned(),
            ids => format!("{} national IDs", count(ids)),
        },
    );
    let facts = [
        ("Run", record.run_id.clone()),
        ("Began", moment(&record.started_at)),
        ("Ended", moment(&record.finished_at)),
        ("Scenario", scenario.name.clone()),
        ("Plan", plan),
        ("Seed", scenario.seed.to_string()),
        ("Exit code", record.verdict.exit_code.to_string()),
        ("Processor", joined(&[&cores, &machine.cpu_model])),
        ("Memory", memory),
        ("Operating system", joined(&[&machine.os, &machine.kernel])),
        ("Roadtest", record.roadtest_version.clone()),
        (
            "Form of the record",
            format!("version {}", record.schema_version),
        ),
    ];
    facts
        .into_iter()
        .map(|(name, value)| (name, or_nothing(&cut(&value, MAX_TEXT))))
        .collect()
}

fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| !part.trim().is_empty())
        .collect();
    parts.join(", ")
}
