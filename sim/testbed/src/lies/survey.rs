//! What stands where in a drained message log.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use sim_evidence::digest::Sha512;
use sim_journal::reader::record_at;
use sim_journal::{JournalReader, Position};
use sim_message_log::record::{MESSAGE, SIGNATURE, TIME_STAMP, TimeStampRecord};
use sim_message_log::{Direction, MessageRecord, Side};

use super::LieError;

/// What a security server was to a message.
pub(super) type Role = (Side, Direction);

/// Every record of a log, payloads left out: a large log has millions.
pub(super) struct Survey {
    folder: PathBuf,
    /// In the order of their records.
    messages: Vec<Seen>,
    signatures: Vec<Signature>,
    /// The time-stamps with the sequences of their records.
    pub(super) stamps: Vec<(u64, TimeStampRecord)>,
}

/// A message of a log.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) at: Position,
    /// The sequence of its signature record.
    pub(super) signature: u64,
    role: Role,
}

struct Signature {
    at: Position,
    digest: Sha512,
}

// === impl Survey ===

impl Survey {
    /// Reads the log in `folder` from end to end.
    pub(super) fn of(folder: &Path) -> Result<Self, LieError> {
        let mut survey = Self {
            folder: folder.to_owned(),
            messages: Vec::new(),
            signatures: Vec::new(),
            stamps: Vec::new(),
        };
        for record in JournalReader::open(folder)? {
            let record = record?;
            let at = record.position;
            match record.kind {
                SIGNATURE => survey.signatures.push(Signature {
                    at,
                    digest: Sha512::of(&record.payload),
                }),
                MESSAGE => {
                    let (message, signature) = MessageRecord::decode(record.payload.into())?;
                    let role = (message.side, message.direction);
                    survey.messages.push(Seen {
                        at,
                        signature,
                        role,
                    });
                }
                TIME_STAMP => {
                    let stamp = TimeStampRecord::decode(record.payload.into())?;
                    survey.stamps.push((at.sequence, stamp));
                }
                _ => {}
            }
        }
        Ok(survey)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The messages of one role, from their middle to their end, then those before the middle.
    pub(super) fn second_half_first(&self, role: Role) -> impl Iterator<Item = &Seen> {
        let of_role: Vec<&Seen> = self.of_role(role).collect();
        let count = of_role.len();
        (0..count).map(move |step| of_role[(count / 2 + step) % count])
    }

    /// The messages of one role, in the order of their records.
    pub(super) fn of_role(&self, role: Role) -> impl DoubleEndedIterator<Item = &Seen> {
        self.messages.iter().filter(move |seen| seen.role == role)
    }

    /// A message with its signature document.
    pub(super) fn read(&self, seen: &Seen) -> Result<MessageRecord, LieError> {
        let stored = record_at(&self.folder, seen.at.segment, seen.at.offset)?;
        let (mut record, _) = MessageRecord::decode(stored.payload.into())?;
        if let Some(signature) = self.signature(seen.signature) {
            let at = signature.at;
            record.signature = Bytes::from(record_at(&self.folder, at.segment, at.offset)?.payload);
        }
        Ok(record)
    }

    /// Whether no other message names this message's signature record.
    pub(super) fn alone_with_signature(&self, seen: &Seen) -> bool {
        let users = self.messages.iter();
        users
            .filter(|other| other.signature == seen.signature)
            .count()
            == 1
    }

    /// Digests of the signature documents of a batch.
    pub(super) fn leaves(&self, stamp: &TimeStampRecord) -> Vec<Sha512> {
        let batch = stamp.first..=stamp.last;
        self.signatures
            .iter()
            .filter(|signature| batch.contains(&signature.at.sequence))
            .map(|signature| signature.digest)
            .collect()
    }

    fn signature(&self, sequence: u64) -> Option<&Signature> {
        let found = self
            .signatures
            .binary_search_by_key(&sequence, |signature| signature.at.sequence);
        found.ok().map(|index| &self.signatures[index])
    }
}
