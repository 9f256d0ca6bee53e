//! Keys that only some kinds of registries have: what they give, and what is said where they cannot
//! hold.

use std::time::Duration;

use sim_scenario::{AccessRule, Registry, Scenario};

const ESTONIA: &str = include_str!("../../../scenarios/estonia.yaml");
const INSURER: &str = "EE/COM/10000003/policies";
const BY_CONSENT: &str = "by-consent: [example-insurance/policies]";
const EXEMPT: &str = "legal-exceptions: [social-insurance-board/skais2]";

fn changed(old: &str, new: &str) -> String {
    assert!(ESTONIA.contains(old), "the scenario no longer has `{old}`");
    ESTONIA.replacen(old, new, 1)
}

/// What is said of the scenario with `old` replaced, and on which lines.
fn said(old: &str, new: &str) -> Vec<(String, usize)> {
    let text = changed(old, new);
    let diagnostics = Scenario::parse("scenario.yaml", &text).expect_err("a bad scenario");
    let problems = diagnostics.problems().iter();
    problems
        .map(|problem| {
            let line = problem.span.map_or(0, |span| span.line);
            (problem.message.clone(), line)
        })
        .collect()
}

fn line_of(text: &str) -> usize {
    let before = ESTONIA.split(text).next().unwrap_or_default();
    before.matches('\n').count() + 1
}

fn check(old: &str, new: &str, expected: &[(&str, usize)]) {
    let expected: Vec<(String, usize)> = expected
        .iter()
        .map(|(message, line)| ((*message).to_owned(), *line))
        .collect();
    assert_eq!(said(old, new), expected);
}

fn registry<'s>(scenario: &'s Scenario, name: &str) -> &'s Registry {
    let mut registries = scenario.registries.iter();
    registries
        .find(|registry| registry.name == name)
        .expect("a registry of this name")
}

fn rights<'s>(
    scenario: &'s Scenario,
    name: &str,
    code: &str,
    subject: &str,
) -> Vec<&'s AccessRule> {
    let mut services = registry(scenario, name).services.iter();
    let service = services
        .find(|service| service.code == code)
        .expect("a service of this code");
    let rules = service.access.iter();
    rules
        .filter(|rule| rule.subject.to_string() == subject)
        .collect()
}

#[test]
fn the_rights_for_reading_by_consent_follow_from_the_key() {
    let scenario = Scenario::parse("scenario.yaml", ESTONIA).expect("a scenario");
    let methods = |name, code, subject| {
        let rules = rights(&scenario, name, code, subject).into_iter();
        let methods: Vec<&str> = rules.map(|rule| rule.method.as_str()).collect();
        methods
    };
    assert_eq!(methods("health", "record", INSURER), ["GET"]);
    assert_eq!(methods("consents", "consent", INSURER), ["POST"]);
    let health = "EE/GOV/70009770/digilugu";
    assert_eq!(methods("consents", "validation", health), ["GET"]);
    // And no others.
    for code in ["prescriptions", "appointments", "blocking", "findUsage"] {
        assert_eq!(methods("health", code, INSURER), [""; 0], "{code}");
    }
    for code in ["consents", "validation", "findUsage"] {
        assert_eq!(methods("consents", code, INSURER), [""; 0], "{code}");
    }
    assert_eq!(methods("consents", "consents", health), [""; 0]);
    let text = changed(
        BY_CONSENT,
        "by-consent: [example-insurance/policies, example-bank/accounts]",
    );
    let scenario = Scenario::parse("scenario.yaml", &text).expect("a scenario");
    assert_eq!(
        rights(&scenario, "health", "record", "EE/COM/10000001/accounts").len(),
        1
    );
}

