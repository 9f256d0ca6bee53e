//! The verdict, big and plain: outcome, question, answer, and why.

use sim_metrics::{AuditResult, LoadResult, RunRecord, VerdictOutcome, metric};

use super::MAX_TEXT;
use crate::format::{count, counted, cut};

/// Reasons that are shown; the rest is counted.
const MAX_REASONS: usize = 20;

/// The verdict in words.
pub(crate) struct VerdictView {
    /// Names the style and the sign: `passed`, `failed`, `interrupted` or `error`.
    pub(crate) class: &'static str,
    /// The outcome in one word.
    pub(crate) word: &'static str,
    pub(crate) question: String,
    pub(crate) answer: String,
    /// Why the outcome is what it is, one sentence.
    pub(crate) why: String,
    pub(crate) exit_code: i32,
    pub(crate) reasons: Vec<String>,
    pub(crate) further_reasons: usize,
}

/// The verdict of a run.
pub(crate) fn view(record: &RunRecord) -> VerdictView {
    let verdict = &record.verdict;
    let (class, word) = match verdict.outcome {
        VerdictOutcome::Passed => ("passed", "Passed"),
        VerdictOutcome::Failed => ("failed", "Failed"),
        VerdictOutcome::Inconclusive => ("interrupted", "Inconclusive"),
        VerdictOutcome::Invalid => ("interrupted", "Invalid"),
        VerdictOutcome::Interrupted => ("interrupted", "Interrupted"),
        VerdictOutcome::Error => ("error", "Error"),
    };
    let reasons = verdict
        .reasons
        .iter()
        .filter(|reason| !reason.trim().is_empty());
    VerdictView {
        class,
        word,
        question: cut(record.scenario.question.trim(), MAX_TEXT),
        answer: answer(record),
        why: why(record),
        exit_code: verdict.exit_code,
        reasons: reasons
            .clone()
            .take(MAX_REASONS)
            .map(|reason| cut(reason, MAX_TEXT))
            .collect(),
        further_reasons: reasons.count().saturating_sub(MAX_REASONS),
    }
}

/// The answer to the scenario's question, one sentence.
fn answer(record: &RunRecord) -> String {
    let Some(load) = &record.load else {
        return "Nothing was asked: the run ended before the load began.".to_owned();
    };
    if load.started == 0 {
        return "Nothing was asked: no exchange was begun.".to_owned();
    }
    let certain = record.audit.as_ref().is_some_and(|audit| audit.is_clean());
    format!(
        "{}; {}.",
        deaths(record, load, certain),
        proof(record.audit.as_ref())
    )
}

fn deaths(record: &RunRecord, load: &LoadResult, certain: bool) -> String {
    let named = metric(record, "deceased-named").unwrap_or_default() as u64;
    let asked = if load.ids_asked < record.scenario.people {
        format!("the first {} asked about", count(load.ids_asked))
    } else {
        count(load.ids_asked)
    };
    let claim = match (certain, named) {
        (true, 1) => "has died",
        (true, _) => "have died",
        (false, 1) => "was named as deceased",
        (false, _) => "were named as deceased",
    };
    let truth = record.scenario.deceased;
    let whole = load.ids_asked == record.scenario.people;
    if whole && named != truth {
        format!(
            "{} of {asked} {claim}, while {} have died",
            count(named),
            count(truth)
        )
    } else {
        format!("{} of {asked} {claim}", count(named))
    }
}

fn proof(audit: Option<&AuditResult>) -> String {
    let Some(audit) = audit else {
        return "none of it is proven, as no audit was made".to_owned();
    };
    let exchanges = count(audit.exchanges);
    if audit.exchanges == 0 {
        return "none of it is proven, as the audit found no exchange in the ledger".to_owned();
    }
    if audit.is_clean() {
        return match audit.exchanges {
            1 => "the one answer was right and proven".to_owned(),
            _ => format!("every one of {exchanges} answers was right and proven"),
        };
    }
    let trouble = trouble(audit);
    let colon = if trouble.is_empty() { "" } else { ": " };
    format!(
        "{} of {exchanges} answers were right and proven{colon}{trouble}",
        count(audit.verified)
    )
}

/// `2 wrong answers, 1 record missing`; empty where the counts show none.
fn trouble(audit: &AuditResult) -> String {
    let counts = [
        (audit.wrong, "wrong answer", "wrong answers"),
        (audit.missing, "missing record", "missing records"),
        (
            audit.extra,
            "record nobody asked for",
            "records nobody asked for",
        ),
        (
            audit.unproven,
            "exchange not proven",
            "exchanges not proven",
        ),
        (audit.unknown, "outcome unknown", "outcomes unknown"),
        (
            audit.unstamped,
            "message without time-stamp",
            "messages without time-stamp",
        ),
    ];
    let named: Vec<String> = counts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| counted(number, one, many))
        .collect();
    named.join(", ")
}

fn why(record: &RunRecord) -> String {
    let set = record.thresholds.len() as u64;
    let broken = record
        .thresholds
        .iter()
        .filter(|threshold| !threshold.held)
        .count() as u64;
    match record.verdict.outcome {
        VerdictOutcome::Passed if set == 0 => "The scenario sets no threshold.".to_owned(),
        VerdictOutcome::Passed => format!("{} held.", all_thresholds(set)),
        VerdictOutcome::Failed if broken > 0 => format!(
            "{} of {} did not hold.",
            count(broken),
            counted(set, "threshold", "thresholds")
        ),
        VerdictOutcome::Failed if audit_has_findings(record) => {
            "The thresholds held, but the audit found what no threshold can waive.".to_owned()
        }
        VerdictOutcome::Failed => "The run does not meet what was asked of it.".to_owned(),
        VerdictOutcome::Inconclusive => {
            "A figure that the scenario asks for may be right or not: another run may tell."
                .to_owned()
        }
        VerdictOutcome::Invalid => {
            "A figure that the scenario asks for is the load generator’s own, not that of what it \
             measured."
                .to_owned()
        }
        VerdictOutcome::Interrupted => interrupted(record),
        VerdictOutcome::Error if record.verdict.reasons.is_empty() => {
            "The run was not concluded; the record does not say why.".to_owned()
        }
        VerdictOutcome::Error => "The run could not be carried out to its end.".to_owned(),
    }
}

fn interrupted(record: &RunRecord) -> String {
    let planned = record.scenario.exchanges;
    match &record.load {
        Some(load) => format!(
            "Stopped after {} of {} planned exchanges.",
            count(load.started),
            count(planned)
        ),
        None => "Stopped before the load began.".to_owned(),
    }
}

fn all_thresholds(number: u64) -> String {
    match number {
        1 => "The one threshold".to_owned(),
        2 => "Both thresholds".to_owned(),
        _ => format!("All {} thresholds", count(number)),
    }
}

fn audit_has_findings(record: &RunRecord) -> bool {
    record.audit.as_ref().is_some_and(|audit| !audit.is_clean())
}
