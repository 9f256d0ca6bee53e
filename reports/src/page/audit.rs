//! What the audit looked at and what it found.

use std::collections::BTreeMap;

use sim_metrics::{AuditResult, Finding, RunRecord};

use super::{MAX_NAME, MAX_TEXT};
use crate::format::{NOTHING, count, counted, cut, or_nothing, rate, seconds, share};
use crate::table::Table;

/// Kinds of findings that are listed.
const MAX_KINDS: usize = 60;
/// Findings that are shown.
const MAX_FINDINGS: usize = 50;
/// Findings of one kind that are shown, so that a frequent kind does not hide a rare one.
const MAX_FINDINGS_OF_KIND: usize = 5;

/// The audit in words and tables.
pub(crate) struct AuditView {
    pub(crate) clean: bool,
    /// What it comes to, one sentence.
    pub(crate) summary: String,
    pub(crate) counts: Table,
    pub(crate) kinds: Table,
    pub(crate) examples: Table,
}

/// The audit; absent where none was made.
pub(crate) fn view(record: &RunRecord) -> Option<AuditView> {
    let audit = record.audit.as_ref()?;
    Some(AuditView {
        clean: audit.is_clean(),
        summary: summary(audit),
        counts: counts(audit),
        kinds: kinds(audit),
        examples: examples(audit),
    })
}

fn summary(audit: &AuditResult) -> String {
    let seconds_taken = audit.seconds;
    let speed = if seconds_taken.is_finite() && seconds_taken > 0.0 {
        let speed = rate(audit.exchanges as f64 / seconds_taken);
        format!(" in {}, {speed} exchanges a second", seconds(seconds_taken))
    } else {
        String::new()
    };
    format!(
        "It looked at {} with {}, {} and {}{speed}.",
        counted(audit.exchanges, "exchange", "exchanges"),
        counted(audit.messages, "message", "messages"),
        counted(
            audit.signatures,
            "signature document",
            "signature documents"
        ),
        counted(audit.time_stamps, "time-stamp", "time-stamps"),
    )
}

fn counts(audit: &AuditResult) -> Table {
    let mut table = Table::new(
        "What the audit found; a message may be counted in more than one row",
        &["Result", "Meaning", "#Number", "#Of exchanges"],
    );
    let of_exchanges = |number: u64| share(number, audit.exchanges);
    table.push([
        "verified".to_owned(),
        "exchanges with the true answer, proven in full".to_owned(),
        count(audit.verified),
        of_exchanges(audit.verified),
    ]);
    let troubles = [
        (
            "wrong",
            "exchanges whose answer is not the truth",
            audit.wrong,
            true,
        ),
        (
            "missing",
            "records that should be in a log and are not",
            audit.missing,
            false,
        ),
        (
            "extra",
            "records of messages that nobody asked for",
            audit.extra,
            false,
        ),
        (
            "unproven",
            "exchanges with evidence that does not verify",
            audit.unproven,
            true,
        ),
        (
            "unknown",
            "exchanges whose outcome the logs could not settle",
            audit.unknown,
            true,
        ),
        (
            "unstamped",
            "messages whose signature has no time-stamp",
            audit.unstamped,
            false,
        ),
    ];
    for (name, meaning, number, of_all) in troubles {
        let mark = if number > 0 { "bad" } else { "" };
        let part = if of_all {
            of_exchanges(number)
        } else {
            String::new()
        };
        table.push_marked(
            mark,
            [name.to_owned(), meaning.to_owned(), count(number), part],
        );
    }
    table
}

fn kinds(audit: &AuditResult) -> Table {
    let mut table = Table::new("Findings by kind", &["Kind", "#Findings"]);
    let mut kinds: Vec<_> = audit.findings.iter().collect();
    // The most frequent first; the name decides among equals.
    kinds.sort_by_key(|&(kind, number)| (std::cmp::Reverse(number), kind));
    for (kind, number) in kinds.iter().take(MAX_KINDS) {
        table.push_marked("bad", [or_nothing(&cut(kind, MAX_NAME)), count(**number)]);
    }
    table.left_out = kinds.len().saturating_sub(MAX_KINDS);
    table
}

fn examples(audit: &AuditResult) -> Table {
    let mut table = Table::new(
        "Examples of each kind of finding",
        &["Kind", "What was found", "Message", "Security server"],
    );
    let name = |text: &Option<String>| {
        text.as_deref()
            .map_or(NOTHING.to_owned(), |text| or_nothing(&cut(text, MAX_NAME)))
    };
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    let few_of_each = audit.examples.iter().filter(|finding| {
        let of_kind = shown.entry(&finding.kind).or_default();
        *of_kind += 1;
        *of_kind <= MAX_FINDINGS_OF_KIND
    });
    for Finding {
        kind,
        message_id,
        server,
        text,
    } in few_of_each.take(MAX_FINDINGS)
    {
        table.push([
            or_nothing(&cut(kind, MAX_NAME)),
            cut(text, MAX_TEXT),
            name(message_id),
            name(server),
        ]);
    }
    let found = audit
        .findings
        .values()
        .fold(0_u64, |sum, &number| sum.saturating_add(number));
    let found = usize::try_from(found)
        .unwrap_or(usize::MAX)
        .max(audit.examples.len());
    table.left_out = found.saturating_sub(table.rows.len());
    table
}
