//! What people are told about each kind of bad input, as they see it.
//!
//! Every case is the smoke scenario with something changed; the answers are in `snapshots/`.

use proptest::prelude::*;
use sim_scenario::diagnostics::MAX_KEPT;
use sim_scenario::{Diagnostics, ProblemKind, Scenario};

const GOOD: &str = include_str!("../../../scenarios/pension-liveness-smoke.yaml");

/// What is said of the good scenario after each `(old, new)` replacement, which must apply.
fn refused(changes: &[(&str, &str)]) -> Diagnostics {
    let mut text = GOOD.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "the scenario no longer has `{old}`");
        text = text.replacen(old, new, 1);
    }
    Scenario::parse("scenario.yaml", &text).expect_err("a bad scenario")
}

fn kinds(diagnostics: &Diagnostics) -> Vec<ProblemKind> {
    diagnostics
        .problems()
        .iter()
        .map(|problem| problem.kind)
        .collect()
}

macro_rules! case {
    ($name:ident, $kinds:expr, $($change:expr),+ $(,)?) => {
        #[test]
        fn $name() {
            let diagnostics = refused(&[$($change),+]);
            assert_eq!(kinds(&diagnostics), $kinds, "{diagnostics}");
            insta::assert_snapshot!(stringify!($name), diagnostics.to_string());
        }
    };
}

