//! What members, their subsystems and their services are called on the page.

use std::collections::BTreeMap;

use sim_metrics::RunRecord;

use super::named;

/// Parts of a member's identifier: instance, class and code.
const MEMBER_PARTS: usize = 3;

/// The members' names, as far as the record knows them.
pub(super) struct Names<'a> {
    by_id: BTreeMap<&'a str, &'a str>,
}

/// The identifier of the member that a subsystem or a service belongs to.
pub(super) fn member_of(identifier: &str) -> &str {
    split(identifier).0
}

/// A member's identifier, and what follows it.
fn split(identifier: &str) -> (&str, &str) {
    let mut slashes = identifier.match_indices('/');
    match slashes.nth(MEMBER_PARTS - 1) {
        Some((end, _)) => (&identifier[..end], &identifier[end + 1..]),
        None => (identifier, ""),
    }
}

// === impl Names ===

impl<'a> Names<'a> {
    pub(super) fn of(record: &'a RunRecord) -> Self {
        let members = record.scenario.members.iter();
        let known = members.filter(|member| !member.name.trim().is_empty());
        Self {
            by_id: known
                .map(|member| (member.id.as_str(), member.name.as_str()))
                .collect(),
        }
    }

    /// A member by its name; by its identifier where none is known.
    pub(super) fn member(&self, id: &str) -> String {
        named(self.by_id.get(id).unwrap_or(&id), "unnamed")
    }

    /// A subsystem with its member: `pension-board/pensions`.
    pub(super) fn subsystem(&self, identifier: &str) -> String {
        let (member, subsystem) = split(identifier);
        match subsystem {
            "" => self.member(member),
            subsystem => format!("{}/{}", self.member(member), named(subsystem, "unnamed")),
        }
    }

    /// A service's own name, and the subsystem that provides it; nothing of the latter where the
    /// identifier has another form.
    pub(super) fn service(&self, identifier: &str) -> (String, String) {
        let of_subsystem = split(identifier).1.contains('/');
        match identifier.rsplit_once('/').filter(|_| of_subsystem) {
            Some((provider, code)) => (named(code, "unnamed"), self.subsystem(provider)),
            None => (named(identifier, "unnamed"), String::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_metrics::{MemberFacts, ScenarioFacts};

    use super::*;

    #[test]
    fn a_service_has_a_short_name_and_a_provider() {
        let record = RunRecord {
            scenario: ScenarioFacts {
                members: vec![MemberFacts {
                    id: "EE/GOV/2".to_owned(),
                    name: "register".to_owned(),
                    ..MemberFacts::default()
                }],
                ..ScenarioFacts::default()
            },
            ..RunRecord::default()
        };
        let names = Names::of(&record);
        let told = |identifier| {
            let (name, provider) = names.service(identifier);
            format!("{name} of {provider}")
        };
        assert_eq!(
            told("EE/GOV/2/people/liveness"),
            "liveness of register/people"
        );
        assert_eq!(
            told("EE/GOV/3/people/liveness"),
            "liveness of EE/GOV/3/people"
        );
        assert_eq!(told("EE/GOV/2/people"), "EE/GOV/2/people of ");
        assert_eq!(told(""), "unnamed of ");
        assert_eq!(names.subsystem("EE/GOV/2/people"), "register/people");
        assert_eq!(names.subsystem("EE/GOV/2"), "register");
        assert_eq!(member_of("EE/GOV/2/people/liveness"), "EE/GOV/2");
    }
}
