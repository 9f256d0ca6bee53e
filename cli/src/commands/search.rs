//! `roadtest search`: the highest rate at which a scenario's thresholds hold, and what gives way
//! first beyond it.

mod curve;
mod plan;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use sim_metrics::{RunRecord, VerdictOutcome, metric};
use sim_scenario::{ConstantLoad, MAX_RATE, SUSTAINED, Scenario};

use crate::commands::run::{self, Voice};
use crate::exit::{Exit, Invalid};
use crate::interrupt::Interrupt;
use crate::keep::Keep;
use crate::show::{count, figure};
use crate::{given, show};
use curve::{Curve, Probe};
use plan::{Bounds, Plan, Step};

/// What the search is called in its folder.
const CURVE_FILE: &str = "search.json";
/// How often a try is made again that came to no conclusion.
const SECOND_LOOKS: u32 = 1;

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The scenario file; its load is replaced by constant rates
    scenario: PathBuf,
    /// The first rate that is tried, exchanges a second
    #[arg(long, value_name = "RATE", default_value_t = 250.0, value_parser = rate)]
    from: f64,
    /// No higher rate is tried
    #[arg(long, value_name = "RATE", default_value_t = 50_000.0, value_parser = rate)]
    to: f64,
    /// Seconds of every try, warm-up included; the confirming run takes three times as long
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(3..=3_600))]
    seconds: u64,
    /// Seconds at the beginning of every try in which nothing is timed
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=600))]
    warm_up: u64,
    /// How near the answer should be, percent
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=50))]
    precision: u32,
    /// Folder for the tries, new or empty [default: reports/runs/SEARCH-ID]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Every try is a run of its own with a fresh country: audited, with the scenario's thresholds and one
more, that answers come at 95 % of the rate or above. Thresholds on throughput and on how many have
died are left out, for they are about the scenario's own load. Without a threshold on a response
time, whatever the exchange keeps up with holds.

