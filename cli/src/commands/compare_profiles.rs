//! `roadtest compare-profiles`: one scenario under several profiles, side by side.

mod figures;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::builder::PossibleValuesParser;
use sim_metrics::VerdictOutcome;
use sim_scenario::{Profile, Scenario, Variation};

use crate::commands::run::{self, Voice};
use crate::exit::{Exit, Invalid};
use crate::interrupt::Interrupt;
use crate::keep::Keep;
use crate::{given, record};
use figures::{Comparison, ProfileFigures};

/// What the comparison is called in its folder.
const COMPARISON_FILE: &str = "comparison.json";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The scenario file
    scenario: PathBuf,
    /// Profiles to run it under, in this order
    #[arg(
        long,
        value_name = "PROFILES",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Profile::ALL.map(Profile::word)),
        default_values = Profile::ALL.map(Profile::word),
    )]
    profiles: Vec<String>,
    /// People to ask about, in place of the scenario's own number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    people: Option<u64>,
    /// Folder for the runs and the comparison [default: reports/runs/COMPARISON-ID]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let original = given::scenario(&arguments.scenario)?;
    let variants = variants(&original, arguments)?;
    let name = format!("{}-profiles", original.name);
    let folder = given::new_comparison_folder(arguments.out.as_deref(), &name)?;
    let interrupt = Interrupt::listen()?;
    let mut comparison = Comparison::of(&original.name);
    let mut exit = Exit::Passed;
    for (profile, scenario) in &variants {
        if interrupt.is_heard() {
            exit = Exit::Interrupted;
            break;
        }
        println!("\n== {profile}");
        let run_folder = given::new_run_folder(Some(&folder.join(profile)), scenario)?;
        let run = run::to_the_end(
            scenario,
            &run_folder,
            interrupt.clone(),
            Keep::default(),
            Voice::Full,
        )?;
        exit = worse(exit, run.verdict.outcome);
        comparison.profiles.push(ProfileFigures::of(profile, &run));
    }
    let path = folder.join(COMPARISON_FILE);
    let text = serde_json::to_string_pretty(&comparison)?;
    std::fs::write(&path, text + "\n")
        .with_context(|| format!("cannot write {}", path.display()))?;
    print!("\n{}", comparison.table());
    println!("  kept in {}", folder.display());
    Ok(exit)
}

/// The scenario under each profile. All are checked before any is run.
fn variants(original: &Scenario, arguments: &Arguments) -> Result<Vec<(String, Scenario)>> {
    let mut variants: Vec<(String, Scenario)> = Vec::new();
    for word in &arguments.profiles {
        if variants.iter().any(|(known, _)| known == word) {
            return Err(Invalid::usage(format!("the profile {word} is named twice")).into());
        }
        let profile = Profile::ALL
            .into_iter()
            .find(|profile| profile.word() == word);
        let variation = Variation {
            profile,
            people: arguments.people,
        };
        variants.push((word.clone(), given::varied(original, variation)?));
    }
    Ok(variants)
}

/// Broken is worse than interrupted, which is worse than failed.
fn worse(so_far: Exit, outcome: VerdictOutcome) -> Exit {
    let rank = |exit: Exit| match exit {
        Exit::Passed | Exit::Improved => 0,
        Exit::Inconclusive => 1,
        Exit::Untrue => 2,
        Exit::Failed | Exit::Regressed => 3,
        Exit::Interrupted => 4,
        Exit::Invalid | Exit::Broken => 5,
    };
    let this = record::exit(outcome);
    if rank(this) > rank(so_far) {
        this
    } else {
        so_far
    }
}
