//! What the server counts about itself, and the pages that show it.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use sim_message_log::LogStatistics;

/// Counters of one security server; all of them only grow.
#[derive(Default)]
pub(crate) struct Telemetry {
    consumed: AtomicU64,
    provided: AtomicU64,
    client_faults: AtomicU64,
    provider_faults: AtomicU64,
    signed_messages: AtomicU64,
    signature_batches: AtomicU64,
    peer_connections: AtomicU64,
    largest_signature_batch: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Answers given to service clients.
    pub consumed: u64,
    /// Answers given to other security servers.
    pub provided: u64,
    /// Faults given to service clients.
    pub client_faults: u64,
    /// Faults given to other security servers.
    pub provider_faults: u64,
    /// Messages signed.
    pub signed_messages: u64,
    /// Private-key operations those took.
    pub signature_batches: u64,
    /// Connections of other security servers taken, each with a TLS handshake.
    #[serde(default)]
    pub peer_connections: u64,
    /// Messages in the largest of them.
    #[serde(default)]
    pub largest_signature_batch: u64,
}

// === impl Telemetry ===

impl Telemetry {
    pub(crate) fn consumed(&self) {
        self.consumed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn provided(&self) {
        self.provided.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn client_fault(&self) {
        self.client_faults.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn provider_fault(&self) {
        self.provider_faults.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn signed_batch(&self, messages: usize) {
        self.signature_batches.fetch_add(1, Ordering::Relaxed);
        self.signed_messages
            .fetch_add(messages as u64, Ordering::Relaxed);
        self.largest_signature_batch
            .fetch_max(messages as u64, Ordering::Relaxed);
    }

    pub(crate) fn peer_connected(&self) {
        self.peer_connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            consumed: read(&self.consumed),
            provided: read(&self.provided),
            client_faults: read(&self.client_faults),
            provider_faults: read(&self.provider_faults),
            signed_messages: read(&self.signed_messages),
            signature_batches: read(&self.signature_batches),
            peer_connections: read(&self.peer_connections),
            largest_signature_batch: read(&self.largest_signature_batch),
        }
    }
}

/// The metrics page, in Prometheus' text format.
pub(crate) fn metrics_page(counts: &Counts, log: &LogStatistics) -> String {
    let rows = [
        (
            "consumed_total",
            "Answers given to service clients.",
            counts.consumed,
        ),
        (
            "provided_total",
            "Answers given to other security servers.",
            counts.provided,
        ),
        (
            "client_faults_total",
            "Faults given to service clients.",
            counts.client_faults,
        ),
        (
            "provider_faults_total",
            "Faults given to other servers.",
            counts.provider_faults,
        ),
        (
            "signed_messages_total",
            "Messages signed.",
            counts.signed_messages,
        ),
        (
            "signature_batches_total",
            "Private-key operations.",
            counts.signature_batches,
        ),
        (
            "peer_connections_total",
            "Connections of other security servers taken.",
            counts.peer_connections,
        ),
        ("log_messages_total", "Messages made durable.", log.messages),
        (
            "log_commits_total",
            "Groups of records made durable.",
            log.commits,
        ),
        (
            "log_bytes_total",
            "Bytes appended to the message log.",
            log.bytes,
        ),
    ];
    let mut page = String::new();
    for (name, help, value) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "# HELP roadtest_{name} {help}\n# TYPE roadtest_{name} counter\nroadtest_{name} {value}"
        );
    }
    let _ = writeln!(
        page,
        "# HELP roadtest_log_unstamped Signature documents without a time-stamp.\n\
         # TYPE roadtest_log_unstamped gauge\nroadtest_log_unstamped {}",
        log.unstamped
    );
    page
}
