//! What stands where on the page, and the words that depend on the run.

mod audit;
mod caveats;
mod citizens;
mod evidence;
mod heat;
mod load;
mod measurement;
mod members;
mod names;
mod overview;
mod processes;
mod run;
mod services;
mod spectrum;
mod stages;
mod thresholds;
mod verdict;

use askama::Template;
use sim_metrics::RunRecord;

use crate::charts::{ChartError, Picture, Swatch};
use crate::table::Table;

/// Longest text taken from the record where one line is expected, in characters.
const MAX_TEXT: usize = 400;
/// Longest name taken from the record, in characters.
const MAX_NAME: usize = 80;

/// The page, ready to be written.
#[derive(Template)]
#[template(path = "report.html")]
pub(crate) struct Page {
    name: String,
    subtitle: Vec<String>,
    verdict: verdict::VerdictView,
    tiles: Vec<overview::Tile>,
    chain: overview::Chain,
    thresholds: Table,
    undecided: Vec<caveats::Caveat>,
    load: Option<load::LoadView>,
    services: Option<services::ServicesView>,
    citizens: Option<citizens::CitizensView>,
    measurement: Option<measurement::MeasurementView>,
    stages: Option<stages::StagesView>,
    processes: Option<processes::ProcessesView>,
    evidence: Option<evidence::EvidenceView>,
    audit: Option<audit::AuditView>,
    phases: Option<run::PhasesView>,
    caveats: Vec<caveats::Caveat>,
    run: run::RunView,
}

/// A picture with what is needed to read it.
#[derive(Template)]
#[template(path = "figure.html")]
pub(crate) struct Figure {
    /// What it shows, one line above it.
    pub(crate) caption: String,
    /// How to read it, below it; may be empty.
    pub(crate) note: String,
    pub(crate) legend: Vec<Swatch>,
    pub(crate) picture: Picture,
    /// The figures behind it.
    pub(crate) table: Option<Table>,
}

// === impl Page ===

impl Page {
    /// The page of a run; where the time goes is shown with that of another run `beside` it.
    pub(crate) fn of(record: &RunRecord, beside: Option<&RunRecord>) -> Result<Self, ChartError> {
        let name = named(&record.scenario.name, "unnamed scenario");
        Ok(Self {
            subtitle: run::subtitle(record),
            verdict: verdict::view(record),
            tiles: overview::tiles(record),
            chain: overview::chain(record),
            thresholds: thresholds::table(record),
            undecided: thresholds::undecided(record),
            load: load::view(record)?,
            services: services::view(record),
            citizens: citizens::view(record),
            measurement: measurement::view(record)?,
            stages: stages::view(record, beside)?,
            processes: processes::view(record)?,
            evidence: evidence::view(record),
            audit: audit::view(record),
            phases: run::phases(record)?,
            caveats: caveats::of(record),
            run: run::view(record),
            name,
        })
    }
}

/// A name from the record, cut to length; `otherwise` where there is none.
fn named(name: &str, otherwise: &str) -> String {
    let name = name.trim();
    if name.is_empty() {
        otherwise.to_owned()
    } else {
        crate::format::cut(name, MAX_NAME)
    }
}
