//! `roadtest run`: a scenario from its file to its verdict.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result};
use sim_clock::Clock;
use sim_metrics::{Phase, RunRecord, VerdictOutcome};
use sim_scenario::Scenario;
use sim_testbed::observe::{Observer, Watched};
use sim_testbed::{Country, RunFolder};

use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::keep::Keep;
use crate::live::Watching;
pub(super) use crate::show::Voice;
use crate::show::{Progress, Stages};
use crate::{disk, given, record, series, show, summary, traffic};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The scenario file
    scenario: PathBuf,
    /// Folder for the results [default: reports/runs/RUN-ID]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Message logs to keep once they have proven the run
    #[arg(long, value_enum, default_value_t)]
    keep: Keep,
    /// Show bars in place of the whole screen while it runs
    #[arg(long)]
    plain: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let scenario = given::scenario(&arguments.scenario)?;
    let disk = disk::provide(&scenario, given::results(arguments.out.as_deref()))?;
    let folder = given::new_run_folder(arguments.out.as_deref(), &scenario)?;
    let interrupt = Interrupt::listen()?;
    println!("{}: {}", scenario.name, scenario.question);
    println!("  load       {}", traffic::sentence(&scenario.workload));
    if let Some(mix) = traffic::mix(&scenario.workload) {
        println!("  mix        {mix}");
    }
    println!("{disk}");
    let voice = if arguments.plain {
        Voice::Plain
    } else {
        Voice::Full
    };
    let record = to_the_end(&scenario, &folder, interrupt, arguments.keep, voice)?;
    Ok(record::exit(record.verdict.outcome))
}

/// Runs a scenario in its folder, and says how it went; whatever happened, there is a record.
pub(super) fn to_the_end(
    scenario: &Scenario,
    folder: &RunFolder,
    interrupt: Interrupt,
    keep: Keep,
    voice: Voice,
) -> Result<RunRecord> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut run = Run::new(scenario, folder, interrupt, voice);
    let ended = runtime.block_on(run.live());
    runtime.shutdown_background();
    run.conclude(ended, keep)
}

/// How far a run came that did not break.
enum Ended {
    /// To its end, or to that of the questions asked before it was interrupted.
    Proven,
    /// Interrupted where nothing could be proven, and why that is.
    Unproven(String),
}

/// One run, from its beginning to its record.
struct Run<'a> {
    scenario: &'a Scenario,
    folder: &'a RunFolder,
    clock: Clock,
    interrupt: Interrupt,
    voice: Voice,
    record: RunRecord,
    /// Watches this very process from the load's beginning on.
    observer: Option<Observer>,
    is_cut_short: bool,
}

// === impl Run ===

impl<'a> Run<'a> {
    fn new(
        scenario: &'a Scenario,
        folder: &'a RunFolder,
        interrupt: Interrupt,
        voice: Voice,
    ) -> Self {
        let clock = Clock::wall();
        let record = record::begin(scenario, folder.run_id(), clock.now());
        Self {
            scenario,
            folder,
            clock,
            interrupt,
            voice,
            record,
            observer: None,
            is_cut_short: false,
        }
    }

    async fn live(&mut self) -> Result<Ended> {
        let Some(country) = self.stand_up().await? else {
            return Ok(Ended::Unproven(
                "interrupted before anything was asked".to_owned(),
            ));
        };
        let country = self.ask(country).await?;
        self.drain(country).await?;
        if self.prove().await? {
            return Ok(Ended::Proven);
        }
        Ok(Ended::Unproven(format!(
            "interrupted before everything was proven; `roadtest audit {}` does it again",
            self.folder.path().display()
        )))
    }

