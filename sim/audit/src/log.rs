//! Reads a message log: every signature, message and time-stamp, each verified where it stands.

mod coverage;
mod said;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;

use sim_domain::MemberId;
use sim_metrics::Finding;

use crate::digest::{Digest, half, sha512};
use crate::findings::Findings;
use crate::footprint::{Footprint, Marks, Role};
use crate::hash_chain::{self, Lately, Parts};
use crate::head::BadHead;
use crate::journal::{
    IndexKey, Journal, KIND_MESSAGE, KIND_SIGNATURE, KIND_TIME_STAMP, Record, Visitor, key_of,
};
use crate::kinds::{self, Kind, finding};
use crate::log_records::{Direction, MessageRecord, Side, TimeStampRecord};
use crate::names::Names;
use crate::partitions::PartitionWriter;
use crate::run::Reading;
use crate::signature::{SignatureVerifier, Verdict};
use crate::signatures_seen::{SeenSignature, SignaturesSeen};
use crate::stamped::Stamped;
use crate::time_stamp;
use crate::value_checks::Checker;
use said::Said;

/// How far the clocks of a server and of the time-stamping authority may be apart, in
/// milliseconds: a token is taken over what was signed before.
const CLOCK_TOLERANCE_MS: i64 = 5_000;

/// Takes the records of one message log.
pub(crate) struct LogReader<'a> {
    journal: &'a Journal,
    number: u16,
    reading: &'a Reading<'a>,
    footprints: PartitionWriter<'a>,
    verifier: SignatureVerifier<'a>,
    names: Names,
    lately: Lately,
    signers: Signers,
    seen: SignaturesSeen,
    /// Signatures that no token covers so far.
    waiting: VecDeque<Waiting>,
    stamped: Stamped,
    counts: LogCounts,
    /// The first failure of a temporary file.
    failure: Option<std::io::Error>,
}

/// Members that signed, numbered as they came.
#[derive(Default)]
struct Signers {
    numbers: BTreeMap<MemberId, u32>,
    members: Vec<MemberId>,
}

/// Totals of a log.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LogCounts {
    pub(crate) messages: u64,
    pub(crate) signatures: u64,
    pub(crate) time_stamps: u64,
}

/// A signature document that waits for its token.
#[derive(Debug)]
struct Waiting {
    sequence: u64,
    leaf: Digest,
    signed_at: Option<i64>,
}

/// A fault of one record.
type Fault = (Kind, String);

// === impl LogReader ===

impl<'a> LogReader<'a> {
    pub(crate) fn create(
        journal: &'a Journal,
        number: u16,
        reading: &'a Reading<'a>,
        checker: Checker<'a>,
    ) -> std::io::Result<Self> {
        Ok(Self {
            journal,
            number,
            reading,
            footprints: reading.partitions.writer(),
            verifier: SignatureVerifier::new(reading.trust, checker),
            names: Names::default(),
            lately: Lately::default(),
            signers: Signers::default(),
            seen: SignaturesSeen::create(reading.run_folder)?,
            waiting: VecDeque::new(),
            stamped: Stamped::default(),
            counts: LogCounts::default(),
            failure: None,
        })
    }

