//! One load over one of the ways: a country is stood up, driven, drained, and what it logged is
//! audited.
//!
//! Every load gets a country of its own, for the audit expects everybody to be asked about once.
//! The country is the same for every arm: security servers that are passed by cost nothing.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use sim_clock::Clock;
use sim_metrics::{AuditResult, LoadResult, ProcessUse};
use sim_scenario::{Load, Scenario, Stop};
use sim_testbed::observe::Observer;
use sim_testbed::{Country, Drained, RunFolder};
use sim_workload::people_for;

use crate::arm::Arm;
use crate::exit::DoesNotHold;
use crate::relays::Relays;

/// How often what was logged is time-stamped, at the least: X-Road's own minute is longer than a
/// load, which would then leave out the time-stamps' price.
const TIME_STAMPING_INTERVAL: Duration = Duration::from_secs(1);

/// What every load has in common.
pub(crate) struct Stage {
    /// The binary that runs the parts.
    pub(crate) roadtest: PathBuf,
    pub(crate) nginx: PathBuf,
    /// The folder in which each load gets one of its own, which is gone at its end.
    pub(crate) folder: PathBuf,
    /// The country; who lives there and how fast is asked is each load's own.
    pub(crate) scenario: Scenario,
}

/// One load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    pub(crate) arm: Arm,
    pub(crate) in_flight: u32,
    /// Questions that ask about everybody once.
    pub(crate) questions: u64,
    pub(crate) ends: Ends,
}

/// When a load is over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ends {
    /// After so many exchanges; more than there are questions begin again with the first.
    Exchanges(u64),
    /// After so much time. Nothing is audited, for the load stops at no question in particular.
    Time(Duration),
}

/// What came of a load in which every answer was right.
pub(crate) struct Outcome {
    pub(crate) load: LoadResult,
    /// The servers of the arm.
    pub(crate) servers: Vec<ProcessUse>,
    pub(crate) generator: Vec<ProcessUse>,
    /// Of a load through security servers that was not stopped.
    pub(crate) audit: Option<AuditResult>,
}

// === impl Stage ===

impl Stage {
    /// Runs one load from beginning to end.
    ///
    /// # Errors
    ///
    /// [`DoesNotHold`] where an answer is missing or wrong, or evidence does not verify.
    pub(crate) async fn run(&self, trial: Trial) -> Result<Outcome> {
        let temporary = tempfile::tempdir_in(&self.folder)
            .with_context(|| format!("cannot use {}", self.folder.display()))?;
        let scenario = self.scenario(trial);
        let folder = RunFolder::create(
            temporary.path(),
            Some(temporary.path()),
            &scenario.name,
            Clock::wall().now(),
        )?;
        let mut country =
            Country::stand_up(&scenario, &folder, &self.roadtest, &mut |_| ()).await?;
        let (load, nginx) = self.drive(&mut country, &scenario, &folder, trial).await?;
        let drained = country.drain().await?;
        check_answers(&load, trial)?;
        let audit = match (trial.arm, trial.ends) {
            (Arm::Evidenced, Ends::Exchanges(_)) => Some(audit(&scenario, &folder).await?),
            _ => None,
        };
        Ok(Outcome::new(trial.arm, load, drained, nginx, audit))
    }

    fn scenario(&self, trial: Trial) -> Scenario {
        let mut scenario = self.scenario.clone();
        let population = &mut scenario.population;
        let asks = scenario.workload.asks();
        let people = people_for(&asks, scenario.seed, trial.questions);
        let share = population.deceased as f64 / population.people.max(1) as f64;
        population.people = people;
        population.deceased = ((people as f64 * share).ceil() as u64).min(people);
        scenario.workload.load = Load::InFlight {
            in_flight: trial.in_flight,
            think_time: Duration::ZERO,
        };
        scenario.workload.stop = Stop {
            exchanges: Some(trial.questions),
            after: None,
        };
        scenario.workload.warm_up = Duration::ZERO;
        let interval = &mut scenario.trust.time_stamping_interval;
        *interval = TIME_STAMPING_INTERVAL.min(*interval);
        scenario
    }

