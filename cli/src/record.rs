//! The run record, put together from what the parts of a run say.

mod exchange;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use sim_clock::UtcTime;
use sim_metrics::{
    DoubtKind, Evidence, ExchangeCounts, KeptLogs, MemberFacts, RunRecord, SCHEMA_VERSION,
    ScenarioFacts, ServerEvidence, ServerStages, ThresholdResult, Verdict, VerdictOutcome,
};
use sim_scenario::{Comparison, Member, Scenario, SecurityServer, Threshold};
use sim_security_server::Summary;
use sim_testbed::{Drained, RunFolder};

use crate::exit::Exit;
use crate::show;

/// A record that says what is about to be run, and on what.
pub(crate) fn begin(scenario: &Scenario, run_id: &str, now: UtcTime) -> RunRecord {
    RunRecord {
        schema_version: SCHEMA_VERSION,
        run_id: run_id.to_owned(),
        roadtest_version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: now.rfc3339_millis(),
        scenario: ScenarioFacts {
            name: scenario.name.clone(),
            question: scenario.question.clone(),
            seed: scenario.seed,
            text: scenario.source_text.clone(),
            people: scenario.population.people,
            deceased: scenario.population.deceased,
            exchanges: scenario.exchanges().unwrap_or(0),
            ids_per_exchange: scenario.workload.ids_per_exchange().unwrap_or(0),
            members: members(scenario),
        },
        exchange: Some(exchange::facts(&scenario.exchange)),
        machine: sim_testbed::machine(),
        ..RunRecord::default()
    }
}

/// Who takes part, and through which security servers.
fn members(scenario: &Scenario) -> Vec<MemberFacts> {
    let facts = |member: &Member| {
        let serves = |server: &&SecurityServer| {
            let mut clients = server.clients.iter();
            clients.any(|connection| *connection.client.member() == member.id)
        };
        let servers = scenario.security_servers.iter().filter(serves);
        MemberFacts {
            id: member.id.to_string(),
            name: member.name.clone(),
            security_servers: servers.map(|server| server.code.clone()).collect(),
        }
    };
    scenario.members.iter().map(facts).collect()
}

/// What the evidence weighs.
pub(crate) fn evidence(
    servers: &BTreeMap<String, Summary>,
    folder: &RunFolder,
) -> Result<Evidence> {
    let mut evidence = Evidence {
        servers: Vec::new(),
        ledger_bytes: folder_bytes(&folder.ledger())?,
        kept: KeptLogs::All,
    };
    for (server, summary) in servers {
        let log = &summary.log.statistics;
        evidence.servers.push(ServerEvidence {
            server: server.clone(),
            records: log.messages,
            signatures: log.signatures,
            time_stamps: log.time_stamps,
            unstamped: log.unstamped,
            commits: log.commits,
            bytes_on_disk: folder_bytes(&folder.message_log(server))?,
        });
    }
    Ok(evidence)
}

/// What the exchange took of keys, connections and the trust services.
pub(crate) fn exchange_counts(drained: &Drained) -> ExchangeCounts {
    let mut counts = ExchangeCounts {
        ocsp_statuses: drained.trust.ocsp_statuses,
        time_stamps: drained.trust.time_stamps,
        ..ExchangeCounts::default()
    };
    for server in drained.servers.values() {
        counts.signed_messages += server.counts.signed_messages;
        counts.signatures_made += server.counts.signature_batches;
        counts.peer_connections += server.counts.peer_connections;
    }
    counts
}

/// What the security servers say about where their time went.
pub(crate) fn stages(servers: BTreeMap<String, Summary>) -> Vec<ServerStages> {
    servers
        .into_values()
        .filter_map(|summary| summary.stages)
        .collect()
}

