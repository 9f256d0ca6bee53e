//! The audit against forged run folders: genuine ones, lying ones, damaged ones.

#![expect(clippy::unwrap_used, reason = "a forge that fails must fail its test")]

mod country;
mod damage;
mod evidence;
mod forge;
mod joins;
mod lies;
mod payloads;

use std::collections::BTreeMap;

use sim_metrics::AuditResult;

/// All but so many exchanges are verified.
fn assert_verified(result: &AuditResult, lost: u64) {
    assert_eq!(result.verified, result.exchanges - lost);
    assert!(!result.is_clean());
}

/// The findings must be these, and no others.
fn assert_findings(result: &AuditResult, expected: &[(&str, u64)]) {
    let expected: BTreeMap<String, u64> = expected
        .iter()
        .map(|(kind, count)| ((*kind).to_owned(), *count))
        .collect();
    assert_eq!(result.findings, expected, "{:#?}", result.examples);
}