    /// Sends the load over the trial's way; also returns what the relays used, where there are any.
    async fn drive(
        &self,
        country: &mut Country,
        scenario: &Scenario,
        folder: &RunFolder,
        trial: Trial,
    ) -> Result<(LoadResult, Vec<ProcessUse>)> {
        let mut config = country.load(scenario, folder);
        let service = country.service_access().clone();
        let mut relays = None;
        if trial.arm != Arm::Evidenced {
            for ask in &mut config.asks {
                ask.direct_path = Some(format!("/{}", ask.service.code()));
            }
            config.base_url = service.url;
            config.tls = None;
        }
        if trial.arm == Arm::Relayed {
            let place = folder.path().join("relays");
            let started = Relays::start(&self.nginx, &place, &config.base_url, trial.in_flight);
            let started = started.await?;
            config.base_url = started.url();
            let observer = Observer::start(started.processes(), Clock::wall())?;
            relays = Some((started, observer));
        }
        config.exchanges = Some(match trial.ends {
            Ends::Exchanges(exchanges) => exchanges,
            Ends::Time(_) => u64::MAX,
        });
        let stop = async {
            match trial.ends {
                Ends::Exchanges(_) => std::future::pending().await,
                Ends::Time(duration) => tokio::time::sleep(duration).await,
            }
        };
        let load = country
            .drive_load(&config, folder, stop, &mut |_| ())
            .await?;
        let nginx = relays.map(|(_still_running, observer)| observer.finish());
        Ok((load, nginx.unwrap_or_default()))
    }
}

/// Every exchange that was begun must have been answered with the truth.
fn check_answers(load: &LoadResult, trial: Trial) -> Result<()> {
    let expected = match trial.ends {
        Ends::Exchanges(exchanges) => exchanges,
        Ends::Time(_) => load.started,
    };
    if load.outcomes.ok == expected && load.outcomes.errors() == 0 {
        return Ok(());
    }
    let outcomes = load.outcomes;
    let stopped = load.stopped_early.as_deref().unwrap_or("it did not stop");
    Err(DoesNotHold(format!(
        "{}: {} of {expected} exchanges were answered right, and {} refused, {} failed, {} \
         unknown, {} wrong ({stopped})",
        trial.arm.name(),
        outcomes.ok,
        outcomes.refused,
        outcomes.failed,
        outcomes.unknown,
        outcomes.wrong,
    ))
    .into())
}

/// Every message must be proven.
async fn audit(scenario: &Scenario, folder: &RunFolder) -> Result<AuditResult> {
    let plan = sim_testbed::audit_plan(scenario)?;
    let folder = folder.path().to_owned();
    let audit = move || sim_audit::audit(&folder, &plan, &mut |_, _| ());
    let audit = tokio::task::spawn_blocking(audit)
        .await
        .context("the audit did not come to its end")??;
    if audit.is_clean() {
        return Ok(audit);
    }
    let example = audit.examples.first().map(|finding| &finding.text);
    Err(DoesNotHold(format!(
        "the audit found {:?}, {} of {} exchanges verified; the first finding: {example:?}",
        audit.findings, audit.verified, audit.exchanges,
    ))
    .into())
}

// === impl Outcome ===

impl Outcome {
    fn new(
        arm: Arm,
        load: LoadResult,
        drained: Drained,
        nginx: Vec<ProcessUse>,
        audit: Option<AuditResult>,
    ) -> Self {
        let (generator, parts): (Vec<_>, Vec<_>) = drained
            .processes
            .into_iter()
            .partition(|process| process.kind == "load-generator");
        let servers = parts
            .into_iter()
            .filter(|part| match part.kind.as_str() {
                "registry" => true,
                "security-server" => arm == Arm::Evidenced,
                _ => false,
            })
            .chain(nginx)
            .collect();
        Self {
            load,
            servers,
            generator,
            audit,
        }
    }
}
