//! Lies that a scenario plants in the message logs of a run, to show that the audit finds them.
//!
//! The liar is an insider with full control of a security server: keys, log, and a time-stamping
//! authority that stamps whatever it is asked to. A log is written anew (`rewrite`), so that
//! sequences, checksums, links, seal, indexes, batches and tokens are those of an honest log, and
//! only the lie itself is wrong. That is why lies are planted after the security servers have
//! drained, but before the time-stamping authority ends.
//!
//! | module | the lie |
//! |---|---|
//! | `missing_record` | a request that the provider's log does not know |
//! | `extra_record` | a request in the consumer's log that nobody made |
//! | `another_message` | a response whose genuine signature is over another response |
//! | `another_member` | a request signed by the provider in the client's name |
//! | `another_batch` | a genuine token that stamps another batch |
//!
//! False and swapped answers are told by the registers themselves, while they are asked.

mod another_batch;
mod another_member;
mod another_message;
mod extra_record;
mod insider;
mod missing_record;
mod rewrite;
mod survey;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use sim_domain::rest::{MessageError, RequestError};
use sim_domain::{ClientId, MemberId};
use sim_evidence::certificate::CertificateError;
use sim_evidence::keys::KeyError;
use sim_journal::JournalError;
use sim_message_log::record::DecodeError;
use sim_message_log::{LogError, MessageRecord, StampError, Stamper};
use sim_scenario::{PlantedLie, Scenario};

use crate::run_folder::RunFolder;
use survey::{Role, Seen, Survey};

/// Why a lie could not be planted.
#[derive(Debug, thiserror::Error)]
pub enum LieError {
    /// The run has nothing that this lie could be about.
    #[error("cannot plant {lie}: {missing}")]
    NothingSuitable {
        /// The lie, as a scenario calls it.
        lie: &'static str,
        /// What would be needed.
        missing: &'static str,
    },
    /// A message log could not be read.
    #[error("cannot read a message log")]
    Journal(#[from] JournalError),
    /// A record is not one of a message log.
    #[error("cannot understand a record")]
    Record(#[from] DecodeError),
    /// A message names a signature record that is not before it.
    #[error("record {signature} of a message log is not the signature that a message names")]
    NoSignature {
        /// The sequence that the message names.
        signature: u64,
    },
    /// A message log could not be written anew.
    #[error("cannot write a message log anew")]
    Log(#[from] LogError),
    /// A batch that the lie changed could not be stamped again.
    #[error("cannot stamp a batch again")]
    Stamp(#[from] StampError),
    /// A file could not be read or moved.
    #[error("cannot use {path}: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A member's signing key is not one.
    #[error("cannot read the signing key of {member}: {source}")]
    Key {
        /// Whose key.
        member: MemberId,
        /// What is wrong with it.
        source: KeyError,
    },
    /// A member's signing certificate is not one.
    #[error("cannot read the signing certificate of {member}: {source}")]
    Certificate {
        /// Whose certificate.
        member: MemberId,
        /// What is wrong with it.
        source: CertificateError,
    },
    /// A logged request cannot be read.
    #[error("cannot read a logged request")]
    Message(#[from] MessageError),
    /// A request cannot be forged from a logged one.
    #[error("cannot forge a request")]
    Request(#[from] RequestError),
}

/// What a liar has at hand.
struct Ground<'a, S> {
    scenario: &'a Scenario,
    folder: &'a RunFolder,
    stamper: &'a S,
    /// IDs of messages that are the subject of a lie already: each lie has one of its own.
    told: BTreeSet<String>,
}

/// The message that a lie is about.
struct Victim {
    /// Code of the server in whose log it stands.
    server: String,
    log: Survey,
    seen: Seen,
    record: MessageRecord,
}

/// Plants every lie of the scenario in the drained logs of `folder`, and says what was planted,
/// one sentence for each lie; lies that the registers tell themselves are named too.
///
/// Batches whose signatures change are stamped again by `stamper`.
///
/// # Errors
/// Where the run offers nothing to lie about, or a log cannot be rewritten.
pub async fn plant(
    scenario: &Scenario,
    folder: &RunFolder,
    stamper: &impl Stamper,
) -> Result<Vec<String>, LieError> {
    let mut ground = Ground {
        scenario,
        folder,
        stamper,
        told: BTreeSet::new(),
    };
    let mut planted = Vec::new();
    for lie in in_order(&scenario.planted_lies) {
        planted.push(match lie {
            PlantedLie::FalseAnswers { every } => {
                format!("false-answers: of every {every} persons, the register lied about one")
            }
            PlantedLie::SwappedAnswers { every } => {
                format!("swapped-answers: of every {every} answers, the register swapped one")
            }
            PlantedLie::MissingRecord => missing_record::plant(&mut ground).await?,
            PlantedLie::ExtraRecord => extra_record::plant(&mut ground).await?,
            PlantedLie::SignatureOverAnotherMessage => another_message::plant(&mut ground).await?,
            PlantedLie::CertificateOfAnotherMember => another_member::plant(&mut ground).await?,
            PlantedLie::TokenOfAnotherBatch => another_batch::plant(&mut ground).await?,
        });
    }
    Ok(planted)
}

/// The lies in the order in which they must be planted: a wrong token last, for a batch that
/// another lie changes gets a new, right one.
fn in_order(lies: &[PlantedLie]) -> Vec<PlantedLie> {
    let mut lies = lies.to_vec();
    lies.sort_by_key(|lie| *lie == PlantedLie::TokenOfAnotherBatch);
    lies
}

// === impl Ground ===

impl<S: Stamper> Ground<'_, S> {
    /// Goes through the logs of the servers that serve `client` until one has a message of this
    /// role that `fits` and that no lie is about; the message nearest to the middle is taken.
    fn victim(
        &mut self,
        client: &ClientId,
        role: Role,
        fits: impl Fn(&Survey, &Seen) -> bool,
    ) -> Result<Option<Victim>, LieError> {
        for server in self.scenario.servers_of(client) {
            let log = Survey::of(&self.folder.message_log(&server.code))?;
            if let Some((seen, record)) = choose(&log, role, &fits, &mut self.told)? {
                let server = server.code.clone();
                return Ok(Some(Victim {
                    server,
                    log,
                    seen,
                    record,
                }));
            }
        }
        Ok(None)
    }
}

fn choose(
    log: &Survey,
    role: Role,
    fits: &impl Fn(&Survey, &Seen) -> bool,
    told: &mut BTreeSet<String>,
) -> Result<Option<(Seen, MessageRecord)>, LieError> {
    for seen in log.second_half_first(role).filter(|seen| fits(log, seen)) {
        let record = log.read(seen)?;
        if told.insert(record.message_id.clone()) {
            return Ok(Some((*seen, record)));
        }
    }
    Ok(None)
}
