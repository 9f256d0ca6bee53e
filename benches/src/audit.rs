//! The audit of a small run, whole and genuine: every exchange answered, signed, logged by both
//! servers and time-stamped.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use sim_audit::{AskedAbout, AuditPlan, PlannedAsk, PlannedExchanges};
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::Leaf;
use sim_evidence::time_stamp::{self, TokenSigner};
use sim_journal::{JournalKind, JournalOptions, JournalWriter, SyncPolicy};
use sim_message_log::record::TimeStampRecord;
use sim_message_log::{Direction, LoggedChain, MessageRecord, SealedLogWriter, Side, imprint_of};
use sim_metrics::AuditResult;
use sim_population::{Population, PopulationPlan, iso_date};

use crate::country::{Authority, MEMBER_CODE, Member, NOW, OCSP_FRESHNESS};
use crate::exchange;

/// Exchanges whose requests, and whose responses, share a signature.
const BATCH: usize = 16;
/// Messages that an exchange leaves in the logs of two servers.
pub const MESSAGES_PER_EXCHANGE: u64 = 4;
/// The member behind [`exchange::TARGET`].
const PROVIDER_CODE: &str = "70008440";
/// The servers of a run, and the sides they stand on.
const SERVERS: [(&str, Side); 2] = [("consumer", Side::Consumer), ("provider", Side::Provider)];
/// Larger than any log here.
const SEGMENT_BYTES: u64 = 64 << 20;

/// What is asked about a run in a folder.
pub struct Audit {
    plan: AuditPlan,
    exchanges: u64,
}

/// A message, and the same on both sides.
struct Message {
    direction: Direction,
    head: Bytes,
    body: Bytes,
    id: String,
    request_id: String,
}

/// A message log that is written.
struct Log {
    writer: SealedLogWriter,
    side: Side,
    /// Signature documents without time-stamp: their records and digests.
    unstamped: Vec<(u64, Sha512)>,
}

// === impl Audit ===

impl Audit {
    /// Prepares the audit of a run of as many `exchanges`, everybody alive and asked about once.
    ///
    /// # Panics
    ///
    /// When there is nobody to ask about.
    #[must_use]
    pub fn new(exchanges: u64) -> Self {
        let people = PopulationPlan::pensioners(
            exchanges,
            0,
            iso_date::parse("2026-02-05").expect("a date"),
        );
        let request = exchange::request(0);
        Self {
            plan: AuditPlan {
                other_clients: Vec::new(),
                trackers: Vec::new(),
                personal: Vec::new(),
                population: Population::new(1, people).expect("a plan within the limits"),
                client: request.client,
                asks: vec![PlannedAsk {
                    service: request.service,
                    subject: AskedAbout::Deaths,
                    most_ids: 1,
                }],
                exchanges: PlannedExchanges::Exactly(exchanges),
                people: exchanges,
                everybody_once: true,
                consumer_servers: vec![SERVERS[0].0.to_owned()],
                provider_servers: vec![SERVERS[1].0.to_owned()],
            },
            exchanges,
        }
    }

    /// Messages that the audit goes through.
    #[must_use]
    pub const fn messages(&self) -> u64 {
        self.exchanges * MESSAGES_PER_EXCHANGE
    }

    /// Writes the run, with new keys, into `folder`.
    ///
    /// # Panics
    ///
    /// When the disk refuses.
    pub fn write_run(&self, folder: &Path) {
        let authority = Authority::new();
        let client = authority.member(MEMBER_CODE, 3);
        let provider = authority.member(PROVIDER_CODE, 4);
        let time_stamper = authority.time_stamper(5);
        write_trust(&folder.join("trust"), &authority, &time_stamper);
        let mut ledger = ledger(&folder.join("ledger"));
        let mut logs = SERVERS.map(|(server, side)| Log {
            writer: SealedLogWriter::create(&folder.join("logs").join(server), SEGMENT_BYTES)
                .expect("a log can begin in an empty folder"),
            side,
            unstamped: Vec::new(),
        });
        let numbers: Vec<u64> = (0..self.exchanges).collect();
        for numbers in numbers.chunks(BATCH) {
            let exchanges = numbers.iter().map(|number| self.exchange(*number));
            let (requests, responses): (Vec<_>, Vec<_>) = exchanges.unzip();
            for (request, response) in requests.iter().zip(&responses) {
                let record = ledger_record(request, response);
                ledger.append(4, &record).expect("the disk takes it");
            }
            for log in &mut logs {
                log.put(&client, &requests);
                log.put(&provider, &responses);
            }
        }
        ledger.seal().expect("the disk takes it");
        for log in logs {
            log.finish(&time_stamper);
        }
    }

    /// Audits the run in `folder`.
    ///
    /// # Panics
    ///
    /// When there is no run.
    #[must_use]
    pub fn run(&self, folder: &Path) -> AuditResult {
        sim_audit::audit(folder, &self.plan, &mut |_, _| {}).expect("there is a run")
    }

