//! Security servers that are killed under load, again and again: every answer that a client got is
//! in both logs, every link of both logs holds, and the killed server serves again soon.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod load;
mod logs;

use std::path::Path;
use std::time::Duration;

use sim_clock::Clock;
use sim_scenario::Scenario;
use sim_testbed::{Country, RunFolder};

use load::Load;

/// Two hundred people and two security servers; stamped every second, so that kills fall between
/// time-stamps as well.
const TINY: &str = include_str!("../acceptance/tiny.yaml");
const STAMPED_OFTEN: &str = "\ntrust: { time-stamping-interval: 1s }\n";
/// The client's server, and the provider's.
const SERVERS: [&str; 2] = ["pension-gateway", "register-gateway"];
/// Kills in all; the servers take turns.
const KILLS: usize = 50;
/// Answers between a server's return and the next kill.
const ANSWERS_BETWEEN_KILLS: usize = 60;
/// How long a server may take to answer again on the slowest machine that runs tests. What it
/// takes on an idle one is printed, and in `docs/durability.md`.
const RESUMES_WITHIN: Duration = Duration::from_secs(30);

/// From the start of the process.
struct Return {
    /// To the server's word that it serves.
    ready: Duration,
    /// To the first answer that a client got through it.
    answers: Duration,
}

/// Kills a server in the middle of its work, and starts it again.
async fn kill(country: &mut Country, server: &str, load: &Load) -> Return {
    country.kill(server).await.unwrap();
    let clock = Clock::wall();
    let began = clock.monotonic();
    country.restart(server).await.unwrap();
    let ready = clock.monotonic() - began;
    load.more_answers(1).await;
    Return {
        ready,
        answers: clock.monotonic() - began,
    }
}

#[expect(
    clippy::print_stdout,
    reason = "how long coming back takes is for people to see"
)]
fn spread(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let (median, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    println!(
        "{what} after {:?} to {slowest:?}, median {median:?}, {} kills",
        times[0],
        times.len()
    );
}

#[tokio::test]
async fn what_was_answered_survives_kills_and_the_server_goes_on() {
    let around = tempfile::tempdir().unwrap();
    let file = around.path().join("killed.yaml");
    std::fs::write(&file, format!("{TINY}{STAMPED_OFTEN}")).unwrap();
    let scenario = Scenario::load(&file).unwrap();
    let out = around.path().join("run");
    let now = Clock::wall().now();
    let folder = RunFolder::create(around.path(), Some(&out), &scenario.name, now).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_roadtest"));
    let mut country = Country::stand_up(&scenario, &folder, program, &mut |_| ())
        .await
        .unwrap();
    let load = Load::start(&scenario, country.servers());

    let mut returns = Vec::new();
    for server in SERVERS.iter().cycle().take(KILLS) {
        load.more_answers(ANSWERS_BETWEEN_KILLS).await;
        let came_back = kill(&mut country, server, &load).await;
        assert!(came_back.answers < RESUMES_WITHIN, "{server}");
        returns.push(came_back);
    }
    spread("ready", returns.iter().map(|back| back.ready).collect());
    spread("answers", returns.iter().map(|back| back.answers).collect());

    let answered = load.end().await;
    assert!(answered.len() >= KILLS * (ANSWERS_BETWEEN_KILLS + 1));
    let drained = country.drain().await.unwrap();
    for server in SERVERS {
        assert_eq!(drained.servers[server].log.statistics.unstamped, 0);
        let log = logs::read(&folder.message_log(server));
        let missing: Vec<_> = answered
            .iter()
            .filter(|id| log.get(*id) != Some(&2))
            .collect();
        assert_eq!(
            missing,
            Vec::<&String>::new(),
            "not twice in the log of {server}"
        );
    }
    println!("{} answers, each in both logs", answered.len());
}
