//! What no single value can tell: whether the parts of a scenario fit together.
//!
//! Each check is a function of its own that reports every violation it finds. A check passes over
//! what could not be read, because that has been reported already.

mod consistency;
mod duplicates;
mod exchange;
mod identity;
mod population;
mod references;
mod registries;

use crate::diagnostics::Report;
use crate::names::Names;
use crate::raw::RawScenario;

/// A check.
type Check = fn(&RawScenario, &Names<'_>, &mut Report<'_>);

const ALL: [Check; 33] = [
    references::owners_exist,
    references::served_subsystems_exist,
    references::registries_answer_as_subsystems_that_exist,
    references::rights_are_given_to_subsystems_that_exist,
    references::workload_refers_to_what_exists,
    references::portal_asks_as_a_subsystem_that_exists,
    references::special_readers_exist,
    duplicates::member_ids_are_unique,
    duplicates::lists_name_everything_once,
    duplicates::data_have_one_master,
    duplicates::services_are_offered_once,
    population::deaths_do_not_exceed_people,
    population::population_can_be_computed,
    population::people_are_named_once,
    consistency::every_subsystem_is_served,
    consistency::registries_say_who_may_call,
    consistency::citizens_have_a_portal,
    consistency::workload_says_what_is_asked,
    consistency::workload_client_may_call_the_services,
    consistency::trust_is_renewed_before_it_expires,
    consistency::expected_deaths_are_those_of_the_population,
    consistency::windows_can_be_measured,
    identity::people_have_a_country,
    identity::relying_parties_have_a_portal_beside_them,
    identity::relying_parties_have_names_of_their_own,
    registries::keys_belong_to_the_kind,
    registries::demands_can_be_waited_for,
    registries::consents_are_kept,
    registries::insurers_may_read_records,
    registries::exceptions_go_with_rights,
    registries::asking_registries_reach_a_server,
    exchange::suites_go_with_versions_and_key,
    exchange::settings_have_a_meaning,
];

