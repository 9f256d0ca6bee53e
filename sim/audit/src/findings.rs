//! What one reader found: every finding counted, the first few of each kind kept.

use std::collections::BTreeMap;

use sim_metrics::{AuditResult, Finding, MAX_EXAMPLES};

use crate::kinds::Kind;

/// Examples kept of one kind, so that a flood of one does not hide another.
const EXAMPLES_OF_A_KIND: usize = 10;

/// Findings by kind.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    counts: BTreeMap<Kind, u64>,
    examples: BTreeMap<Kind, Vec<Finding>>,
}

impl Findings {
    /// Counts a finding; `describe` is only called while there is room for an example.
    pub(crate) fn add(&mut self, kind: Kind, describe: impl FnOnce() -> Finding) {
        *self.counts.entry(kind).or_default() += 1;
        let examples = self.examples.entry(kind).or_default();
        if examples.len() < EXAMPLES_OF_A_KIND {
            examples.push(Finding {
                kind: kind.to_owned(),
                ..describe()
            });
        }
    }

    /// Counts `count` findings of one kind, with one example.
    pub(crate) fn add_many(&mut self, kind: Kind, count: u64, describe: impl FnOnce() -> Finding) {
        if count > 0 {
            self.add(kind, describe);
            *self.counts.entry(kind).or_default() += count - 1;
        }
    }

    /// Takes over what another reader found.
    pub(crate) fn merge(&mut self, other: Self) {
        for (kind, count) in other.counts {
            *self.counts.entry(kind).or_default() += count;
        }
        for (kind, found) in other.examples {
            let examples = self.examples.entry(kind).or_default();
            let room = EXAMPLES_OF_A_KIND - examples.len().min(EXAMPLES_OF_A_KIND);
            examples.extend(found.into_iter().take(room));
        }
    }

    /// Writes counts and examples into the result; each kind gets a first example before any
    /// gets a second.
    pub(crate) fn into_result(self, result: &mut AuditResult) {
        for (kind, count) in self.counts {
            *result.findings.entry(kind.to_owned()).or_default() += count;
        }
        for rank in 0..EXAMPLES_OF_A_KIND {
            for found in self
                .examples
                .values()
                .filter_map(|examples| examples.get(rank))
            {
                if result.examples.len() < MAX_EXAMPLES {
                    result.examples.push(found.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{self, finding};

    #[test]
    fn a_flood_of_one_kind_hides_no_other() {
        let mut findings = Findings::default();
        for number in 0..500 {
            findings.add(kinds::EXTRA_RECORD, || {
                finding(kinds::EXTRA_RECORD, number.to_string())
            });
        }
        findings.add(kinds::SEAL, || finding(kinds::SEAL, "it"));
        findings.add_many(kinds::NOT_ASKED, 7, || {
            finding(kinds::NOT_ASKED, "7 people")
        });
        let mut other = Findings::default();
        other.add(kinds::SEAL, || finding(kinds::SEAL, "another"));
        findings.merge(other);
        let mut result = AuditResult::default();
        findings.into_result(&mut result);
        assert_eq!(result.findings["extra-record"], 500);
        assert_eq!(result.findings["seal"], 2);
        assert_eq!(result.findings["person-not-asked"], 7);
        let kinds: Vec<&str> = result
            .examples
            .iter()
            .map(|found| found.kind.as_str())
            .collect();
        assert_eq!(kinds[..3], ["extra-record", "person-not-asked", "seal"]);
        assert_eq!(result.examples.len(), EXAMPLES_OF_A_KIND + 1 + 2);
    }
}
