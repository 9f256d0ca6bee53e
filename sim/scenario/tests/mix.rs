//! What a workload asks: one service, or a mix of several questions.

use sim_scenario::Scenario;
use sim_workload::{Sizes, Subject};

const MIXED: &str = include_str!("../../../scenarios/mixed-questions.yaml");

fn valid(change: (&str, &str)) -> Scenario {
    Scenario::parse("test.yaml", &changed(change)).unwrap_or_else(|problems| panic!("{problems}"))
}

fn changed((from, to): (&str, &str)) -> String {
    assert!(MIXED.contains(from), "the scenario no longer has `{from}`");
    MIXED.replacen(from, to, 1)
}

/// Everything that is wrong, in the order of the file.
fn problems(change: (&str, &str)) -> Vec<String> {
    let Err(problems) = Scenario::parse("test.yaml", &changed(change)) else {
        panic!("{change:?} is valid");
    };
    let problems = problems.problems().iter();
    problems.map(|problem| problem.message.clone()).collect()
}

#[test]
fn every_question_has_its_service_share_and_sizes() {
    let workload = valid(("", "")).workload;
    let asked: Vec<_> = workload
        .questions
        .iter()
        .map(|question| {
            let service = question.service.to_string();
            (question.name.as_deref().unwrap(), service, question.ask)
        })
        .collect();
    let [single, family, list] = &asked[..] else {
        panic!("{asked:?}");
    };
    assert_eq!(single.0, "one-pensioner");
    assert_eq!((single.2.weight, single.2.sizes), (80, Sizes::Fixed(1)));
    assert_eq!(family.1, "EE/GOV/00000002/people/person");
    assert_eq!(family.2.subject, Subject::Persons);
    let expected = Sizes::LogNormal { median: 3, p99: 12 };
    assert_eq!((family.2.weight, family.2.sizes), (19, expected));
    let expected = Sizes::Uniform {
        from: 500,
        to: 1_500,
    };
    assert_eq!((list.2.subject, list.2.sizes), (Subject::Deaths, expected));
    assert_eq!(workload.ids_per_exchange(), None);
}

#[test]
fn a_load_without_an_end_of_its_own_asks_about_everybody_once() {
    let counted = valid((
        "  load: 200/s\n  warm-up: 2s\n  duration: 20s\n",
        "  load: 4 in flight\n",
    ));
    let exchanges = counted.exchanges().unwrap();
    // 11.5 people in a question on average.
    assert!((4_800..5_600).contains(&exchanges), "{exchanges}");
    let other = valid(("seed: 2025", "seed: 2026"));
    assert_eq!(
        other.exchanges(),
        valid(("", "")).exchanges(),
        "the rate decides"
    );
}

#[test]
fn what_is_not_clear_is_refused() {
    let check = |from: &str, to: &str, expected: &[&str]| {
        assert_eq!(problems((from, to)), expected, "{to}");
    };
    let service = "  service: population-register/people/liveness\n  mix:";
    check(
        "  mix:",
        service,
        &["`service` has no meaning beside a `mix`"],
    );
    let ids = "  ids-per-exchange: 3\n  mix:";
    check(
        "  mix:",
        ids,
        &["`ids-per-exchange` has no meaning beside a `mix`"],
    );
    check(", weight: 80", "", &["the key `weight` is missing"]);
    check("weight: 80", "weight: 0", &["0 is too small"]);
    check(
        "people/person\n",
        "people/persons\n",
        &["no registry offers the service `population-register/people/persons`"],
    );
    check(
        "      person: { allow: [pension-board/pensions] }\n",
        "      person: { allow: [population-register/people] }\n",
        &["`pension-board/pensions` may not call `population-register/people/person`"],
    );
    check("500 to 1_500", "500 to 15_000", &["15_000 is too large"]);
    let start = MIXED.find("  mix:").unwrap();
    let end = MIXED.find("  load: 200/s").unwrap();
    check(
        &MIXED[start..end],
        "",
        &["the workload does not say what is asked"],
    );
    let unknown = [
        ("person: { allow", "births: { allow"),
        ("people/person\n", "people/births\n"),
    ];
    let text = unknown
        .iter()
        .fold(MIXED.to_owned(), |text, (from, to)| text.replace(from, to));
    let refused = Scenario::parse("test.yaml", &text).unwrap_err().to_string();
    assert!(
        refused.contains("nobody knows how to ask the service"),
        "{refused}"
    );
    assert!(refused.contains("liveness"), "{refused}");
}