/// Runs every check.
pub(crate) fn run(raw: &RawScenario, names: &Names<'_>, report: &mut Report<'_>) {
    for check in ALL {
        check(raw, names, report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Decode;
    use crate::diagnostics::Span;
    use crate::yaml;

    const GOOD: &str = include_str!("../../../scenarios/pension-liveness-smoke.yaml");

    /// What `check` alone says of `text`.
    fn said(check: Check, text: &str) -> Vec<String> {
        let start = Span {
            line: 1,
            column: 1,
            length: 0,
        };
        let mut report = Report::new(text);
        let tree = yaml::parse(text).expect("YAML");
        let raw = RawScenario::decode(&tree, start, &mut report).expect("a map");
        assert!(report.is_clean(), "every value of its own is valid");
        check(&raw, &Names::of(&raw), &mut report);
        if report.is_clean() {
            return Vec::new();
        }
        let diagnostics = report.into_diagnostics("file");
        diagnostics
            .problems()
            .iter()
            .map(|problem| problem.message.clone())
            .collect()
    }

    fn alone(check: Check, change: (&str, &str), expected: &str) {
        assert!(
            GOOD.contains(change.0),
            "the scenario no longer has `{}`",
            change.0
        );
        assert_eq!(said(check, GOOD), [""; 0]);
        assert_eq!(
            said(check, &GOOD.replacen(change.0, change.1, 1)),
            [expected]
        );
    }

    #[test]
    fn references_resolve() {
        alone(
            references::owners_exist,
            ("owner: pension-board", "owner: nobody"),
            "no member is called `nobody`",
        );
        alone(
            references::served_subsystems_exist,
            (
                "serves: [pension-board/pensions]",
                "serves: [pension-board/x]",
            ),
            "`pension-board` has no subsystem `x`",
        );
        alone(
            references::registries_answer_as_subsystems_that_exist,
            (
                "subsystem: population-register/people",
                "subsystem: population-register/x",
            ),
            "`population-register` has no subsystem `x`",
        );
        alone(
            references::rights_are_given_to_subsystems_that_exist,
            ("allow: [pension-board/pensions]", "allow: [x/pensions]"),
            "no member is called `x`",
        );
        alone(
            references::workload_refers_to_what_exists,
            ("client: pension-board/pensions", "client: pension-board/x"),
            "`pension-board` has no subsystem `x`",
        );
        alone(
            references::portal_asks_as_a_subsystem_that_exists,
            (
                "workload:",
                "portal: { subsystem: pension-board/x, name: P }\nworkload:",
            ),
            "`pension-board` has no subsystem `x`",
        );
    }

    #[test]
    fn nothing_exists_twice() {
        alone(
            duplicates::member_ids_are_unique,
            ("GOV/00000002", "GOV/00000001"),
            "two members have the id `GOV/00000001`",
        );
        alone(
            duplicates::lists_name_everything_once,
            (
                "[pension-board/pensions]",
                "[pension-board/pensions, pension-board/pensions]",
            ),
            "`pension-board/pensions` is listed twice",
        );
        alone(
            duplicates::data_have_one_master,
            ("[identity, death]", "[death, death]"),
            "`death` already has a master: there is a single source of truth",
        );
        let other = "  other:\n    subsystem: population-register/people\n    master-of: [x]\n    \
                     services: { liveness: { allow: [pension-board/pensions] } }\n\nworkload:";
        alone(
            duplicates::services_are_offered_once,
            ("workload:", other),
            "two registries offer `population-register/people/liveness`",
        );
    }

    #[test]
    fn numbers_and_parts_fit() {
        alone(
            population::deaths_do_not_exceed_people,
            ("deceased: 10 ", "deceased: 5_001 "),
            "of 5000 people 5001 have died",
        );
        let subsystems = ("subsystems: [people]", "subsystems: [people, births]");
        alone(
            consistency::every_subsystem_is_served,
            subsystems,
            "no security server serves `population-register/births`",
        );
        alone(
            consistency::registries_say_who_may_call,
            (
                "    services:\n      liveness: { allow: [pension-board/pensions] }\n",
                "",
            ),
            "the registry does not say who may call it",
        );
        alone(
            consistency::citizens_have_a_portal,
            (
                "workload:",
                "citizens: { people-at-once: 2, duration: 5s }\nworkload:",
            ),
            "there is no portal for citizens to use",
        );
        alone(
            consistency::workload_client_may_call_the_services,
            (
                "allow: [pension-board/pensions]",
                "allow: [population-register/people]",
            ),
            "`pension-board/pensions` may not call `population-register/people/liveness`",
        );
        alone(
            consistency::trust_is_renewed_before_it_expires,
            (
                "workload:",
                "trust: { configuration-expiry: 60s }\nworkload:",
            ),
            "`configuration-refresh` is not shorter than `configuration-expiry`",
        );
        alone(
            consistency::expected_deaths_are_those_of_the_population,
            ("deceased-named: 10", "deceased-named: below 10"),
            "this can never hold: 10 have died",
        );
        alone(
            consistency::windows_can_be_measured,
            (
                "deceased-named: 10",
                "peak-pss: at most 1 GiB from 1s to 2s",
            ),
            "`peak-pss` cannot be measured over a part of the load",
        );
        let many: Vec<String> = (0..33).map(|second| format!("0 from {second}s")).collect();
        alone(
            consistency::windows_can_be_measured,
            ("refused: 0", &format!("refused: [{}]", many.join(", "))),
            "thresholds are about more than 32 parts of the load",
        );
    }

    #[test]
    fn settings_of_the_exchange_fit_each_other() {
        let cases: [(Check, &str, &str); 6] = [
            (
                exchange::suites_go_with_versions_and_key,
                "tls: [1.3], cipher-suites: [TLS_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]",
                "`TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384` belongs to TLS 1.2, which is not spoken here",
            ),
            (
                exchange::suites_go_with_versions_and_key,
                "cipher-suites: [TLS_AES_256_GCM_SHA384]",
                "no cipher suite is left for TLS 1.2",
            ),
            (
                exchange::suites_go_with_versions_and_key,
                "authentication-key: rsa-2048, tls: [1.2], cipher-suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]",
                "no cipher suite of TLS 1.2 goes with an authentication key of type `rsa-2048`",
            ),
            (
                exchange::settings_have_a_meaning,
                "profile: xroad-ee, idle-connections: 10",
                "`idle-connections` has no meaning where each message has its own connection",
            ),
            (
                exchange::settings_have_a_meaning,
                "max-connections: 10",
                "2500 idle connections to one server are more than the 10 to all",
            ),
            (
                duplicates::lists_name_everything_once,
                "tls: [1.2, 1.2]",
                "`TLS 1.2` is listed twice",
            ),
        ];
        for (check, settings, expected) in cases {
            let exchange = format!("exchange: {{ {settings} }}\n\nworkload:");
            alone(check, ("workload:", &exchange), expected);
        }
        alone(
            exchange::settings_have_a_meaning,
            (
                "workload:",
                "trust: { time-stamping-interval: 5s }\nexchange: { time-stamps: at-once }\nworkload:",
            ),
            "`time-stamping-interval` has no meaning where each signature is time-stamped at once",
        );
    }

    #[test]
    fn profiles_take_single_settings_beside_them() {
        for settings in [
            "profile: xroad-ee, tls: [1.3]",
            "profile: xroad-ee, tls: [1.2, 1.3], authentication-key: ec-p256",
            "profile: xroad-fi, connections: per-message",
            "profile: xroad-default, connections: kept, idle-connections: 5",
        ] {
            let exchange = format!("exchange: {{ {settings} }}\n\nworkload:");
            let text = GOOD.replacen("workload:", &exchange, 1);
            for check in ALL {
                assert_eq!(said(check, &text), [""; 0], "{settings}");
            }
        }
    }

    #[test]
    fn a_population_beyond_its_numbering_is_refused() {
        let text = GOOD.replacen("people: 5_000", "people: 1_000_000_000", 1);
        let said = said(population::population_can_be_computed, &text);
        assert_eq!(said.len(), 1);
        assert!(
            said[0].starts_with("1000000000 people are more than the"),
            "{}",
            said[0]
        );
    }
}
