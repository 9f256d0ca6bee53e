//! `roadtest up`: a country that stays up until Ctrl-C.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use sim_identity_provider::OidcClient;
use sim_population::Population;
use sim_scenario::Scenario;
use sim_testbed::{CitizenPlaces, ClientAccess, Country, RunFolder};

use crate::exit::Exit;
use crate::given;
use crate::interrupt::Interrupt;
use crate::show::{Stages, Voice};

/// People whom a visitor is told of.
const SHOWN_PEOPLE: usize = 3;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The scenario file
    scenario: PathBuf,
    /// Folder for logs and evidence [default: reports/runs/RUN-ID]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let scenario = given::scenario(&arguments.scenario)?;
    let folder = given::new_run_folder(arguments.out.as_deref(), &scenario)?;
    let interrupt = Interrupt::listen()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(stay_up(&scenario, &folder, &interrupt));
    runtime.shutdown_background();
    ended
}

async fn stay_up(scenario: &Scenario, folder: &RunFolder, interrupt: &Interrupt) -> Result<Exit> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    let mut country = {
        let stages = Stages::new("starting", Voice::Full);
        let mut stage = |stage: &str| stages.at(stage);
        tokio::select! {
            country = Country::stand_up(scenario, folder, &program, &mut stage) => country?,
            () = interrupt.heard() => {
                eprintln!("\ninterrupted before the country was up");
                return Ok(Exit::Interrupted);
            }
        }
    };
    print!("{}", how_to_call(scenario, &country, folder)?);
    tokio::select! {
        () = interrupt.heard() => {}
        error = country.first_to_end() => return Err(error.into()),
    }
    eprintln!();
    let stages = Stages::new("draining", Voice::Full);
    stages.at("time-stamping and sealing the message logs");
    country.drain().await?;
    drop(stages);
    let folder = folder.path().display();
    println!(
        "everything asked is kept; see it with\n\n  roadtest evidence --run {folder} --list\n"
    );
    // Ctrl-C is how it is meant to end.
    Ok(Exit::Passed)
}

/// A line of `curl` that works as it stands.
fn how_to_call(scenario: &Scenario, country: &Country, folder: &RunFolder) -> Result<String> {
    let workload = &scenario.workload;
    let access = country.client_access();
    let mut text = format!("\n{} is up: {}\n\n", scenario.instance, scenario.question);
    // Writing to a String cannot fail; the results are let go throughout.
    for server in country.servers() {
        let _ = writeln!(
            text,
            "  {:<16} http://{}  health http://{}/health",
            server.id.code(),
            server.ready.client_listen,
            server.ready.admin_listen,
        );
    }
    if let Some(places) = country.citizen_places() {
        text.push_str(&for_citizens(scenario, places)?);
    }
    let options = tls_options(access);
    let (whom, ids) = whom_to_ask_about(scenario)?;
    let _ = write!(
        text,
        "\nask about {whom}:\n\n  \
         curl -i -H 'X-Road-Client: {}' -H 'Content-Type: application/json' \\\n    \
         -d '{{\"ids\":[{ids}]}}' \\\n    {options}{}/r1/{}\n\n\
         Ctrl-C ends it; logs and evidence go to {}\n",
        workload.client.to_encoded(),
        access.url,
        workload.first_service().to_encoded(),
        folder.path().display(),
    );
    Ok(text)
}

/// Where a person in the room goes, and whom they can play.
fn for_citizens(scenario: &Scenario, places: &CitizenPlaces) -> Result<String> {
    let population = Population::of(&scenario.people())?;
    let mut text = format!(
        "\n  portal            {}\n  identity provider {}\n  single sign-on    {}\n  phones            {}/phones\n  trusted list      {}\n{}\n\
         open the portal and log in as one of them, with Mobile-ID or Smart-ID; their phones are\n\
         simulated and answer after some seconds:\n\n",
        places.portal_url,
        places.issuer,
        places.sign_on_issuer,
        places.carriers_url,
        places.trust_list_url,
        for_relying_parties(&places.relying_parties),
    );
    let grown_up = (0..population.len()).filter(|index| {
        let has_child = !population.relatives(*index).children.is_empty();
        population.age(*index) >= 25 && has_child && !population.is_deceased(*index)
    });
    for index in grown_up.take(SHOWN_PEOPLE) {
        let person = population.person(index);
        let _ = writeln!(
            text,
            "  {}  phone {}  {} {}, {} years, {}",
            person.national_id,
            population.phone_number(index),
            person.given_name,
            person.surname,
            population.age(index),
            match population.relatives(index).children.len() {
                1 => "1 child".to_owned(),
                children => format!("{children} children"),
            },
        );
    }
    Ok(text)
}

/// What a service's own program has to be told, so that people can log in to it.
fn for_relying_parties(parties: &[OidcClient]) -> String {
    let mut text = String::new();
    for party in parties {
        let _ = write!(
            text,
            "\n  log in to {}: client_id {}, client_secret {}\n",
            party.name, party.client_id, party.client_secret
        );
    }
    text
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

/// Somebody who is alive and somebody who has died, as far as there are both.
fn whom_to_ask_about(scenario: &Scenario) -> Result<(&'static str, String)> {
    let population = Population::new(scenario.seed, scenario.population.plan())?;
    let first = |is_deceased| {
        let index = (0..population.len()).find(|at| population.is_deceased(*at) == is_deceased)?;
        Some(format!("\"{}\"", population.national_id(index)))
    };
    Ok(match (first(false), first(true)) {
        (Some(alive), Some(dead)) => (
            "two people, one of whom has died",
            format!("{alive},{dead}"),
        ),
        (None, Some(dead)) => ("somebody who has died", dead),
        (Some(alive), None) => ("somebody who is alive", alive),
        (None, None) => ("nobody", String::new()),
    })
}
