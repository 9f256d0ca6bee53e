//! How fast and for how long: what the workload's keys come to together, and what is refused.

use std::time::Duration;

use sim_scenario::{Load, Scenario};
use sim_workload::RateProfile;

const SMOKE: &str = include_str!("../../../scenarios/pension-liveness-smoke.yaml");

const OWN_LOAD: &str = "  load: 64 in flight            # a guess at what keeps two cores busy\n";

/// The smoke scenario, whose 5,000 people are asked with this instead of its own load.
fn text(load: &str) -> String {
    assert!(SMOKE.contains(OWN_LOAD));
    SMOKE.replace(OWN_LOAD, load)
}

fn valid(load: &str) -> Scenario {
    Scenario::parse("test.yaml", &text(load)).unwrap_or_else(|problems| panic!("{problems}"))
}

fn profile(scenario: &Scenario) -> RateProfile {
    match &scenario.workload.load {
        Load::ArrivalRate { course, .. } => course.profile().expect("valid"),
        Load::InFlight { .. } => panic!("no rate"),
    }
}

/// Everything that is wrong, in the order of the file.
fn problems(load: &str) -> Vec<String> {
    let Err(problems) = Scenario::parse("test.yaml", &text(load)) else {
        panic!("{load} is valid");
    };
    let problems = problems.problems().iter();
    problems.map(|problem| problem.message.clone()).collect()
}

#[test]
fn volumes_are_scaled_into_the_run() {
    // A month of 30.4375 days in 2,629.8 s.
    let month = valid("  load: 500_000 per month\n  time-scale: 1_000\n");
    let rate = profile(&month).rate_at(Duration::ZERO);
    assert!((rate - 500_000.0 / 2_629.8).abs() < 1e-9, "{rate}");
    assert_eq!(month.exchanges(), Some(5_000), "everybody, once");
    let people = valid("  load: 2 per person per day\n  duration: 60s\n  time-scale: 86_400\n");
    assert_eq!(people.exchanges(), Some(60 * 10_000));
}

#[test]
fn a_day_has_a_busiest_hour_and_is_as_long_as_it_is_said_to_be() {
    let day = valid(
        "  load: 100/s\n  shape: diurnal\n  busy-hour: 40 % of the day\n  day: 24s\n  duration: 48s\n",
    );
    assert_eq!(day.exchanges(), Some(4_800), "two days");
    let profile = profile(&day);
    let busiest = (0..480)
        .map(|tenth| Duration::from_millis(50 * tenth))
        .map(|at| profile.count_until(at + Duration::from_secs(1)) - profile.count_until(at));
    let busiest = busiest.fold(0.0, f64::max);
    // From half past nine to half past ten; a few minutes to the side there is a little more.
    assert!((960.0..=975.0).contains(&busiest), "{busiest}");
    let whole = valid("  load: 1/s\n  shape: deadline-day\n  time-scale: 86_400\n");
    assert_eq!(whole.exchanges(), Some(86_400));
}

#[test]
fn whatever_ends_a_load_first_ends_it() {
    let exchanges = |load| valid(load).exchanges();
    assert_eq!(
        exchanges("  steps: [10/s for 10s, 0/s for 1s, 10/s to 30/s over 10s]\n"),
        Some(300)
    );
    assert_eq!(
        exchanges("  steps: [10/s for 10s]\n  exchanges: 40\n"),
        Some(40)
    );
    assert_eq!(
        exchanges("  steps: [10/s for 10s]\n  duration: 5s\n"),
        Some(50)
    );
    assert_eq!(exchanges("  load: 10/s\n  duration: 5s\n"), Some(50));
    assert_eq!(
        exchanges("  load: 10/s\n  exchanges: 20_000\n"),
        Some(20_000)
    );
    assert_eq!(exchanges("  load: 8 in flight\n  exchanges: 7\n"), Some(7));
    assert_eq!(exchanges("  load: 8 in flight\n  duration: 5s\n"), None);
}

