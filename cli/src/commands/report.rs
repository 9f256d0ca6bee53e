//! `roadtest report`: everything that follows from a run's record, made again from it alone.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::exit::Exit;
use crate::{given, series};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The run's folder, or its run.json
    run: PathBuf,
    /// Another run, whose bars are drawn beside those of this one where the time went
    #[arg(long, value_name = "OTHER-RUN")]
    beside: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let path = record_path(&arguments.run)?;
    let record = sim_metrics::load_record(&path)?;
    let html = match &arguments.beside {
        None => reports::html(&record)?,
        Some(other) => {
            let other = sim_metrics::load_record(&record_path(other)?)?;
            reports::html_beside(&record, &other)?
        }
    };
    let page = path.with_file_name("report.html");
    std::fs::write(&page, html).with_context(|| format!("cannot write {}", page.display()))?;
    println!("{}", page.display());
    if let Some(load) = &record.load {
        let series = path.with_file_name(series::FILE);
        series::save(&series, load)?;
        println!("{}", series.display());
    }
    Ok(Exit::Passed)
}

/// The record of a run that is given as its folder, or as the record itself.
fn record_path(run: &Path) -> Result<PathBuf> {
    if run.is_file() {
        Ok(run.to_owned())
    } else {
        given::of_run(run, "run.json")
    }
}
