//! `roadtest schema`: JSON Schemas for editors and programs.

use anyhow::Result;
use clap::ValueEnum;

use crate::exit::Exit;

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Subject {
    /// Scenario files
    #[default]
    Scenario,
    /// The run record, run.json
    Run,
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Of what
    #[arg(value_enum, default_value_t)]
    subject: Subject,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let schema = match arguments.subject {
        Subject::Scenario => sim_scenario::json_schema(),
        Subject::Run => sim_metrics::run_schema(),
    };
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(Exit::Passed)
}