    /// What was counted, which signatures are time-stamped, and all signatures.
    pub(crate) fn finish(mut self) -> std::io::Result<(LogCounts, Stamped, SignaturesSeen)> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.footprints.finish()?;
        self.stamped.finish();
        Ok((self.counts, self.stamped, self.seen))
    }

    fn signature(&mut self, record: &Record<'_>, findings: &mut Findings) {
        self.counts.signatures += 1;
        let leaf = sha512(record.payload);
        let verifier = &mut self.verifier;
        let verdict = self
            .reading
            .verdicts
            .of(&leaf, || verifier.verify(record.payload));
        let Verdict {
            reference,
            digest,
            member,
            signed_at,
            value,
            fault,
        } = verdict;
        // What does not verify has no say in when it was signed.
        let signed_at = signed_at.filter(|_| fault.is_none());
        let seen = SeenSignature {
            sequence: record.sequence,
            segment: record.segment,
            reference: reference.filter(|_| fault.is_none()),
            member: member.map_or(0, |member| self.signers.number_of(member)),
            digest,
            value: value.unwrap_or_default(),
        };
        if let Some((kind, text)) = fault {
            self.report(findings, kind, record, None, &text);
        }
        self.waiting.push_back(Waiting {
            sequence: record.sequence,
            leaf,
            signed_at,
        });
        if let Err(error) = self.seen.add(seen) {
            self.failure.get_or_insert(error);
        }
    }

    fn message(&mut self, record: &Record<'_>, findings: &mut Findings) -> Option<IndexKey> {
        self.counts.messages += 1;
        self.reading.messages.fetch_add(1, Ordering::Relaxed);
        let message = match MessageRecord::parse(record.payload) {
            Ok(message) => message,
            Err(malformed) => {
                let id = MessageRecord::message_id_of(record.payload);
                let text = format!("its {} is not what it must be", malformed.0);
                self.report(findings, kinds::MALFORMED_RECORD, record, id, &text);
                return id.map(key_of);
            }
        };
        let key = key_of(message.message_id);
        let head = sha512(message.head);
        let body = message.body.unwrap_or_else(|| sha512(&[]));
        let parts = Parts {
            head: &head,
            body: message.body.as_ref(),
        };
        let mut footprint = Footprint {
            key,
            journal: self.number,
            role: role(&message),
            outcome: 0,
            status: 0,
            marks: Marks::default(),
            segment: record.segment,
            offset: record.offset,
            sequence: record.sequence,
            signature: message.signature,
            head: half(&head),
            body: half(&body),
            asked: [0; 32],
            request_hash: [0; 32],
            parties: [0; 32],
        };
        let mut sender = None;
        match Said::of(&message, parts, &mut self.names) {
            Err(BadHead(what)) => {
                footprint.marks.add(Marks::FAULTY);
                let id = Some(message.message_id);
                self.report(findings, kinds::MALFORMED_MESSAGE, record, id, what);
            }
            Ok(said) => {
                if let Err((kind, text)) = said.agrees_with(&message, &mut self.names) {
                    footprint.marks.add(Marks::FAULTY);
                    self.report(findings, kind, record, Some(message.message_id), &text);
                }
                footprint.status = said.status;
                footprint.asked = said.asked;
                footprint.request_hash = said.request_hash;
                footprint.parties = said.parties;
                sender = Some(said.sender(message.direction).clone());
            }
        }
        if let Err(fault) = self.prove(record, &message, parts, sender.as_ref()) {
            footprint.marks.add(Marks::UNPROVEN);
            if let Some((kind, text)) = fault {
                self.report(findings, kind, record, Some(message.message_id), &text);
            }
        }
        if let Err(error) = self.footprints.write(&footprint) {
            self.failure.get_or_insert(error);
        }
        Some(key)
    }

    /// The signature must verify, cover this very message, and be the sender's.
    ///
    /// An error without a fault is one that was reported with the signature itself.
    fn prove(
        &mut self,
        record: &Record<'_>,
        message: &MessageRecord<'_>,
        parts: Parts<'_>,
        sender: Option<&MemberId>,
    ) -> Result<(), Option<Fault>> {
        let found = self.seen.find(message.signature).unwrap_or_else(|error| {
            self.failure.get_or_insert(error);
            None
        });
        let Some(seen) = found.filter(|_| message.signature < record.sequence) else {
            let text = format!("record {} before it is no signature", message.signature);
            return Err(Some((kinds::SIGNATURE_MISSING, text)));
        };
        let reference = seen.reference.ok_or(None)?;
        coverage::check(message, parts, reference, &seen.digest, &mut self.lately)?;
        let signer = self.signers.get(seen.member);
        if sender.is_some() && signer != sender {
            let name =
                |member: Option<&MemberId>| member.map_or("nobody".to_owned(), |id| id.to_string());
            let text = format!("sent by {}, signed by {}", name(sender), name(signer));
            return Err(Some((kinds::ANOTHER_MEMBER, text)));
        }
        Ok(())
    }

    fn time_stamp(&mut self, record: &Record<'_>, findings: &mut Findings) {
        self.counts.time_stamps += 1;
        let stamp = match TimeStampRecord::parse(record.payload) {
            Ok(stamp) => stamp,
            Err(malformed) => {
                let text = format!("its {} is not what it must be", malformed.0);
                return self.report(findings, kinds::MALFORMED_RECORD, record, None, &text);
            }
        };
        let next = self.stamped.next_first();
        if stamp.first != next || stamp.last < stamp.first || stamp.last >= record.sequence {
            let text = format!(
                "a batch of records {} to {}, where {next} must be first",
                stamp.first, stamp.last
            );
            self.report(findings, kinds::BATCHES, record, None, &text);
        }
        let batch = self.take_batch(stamp.first, stamp.last);
        let complete = batch.len() == stamp.count as usize;
        if !complete {
            let text = format!(
                "a batch of {} signatures that says {}",
                batch.len(),
                stamp.count
            );
            self.report(findings, kinds::BATCHES, record, None, &text);
        }
        let signed_at = batch.iter().filter_map(|waiting| waiting.signed_at).max();
        let top = hash_chain::top_of_batch(batch.into_iter().map(|waiting| waiting.leaf).collect());
        let imprint = hash_chain::time_stamp_result(&top);
        let checked =
            time_stamp::verify(stamp.token, &imprint, self.reading.trust).and_then(|time| {
                if time.as_millis() != stamp.stamped_at {
                    let text = format!("its token says {}, the record not", time.rfc3339_millis());
                    return Err((kinds::TIME_STAMP_INVALID, text));
                }
                if signed_at.is_some_and(|signed| signed > time.as_millis() + CLOCK_TOLERANCE_MS) {
                    let text = "a signature of its batch was made after it".to_owned();
                    return Err((kinds::STAMPED_TOO_EARLY, text));
                }
                Ok(())
            });
        self.stamped.add(stamp.first, stamp.last, checked.is_ok());
        match checked {
            // A lost signature leads to another top; that it is lost was said.
            Err((kinds::ANOTHER_BATCH, _)) if !complete => {}
            Err((kind, text)) => self.report(findings, kind, record, None, &text),
            Ok(()) => {}
        }
    }

    /// The waiting signatures with sequences from `first` to `last`.
    fn take_batch(&mut self, first: u64, last: u64) -> Vec<Waiting> {
        let end = self
            .waiting
            .partition_point(|waiting| waiting.sequence <= last);
        // Those before `first` stay without a time-stamp for good.
        let batch = self.waiting.drain(..end);
        batch.filter(|waiting| waiting.sequence >= first).collect()
    }

    fn report(
        &self,
        findings: &mut Findings,
        kind: Kind,
        record: &Record<'_>,
        message_id: Option<&str>,
        text: &str,
    ) {
        findings.add(kind, || {
            let place = self.journal.name_of(record.segment, record.sequence);
            Finding {
                message_id: message_id.map(str::to_owned),
                server: self.journal.server.clone(),
                ..finding(kind, format!("{place}: {text}"))
            }
        });
    }
}