#[test]
fn a_trace_lies_beside_the_scenario_and_stays_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("traced.yaml");
    let text = text("  trace: morning.csv\n  time-scale: 60\n");
    std::fs::write(&file, &text).expect("written");
    let load = || Scenario::load(&file).map_err(|problems| problems.problems()[0].message.clone());
    let missing = load().expect_err("no trace yet");
    assert!(
        missing.starts_with("`morning.csv` cannot be read: No such file"),
        "{missing}"
    );
    let check = |table: &str, expected: &str| {
        std::fs::write(folder.path().join("morning.csv"), table).expect("written");
        assert_eq!(load().expect_err(table), expected);
    };
    check(
        "time,rate\n8:00,1\n8:30,much\n",
        "`morning.csv`, line 3: `much` is no rate: arrivals a second such as `120` or `0.5`",
    );
    check(
        "8:30,1\n8:00,1\n",
        "`morning.csv`, line 2: `8:00,1` is before the line above it",
    );
    check("8:00,1\n", "1 points make no course of rates: it takes two");
    check(
        "8:00,0\n9:00,0\n",
        "the whole course brings 0.000 arrivals: not one",
    );
    std::fs::write(folder.path().join("morning.csv"), "8:00,1\n9:00,3\n").expect("written");
    let scenario = load().expect("a trace");
    // Two a second for an hour, which takes a minute.
    assert_eq!(scenario.exchanges(), Some(7_200));
    assert_eq!(profile(&scenario).end(), Some(Duration::from_secs(60)));
    let again = scenario.parse_like("again", &text).expect("the same trace");
    assert_eq!(again.workload, scenario.workload);
    assert!(Scenario::parse("without", &text).is_err());
}

#[test]
fn what_contradicts_itself_is_refused() {
    let check = |load: &str, expected: &[&str]| assert_eq!(problems(load), expected, "{load}");
    check(
        "",
        &["the workload does not say how fast exchanges are started"],
    );
    check(
        "  load: 10/s\n  steps: [10/s for 1s]\n",
        &["`load` has said already how fast: `steps` is too much"],
    );
    check(
        "  load: 8 in flight\n  arrivals: uniform\n  max-in-flight: 5\n  when-full: drop\n  shape: diurnal\n",
        &[
            "`arrivals` has no meaning when the load is so many in flight",
            "`max-in-flight` has no meaning when the load is so many in flight",
            "`when-full` has no meaning when the load is so many in flight",
            "`shape` has no meaning when the load is so many in flight",
        ],
    );
    check(
        "  load: 10/s\n  think-time: 1s\n  busy-hour: 10%\n  day: 1h\n",
        &[
            "`think-time` has no meaning with this load",
            "`busy-hour` has no meaning with this load",
            "`day` has no meaning with this load",
        ],
    );
    check(
        "  steps: [10/s for 1s]\n  time-scale: 2\n",
        &["`time-scale` has no meaning with `steps`, which are in the run's own time"],
    );
    check(
        "  load: 10/s\n  shape: diurnal\n  busy-hour: 3%\n",
        &[
            "an hour with 3.0 % of the day is not the busiest of 24: it has above 4.2 % and at most 60 %",
        ],
    );
    check(
        "  load: 900_000/s\n  time-scale: 2\n",
        &["this comes to 1800000/s, and 1000000/s is the most"],
    );
    check(
        "  load: 1_000/s\n  duration: 30d\n",
        &["this comes to 2_592_000_000 exchanges, and 1_000_000_000 are the most"],
    );
    check(
        "  steps: [10/s for 10s]\n  duration: 20s\n",
        &["this is over after 10s, before the load's `duration`"],
    );
    check(
        "  load: 10/s\n  duration: 5s\n  warm-up: 5s\n",
        &["the load is over after 5s, before its warm-up is"],
    );
    check(
        "  steps: [0/s for 10s]\n",
        &["the whole course brings 0.000 arrivals: not one"],
    );
}
