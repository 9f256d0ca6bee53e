//! `roadtest check`: is a scenario valid? Nothing is started.

use std::path::PathBuf;

use anyhow::Result;
use sim_scenario::Scenario;

use crate::exit::Exit;
use crate::traffic;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Scenario files
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let mut exit = Exit::Passed;
    for file in &arguments.files {
        match Scenario::load(file) {
            Ok(scenario) => {
                let traffic = traffic::sentence(&scenario.workload);
                let mix = traffic::mix(&scenario.workload);
                let mix = mix.map_or(String::new(), |mix| format!("; {mix}"));
                println!(
                    "{}: valid; {} asks {traffic}{mix}",
                    file.display(),
                    scenario.name
                );
            }
            Err(diagnostics) => {
                eprintln!("{diagnostics}");
                exit = Exit::Invalid;
            }
        }
    }
    Ok(exit)
}