    fn exchange(&self, number: u64) -> (Message, Message) {
        let asked = exchange::request(number);
        let id = self.plan.population.national_id(number);
        let request = Message {
            direction: Direction::Request,
            head: asked.serialised.clone(),
            body: format!(r#"{{"ids":["{id}"]}}"#).into(),
            id: asked.id.clone(),
            request_id: asked.request_id.clone(),
        };
        let hash = request_hash(&request.leaf());
        let response = Message {
            direction: Direction::Response,
            head: exchange::response(&asked, &hash).serialised,
            body: exchange::RESPONSE_BODY.into(),
            id: asked.id,
            request_id: asked.request_id,
        };
        (request, response)
    }
}

// === impl Message ===

impl Message {
    fn leaf(&self) -> Leaf {
        Leaf {
            message: Sha512::of(&self.head),
            attachment: Some(Sha512::of(&self.body)),
        }
    }
}

// === impl Log ===

impl Log {
    /// Signs messages together and logs them.
    fn put(&mut self, member: &Member, messages: &[Message]) {
        let leaves: Vec<Leaf> = messages.iter().map(Message::leaf).collect();
        let batch = member
            .signer
            .sign_batch(&leaves, &member.ocsp_response, NOW);
        let sequence = self.writer.signature(&batch.document);
        let sequence = sequence.expect("the disk takes it");
        self.unstamped.push((sequence, Sha512::of(&batch.document)));
        let asked = exchange::request(0);
        let client = asked.client.to_encoded();
        let provider = asked.service.provider().to_encoded();
        let (own_party, peer_party) = match self.side {
            Side::Consumer => (client, provider),
            Side::Provider => (provider, client),
        };
        for (message, signature) in messages.iter().zip(batch.messages) {
            let record = MessageRecord {
                side: self.side,
                direction: message.direction,
                message_id: message.id.clone(),
                request_id: message.request_id.clone(),
                own_party: own_party.clone(),
                peer_party: peer_party.clone(),
                head: message.head.clone(),
                body: Some(message.body.clone().into()),
                signature: signature.document,
                chain: Some(LoggedChain::Compact(signature.path)),
                logged_at: NOW,
            };
            let logged = self.writer.message(&record, sequence);
            logged.expect("the disk takes it");
        }
    }

    /// Time-stamps everything with one token, and seals the log.
    fn finish(mut self, time_stamper: &TokenSigner) {
        let digests: Vec<Sha512> = self.unstamped.iter().map(|(_, digest)| *digest).collect();
        let imprint = imprint_of(&digests);
        let (last, _) = self.unstamped.last().expect("something was logged");
        let record = TimeStampRecord {
            stamped_at: NOW,
            first: 0,
            last: *last,
            count: u32::try_from(digests.len()).expect("few documents"),
            token: token(time_stamper, &imprint).into(),
        };
        let stamped = self.writer.time_stamp(&record);
        stamped.expect("the disk takes it");
        self.writer.seal().expect("the disk takes it");
    }
}

fn token(signer: &TokenSigner, imprint: &Sha512) -> Vec<u8> {
    let request = time_stamp::parse_request(&time_stamp::request(imprint));
    let response = signer.grant(&request.expect("a request"), [9; 16], NOW);
    let token = time_stamp::token_of_response(&response).expect("a granted token");
    time_stamp::with_certificate(&token, signer.certificate()).expect("a token")
}

fn write_trust(folder: &Path, authority: &Authority, time_stamper: &TokenSigner) {
    let parameters = format!(
        "<ns3:conf xmlns:ns3=\"http://x-road.eu/xsd/xroad.xsd\"><globalSettings>\
         <ocspFreshnessSeconds>{}</ocspFreshnessSeconds></globalSettings></ns3:conf>",
        OCSP_FRESHNESS.as_secs()
    );
    fs::create_dir_all(folder).expect("the disk has room for a folder");
    for (name, text) in [
        ("ca.pem", authority.certificate().to_pem()),
        ("ocsp.pem", authority.responder_certificate().to_pem()),
        ("tsa.pem", time_stamper.certificate().to_pem()),
        ("shared-params.xml", parameters),
    ] {
        fs::write(folder.join(name), text).expect("the disk takes it");
    }
}

fn ledger(folder: &Path) -> JournalWriter {
    let options = JournalOptions {
        sync: SyncPolicy::Never,
        ..JournalOptions::default()
    };
    let writer = JournalWriter::create(folder, JournalKind::Ledger, options);
    writer.expect("a ledger can begin in an empty folder")
}

/// An answered exchange, as `docs/log-format.md` has it.
fn ledger_record(request: &Message, response: &Message) -> Vec<u8> {
    let (version, answered) = (1, 0);
    let mut record = vec![version, answered];
    record.extend(200_u16.to_le_bytes());
    for nanoseconds in [10_u64, 20, 30] {
        record.extend(nanoseconds.to_le_bytes());
    }
    let target = format!("{} {}", exchange::VERB, exchange::TARGET);
    let hash = request_hash(&request.leaf());
    for text in [&request.id, exchange::CLIENT, &target, "", &hash] {
        record.extend((text.len() as u16).to_le_bytes());
        record.extend(text.as_bytes());
    }
    for body in [&request.body, &response.body] {
        record.extend((body.len() as u32).to_le_bytes());
        record.extend_from_slice(body);
    }
    record
}

/// `X-Road-Request-Hash` of a request with a body: the digest of both digests (PR-REST, 4.3).
fn request_hash(leaf: &Leaf) -> String {
    let body = leaf.attachment.expect("every request here has a body");
    Sha512::of_parts(&[leaf.message.as_bytes(), body.as_bytes()]).to_base64()
}

#[cfg(test)]
mod tests {
    use super::Audit;

    #[test]
    fn a_whole_run_is_verified_and_a_shorter_one_is_not_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit::new(20);
        audit.write_run(folder.path());
        let result = audit.run(folder.path());
        assert!(result.is_clean(), "{result:#?}");
        assert_eq!((result.verified, result.messages), (20, audit.messages()));
        // Two batches in each direction, at two servers.
        assert_eq!((result.signatures, result.time_stamps), (8, 2));
        assert!(!Audit::new(21).run(folder.path()).is_clean());
    }
}