/// Holds the record against the scenario's thresholds, and against what no threshold can waive.
pub(crate) fn judge(record: &mut RunRecord, scenario: &Scenario, interrupted: bool) {
    record.thresholds = scenario
        .thresholds
        .iter()
        .map(|threshold| measured(threshold, record))
        .collect();
    record.laws = sim_metrics::laws(record);
    let doubted = doubted(&record.thresholds);
    let mut reasons: Vec<String> = record
        .thresholds
        .iter()
        .filter(|result| !result.held && result.doubt.is_none())
        .map(|result| {
            let actual = result.actual.map_or("not measured".to_owned(), |actual| {
                show::figure(&result.metric, actual)
            });
            format!("{} does not hold: it was {actual}", result.text)
        })
        .collect();
    if let Some(audit) = &record.audit
        && !audit.is_clean()
    {
        reasons.extend(
            audit
                .findings
                .iter()
                .map(|(kind, count)| format!("audit: {count} {kind}")),
        );
        if audit.findings.is_empty() {
            reasons.push("audit: not everything was verified".to_owned());
        }
    }
    let broken = record.laws.iter().filter(|law| !law.held);
    let broken: Vec<String> = broken
        .map(|law| {
            format!(
                "the measurement contradicts itself, please report it: {}",
                law.text
            )
        })
        .collect();
    let outcome = if interrupted {
        reasons.insert(0, "interrupted before the workload was complete".to_owned());
        VerdictOutcome::Interrupted
    } else if !broken.is_empty() {
        VerdictOutcome::Error
    } else if !reasons.is_empty() {
        VerdictOutcome::Failed
    } else {
        match doubted.as_ref().map(|(kind, _)| kind) {
            None => VerdictOutcome::Passed,
            Some(DoubtKind::Inconclusive) => VerdictOutcome::Inconclusive,
            Some(DoubtKind::Invalid) => VerdictOutcome::Invalid,
        }
    };
    reasons.extend(broken);
    reasons.extend(doubted.into_iter().flat_map(|(_, reasons)| reasons));
    record.verdict = verdict(outcome, reasons);
}

/// The worst doubt there is of a figure that a threshold is about, and all of them in words.
fn doubted(thresholds: &[ThresholdResult]) -> Option<(DoubtKind, Vec<String>)> {
    let doubts = thresholds.iter().filter_map(|threshold| {
        let doubt = threshold.doubt.as_ref()?;
        let said = format!("{} decides nothing: {}", threshold.text, doubt.reason);
        Some((doubt.kind, said))
    });
    let (kinds, reasons): (Vec<_>, Vec<_>) = doubts.unzip();
    let is_invalid = kinds.contains(&DoubtKind::Invalid);
    let worst = if is_invalid {
        Some(DoubtKind::Invalid)
    } else {
        kinds.first().copied()
    };
    Some((worst?, reasons))
}

/// The verdict on a run that ended before anything could be held against the thresholds.
pub(crate) fn without_proof(outcome: VerdictOutcome, reason: String) -> Verdict {
    verdict(outcome, vec![reason])
}

/// How the program ends after a run.
pub(crate) fn exit(outcome: VerdictOutcome) -> Exit {
    match outcome {
        VerdictOutcome::Passed => Exit::Passed,
        VerdictOutcome::Failed => Exit::Failed,
        VerdictOutcome::Inconclusive => Exit::Inconclusive,
        VerdictOutcome::Invalid => Exit::Untrue,
        VerdictOutcome::Interrupted => Exit::Interrupted,
        VerdictOutcome::Error => Exit::Broken,
    }
}

fn verdict(outcome: VerdictOutcome, reasons: Vec<String>) -> Verdict {
    Verdict {
        outcome,
        exit_code: exit(outcome) as i32,
        reasons,
    }
}

/// A threshold beside what was measured; a figure that nobody measured holds nothing.
fn measured(threshold: &Threshold, record: &RunRecord) -> ThresholdResult {
    let metric = threshold.metric.as_str();
    let part = threshold.window.map(|window| {
        // In whole milliseconds, as the load generator was told.
        let seconds = |at: Duration| millis(at).as_secs_f64();
        sim_metrics::within(record, seconds(window.from), window.until.map(seconds))
    });
    let record = match &part {
        None => Some(record),
        Some(part) => part.as_ref(),
    };
    let actual = record.and_then(|record| sim_metrics::metric(record, metric));
    let held = actual.is_some_and(|actual| threshold.holds(actual));
    // What the generator does itself makes response times longer, never shorter: where one stays
    // below its bound in spite of it, that stands.
    let is_upper_bound = matches!(threshold.comparison, Comparison::Below | Comparison::AtMost);
    let stands = held && is_upper_bound && metric.starts_with("response-time-");
    ThresholdResult {
        text: threshold.text.clone(),
        metric: metric.to_owned(),
        actual,
        limit: threshold.value,
        held,
        doubt: record
            .filter(|_| !stands)
            .and_then(|record| sim_metrics::doubt(record, metric)),
    }
}

/// Cut to whole milliseconds.
fn millis(at: Duration) -> Duration {
    Duration::from_millis(u64::try_from(at.as_millis()).unwrap_or(u64::MAX))
}

/// Bytes of all files below a folder.
fn folder_bytes(folder: &Path) -> Result<u64> {
    let read = || -> std::io::Result<u64> {
        let mut total = 0;
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            total += metadata.len();
        }
        Ok(total)
    };
    read().with_context(|| format!("cannot read {}", folder.display()))
}
