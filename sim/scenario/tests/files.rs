//! Files: the scenarios that ship, and files that are none.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sim_population::Population;
use sim_scenario::{
    Comparison, Load, MAX_FILE_BYTES, MetricName, ProblemKind, Scenario, json_schema,
    reference_markdown,
};
use sim_workload::Course;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shipped(name: &str) -> Scenario {
    let path = root().join("scenarios").join(name);
    Scenario::load(&path).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn the_pension_run_asks_about_everybody_one_by_one() {
    let scenario = shipped("pension-liveness.yaml");
    assert_eq!(
        (scenario.population.people, scenario.population.deceased),
        (500_000, 980)
    );
    assert_eq!(scenario.exchanges(), Some(500_000));
    let think_time = Duration::ZERO;
    assert_eq!(
        scenario.workload.load,
        Load::InFlight {
            in_flight: 64,
            think_time
        }
    );
    assert_eq!(
        scenario.workload.client.to_string(),
        "EE/GOV/00000001/pensions"
    );
    assert_eq!(
        scenario.workload.first_service().to_string(),
        "EE/GOV/00000002/people/liveness"
    );
    assert_eq!(scenario.thresholds.len(), 10);
    let deceased = &scenario.thresholds[0];
    assert_eq!(
        (deceased.metric, deceased.comparison),
        (MetricName::DeceasedNamed, Comparison::Equal)
    );
    assert!(deceased.holds(980.0) && !deceased.holds(979.0));
    assert_eq!(deceased.text, "deceased-named: 980");
}

#[test]
fn the_batched_run_asks_the_same_people_in_500_exchanges() {
    let (single, batched) = (
        shipped("pension-liveness.yaml"),
        shipped("pension-liveness-batched.yaml"),
    );
    assert_eq!(batched.population, single.population);
    assert_eq!(batched.seed, single.seed);
    assert_eq!(batched.workload.ids_per_exchange(), Some(1_000));
    assert_eq!(batched.exchanges(), Some(500));
}

#[test]
fn the_smoke_run_is_a_hundredth() {
    let scenario = shipped("pension-liveness-smoke.yaml");
    assert_eq!(
        (scenario.population.people, scenario.population.deceased),
        (5_000, 10)
    );
    assert_eq!(scenario.exchanges(), Some(5_000));
}

#[test]
fn a_scenario_may_bring_names_of_its_own() {
    let path = root().join("scenarios/pension-liveness-smoke.yaml");
    let lists = "  people: 5_000\n  name-lists: { women: [Ada, Õie], men: [Bo], \
                 surnames: [Coe], municipalities: [New Elm], streets: [Fen] }";
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replacen("  people: 5_000", lists, 1);
    let scenario = Scenario::parse("scenario.yaml", &text).unwrap();
    let population = Population::of(&scenario.people()).unwrap();
    assert_eq!(population.person(0).surname, "Coe");
    assert_eq!(population.address(0).municipality, "New Elm");
    assert!(population.phone_number(0).starts_with("+9997"));
}

#[test]
fn shipped_scenarios_have_a_valid_country_with_defaults() {
    let scenario = shipped("pension-liveness-smoke.yaml");
    assert!(scenario.planted_lies.is_empty());
    assert_eq!(scenario.instance, "EE");
    let codes: Vec<&str> = scenario
        .security_servers
        .iter()
        .map(|s| s.code.as_str())
        .collect();
    assert_eq!(codes, ["pension-gateway", "register-gateway"]);
    for client in [
        &scenario.workload.client,
        scenario.workload.first_service().provider(),
    ] {
        assert_eq!(scenario.servers_of(client).count(), 1);
    }
    let service = &scenario.registries[0].services[0];
    assert_eq!(
        (service.code.as_str(), service.timeout),
        ("liveness", Duration::from_secs(60))
    );
    let rule = &service.access[0];
    assert_eq!((rule.method.as_str(), rule.path.as_str()), ("*", "**"));
    assert_eq!(scenario.trust.ocsp_freshness, Duration::from_secs(3_600));
    assert_eq!(
        scenario.trust.configuration_expiry,
        Duration::from_secs(600)
    );
}

#[test]
fn every_shipped_file_is_valid_listed_and_begins_with_its_question() {
    let folder = root().join("scenarios");
    let list = std::fs::read_to_string(folder.join("README.md")).expect("the list");
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        count += 1;
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        let text = std::fs::read_to_string(&path).expect("text");
        let first_line = text.lines().next().expect("a first line");
        assert!(
            first_line.starts_with("# ") && first_line.contains('?'),
            "{name}: {first_line}"
        );
        assert!(list.contains(&format!("({name})")), "{name} is not listed");
        assert!(
            list.contains(&first_line[2..]),
            "{name} is listed with another question"
        );
        assert_eq!(format!("{}.yaml", shipped(name).name), name);
        assert_eq!(shipped(name).source_text, text);
        assert!(
            text.lines().count() <= 60,
            "{name} does not fit on a screen"
        );
    }
    assert!(count >= 3);
}

