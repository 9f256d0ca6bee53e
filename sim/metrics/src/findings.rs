//! What was found around the load: use of the machine, size of the evidence, result of the audit.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Examples that an [`AuditResult`] keeps; further findings are only counted.
pub const MAX_EXAMPLES: usize = 100;

/// Processor and memory use of one process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessUse {
    /// Its name in the country, for example `pension-board`.
    pub name: String,
    /// What it is, for example `security-server`.
    pub kind: String,
    /// Processor time, user and system together.
    pub cpu_seconds: f64,
    /// Of that, what it had used when it was ready to serve; zero where it did not say.
    #[serde(default)]
    pub start_cpu_seconds: f64,
    /// Greatest resident set; pages shared with others count in each.
    pub peak_rss_bytes: u64,
    /// Greatest proportional set, where the system tells it: shared pages are divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_pss_bytes: Option<u64>,
    /// Share of the time in which its first thread had nothing to do, 0 to 1, where the system
    /// tells it: for a security server the thread that serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<f64>,
    /// Samples over time.
    pub series: Vec<ProcessSample>,
}

/// Use of one process at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessSample {
    /// Seconds since the load began.
    pub at_s: f64,
    /// Processor time per time passed since the sample before; 1 is one core fully used.
    pub cpu_share: f64,
    /// Resident set.
    pub rss_bytes: u64,
}

/// Size of what a run keeps as evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Each security server's message log.
    pub servers: Vec<ServerEvidence>,
    /// The load generator's ledger.
    pub ledger_bytes: u64,
    /// What of the message logs is still there.
    #[serde(default)]
    pub kept: KeptLogs,
}

/// What was kept of a run's message logs after its audit. Only logs that proved their run in full
/// are ever dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "logs", rename_all = "snake_case")]
pub enum KeptLogs {
    /// The logs, whole.
    #[default]
    All,
    /// The signed containers of some exchanges, in the run folder's `sample`.
    Sample {
        /// Decided which, in the random stream `kept-sample`.
        seed: u64,
        /// Exchanges they were drawn from, without replacement, each as likely as any other.
        of: u64,
        /// Their message IDs.
        message_ids: Vec<String>,
    },
    /// Nothing.
    None,
}

/// One security server's message log after the drain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServerEvidence {
    /// Code of the security server.
    pub server: String,
    /// Messages logged.
    pub records: u64,
    /// Signature documents logged.
    pub signatures: u64,
    /// Time-stamp tokens logged.
    pub time_stamps: u64,
    /// Signature documents without a time-stamp; zero after an orderly drain.
    #[serde(default)]
    pub unstamped: u64,
    /// Times the log was forced to disk.
    #[serde(default)]
    pub commits: u64,
    /// Log and index.
    pub bytes_on_disk: u64,
}

/// What the audit found. A message may be counted in more than one of the counts of trouble.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditResult {
    /// Exchanges in all ledgers.
    pub exchanges: u64,
    /// Those of them that others than the load generator asked, such as the portal.
    #[serde(default)]
    pub others: u64,
    /// Messages in the logs.
    pub messages: u64,
    /// Signature documents in the logs.
    pub signatures: u64,
    /// Time-stamp tokens in the logs.
    pub time_stamps: u64,
    /// Exchanges answered with the truth and proven in full.
    pub verified: u64,
    /// Exchanges whose answer is not the truth.
    pub wrong: u64,
    /// Records that should be in a log and are not.
    pub missing: u64,
    /// Records of messages that nobody asked for.
    pub extra: u64,
    /// Exchanges with evidence that does not verify.
    pub unproven: u64,
    /// Exchanges without an answer, which the logs could not settle.
    pub unknown: u64,
    /// Messages whose signature has no time-stamp.
    pub unstamped: u64,
    /// Persons whom the answers name as deceased.
    pub deceased_named: u64,
    /// How long the audit took.
    pub seconds: f64,
    /// Findings by kind.
    pub findings: BTreeMap<String, u64>,
    /// The first findings, at most [`MAX_EXAMPLES`].
    pub examples: Vec<Finding>,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Key of [`AuditResult::findings`].
    pub kind: String,
    /// The message it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The security server whose log shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What was found, for people; names the record.
    pub text: String,
}

// === impl AuditResult ===

impl AuditResult {
    /// Counts a finding, and keeps it as an example while there is room.
    pub fn add_finding(&mut self, finding: Finding) {
        *self.findings.entry(finding.kind.clone()).or_default() += 1;
        if self.examples.len() < MAX_EXAMPLES {
            self.examples.push(finding);
        }
    }

    /// True where every exchange is verified and nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let trouble = self.wrong + self.missing + self.extra + self.unproven;
        trouble + self.unknown + self.unstamped == 0
            && self.findings.is_empty()
            && self.verified == self.exchanges
    }
}