Exit codes:
  0    a rate was found and confirmed
  1    not even the lowest rate held
  2    the scenario cannot be searched
  3    something broke
  130  interrupted";

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.replace('_', "").parse().map_err(|_| "not a number".to_owned())?;
    if (1.0..=MAX_RATE).contains(&rate) {
        Ok(rate)
    } else {
        Err(format!("not between 1 and {MAX_RATE:.0}"))
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let search = Search::new(arguments)?;
    let interrupt = Interrupt::listen()?;
    println!(
        "{}: {}\n  the highest rate at which its thresholds hold, from {}/s",
        search.original.name,
        search.original.question,
        count(arguments.from as u64),
    );
    let mut plan = Plan::new(Bounds {
        from: arguments.from,
        lowest: 1.0,
        highest: arguments.to,
        precision: f64::from(arguments.precision) / 100.0,
    });
    let mut curve = Curve::of(&search.original.name);
    let found = loop {
        let (rate, is_longer) = match plan.next() {
            Step::Try(rate) => (rate, false),
            Step::Confirm(rate) => (rate, true),
            Step::Over(found) => break found,
        };
        let Some(probe) = search.probe(rate, is_longer, curve.probes.len(), &interrupt)? else {
            curve.save(&search.folder.join(CURVE_FILE))?;
            eprintln!("interrupted; the tries so far are in {}", search.folder.display());
            return Ok(Exit::Interrupted);
        };
        plan.learn(rate, probe.held);
        curve.probes.push(probe);
    };
    curve.highest_rate = found;
    curve.save(&search.folder.join(CURVE_FILE))?;
    print!("{}", curve.told());
    println!("  kept in {}", search.folder.display());
    Ok(if found.is_some() {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

struct Search {
    original: Scenario,
    folder: PathBuf,
    duration: Duration,
    warm_up: Duration,
}

// === impl Search ===

impl Search {
    fn new(arguments: &Arguments) -> Result<Self> {
        let refuse = |what: String| Err(Invalid::usage(what).into());
        if arguments.warm_up >= arguments.seconds {
            return refuse("--warm-up leaves nothing of --seconds to be measured".to_owned());
        }
        if arguments.from > arguments.to {
            return refuse("--from is above --to".to_owned());
        }
        let original = given::scenario(&arguments.scenario)?;
        if !original.planted_lies.is_empty() {
            return refuse(format!("{} tells lies, so no rate holds", original.name));
        }
        let search = Self {
            duration: Duration::from_secs(arguments.seconds),
            warm_up: Duration::from_secs(arguments.warm_up),
            folder: PathBuf::new(),
            original,
        };
        // Whatever is wrong with it is said before there is a folder.
        search.scenario(arguments.from, false)?;
        let name = format!("{}-search", search.original.name);
        let folder = given::new_comparison_folder(arguments.out.as_deref(), &name)?;
        Ok(Self { folder, ..search })
    }

    fn scenario(&self, per_second: f64, is_longer: bool) -> Result<Scenario> {
        let load = ConstantLoad {
            per_second,
            duration: self.duration * if is_longer { 3 } else { 1 },
            warm_up: self.warm_up,
        };
        let text = self.original.text_under(&load).ok_or_else(|| {
            Invalid::usage("search needs a scenario whose keys stand on lines of their own")
        })?;
        let name = format!("{} at {per_second:.0}/s", self.original.name);
        let parsed = self.original.parse_like(&name, &text);
        Ok(parsed.map_err(|diagnostics| Invalid::diagnosed(&diagnostics))?)
    }

    /// One try; none where it was interrupted.
    fn probe(
        &self,
        rate: f64,
        is_longer: bool,
        number: usize,
        interrupt: &Interrupt,
    ) -> Result<Option<Probe>> {
        let scenario = self.scenario(rate, is_longer)?;
        for look in 0..=SECOND_LOOKS {
            let name = format!("{:02}-at-{rate:.0}{}", number + 1, "-again".repeat(look as usize));
            let place = self.folder.join(name);
            let record = self.make(&scenario, &place, interrupt)?;
            match record.verdict.outcome {
                VerdictOutcome::Interrupted => return Ok(None),
                VerdictOutcome::Error => {
                    anyhow::bail!("the try at {rate:.0}/s broke; see {}", place.display())
                }
                VerdictOutcome::Inconclusive | VerdictOutcome::Invalid if look < SECOND_LOOKS => {}
                _ => {
                    let probe = Probe::of(rate, is_longer, &record);
                    println!("  {}", told(&probe, &record));
                    return Ok(Some(probe));
                }
            }
        }
        unreachable!("the last look returns")
    }

    fn make(&self, scenario: &Scenario, place: &Path, interrupt: &Interrupt) -> Result<RunRecord> {
        let folder = given::new_run_folder(Some(place), scenario)?;
        run::to_the_end(scenario, &folder, interrupt.clone(), Keep::None, Voice::Quiet)
            .with_context(|| format!("cannot run at {}", place.display()))
    }
}

/// `1,000/s  held    999/s, median 3.1 ms, 99 % 8.0 ms`.
fn told(probe: &Probe, record: &RunRecord) -> String {
    let held = match (probe.held, probe.confirming) {
        (true, false) => "held",
        (true, true) => "confirmed",
        (false, _) => "broke",
    };
    let shown = |name: &str| {
        metric(record, name).map_or_else(|| "nothing".to_owned(), |value| figure(name, value))
    };
    let mut line = format!(
        "{:>8}/s  {held:<9}  answered {}, median {}, 99 % {}",
        count(probe.rate.round() as u64),
        shown("throughput"),
        shown("response-time-p50"),
        shown("response-time-p99"),
    );
    if !probe.held {
        let why = probe.why.as_deref().unwrap_or("its verdict");
        line = format!("{line}\n             {}", show::cut(why, 110));
    }
    line
}

const _: () = assert!(SUSTAINED < 1.0);
