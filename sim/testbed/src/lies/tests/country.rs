//! Keys and logs of two members and their security servers, as a run leaves them.

use std::path::Path;

use bytes::Bytes;
use rcgen::{CertificateParams, DistinguishedName, DnType};
use sim_clock::UtcTime;
use sim_domain::rest::RestRequest;
use sim_domain::{MemberId, RestResponse};
use sim_evidence::certificate::Certificate;
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::Leaf;
use sim_evidence::keys::SigningKey;
use sim_evidence::signature::MemberSigner;
use sim_message_log::record::TimeStampRecord;
use sim_message_log::{
    Direction, LoggedBody, LoggedChain, MessageRecord, SealedLogWriter, Side, Stamp, StampError,
    Stamper, imprint_of,
};
use sim_scenario::Scenario;
use tempfile::TempDir;

use super::inspection::Inspected;
use crate::run_folder::RunFolder;

const SCENARIO: &str = include_str!("../../../../../scenarios/pension-liveness-smoke.yaml");
const CLIENT: &str = "EE/GOV/00000001/pensions";
const PROVIDER: &str = "EE/GOV/00000002/people";
/// Small segments, so that old logs have several.
const SEGMENT_BYTES: u64 = 64 << 10;

/// How exchanges are spread over signatures and batches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) exchanges: usize,
    /// Messages that share a signature.
    pub(super) per_signature: usize,
    /// Exchanges between two time-stamps; those that are left are stamped at the end.
    pub(super) per_time_stamp: usize,
}

/// Two servers' logs, and the folder of the run.
pub(super) struct TestCountry {
    pub(super) scenario: Scenario,
    pub(super) folder: RunFolder,
    pub(super) signers: [MemberSigner; 2],
    _kept: TempDir,
}

/// Grants a token that is the imprint itself.
pub(super) struct TestStamper;

/// A log that is being written, with what waits for its time-stamp.
struct Log {
    writer: SealedLogWriter,
    unstamped: Vec<(u64, Sha512)>,
    next_first: u64,
}

impl Stamper for TestStamper {
    async fn stamp(&self, imprint: Sha512) -> Result<Stamp, StampError> {
        Ok(token_over(imprint))
    }
}

fn token_over(imprint: Sha512) -> Stamp {
    Stamp {
        at: UtcTime::from_millis(1_800_000_000_000),
        token: Bytes::copy_from_slice(imprint.as_bytes()),
    }
}

// === impl Shape ===

impl Default for Shape {
    fn default() -> Self {
        Self {
            exchanges: 12,
            per_signature: 4,
            per_time_stamp: 4,
        }
    }
}

impl Shape {
    /// Signatures of one message and of several, one batch and several.
    pub(super) fn all() -> Vec<Self> {
        let shape = |per_signature, per_time_stamp| Self {
            per_signature,
            per_time_stamp,
            ..Self::default()
        };
        vec![
            shape(4, 4),
            shape(1, 2),
            shape(1, 12),
            shape(3, 12),
            shape(1, 1),
        ]
    }
}

// === impl TestCountry ===

impl TestCountry {
    /// A country that is about to be lied in; `lies` are separated by commas.
    pub(super) fn new(lies: &str, shape: Shape) -> Self {
        let people = shape.exchanges.max(1);
        let mut text = SCENARIO
            .replace("people: 5_000", &format!("people: {people}"))
            .replace("deceased: 10 ", "deceased: 1 ")
            .replace("deceased-named: 10", "deceased-named: 1");
        if !lies.is_empty() {
            text.push_str(&format!("\nplanted-lies: [{lies}]\n"));
        }
        let scenario = Scenario::parse("test.yaml", &text).expect("a valid scenario");
        assert_eq!(scenario.exchanges(), Some(people as u64));
        let kept = tempfile::tempdir().unwrap();
        let out = kept.path().join("run");
        let now = UtcTime::from_millis(1_790_000_000_000);
        let folder = RunFolder::create(Path::new("unused"), Some(&out), "test", now).unwrap();
        let signers = [
            signer(&folder, "pension-gateway", "00000001"),
            signer(&folder, "register-gateway", "00000002"),
        ];
        let country = Self {
            scenario,
            folder,
            signers,
            _kept: kept,
        };
        country.write_log("pension-gateway", Side::Consumer, shape);
        country.write_log("register-gateway", Side::Provider, shape);
        country
    }

    /// Both logs as an honest reader sees them.
    pub(super) fn inspect(&self) -> Inspected {
        let mut inspected = Inspected::default();
        for server in ["pension-gateway", "register-gateway"] {
            inspected.add(server, &self.folder.message_log(server), &self.signers);
        }
        inspected
    }