    /// None where somebody did not want to wait for it.
    async fn stand_up(&mut self) -> Result<Option<Country>> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let began = self.clock.monotonic();
        let stages = Stages::new("starting", self.voice);
        let mut stage = |stage: &str| stages.at(stage);
        let up = Country::stand_up(self.scenario, self.folder, &program, &mut stage);
        let country = tokio::select! {
            country = up => Some(country?),
            () = self.interrupt.heard() => None,
        };
        self.phase("stand up", began);
        Ok(country)
    }

    async fn ask(&mut self, mut country: Country) -> Result<Country> {
        let began = self.clock.monotonic();
        let observer = Observer::start(vec![Watched::conductor()], self.clock);
        self.observer = Some(observer.context("cannot watch this process")?);
        let mut watching = Watching::begin(self.scenario, self.voice);
        let ending = Arc::new(AtomicBool::new(false));
        let asked_to_end = Arc::clone(&ending);
        let is_live = watching.is_live();
        let interrupt = self.interrupt.clone();
        let stop = async {
            interrupt.heard().await;
            asked_to_end.store(true, Ordering::Release);
            // The screen says it.
            if is_live {
                return;
            }
            eprintln!("\ninterrupted: draining, then audit and report (again to stop at once)");
        };
        let load = country
            .drive(self.scenario, self.folder, stop, &mut |moment| {
                watching.at(moment, ending.load(Ordering::Acquire));
            })
            .await;
        watching.finish();
        self.record.load = Some(load?);
        self.is_cut_short = self.interrupt.is_heard();
        self.phase("load", began);
        Ok(country)
    }

    async fn drain(&mut self, country: Country) -> Result<()> {
        let began = self.clock.monotonic();
        let stages = Stages::new("draining", self.voice);
        stages.at("time-stamping and sealing the message logs");
        let drained = country.drain().await?;
        drop(stages);
        for lie in &drained.planted_lies {
            println!("  planted lie {lie}");
        }
        self.record.exchange_counts = Some(record::exchange_counts(&drained));
        self.record.citizens = drained.citizens;
        self.record.processes = drained.processes;
        self.record.evidence = record::evidence(&drained.servers, self.folder)?;
        self.record.stages = record::stages(drained.servers);
        self.phase("drain", began);
        Ok(())
    }

    /// Everything that needs only the files. False where it was interrupted.
    async fn prove(&mut self) -> Result<bool> {
        let began = self.clock.monotonic();
        let mut bar = Progress::new("proving", self.scenario.exchanges(), self.voice);
        let plan = sim_testbed::audit_plan(self.scenario)?;
        let folder = self.folder.path().to_owned();
        let audit = tokio::task::spawn_blocking(move || {
            let audit = sim_audit::audit(&folder, &plan, &mut |done, rate| bar.at(done, rate));
            bar.finish();
            audit
        });
        // What was asked before a Ctrl-C is proven; a Ctrl-C that comes later is about the proof.
        let is_cut_short = self.is_cut_short;
        let audit = tokio::select! {
            audit = audit => audit.context("the audit did not come to its end")??,
            () = self.interrupt.heard(), if !is_cut_short => return Ok(false),
        };
        self.record.audit = Some(audit);
        self.phase("audit", began);
        Ok(true)
    }

    /// What there is, is kept: whatever happened, there is a record that says so.
    fn conclude(mut self, ended: Result<Ended>, keep: Keep) -> Result<RunRecord> {
        self.record.conductor = self.observer.take().and_then(|own| own.finish().pop());
        let folder = self.folder.path();
        match ended {
            Ok(Ended::Proven) => {
                record::judge(&mut self.record, self.scenario, self.is_cut_short);
                let kept = keep.apply(&mut self.record, self.folder);
                self.save()?;
                if self.voice != Voice::Quiet {
                    print!("{}", summary::of(&self.record, folder));
                }
                // The run is as proven as it was, but its folder may not be as was asked.
                kept?;
            }
            Ok(Ended::Unproven(reason)) => {
                self.record.verdict =
                    record::without_proof(VerdictOutcome::Interrupted, reason.clone());
                self.save()?;
                eprintln!("\n{reason}\n  kept in {}", folder.display());
            }
            Err(error) => {
                self.record.verdict =
                    record::without_proof(VerdictOutcome::Error, show::chain(&error));
                show::error(&error);
                if let Err(unsaved) = self.save() {
                    show::error(&unsaved);
                }
                eprintln!("  kept in {}", folder.display());
            }
        }
        Ok(self.record)
    }

    fn save(&mut self) -> Result<()> {
        self.record.finished_at = self.clock.now().rfc3339_millis();
        sim_metrics::save_record(&self.folder.path().join("run.json"), &self.record)?;
        if let Some(load) = &self.record.load {
            series::save(&self.folder.path().join(series::FILE), load)?;
        }
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
