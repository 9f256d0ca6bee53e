//! `roadtest audit`: a finished run again, from its files alone.

use std::path::PathBuf;

use anyhow::Result;

use crate::exit::Exit;
use crate::show::{Progress, Voice};
use crate::{given, summary};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The run's folder
    run: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let scenario = given::scenario(&given::of_run(&arguments.run, "scenario.yaml")?)?;
    given::of_run(&arguments.run, "ledger")?;
    given::logs_of_run(&arguments.run)?;
    let plan = sim_testbed::audit_plan(&scenario)?;
    let mut bar = Progress::new("proving", scenario.exchanges(), Voice::Full);
    let audit = sim_audit::audit(&arguments.run, &plan, &mut |done, per_second| {
        bar.at(done, per_second);
    });
    bar.finish();
    let audit = audit?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&audit)?);
    } else {
        print!("{}", summary::audit(&audit));
    }
    Ok(if audit.is_clean() {
        Exit::Passed
    } else {
        Exit::Failed
    })
}
