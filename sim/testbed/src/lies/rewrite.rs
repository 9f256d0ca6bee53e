//! Writes a drained message log anew with one thing changed and everything else made to fit.
//!
//! Records keep their order. Sequences, links, checksums, indexes and the seal come from the log's
//! own writer; messages name the new sequences of their signatures, and batches go from the same
//! signature to the same signature as before. A batch whose signatures are others now is stamped
//! again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sim_evidence::digest::Sha512;
use sim_journal::{DEFAULT_SEGMENT_BYTES, JournalReader, Record};
use sim_message_log::record::{MESSAGE, SIGNATURE, TIME_STAMP, TimeStampRecord};
use sim_message_log::{MessageRecord, SealedLogWriter, Stamp, Stamper, imprint_of};

use super::LieError;
use super::survey::{Seen, Survey};

/// Where the new log grows, beside the old one, until it takes its place.
const UNFINISHED: &str = ".rewriting";

/// What shall be different. Sequences are those of the old log.
#[derive(Default)]
pub(super) struct Edit {
    removed: BTreeSet<u64>,
    /// Messages and the records before which they are put.
    put: BTreeMap<u64, Put>,
    /// A time-stamp that shall carry this token, whatever its batch.
    token: Option<(u64, Stamp)>,
    /// A time-stamp whose batch shall become two, each with a token of its own.
    split: Option<u64>,
}

struct Put {
    record: MessageRecord,
    signed: Signed,
}

/// Where a message's signature document stands.
#[derive(Clone, Copy)]
pub(super) enum Signed {
    /// Nowhere yet: it is put before the message.
    ByItsOwn,
    /// It is this record of the old log.
    ByRecord(u64),
}

/// A log on its way from old to new.
struct Rewriting<'a, S> {
    log: SealedLogWriter,
    edit: Edit,
    stamper: &'a S,
    /// From the old to the new sequences of signature records.
    signatures: BTreeMap<u64, u64>,
    /// Signatures that no token covers yet.
    unstamped: Vec<Unstamped>,
    /// Where the next batch begins.
    next_first: u64,
}

#[derive(Clone, Copy)]
struct Unstamped {
    /// Its own sequence in the old log, or that of the record before which it was put.
    old: u64,
    new: u64,
    digest: Sha512,
    forged: bool,
}

/// Rewrites the surveyed log; the new one takes the place of the old one.
pub(super) async fn rewrite(
    survey: &Survey,
    edit: Edit,
    stamper: &impl Stamper,
) -> Result<(), LieError> {
    let folder = survey.folder();
    let new = folder.with_file_name(UNFINISHED);
    let mut rewriting = Rewriting {
        log: SealedLogWriter::create(&new, DEFAULT_SEGMENT_BYTES)?,
        edit,
        stamper,
        signatures: BTreeMap::new(),
        unstamped: Vec::new(),
        next_first: 0,
    };
    for record in JournalReader::open(folder)? {
        rewriting.take(record?).await?;
    }
    rewriting.finish().await?;
    replace(folder, &new)
}

fn replace(old: &Path, new: &Path) -> Result<(), LieError> {
    let done = std::fs::remove_dir_all(old).and_then(|()| std::fs::rename(new, old));
    done.map_err(|source| LieError::File {
        path: old.to_owned(),
        source,
    })
}

// === impl Edit ===

impl Edit {
    /// Takes a message out, and its signature document where no other message needs it.
    pub(super) fn remove(survey: &Survey, seen: &Seen) -> Self {
        let mut edit = Self::default();
        edit.removed.insert(seen.at.sequence);
        if survey.alone_with_signature(seen) {
            edit.removed.insert(seen.signature);
        }
        edit
    }

    /// Puts another message in the place of one.
    pub(super) fn replace(
        survey: &Survey,
        seen: &Seen,
        record: MessageRecord,
        signed: Signed,
    ) -> Self {
        let mut edit = Self::remove(survey, seen);
        edit.put.insert(seen.at.sequence, Put { record, signed });
        edit
    }

    /// Adds a message, and its signature document, before another one.
    pub(super) fn add_before(seen: &Seen, record: MessageRecord) -> Self {
        let signed = Signed::ByItsOwn;
        let put = BTreeMap::from([(seen.at.sequence, Put { record, signed })]);
        Self {
            put,
            ..Self::default()
        }
    }

