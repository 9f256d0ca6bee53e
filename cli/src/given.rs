//! What people name on the command line: scenario files, and the folders of runs.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sim_clock::Clock;
use sim_metrics::KeptLogs;
use sim_scenario::{Profile, Scenario, Variation};
use sim_testbed::{RunFolder, RunFolderError};

use crate::exit::Invalid;
use crate::keep::SAMPLE;

/// Where runs go that are not told otherwise.
const RUNS: &str = "reports/runs";

/// A valid scenario, or everything that is wrong with it.
pub(crate) fn scenario(file: &Path) -> Result<Scenario> {
    Ok(Scenario::load(file).map_err(|diagnostics| Invalid::diagnosed(&diagnostics))?)
}

/// Where a run goes: `out`, or a folder below this one.
pub(crate) fn results(out: Option<&Path>) -> &Path {
    out.unwrap_or_else(|| Path::new(RUNS))
}

/// A new folder for a run: `out`, or one of its own name. It keeps the scenario.
pub(crate) fn new_run_folder(out: Option<&Path>, scenario: &Scenario) -> Result<RunFolder> {
    let now = Clock::wall().now();
    let folder = match RunFolder::create(Path::new(RUNS), out, &scenario.name, now) {
        Err(error @ RunFolderError::NotEmpty(_)) => return Err(Invalid::usage(error).into()),
        created => created?,
    };
    std::fs::write(folder.path().join("scenario.yaml"), &scenario.source_text)
        .context("cannot keep the scenario in the run folder")?;
    Ok(folder)
}

/// A scenario as another one would be: what `roadtest check` would say of it, if it is not valid.
pub(crate) fn varied(scenario: &Scenario, variation: Variation) -> Result<Scenario> {
    let text = scenario.varied_text(variation);
    let words = variation.profile.map_or("", Profile::word);
    let name = format!("{} with profile {words}", scenario.name);
    Ok(Scenario::parse(&name, &text).map_err(|diagnostics| Invalid::diagnosed(&diagnostics))?)
}

/// A new folder for runs that belong together: `out`, or one of its own name.
pub(crate) fn new_comparison_folder(out: Option<&Path>, name: &str) -> Result<PathBuf> {
    let id = RunFolder::new_id(name, Clock::wall().now());
    let path = out.map_or_else(|| Path::new(RUNS).join(id), Path::to_owned);
    let refused = || format!("cannot use {}", path.display());
    std::fs::create_dir_all(&path).with_context(refused)?;
    if std::fs::read_dir(&path)
        .with_context(refused)?
        .next()
        .is_some()
    {
        return Err(Invalid::usage(RunFolderError::NotEmpty(path)).into());
    }
    Ok(path)
}

/// A file or folder that every finished run has, for those who mean to read it.
pub(crate) fn of_run(run: &Path, name: &str) -> Result<PathBuf> {
    let path = run.join(name);
    if path.exists() {
        return Ok(path);
    }
    let run = run.display();
    Err(Invalid::usage(format!(
        "{run} is no folder of a run: it has no {name}; `roadtest run` says where its folder is"
    ))
    .into())
}

/// The message logs of a finished run, for those who mean to read them.
pub(crate) fn logs_of_run(run: &Path) -> Result<PathBuf> {
    let kept = sim_metrics::load_record(&run.join("run.json")).map(|record| record.evidence.kept);
    let run_name = run.display();
    let what = match kept {
        Ok(KeptLogs::None) => {
            format!("the message logs of {run_name} were dropped once they had proven it")
        }
        Ok(KeptLogs::Sample { message_ids, .. }) => format!(
            "the message logs of {run_name} were dropped once they had proven it, but for {} \
             exchanges in {run_name}/{SAMPLE}",
            message_ids.len(),
        ),
        // Without a record, the folder itself has to tell.
        Ok(KeptLogs::All) | Err(_) => return of_run(run, "logs"),
    };
    Err(Invalid::usage(format!("{what}; `roadtest run --keep all` keeps them")).into())
}
