//! `roadtest up`: a country that stays up until Ctrl-C.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sim_clock::Clock;
use sim_population::{Population, PopulationPlan};
use sim_scenario::Scenario;
use sim_testbed::{ClientAccess, Country, RunFolder};

use super::run::RUNS;
use crate::exit::Exit;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The scenario file
    scenario: PathBuf,
    /// Folder for logs and evidence [default: reports/runs/<run-id>]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let scenario = match Scenario::load(&arguments.scenario) {
        Ok(scenario) => scenario,
        Err(diagnostics) => {
            eprintln!("{diagnostics}");
            return Ok(Exit::Invalid);
        }
    };
    let now = Clock::wall().now();
    let folder = RunFolder::create(
        Path::new(RUNS),
        arguments.out.as_deref(),
        &scenario.name,
        now,
    )?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(stay_up(&scenario, &folder))?;
    runtime.shutdown_background();
    Ok(Exit::Passed)
}

async fn stay_up(scenario: &Scenario, folder: &RunFolder) -> Result<()> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let mut stage = |stage: &str| eprintln!("  starting {stage}");
    let up = Country::stand_up(scenario, folder, &program, &mut stage);
    let country = tokio::select! {
        country = up => country?,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted before the country was up"),
    };
    print!("{}", how_to_call(scenario, &country, folder)?);
    tokio::signal::ctrl_c()
        .await
        .context("cannot wait for Ctrl-C")?;
    eprintln!("\ndraining: stamping and sealing the message logs");
    country.drain().await?;
    println!("evidence is in {}", folder.path().display());
    Ok(())
}

/// A line of `curl` that works as it stands.
fn how_to_call(scenario: &Scenario, country: &Country, folder: &RunFolder) -> Result<String> {
    let workload = &scenario.workload;
    let population = Population::new(
        scenario.seed,
        PopulationPlan {
            people: scenario.population.people,
            deceased: scenario.population.deceased,
            reference_date: scenario.population.reference_date,
        },
    )?;
    let access = country.client_access();
    let options = tls_options(access);
    let someone = population.national_id(0);
    let dead = (0..population.len()).find(|index| population.is_deceased(*index));
    let somebody_dead = dead.map(|index| population.national_id(index));
    let mut ids = format!("\"{someone}\"");
    if let Some(id) = somebody_dead {
        ids.push_str(&format!(",\"{id}\""));
    }
    let mut text = format!("\n{} is up: {}\n\n", scenario.instance, scenario.question);
    for server in country.servers() {
        text.push_str(&format!(
            "  {:<16} http://{}  health http://{}/health\n",
            server.id.code(),
            server.ready.client_listen,
            server.ready.admin_listen,
        ));
    }
    text.push_str(&format!(
        "\nask about two people, one of whom has died:\n\n  \
         curl -i -H 'X-Road-Client: {}' -H 'Content-Type: application/json' \\\n    \
         -d '{{\"ids\":[{ids}]}}' \\\n    {options}{}/r1/{}\n\n\
         Ctrl-C ends it; logs and evidence go to {}\n",
        workload.client.to_encoded(),
        access.url,
        workload.service.to_encoded(),
        folder.path().display(),
    ));
    Ok(text)
}

/// What `curl` needs to trust the security server and to be trusted, a line each.
fn tls_options(access: &ClientAccess) -> String {
    let files = [
        ("--cacert", &access.ca_file),
        ("--cert", &access.cert_file),
        ("--key", &access.key_file),
    ];
    files
        .into_iter()
        .filter_map(|(option, file)| Some((option, file.as_ref()?)))
        .map(|(option, file)| format!("{option} '{}' \\\n    ", file.display()))
        .collect()
}
