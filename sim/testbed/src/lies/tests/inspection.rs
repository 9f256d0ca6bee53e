//! Reads a log and says everything that is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sim_evidence::digest::Sha512;
use sim_evidence::signature::MemberSigner;
use sim_journal::{JournalReader, SEAL};
use sim_message_log::index::Index;
use sim_message_log::record::{MESSAGE, SIGNATURE, TIME_STAMP, TimeStampRecord};
use sim_message_log::{Direction, LogReader, MessageRecord, Side, imprint_of};

/// One message record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RecordName {
    pub(super) server: String,
    pub(super) side: Side,
    pub(super) direction: Direction,
    pub(super) id: String,
}

/// All records of all logs, and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Inspected {
    pub(super) records: Vec<RecordName>,
    pub(super) faults: Vec<String>,
}

/// What was read of one log.
#[derive(Default)]
struct Log {
    signatures: BTreeMap<u64, Vec<u8>>,
    named: BTreeMap<u64, usize>,
    covered: usize,
    next_first: u64,
    last_kind: u8,
}

// === impl Inspected ===

impl Inspected {
    /// `signers` are those of requests and of responses.
    pub(super) fn add(&mut self, server: &str, folder: &Path, signers: &[MemberSigner; 2]) {
        let mut log = Log::default();
        let mut reader = JournalReader::open(folder).unwrap();
        let found = LogReader::open(folder).unwrap();
        for record in reader.by_ref() {
            let record = record.expect("a whole record");
            let at = record.position;
            log.last_kind = record.kind;
            match record.kind {
                SIGNATURE => drop(log.signatures.insert(at.sequence, record.payload)),
                MESSAGE => {
                    let payload = record.payload.into();
                    let (message, signature) = MessageRecord::decode(payload).unwrap();
                    log.check_message(server, &message, signature, signers, &mut self.faults);
                    let whole_index = Index::read(folder, at.segment).unwrap().expect("an index");
                    assert!(
                        whole_index
                            .offsets(&message.message_id)
                            .contains(&at.offset)
                    );
                    let stored = found.find(&message.message_id).unwrap();
                    assert!(stored.iter().any(|stored| stored.position == at));
                    self.records.push(RecordName {
                        server: server.to_owned(),
                        side: message.side,
                        direction: message.direction,
                        id: message.message_id,
                    });
                }
                TIME_STAMP => {
                    let stamp = TimeStampRecord::decode(record.payload.into()).unwrap();
                    log.check_stamp(server, at.sequence, &stamp, &mut self.faults);
                }
                SEAL => assert_eq!(record.payload, at.sequence.to_le_bytes()),
                kind => panic!("a record of kind {kind}"),
            }
        }
        assert_eq!(reader.torn_tail(), None);
        assert_eq!(log.last_kind, SEAL);
        assert_eq!(
            log.covered,
            log.signatures.len(),
            "every signature has a time-stamp"
        );
        assert_eq!(
            log.named.len(),
            log.signatures.len(),
            "every signature has a message"
        );
    }
}

// === impl Log ===

impl Log {
    fn check_message(
        &mut self,
        server: &str,
        message: &MessageRecord,
        signature: u64,
        signers: &[MemberSigner; 2],
        faults: &mut Vec<String>,
    ) {
        *self.named.entry(signature).or_default() += 1;
        let document = self.signatures.get(&signature).expect("a signature before");
        let document = std::str::from_utf8(document).unwrap();
        let (what, signer) = match message.direction {
            Direction::Request => ("request", &signers[0]),
            Direction::Response => ("response", &signers[1]),
        };
        let id = &message.message_id;
        let signed = match message.chain_documents() {
            Some(chain) => Sha512::of(&chain.result),
            None => Sha512::of(&message.head),
        };
        if !document.contains(&signed.to_base64()) {
            faults.push(format!(
                "{server}: signature of {id} {what} is over something else"
            ));
        }
        let certificate = STANDARD.encode(signer.certificate().der());
        if !document.contains(&certificate) {
            faults.push(format!("{server}: {id} {what} is signed by another member"));
        }
        // The status that is enclosed is that of the certificate, whoever's it is.
        let fitting = signers.iter().any(|signer| {
            let status = format!("status of {:?}", signer.certificate().sha256());
            document.contains(&STANDARD.encode(signer.certificate().der()))
                && document.contains(&STANDARD.encode(status))
        });
        assert!(fitting, "certificate and status belong together");
    }

    fn check_stamp(
        &mut self,
        server: &str,
        sequence: u64,
        stamp: &TimeStampRecord,
        faults: &mut Vec<String>,
    ) {
        assert_eq!(stamp.first, self.next_first, "batches follow each other");
        assert!(stamp.last < sequence);
        self.next_first = stamp.last + 1;
        let batch = self.signatures.range(stamp.first..=stamp.last);
        let leaves: Vec<Sha512> = batch.map(|(_, document)| Sha512::of(document)).collect();
        assert_eq!(u32::try_from(leaves.len()), Ok(stamp.count));
        assert!(self.signatures.contains_key(&stamp.last));
        self.covered += leaves.len();
        if imprint_of(&leaves).as_bytes()[..] != stamp.token[..] {
            faults.push(format!("{server}: token of batch {sequence} is another's"));
        }
    }
}
