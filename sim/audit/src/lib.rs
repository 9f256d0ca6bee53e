//! After a run: reads logs and ledgers, verifies everything, trusts nobody.
//!
//! [`audit`] goes through the files of a run folder once, and believes none of them:
//!
//! 1. every journal is read record by record, with its checksums, links, seal and indexes;
//! 2. every signature document, hash chain and time-stamp of a message log is verified where it
//!    stands, and every answer of the ledger is held against the truth;
//! 3. of each record a small footprint stays, and the footprints of one message ID are brought
//!    together: what was asked, what both sides logged of it, and what was answered must be one.
//!
//! It shares no code with what wrote the files: the readers follow `docs/log-format.md`, XML goes
//! through a parser and Canonical XML, and digests and signatures come from other libraries.
//! That duplication is deliberate, so that one mistake cannot hide in both.

mod certificate;
mod crossing;
mod digest;
mod fields;
mod findings;
mod footprint;
mod hash_chain;
mod head;
mod journal;
mod keys;
mod kinds;
mod ledger;
mod log;
mod log_records;
mod names;
mod ocsp;
mod partitions;
mod planned;
mod prepared_key;
mod run;
mod signature;
mod signatures_seen;
mod stamped;
mod time_stamp;
mod tracker;
mod trust;
mod value_checks;
mod verdicts;
mod xml;

use std::path::{Path, PathBuf};

pub use planned::PlannedExchanges;
use sim_domain::{ClientId, ServiceId};
use sim_metrics::AuditResult;
use sim_population::Population;

/// What the audit has to know that is not in the files it checks.
#[derive(Clone, Debug)]
pub struct AuditPlan {
    /// The truth.
    pub population: Population,
    /// Who asks.
    pub client: ClientId,
    /// What is asked; at least one.
    pub asks: Vec<PlannedAsk>,
    /// How many exchanges the ledger should have.
    pub exchanges: PlannedExchanges,
    /// How many different people as many exchanges as there must be ask about.
    pub people: u64,
    /// Whether no more exchanges are planned than ask about everybody once: then nobody is asked
    /// about twice.
    pub everybody_once: bool,
    /// Others who ask in the same run, each with a ledger of its own.
    pub other_clients: Vec<OtherClient>,
    /// Names of the registries that keep a data tracker, `trackers/NAME` in the run folder.
    pub trackers: Vec<String>,
    /// Services by which somebody's data are read: each successful call leaves one tracker entry.
    pub personal: Vec<ServiceId>,
    /// Codes of the security servers that act for a client.
    pub consumer_servers: Vec<String>,
    /// Codes of the security servers that act for a service's provider.
    pub provider_servers: Vec<String>,
}

/// Somebody who asks beside the load generator: the citizen portal, or a registry.
///
/// What it asks follows from what people do, so the plan does not know how often; and whether the
/// answers are true is judged by those for whom it asks. Evidence it needs as everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherClient {
    /// Its ledger is `ledgers/NAME`.
    pub name: String,
    /// As whom it asks.
    pub client: ClientId,
}

/// One kind of question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedAsk {
    /// Who is asked.
    pub service: ServiceId,
    /// What about.
    pub subject: AskedAbout,
    /// National IDs in one question at most; the last question of a run may hold fewer than others.
    pub most_ids: u64,
}

/// What a question is about, and so what its answer has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedAbout {
    /// Who of these people has died.
    Deaths,
    /// What the register says of these people.
    Persons,
}

/// Why there is nothing to audit.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The folder is not a run's.
    #[error("{folder}: not a run folder: there is no {missing}")]
    NotARun {
        /// The folder.
        folder: PathBuf,
        /// The first thing missed.
        missing: &'static str,
    },
    /// What the run trusted cannot be read.
    #[error("{file}: {what}")]
    Trust {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A folder of the run cannot be listed.
    #[error("{folder} cannot be read")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The audit's own temporary files failed.
    #[error("temporary files failed")]
    Temporary {
        /// Why.
        source: std::io::Error,
    },
}

/// Verifies the run in `run_folder`.
///
/// `progress` is told now and then how many exchanges have been gone through, and how many a
/// second; the last call names those of the ledger.
///
/// # Errors
///
/// Only where there is no run to read, or no room for temporary files; whatever is wrong with a
/// run is a finding.
pub fn audit(
    run_folder: &Path,
    plan: &AuditPlan,
    progress: &mut dyn FnMut(u64, f64),
) -> Result<AuditResult, AuditError> {
    run::audit(run_folder, plan, progress)
}