    fn write_log(&self, server: &str, side: Side, shape: Shape) {
        let folder = self.folder.message_log(server);
        let mut log = Log {
            writer: SealedLogWriter::create(&folder, SEGMENT_BYTES).unwrap(),
            unstamped: Vec::new(),
            next_first: 0,
        };
        let numbers: Vec<usize> = (0..shape.exchanges).collect();
        for between_stamps in numbers.chunks(shape.per_time_stamp) {
            for signed_together in between_stamps.chunks(shape.per_signature) {
                let requests = signed_together.iter().map(|number| request(side, *number));
                log.put(&self.signers[0], requests.collect());
                let responses = signed_together.iter().map(|number| response(side, *number));
                log.put(&self.signers[1], responses.collect());
            }
            log.stamp();
        }
        log.writer.seal().unwrap();
    }
}

fn signer(folder: &RunFolder, server: &str, code: &str) -> MemberSigner {
    let member = MemberId::new("EE", "GOV", code).unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let subject = [
        (DnType::CountryName, member.instance()),
        (DnType::OrganizationName, member.class()),
        (DnType::CommonName, member.code()),
    ];
    for (kind, value) in subject {
        params.distinguished_name.push(kind, value);
    }
    let key = SigningKey::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let keys = folder.node(server).join("data").join("keys");
    std::fs::create_dir_all(&keys).unwrap();
    let file = |ending: &str| keys.join(format!("signing-GOV-{code}.{ending}.der"));
    std::fs::write(file("key"), key.to_pkcs8_der()).unwrap();
    std::fs::write(file("crt"), certificate.der()).unwrap();
    let certificate = Certificate::parse(certificate.der().to_vec()).unwrap();
    MemberSigner::new(key, certificate)
}

fn rest_request(number: usize) -> RestRequest {
    let headers = [
        ("X-Road-Client", CLIENT.to_owned()),
        ("X-Road-Id", format!("run-{number}")),
    ];
    let request_id = format!("request-{number}");
    let target = format!("/r1/{PROVIDER}/liveness");
    RestRequest::from_parts("POST", &target, &headers, &request_id, String::new).unwrap()
}

fn request(side: Side, number: usize) -> MessageRecord {
    let request = rest_request(number);
    let (own_party, peer_party) = match side {
        Side::Consumer => (CLIENT, PROVIDER),
        Side::Provider => (PROVIDER, CLIENT),
    };
    MessageRecord {
        side,
        direction: Direction::Request,
        message_id: request.id,
        request_id: request.request_id,
        own_party: own_party.to_owned(),
        peer_party: peer_party.to_owned(),
        head: request.serialised,
        body: Some(Bytes::from(format!("{{\"ids\":[\"{number}\"]}}")).into()),
        signature: Bytes::new(),
        chain: None,
        logged_at: UtcTime::from_millis(1_790_000_000_000),
    }
}

fn response(side: Side, number: usize) -> MessageRecord {
    let asked = rest_request(number);
    let headers: [(&str, &str); 0] = [];
    let answered = RestResponse::from_parts(200, "OK", &headers, &asked, "hash");
    MessageRecord {
        direction: Direction::Response,
        head: answered.serialised,
        body: (number.is_multiple_of(2))
            .then(|| Bytes::from(format!("{{\"deceased\":[],\"of\":{number}}}")).into()),
        ..request(side, number)
    }
}

// === impl Log ===

impl Log {
    /// Signs messages together and logs them.
    fn put(&mut self, signer: &MemberSigner, messages: Vec<MessageRecord>) {
        let leaves: Vec<Leaf> = messages.iter().map(leaf_of).collect();
        let status = format!("status of {:?}", signer.certificate().sha256());
        let batch = signer.sign_batch(&leaves, status.as_bytes(), messages[0].logged_at);
        let sequence = self.writer.signature(&batch.document).unwrap();
        self.unstamped.push((sequence, Sha512::of(&batch.document)));
        for (message, signature) in messages.into_iter().zip(batch.messages) {
            let chain = signature
                .chain
                .map(|_| LoggedChain::Compact(signature.path));
            let message = MessageRecord { chain, ..message };
            self.writer.message(&message, sequence).unwrap();
        }
    }

    fn stamp(&mut self) {
        let leaves: Vec<Sha512> = self.unstamped.iter().map(|(_, digest)| *digest).collect();
        let stamp = token_over(imprint_of(&leaves));
        let (last, _) = *self.unstamped.last().unwrap();
        let record = TimeStampRecord {
            stamped_at: stamp.at,
            first: self.next_first,
            last,
            count: u32::try_from(leaves.len()).unwrap(),
            token: stamp.token,
        };
        self.writer.time_stamp(&record).unwrap();
        self.next_first = last + 1;
        self.unstamped.clear();
    }
}

pub(super) fn leaf_of(message: &MessageRecord) -> Leaf {
    Leaf {
        message: Sha512::of(&message.head),
        attachment: message.body.as_ref().map(LoggedBody::digest),
    }
}