// === impl Signers ===

impl Signers {
    fn number_of(&mut self, member: MemberId) -> u32 {
        *self.numbers.entry(member).or_insert_with_key(|member| {
            self.members.push(member.clone());
            (self.members.len() - 1) as u32
        })
    }

    fn get(&self, number: u32) -> Option<&MemberId> {
        self.members.get(number as usize)
    }
}

impl Visitor for LogReader<'_> {
    fn visit(&mut self, record: &Record<'_>, findings: &mut Findings) -> Option<IndexKey> {
        match record.kind {
            KIND_SIGNATURE => self.signature(record, findings),
            KIND_MESSAGE => return self.message(record, findings),
            KIND_TIME_STAMP => self.time_stamp(record, findings),
            _ => {}
        }
        None
    }

    fn message_id(&self, kind: u8, payload: &[u8]) -> Option<String> {
        let id = (kind == KIND_MESSAGE).then(|| MessageRecord::message_id_of(payload));
        id.flatten().map(str::to_owned)
    }
}

const fn role(message: &MessageRecord<'_>) -> Role {
    match (message.side, message.direction) {
        (Side::Consumer, Direction::Request) => Role::ConsumerRequest,
        (Side::Consumer, Direction::Response) => Role::ConsumerResponse,
        (Side::Provider, Direction::Request) => Role::ProviderRequest,
        (Side::Provider, Direction::Response) => Role::ProviderResponse,
    }
}
