//! `roadtest run`: a scenario from its file to its verdict.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use sim_clock::Clock;
use sim_metrics::{Phase, RunRecord, Verdict, VerdictOutcome};
use sim_scenario::Scenario;
use sim_testbed::{Country, RunFolder};
use tokio::sync::watch;

use crate::exit::Exit;
use crate::record;
use crate::show::Progress;
use crate::summary;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The scenario file
    scenario: PathBuf,
    /// Folder for the results [default: reports/runs/<run-id>]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Where runs go that are not told otherwise.
pub(crate) const RUNS: &str = "reports/runs";

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let scenario = match Scenario::load(&arguments.scenario) {
        Ok(scenario) => scenario,
        Err(diagnostics) => {
            eprintln!("{diagnostics}");
            return Ok(Exit::Invalid);
        }
    };
    let clock = Clock::wall();
    let folder = RunFolder::create(
        Path::new(RUNS),
        arguments.out.as_deref(),
        &scenario.name,
        clock.now(),
    )?;
    std::fs::write(folder.path().join("scenario.yaml"), &scenario.source_text)
        .context("cannot keep the scenario in the run folder")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut run = Run::new(&scenario, &folder, clock);
    let lived = runtime.block_on(run.live());
    runtime.shutdown_background();
    match lived {
        Ok(()) => run.conclude(),
        Err(error) => {
            // What there is, is kept: a run that broke has a record that says so.
            run.record.verdict = Verdict {
                outcome: VerdictOutcome::Error,
                exit_code: Exit::Broken as i32,
                reasons: vec![format!("{error:#}")],
            };
            run.save()?;
            Err(error)
        }
    }
}

/// One run, from its beginning to its record.
struct Run<'a> {
    scenario: &'a Scenario,
    folder: &'a RunFolder,
    clock: Clock,
    record: RunRecord,
    interrupted: bool,
}

// === impl Run ===

impl<'a> Run<'a> {
    fn new(scenario: &'a Scenario, folder: &'a RunFolder, clock: Clock) -> Self {
        let record = record::begin(scenario, folder.run_id(), clock.now());
        Self {
            scenario,
            folder,
            clock,
            record,
            interrupted: false,
        }
    }

    /// Everything that needs running processes.
    async fn live(&mut self) -> Result<()> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let (interrupt, interrupted) = watch::channel(false);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                eprintln!("\ninterrupted: draining, then audit and report (again to stop at once)");
                let _ = interrupt.send(true);
            }
            if tokio::signal::ctrl_c().await.is_ok() {
                // Parts see their lifeline close and end on their own.
                std::process::abort();
            }
        });
        println!("{}: {}", self.scenario.name, self.scenario.question);

        let began = self.clock.monotonic();
        let mut country = {
            let mut quiet = |_: &str| ();
            let up = Country::stand_up(self.scenario, self.folder, &program, &mut quiet);
            tokio::select! {
                country = up => country?,
                () = cut(interrupted.clone()) => anyhow::bail!("interrupted before the country was up"),
            }
        };
        self.phase("stand up", began);

        let began = self.clock.monotonic();
        let mut bar = Progress::new("asking", self.scenario.exchanges());
        let load = country
            .drive(
                self.scenario,
                self.folder,
                cut(interrupted.clone()),
                &mut |progress| {
                    bar.at(progress.completed, progress.rate_per_s);
                },
            )
            .await;
        bar.finish();
        self.record.load = Some(load?);
        self.phase("load", began);

        let began = self.clock.monotonic();
        let drained = country.drain().await?;
        for lie in &drained.planted_lies {
            println!("  planted lie {lie}");
        }
        self.record.processes = drained.processes;
        self.record.evidence = record::evidence(&drained.servers, self.folder)?;
        self.phase("drain", began);
        self.interrupted = *interrupted.borrow();
        Ok(())
    }

    /// Everything that needs only the files.
    fn conclude(mut self) -> Result<Exit> {
        let began = self.clock.monotonic();
        let mut bar = Progress::new("proving", self.scenario.exchanges());
        let audit = sim_audit::audit(
            self.folder.path(),
            &record::audit_plan(self.scenario)?,
            &mut |done, per_second| bar.at(done, per_second),
        );
        bar.finish();
        self.record.audit = Some(audit?);
        self.phase("audit", began);
        record::judge(&mut self.record, self.scenario, self.interrupted);
        self.save()?;
        print!("{}", summary::of(&self.record, self.folder.path()));
        Ok(match self.record.verdict.outcome {
            VerdictOutcome::Passed => Exit::Passed,
            VerdictOutcome::Failed => Exit::Failed,
            VerdictOutcome::Interrupted => Exit::Interrupted,
            VerdictOutcome::Error => Exit::Broken,
        })
    }

    fn save(&mut self) -> Result<()> {
        self.record.finished_at = self.clock.now().rfc3339_millis();
        sim_metrics::save_record(&self.folder.path().join("run.json"), &self.record)?;
        let page = self.folder.path().join("report.html");
        std::fs::write(&page, reports::html(&self.record)?)
            .with_context(|| format!("cannot write {}", page.display()))
    }

    fn phase(&mut self, name: &str, began: Instant) {
        let seconds = self.clock.monotonic().duration_since(began).as_secs_f64();
        self.record.phases.push(Phase {
            name: name.to_owned(),
            seconds,
        });
    }
}

/// Resolves once the run is interrupted; never, where it is not.
async fn cut(mut interrupted: watch::Receiver<bool>) {
    if interrupted
        .wait_for(|interrupted| *interrupted)
        .await
        .is_err()
    {
        std::future::pending::<()>().await;
    }
}
