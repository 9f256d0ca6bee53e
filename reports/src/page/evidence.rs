//! Size of the evidence: what each security server keeps.

use sim_metrics::{KeptLogs, RunRecord, ServerEvidence};

use super::named;
use crate::format::{NOTHING, bytes, count, decimal};
use crate::table::Table;

/// Security servers that are listed.
const MAX_SERVERS: usize = 100;
/// Exchanges for which the need of storage is told.
const MANY_EXCHANGES: f64 = 1e6;

/// What is kept and how large it is.
pub(crate) struct EvidenceView {
    pub(crate) servers: Table,
    /// What follows from the sizes, a sentence each.
    pub(crate) remarks: Vec<String>,
}

/// The evidence; absent where no server kept any.
pub(crate) fn view(record: &RunRecord) -> Option<EvidenceView> {
    let evidence = &record.evidence;
    if evidence.servers.is_empty() && evidence.ledger_bytes == 0 {
        return None;
    }
    let mut table = Table::new(
        "Message log of each security server, after the drain",
        &[
            "Security server",
            "#Records",
            "#Signature documents",
            "#Time-stamps",
            "#Not stamped",
            "#Forced to disk",
            "#Size",
            "#Per record",
        ],
    );
    for server in evidence.servers.iter().take(MAX_SERVERS) {
        let mark = if server.unstamped > 0 { "bad" } else { "" };
        table.push_marked(mark, cells(named(&server.server, "unnamed"), server));
    }
    table.left_out = evidence.servers.len().saturating_sub(MAX_SERVERS);
    let sum = sum(&evidence.servers);
    if evidence.servers.len() > 1 {
        table.push_marked("sum", cells("all together".to_owned(), &sum));
    }
    Some(EvidenceView {
        servers: table,
        remarks: remarks(record, &sum),
    })
}

fn cells(name: String, server: &ServerEvidence) -> [String; 8] {
    let each = server.bytes_on_disk.checked_div(server.records);
    [
        name,
        count(server.records),
        count(server.signatures),
        count(server.time_stamps),
        count(server.unstamped),
        count(server.commits),
        bytes(server.bytes_on_disk),
        each.map_or(NOTHING.to_owned(), bytes),
    ]
}

fn sum(servers: &[ServerEvidence]) -> ServerEvidence {
    servers
        .iter()
        .fold(ServerEvidence::default(), |sum, server| ServerEvidence {
            server: String::new(),
            records: sum.records.saturating_add(server.records),
            signatures: sum.signatures.saturating_add(server.signatures),
            time_stamps: sum.time_stamps.saturating_add(server.time_stamps),
            unstamped: sum.unstamped.saturating_add(server.unstamped),
            commits: sum.commits.saturating_add(server.commits),
            bytes_on_disk: sum.bytes_on_disk.saturating_add(server.bytes_on_disk),
        })
}

fn remarks(record: &RunRecord, sum: &ServerEvidence) -> Vec<String> {
    let mut remarks = Vec::new();
    let mut ratio = |part: u64, whole: u64, text: &dyn Fn(String) -> String| {
        if part > 0 && whole > 0 {
            remarks.push(text(decimal(part as f64 / whole as f64)));
        }
    };
    ratio(sum.records, sum.signatures, &|each| {
        format!(
            "One signature document covers {each} records on average: messages that wait are signed together."
        )
    });
    ratio(sum.signatures, sum.time_stamps, &|each| {
        format!("One time-stamp covers {each} signature documents on average.")
    });
    ratio(sum.records, sum.commits, &|each| {
        format!(
            "The logs were forced to disk once for {each} records on average; no answer left before its records were there."
        )
    });
    if let Some(per_exchange) = sim_metrics::metric(record, "evidence-per-exchange")
        && per_exchange > 0.0
    {
        let each = bytes(per_exchange.round() as u64);
        let many = bytes((per_exchange * MANY_EXCHANGES).round() as u64);
        remarks.push(format!(
            "Each answered exchange left {each} of evidence in all logs together: a million such \
             exchanges need {many}."
        ));
    }
    if record.evidence.ledger_bytes > 0 {
        remarks.push(format!(
            "The load generator’s ledger of questions and answers, which the audit compares the \
             logs with, has {}.",
            bytes(record.evidence.ledger_bytes)
        ));
    }
    match &record.evidence.kept {
        KeptLogs::All => {}
        KeptLogs::Sample {
            seed,
            of,
            message_ids,
        } => remarks.push(format!(
            "Once they had proven the run, the logs were dropped but for the signed containers of \
             {} exchanges, drawn from {} by the seed {seed}.",
            count(message_ids.len() as u64),
            count(*of),
        )),
        KeptLogs::None => {
            remarks.push("Once they had proven the run, the logs were dropped.".to_owned());
        }
    }
    remarks
}