case!(
    misspelt_key,
    [ProblemKind::UnknownKey],
    ("ids-per-exchange", "ids-per-exhange")
);
case!(
    misspelt_needed_key,
    [ProblemKind::MissingKey, ProblemKind::UnknownKey],
    ("  people: 5", "  poeple: 5")
);
case!(
    unknown_key_at_the_top,
    [ProblemKind::UnknownKey],
    ("seed: 2025", "seed: 2025\nhorses: 4")
);
case!(
    missing_section,
    [ProblemKind::MissingKey],
    ("thresholds:", "# "),
    (
        "  deceased-named: 10\n  verified: 100%\n  wrong: 0\n  missing: 0\n  extra: 0\n  unproven: 0\n  refused: 0\n  failed: 0\n  unknown: 0\n  unstamped: 0\n",
        ""
    )
);
case!(
    repeated_key,
    [ProblemKind::Duplicate],
    ("seed: 2025", "seed: 2025\nseed: 2026")
);
case!(
    unknown_member,
    [ProblemKind::UnknownReference],
    ("owner: pension-board", "owner: pension-bord")
);
case!(
    unknown_subsystem,
    [ProblemKind::Conflict, ProblemKind::UnknownReference],
    (
        "serves: [population-register/people]",
        "serves: [population-register/poeple]"
    )
);
case!(
    unknown_service,
    [ProblemKind::UnknownReference],
    ("people/liveness", "people/livenes")
);
case!(
    unknown_subject_of_a_right,
    [ProblemKind::UnknownReference],
    (
        "allow: [pension-board/pensions]",
        "allow: [pensions-board/pensions]"
    ),
);
case!(
    duplicate_member_name,
    [ProblemKind::Duplicate],
    (
        "security-servers:",
        "  pension-board:\n    id: GOV/3\n    subsystems: [pensions]\nsecurity-servers:"
    )
);
case!(
    duplicate_member_id,
    [ProblemKind::Duplicate],
    ("GOV/00000002", "GOV/00000001")
);
case!(
    duplicate_server_code,
    [ProblemKind::Duplicate],
    ("register-gateway:", "pension-gateway:")
);
case!(
    duplicate_subsystem,
    [ProblemKind::Duplicate],
    ("subsystems: [pensions]", "subsystems: [pensions, pensions]")
);
case!(
    two_masters_of_the_same_data,
    [ProblemKind::Duplicate],
    (
        "workload:",
        "  register-of-deaths:\n    subsystem: population-register/people\n    master-of: [death]\n    services:\n      deaths: { allow: [pension-board/pensions] }\n\nworkload:"
    ),
);
case!(
    the_same_service_twice,
    [ProblemKind::Duplicate],
    (
        "workload:",
        "  other-register:\n    subsystem: population-register/people\n    master-of: [birth]\n    services:\n      liveness: { allow: [pension-board/pensions] }\n\nworkload:"
    ),
);
case!(
    negative_number,
    [ProblemKind::BadValue],
    ("people: 5_000", "people: -5_000")
);
case!(
    absurd_number,
    [ProblemKind::BadValue; 2],
    ("people: 5_000", "people: 5_000_000_000"),
    ("64 in flight", "64_000_000 in flight")
);
case!(
    number_of_another_sort,
    [ProblemKind::BadValue; 2],
    ("people: 5_000", "people: 5,000"),
    ("deceased: 10 ", "deceased: ten ")
);
case!(
    more_people_than_national_ids,
    [ProblemKind::Conflict],
    ("people: 5_000", "people: 1_000_000_000")
);
case!(
    names_and_lists_of_names,
    [ProblemKind::Conflict],
    (
        "  people: 5_000",
        "  people: 5_000\n  names: island\n  name-lists: { women: [Ada], men: [Bo], surnames: [Coe], municipalities: [Elm], streets: [Fen] }"
    )
);
case!(
    a_phone_prefix_of_letters,
    [ProblemKind::Conflict],
    (
        "  people: 5_000",
        "  people: 5_000\n  name-lists: { women: [Ada], men: [Bo], surnames: [Coe], municipalities: [Elm], streets: [Fen], phone-prefix: +five }"
    )
);
case!(
    a_name_that_is_too_long,
    [ProblemKind::Conflict],
    (
        "  people: 5_000",
        "  people: 5_000\n  name-lists: { women: [Ada], men: [Bo], surnames: [Coe, Longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglongish], municipalities: [Elm], streets: [Fen] }"
    )
);
case!(
    too_many_ids_an_exchange,
    [ProblemKind::BadValue],
    ("ids-per-exchange: 1", "ids-per-exchange: 10_001")
);
case!(
    more_deaths_than_people,
    [ProblemKind::Conflict; 2],
    ("deceased: 10 ", "deceased: 5_001 ")
);
case!(
    an_expectation_that_cannot_hold,
    [ProblemKind::Conflict],
    ("deceased-named: 10", "deceased-named: 11")
);
case!(
    missing_unit,
    [ProblemKind::BadValue],
    ("64 in flight", "64")
);
case!(
    wrong_units,
    [ProblemKind::BadValue; 4],
    (
        "workload:",
        "trust:\n  ocsp-freshness: 60 sec\n  time-stamping-interval: 5 KiB\nworkload:"
    ),
    ("verified: 100%", "verified: 1"),
    ("wrong: 0", "wrong: 0\n  response-time-p99: below 500"),
);
case!(
    renewed_too_late,
    [ProblemKind::Conflict; 2],
    (
        "workload:",
        "trust:\n  ocsp-freshness: 20min\n  configuration-refresh: 1h\nworkload:"
    ),
);
case!(
    an_unserved_subsystem,
    [ProblemKind::Conflict],
    ("subsystems: [pensions]", "subsystems: [pensions, benefits]")
);
case!(
    a_client_without_access,
    [ProblemKind::Conflict],
    (
        "allow: [pension-board/pensions]",
        "allow: [population-register/people]"
    ),
);
case!(
    arrivals_without_a_rate,
    [ProblemKind::Conflict],
    ("  load:", "  arrivals: uniform\n  load:")
);
case!(
    a_lie_planted_twice,
    [ProblemKind::Duplicate],
    (
        "thresholds:",
        "planted-lies: [false-answers every 5, false-answers every 7]\nthresholds:"
    )
);
case!(
    a_lie_nobody_knows,
    [ProblemKind::BadValue],
    ("thresholds:", "planted-lies: [mising-record]\nthresholds:")
);
case!(
    a_value_where_a_map_belongs,
    [ProblemKind::BadValue],
    ("population:\n  people: 5_000", "population: 5_000"),
    ("  deceased: 10 ", "# ")
);
case!(
    nothing_where_a_value_belongs,
    [ProblemKind::BadValue],
    ("name: pension-liveness-smoke", "name:")
);
case!(
    an_empty_list,
    [ProblemKind::BadValue],
    ("master-of: [identity, death]", "master-of: []")
);
case!(
    an_unclosed_list,
    [ProblemKind::Syntax],
    (
        "master-of: [identity, death]",
        "master-of: [identity, death"
    )
);
case!(
    wrong_indentation,
    [ProblemKind::Syntax],
    ("  deceased: 10", "   deceased: 10")
);
case!(
    a_tab,
    [ProblemKind::Syntax],
    ("  deceased: 10", "\tdeceased: 10")
);
case!(
    a_greater_than_sign,
    [ProblemKind::Syntax],
    ("wrong: 0", "throughput: > 100/s\n  wrong: 0")
);
case!(
    a_merge_key,
    [ProblemKind::UnknownKey],
    ("population:\n", "population:\n  <<: {people: 3}\n")
);
case!(
    an_unknown_tag,
    [ProblemKind::Syntax],
    ("seed: 2025", "seed: !secret 2025")
);
case!(
    everything_at_once,
    [
        ProblemKind::UnknownKey,
        ProblemKind::BadValue,
        ProblemKind::Conflict,
        ProblemKind::UnknownReference,
        ProblemKind::Duplicate,
        ProblemKind::UnknownKey,
        ProblemKind::BadValue,
    ],
    ("seed: 2025", "sede: 2025"),
    (
        "  people: 5_000",
        "  people: 5_000\n  reference-date: 2025-02-30"
    ),
    ("subsystems: [people]", "subsystems: [people, people-2]"),
    ("owner: pension-board", "owner: pension-bord"),
    (
        "master-of: [identity, death]",
        "master-of: [identity, death, death]"
    ),
    ("  load:", "  laod: 3\n  load:"),
    ("verified: 100%", "verified: 200%"),
);