#[test]
fn planted_lies_reach_the_registry() {
    let text = std::fs::read_to_string(root().join("scenarios/pension-liveness-smoke.yaml"))
        .expect("text");
    let lies = "planted-lies: [false-answers every 10_000, missing-record]\nthresholds:";
    let scenario = Scenario::parse("lies.yaml", &text.replace("thresholds:", lies)).expect("valid");
    assert_eq!(scenario.planted_lies.len(), 2);
    assert_eq!(scenario.registries[0].lies.false_answer_every, Some(10_000));
    assert_eq!(scenario.registries[0].lies.swap_answers_every, None);
}

#[test]
fn thresholds_of_honesty_hold_without_being_said() {
    let text = std::fs::read_to_string(root().join("scenarios/pension-liveness-smoke.yaml"))
        .expect("text");
    let (before, _) = text.split_once("thresholds:").expect("thresholds");
    let text = format!("{before}thresholds: {{ throughput: at least 10/s, failed: at most 3 }}\n");
    let scenario = Scenario::parse("short.yaml", &text).expect("valid");
    let texts: Vec<&str> = scenario
        .thresholds
        .iter()
        .map(|t| t.text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "verified: 100%",
            "wrong: 0",
            "missing: 0",
            "extra: 0",
            "unproven: 0",
            "refused: 0",
            "failed: at most 3",
            "unknown: 0",
            "unstamped: 0",
            "throughput: at least 10/s",
        ]
    );
}

#[test]
fn a_rate_has_arrivals_and_a_bound() {
    let text = std::fs::read_to_string(root().join("scenarios/pension-liveness-smoke.yaml"))
        .expect("text");
    let open = text.replace("load: 64 in flight", "load: 120/s\n  max-in-flight: 300");
    let load = Scenario::parse("open.yaml", &open)
        .expect("valid")
        .workload
        .load;
    let arrivals = sim_scenario::Arrivals::Poisson;
    assert_eq!(
        load,
        Load::ArrivalRate {
            course: Course::Constant { per_second: 120.0 },
            arrivals,
            max_in_flight: 300,
            when_full: sim_scenario::WhenFull::Queue,
        }
    );
}

#[test]
fn a_file_of_ten_megabytes_is_refused_unread() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.yaml");
    let ten_megabytes = 10_000_000;
    std::fs::File::create(&path)
        .and_then(|file| file.set_len(ten_megabytes))
        .expect("a file");
    let diagnostics = Scenario::load(&path).expect_err("too large");
    assert_eq!(diagnostics.problems().len(), 1);
    let problem = &diagnostics.problems()[0];
    assert_eq!(problem.kind, ProblemKind::Unreadable);
    assert_eq!(problem.message, "the file is too large for a scenario");
    assert_eq!(problem.help, ["accepted: at most 1024 KiB"]);
}

#[test]
fn a_file_of_just_the_limit_is_read() {
    let text = std::fs::read_to_string(root().join("scenarios/pension-liveness-smoke.yaml"))
        .expect("text");
    let limit = usize::try_from(MAX_FILE_BYTES).expect("small");
    let full = format!("{text}#{}", "x".repeat(limit - text.len() - 1));
    assert_eq!(full.len(), limit);
    assert!(Scenario::parse("full.yaml", &full).is_ok());
    assert!(Scenario::parse("fuller.yaml", &format!("{full}x")).is_err());
}

#[test]
fn a_missing_file_and_a_folder_are_told() {
    for path in [root().join("scenarios/none.yaml"), root().join("scenarios")] {
        let diagnostics = Scenario::load(&path).expect_err("no file");
        let problem = &diagnostics.problems()[0];
        assert_eq!(
            (problem.kind, problem.span),
            (ProblemKind::Unreadable, None)
        );
        assert!(
            problem.message.starts_with("the file cannot be read: "),
            "{}",
            problem.message
        );
    }
}

#[test]
fn the_schema_describes_every_key() {
    let schema = json_schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    insta::assert_snapshot!(
        "schema",
        serde_json::to_string_pretty(&schema).expect("JSON")
    );
    let mut maps = vec![&schema];
    maps.extend(schema["$defs"].as_object().expect("definitions").values());
    let mut keys = 0;
    for map in maps {
        assert_eq!(map["additionalProperties"], false);
        for (key, property) in map["properties"].as_object().expect("properties") {
            keys += 1;
            assert!(
                property["description"]
                    .as_str()
                    .is_some_and(|text| text.ends_with('.')),
                "{key}"
            );
        }
    }
    assert!(keys > 50, "{keys}");
}

#[test]
fn the_committed_reference_is_up_to_date() {
    let path = root().join("docs/scenario.md");
    let generated = reference_markdown();
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(&path, &generated).expect("docs/ can be written");
    }
    let committed = std::fs::read_to_string(&path).expect("docs/scenario.md");
    assert!(
        committed == generated,
        "docs/scenario.md is out of date: UPDATE_REFERENCE=1 cargo test -p sim-scenario"
    );
}
