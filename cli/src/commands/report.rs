//! `roadtest report`: the page of a run, from its record alone.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::exit::Exit;
use crate::given;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The run's folder, or its run.json
    run: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let record_path = if arguments.run.is_file() {
        arguments.run.clone()
    } else {
        given::of_run(&arguments.run, "run.json")?
    };
    let record = sim_metrics::load_record(&record_path)?;
    let page = record_path.with_file_name("report.html");
    std::fs::write(&page, reports::html(&record)?)
        .with_context(|| format!("cannot write {}", page.display()))?;
    println!("{}", page.display());
    Ok(Exit::Passed)
}
