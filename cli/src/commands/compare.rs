//! `roadtest compare`: has the exchange become slower? Two sets of runs, and a verdict that does not
//! cry wolf.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sim_comparison::{Comparison, ComparisonVerdict, Options, RunSet, compare};

use crate::exit::{Exit, Invalid};

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Folder of the runs to compare with: every run.json below it is one run
    baseline: PathBuf,
    /// Folder of the runs to judge
    candidate: PathBuf,
    #[command(flatten)]
    output: Output,
    /// Compare even runs of different scenarios, machines or settings
    #[arg(long)]
    allow_different: bool,
}

/// Where the comparison goes besides the terminal.
#[derive(clap::Args)]
pub(crate) struct Output {
    /// Write the comparison as a page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write a summary for a pull request, Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write the verdict on each metric as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write everything as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
`roadtest bench` makes the runs. Seven of each side are enough to tell 20 % from chance; with fewer
than the comparison says it needs, nothing can be told. The method: docs/comparison.md.

Exit codes:
  0    nothing is worse
  2    the runs cannot be compared
  4    inconclusive: too few runs, or runs that cannot be used
  6    something is worse
  7    something is better, and nothing is worse";

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let options = Options {
        allow_different: arguments.allow_different,
    };
    let baseline = read(&arguments.baseline)?;
    let candidate = read(&arguments.candidate)?;
    told(&baseline, &candidate, options, &arguments.output)
}

/// Compares two sets, tells it, and writes what was asked for.
pub(crate) fn told(
    baseline: &RunSet,
    candidate: &RunSet,
    options: Options,
    output: &Output,
) -> Result<Exit> {
    let comparison = compare(baseline, candidate, options).map_err(|refusal| {
        Invalid::usage(format!(
            "{refusal}\n  --allow-different compares them all the same"
        ))
    })?;
    print!("{}", reports::comparison_text(&comparison));
    output.write(&comparison)?;
    Ok(exit(comparison.verdict))
}

pub(crate) fn read(folder: &Path) -> Result<RunSet> {
    Ok(RunSet::read(folder).map_err(|error| Invalid::usage(crate::show::chain(&error.into())))?)
}

const fn exit(verdict: ComparisonVerdict) -> Exit {
    match verdict {
        ComparisonVerdict::Pass => Exit::Passed,
        ComparisonVerdict::Inconclusive => Exit::Inconclusive,
        ComparisonVerdict::Regressed => Exit::Regressed,
        ComparisonVerdict::Improved => Exit::Improved,
    }
}

// === impl Output ===

impl Output {
    fn write(&self, comparison: &Comparison) -> Result<()> {
        if let Some(path) = &self.html {
            keep(path, &reports::comparison_html(comparison)?)?;
        }
        if let Some(path) = &self.markdown {
            keep(path, &reports::comparison_markdown(comparison))?;
        }
        if let Some(path) = &self.junit {
            keep(path, &reports::comparison_junit(comparison)?)?;
        }
        if let Some(path) = &self.json {
            keep(path, &(serde_json::to_string_pretty(comparison)? + "\n"))?;
        }
        Ok(())
    }

    /// The same, with a page in `folder` where none was asked for.
    pub(crate) fn or_page_in(mut self, folder: &Path) -> Self {
        self.html
            .get_or_insert_with(|| folder.join("comparison.html"));
        self
    }
}

fn keep(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("  written    {}", path.display());
    Ok(())
}