#[test]
fn readers_by_consent_exist_and_somebody_keeps_consents() {
    let line = line_of(BY_CONSENT);
    check(
        BY_CONSENT,
        "by-consent: [example-insurance/policy]",
        &[
            ("`example-insurance` has no subsystem `policy`", line),
            (
                "`example-insurance/policies` can read no health record",
                line_of("  insurer: {"),
            ),
        ],
    );
    check(
        BY_CONSENT,
        "by-consent: [example-insurance/policies, nobody/x]",
        &[("no member is called `nobody`", line)],
    );
    check(
        BY_CONSENT,
        "by-consent: [example-insurance/policies, example-insurance/policies]",
        &[("`example-insurance/policies` is listed twice", line)],
    );
    check(
        "kind: consents",
        "kind: bank",
        &[("nobody keeps consents", line)],
    );
    check(
        "consents: { kind: consents, subsystem: state-portal/consent, master-of: [consents], allow: [state-portal/portal] }",
        "consents: { kind: consents, subsystem: state-portal/consent, master-of: [consents], services: { consents: { allow: [state-portal/portal] } } }",
        &[
            (
                "`by-consent` needs `state-portal/consent/consent`, which is not offered",
                line,
            ),
            (
                "`by-consent` needs `state-portal/consent/validation`, which is not offered",
                line,
            ),
        ],
    );
}

#[test]
fn keys_stand_where_they_mean_something() {
    let tax = "tax: { kind: tax, ";
    check(
        tax,
        "tax: { kind: tax, by-consent: [example-insurance/policies], legal-exceptions: [example-bank/accounts], curious-officials: 1, ",
        &[
            ("`by-consent` has no meaning for `kind: tax`", line_of(tax)),
            (
                "`legal-exceptions` has no meaning for `kind: tax`",
                line_of(tax),
            ),
            (
                "`curious-officials` has no meaning for `kind: tax`",
                line_of(tax),
            ),
        ],
    );
}

#[test]
fn who_asks_reaches_its_security_server() {
    let served =
        "serves: [example-bank/accounts, example-journal/journal, example-insurance/policies]";
    check(
        served,
        &format!("{served}, connection: https"),
        &[(
            "`example-insurance/policies` asks others over plain HTTP",
            line_of("  insurer: {"),
        )],
    );
}

#[test]
fn an_insurer_without_records_is_none() {
    check(
        &format!("{BY_CONSENT}\n"),
        "\n",
        &[(
            "`example-insurance/policies` can read no health record",
            line_of("  insurer: {"),
        )],
    );
}

#[test]
fn legal_exceptions_have_the_right_and_need_no_consent() {
    let line = line_of(EXEMPT);
    let other = |text: &str| format!("legal-exceptions: [{text}]");
    check(
        EXEMPT,
        &other("education-ministry/ehis"),
        &[(
            "`education-ministry/ehis` may not call `health-centre/digilugu/record`",
            line,
        )],
    );
    check(
        EXEMPT,
        &other("example-insurance/policies"),
        &[(
            "`example-insurance/policies` needs a consent and needs none",
            line,
        )],
    );
    let scenario = Scenario::parse("scenario.yaml", ESTONIA).expect("a scenario");
    let exempt = &registry(&scenario, "health").legal_exceptions;
    assert_eq!(exempt.len(), 1);
    assert_eq!(exempt[0].to_string(), "EE/GOV/70001975/skais2");
}

#[test]
fn a_service_demand_is_read_and_counted_in_milliseconds() {
    let tax = "tax: { kind: tax, ";
    let with = |demand: &str| format!("{tax}service-demand: \"{demand}\", ");
    let text = changed(tax, &with("median 5ms, p99 40ms"));
    let scenario = Scenario::parse("scenario.yaml", &text).expect("a scenario");
    let demand = registry(&scenario, "tax").service_demand;
    let demand = demand.expect("a service demand");
    assert_eq!(demand.median, Duration::from_millis(5));
    assert_eq!(demand.p99, Duration::from_millis(40));
    assert_eq!(registry(&scenario, "health").service_demand, None);
    for bad in ["median 0.4ms, p99 40ms", "median 5ms, p99 5.5ms"] {
        check(
            tax,
            &with(bad),
            &[(
                "a service demand is counted in whole milliseconds",
                line_of(tax),
            )],
        );
    }
}