#[test]
fn many_problems_on_one_long_line_are_bounded() {
    let keys: Vec<String> = (0..20_000).map(|index| format!("key-{index}: 1")).collect();
    let text = format!("{GOOD}\nextras: {{ {} }}\n", keys.join(", "));
    let text = text.replace("extras:", "trust:");
    let diagnostics = Scenario::parse("long.yaml", &text).expect_err("unknown keys");
    assert_eq!(diagnostics.count(), 20_000);
    assert_eq!(diagnostics.problems().len(), MAX_KEPT);
    assert!(diagnostics.to_string().len() < 50_000);
}

#[test]
fn a_name_of_half_a_megabyte_is_cut() {
    let name = "x".repeat(500_000);
    let diagnostics = Scenario::parse(
        "name.yaml",
        &GOOD.replacen("pension-liveness-smoke", &name, 1),
    )
    .expect_err("too long");
    assert!(
        diagnostics.to_string().len() < 2_000,
        "{}",
        diagnostics.to_string().len()
    );
    let diagnostics = Scenario::parse("key.yaml", &format!("{GOOD}\n? {name}\n: 1\n"));
    assert!(diagnostics.expect_err("unknown key").to_string().len() < 2_000);
}

proptest! {
    /// Whatever is done to a good file, it is read or refused with a place.
    #[test]
    fn damaged_scenarios_are_read_or_refused(
        at in 0_usize..1_000,
        removed in 0_usize..40,
        inserted in "[ -~\\n\\tõ]{0,6}",
    ) {
        let characters: Vec<char> = GOOD.chars().collect();
        let start = at.min(characters.len());
        let end = (start + removed).min(characters.len());
        let mut text: String = characters[..start].iter().collect();
        text.push_str(&inserted);
        text.extend(&characters[end..]);
        if let Err(diagnostics) = Scenario::parse("damaged.yaml", &text) {
            prop_assert!(!diagnostics.problems().is_empty());
            prop_assert!(diagnostics.to_string().contains("damaged.yaml"));
        }
    }
}

#[test]
fn an_empty_file() {
    let diagnostics = Scenario::parse("empty.yaml", "").expect_err("no scenario");
    insta::assert_snapshot!(diagnostics.to_string());
}

#[test]
fn a_file_that_is_a_list() {
    let diagnostics = Scenario::parse("list.yaml", "- 1\n- 2\n").expect_err("no scenario");
    insta::assert_snapshot!(diagnostics.to_string());
}

#[test]
fn a_yaml_bomb() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (previous, next) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let copies = vec![format!("*{previous}"); 10].join(", ");
        text.push_str(&format!("{next}: &{next} [{copies}]\n"));
    }
    let diagnostics = Scenario::parse("bomb.yaml", &text).expect_err("a bomb");
    assert_eq!(kinds(&diagnostics), [ProblemKind::Syntax]);
    insta::assert_snapshot!(diagnostics.to_string());
}

#[test]
fn deep_nesting() {
    let text = format!("name: {}", "[".repeat(5_000));
    let diagnostics = Scenario::parse("deep.yaml", &text).expect_err("too deep");
    assert_eq!(kinds(&diagnostics), [ProblemKind::Syntax]);
    insta::assert_snapshot!(diagnostics.to_string());
}

#[test]
fn bytes_that_are_not_utf8() {
    let bytes = GOOD
        .replacen("country", "c", 1)
        .replacen("people: 5_000", "people: õ§", 1);
    let broken: Vec<u8> = bytes
        .bytes()
        .map(|byte| if byte == 0xA7 { 0xFF } else { byte })
        .collect();
    let diagnostics = Scenario::parse_bytes("latin.yaml", &broken).expect_err("no UTF-8");
    assert_eq!(kinds(&diagnostics), [ProblemKind::Unreadable]);
    insta::assert_snapshot!(diagnostics.to_string());
}