    /// Gives a time-stamp record another token.
    pub(super) fn put_token(record: u64, stamp: Stamp) -> Self {
        Self {
            token: Some((record, stamp)),
            ..Self::default()
        }
    }

    /// Makes two batches of one.
    pub(super) fn split(record: u64) -> Self {
        Self {
            split: Some(record),
            ..Self::default()
        }
    }
}

// === impl Rewriting ===

impl<S: Stamper> Rewriting<'_, S> {
    async fn take(&mut self, record: Record) -> Result<(), LieError> {
        let old = record.position.sequence;
        if let Some(put) = self.edit.put.remove(&old) {
            self.put(old, &put)?;
        }
        if self.edit.removed.contains(&old) {
            return Ok(());
        }
        match record.kind {
            SIGNATURE => self.sign(old, &record.payload, false).map(drop),
            MESSAGE => {
                let (message, signature) = MessageRecord::decode(record.payload.into())?;
                self.message(&message, signature)
            }
            TIME_STAMP => {
                let stamp = TimeStampRecord::decode(record.payload.into())?;
                self.time_stamp(old, stamp).await
            }
            _ => Ok(()),
        }
    }

    /// Stamps what the lie added behind the last token, and seals.
    async fn finish(mut self) -> Result<(), LieError> {
        if self.unstamped.iter().any(|signature| signature.forged) {
            let rest = std::mem::take(&mut self.unstamped);
            self.stamp_anew(&rest).await?;
        }
        self.log.seal()?;
        Ok(())
    }

    fn put(&mut self, old: u64, put: &Put) -> Result<(), LieError> {
        match put.signed {
            Signed::ByRecord(signature) => self.message(&put.record, signature),
            Signed::ByItsOwn => {
                let signature = self.sign(old, &put.record.signature, true)?;
                self.log.message(&put.record, signature)?;
                Ok(())
            }
        }
    }

    fn sign(&mut self, old: u64, document: &[u8], forged: bool) -> Result<u64, LieError> {
        let new = self.log.signature(document)?;
        if !forged {
            self.signatures.insert(old, new);
        }
        self.unstamped.push(Unstamped {
            old,
            new,
            digest: Sha512::of(document),
            forged,
        });
        Ok(new)
    }

    fn message(&mut self, message: &MessageRecord, signature: u64) -> Result<(), LieError> {
        let new = self.signatures.get(&signature);
        let new = new.ok_or(LieError::NoSignature { signature })?;
        self.log.message(message, *new)?;
        Ok(())
    }

    async fn time_stamp(&mut self, old: u64, stamp: TimeStampRecord) -> Result<(), LieError> {
        let waiting = self.unstamped.iter();
        let count = waiting
            .take_while(|signature| signature.old <= stamp.last)
            .count();
        let batch: Vec<Unstamped> = self.unstamped.drain(..count).collect();
        if batch.is_empty() {
            return Ok(());
        }
        if self.edit.split == Some(old) {
            let (first, second) = batch.split_at(batch.len() / 2);
            self.stamp_anew(first).await?;
            return self.stamp_anew(second).await;
        }
        let changed = u32::try_from(batch.len()) != Ok(stamp.count)
            || batch.iter().any(|signature| signature.forged);
        match self.edit.token.take_if(|(record, _)| *record == old) {
            Some((_, other)) => self.write_stamp(&batch, other),
            None if changed => self.stamp_anew(&batch).await,
            None => {
                let (at, token) = (stamp.stamped_at, stamp.token);
                self.write_stamp(&batch, Stamp { at, token })
            }
        }
    }

    async fn stamp_anew(&mut self, batch: &[Unstamped]) -> Result<(), LieError> {
        let leaves: Vec<Sha512> = batch.iter().map(|signature| signature.digest).collect();
        let stamp = self.stamper.stamp(imprint_of(&leaves)).await?;
        self.write_stamp(batch, stamp)
    }

    fn write_stamp(&mut self, batch: &[Unstamped], stamp: Stamp) -> Result<(), LieError> {
        let last = batch
            .last()
            .map_or(self.next_first, |signature| signature.new);
        self.log.time_stamp(&TimeStampRecord {
            stamped_at: stamp.at,
            first: self.next_first,
            last,
            count: u32::try_from(batch.len()).expect("no more than records of one log"),
            token: stamp.token,
        })?;
        self.next_first = last + 1;
        Ok(())
    }
}
