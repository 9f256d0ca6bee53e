//! Forges run folders: genuine ones, written with the genuine writers, and ones that lie.
//!
//! A [`Run`] is what was asked, answered, signed and logged, before it is on disk; a test changes
//! what it likes and lets it be audited.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sim_audit::{AskedAbout, AuditPlan, OtherClient, PlannedAsk, PlannedExchanges, audit};
use sim_clock::UtcTime;
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::{HashTree, Leaf, Side, message_chain, time_stamp_chain};
use sim_journal::{JournalKind, JournalOptions, JournalWriter, SyncPolicy};
use sim_metrics::AuditResult;
use sim_population::{Population, PopulationPlan, Sex, iso_date};

use crate::country::{Country, Member, now, token_by};
use crate::payloads::{note, put_long, write_index};

pub(crate) const PEOPLE: u64 = 40;
pub(crate) const DECEASED: u64 = 6;
const SEED: u64 = 7;

/// Messages that are signed together.
const BATCH: usize = 7;

const CLIENT: &str = "EE/GOV/8/pensions";
/// Its ledger's name.
const PORTAL: &str = "portal";
/// A registry's name.
const REGISTRY: &str = "people";
const PROVIDER: &str = "EE/GOV/7/people";
const TARGET: &str = "/r1/EE/GOV/7/people/liveness";

/// Message ID and service of a data tracker's entry.
pub(crate) type Tracked = (String, &'static str);

/// A ledger's record.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) outcome: u8,
    pub(crate) status: u16,
    pub(crate) id: String,
    pub(crate) client: String,
    pub(crate) target: String,
    pub(crate) request_hash: String,
    pub(crate) question: Vec<u8>,
    pub(crate) answer: Vec<u8>,
}

/// A message's record.
#[derive(Clone)]
pub(crate) struct Message {
    /// 0 consumer, 1 provider.
    pub(crate) side: u8,
    /// 0 request, 1 response.
    pub(crate) direction: u8,
    pub(crate) id: String,
    pub(crate) request_id: String,
    pub(crate) own: String,
    pub(crate) peer: String,
    pub(crate) head: Vec<u8>,
    pub(crate) body: Option<Vec<u8>>,
    /// Place in [`Run::documents`].
    pub(crate) document: usize,
    pub(crate) chain: Chain,
}

#[derive(Clone)]
pub(crate) enum Chain {
    None,
    Compact(Vec<(u8, [u8; 64])>),
    Verbatim(Vec<u8>, Vec<u8>),
}

/// A record of a message log.
#[derive(Clone)]
pub(crate) enum Entry {
    /// Place in [`Run::documents`].
    Document(usize),
    Message(Message),
    /// A token over all documents before it that have none.
    Stamp(Stamp),
}

/// How a token is made, where not as it should be.
#[derive(Clone, Default)]
pub(crate) struct Stamp {
    /// Leave out the batch's first document.
    pub(crate) of_another_batch: bool,
    pub(crate) at: Option<UtcTime>,
    /// Signed by somebody else.
    pub(crate) token: Option<Vec<u8>>,
    pub(crate) count_more: u32,
    pub(crate) first_more: u64,
}

/// Everything that is in a run folder.
pub(crate) struct Run {
    pub(crate) population: Population,
    pub(crate) ids_per_exchange: u64,
    /// What the plan says that the questions are about.
    pub(crate) subject: AskedAbout,
    pub(crate) documents: Vec<Vec<u8>>,
    pub(crate) exchanges: Vec<Exchange>,
    /// Those of them that a portal asked, which has a ledger of its own.
    pub(crate) of_portal: Vec<Exchange>,
    /// Message IDs and services of the data tracker's entries.
    pub(crate) tracked: Vec<Tracked>,
    /// The consumer's log, then the provider's.
    pub(crate) logs: [Vec<Entry>; 2],
    pub(crate) segment_bytes: u64,
}

/// A person's ID and when they died.
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) born_on: String,
    pub(crate) sex: &'static str,
    pub(crate) died_on: Option<String>,
}

// === impl Run ===

impl Run {
    /// A run in which nobody lies.
    pub(crate) fn genuine(country: &Country) -> Self {
        Self::answering(country, 1, |_, asked| answer(asked))
    }

    /// A run whose register answers as it is told.
    pub(crate) fn answering(
        country: &Country,
        ids_per_exchange: u64,
        answer_to: impl Fn(usize, &[&Asked]) -> String,
    ) -> Self {
        let plan =
            PopulationPlan::pensioners(PEOPLE, DECEASED, iso_date::parse("2025-01-01").unwrap());
        let population = Population::new(SEED, plan).unwrap();
        let people: Vec<Asked> = (0..PEOPLE)
            .map(|index| population.person(index))
            .map(|person| Asked {
                id: person.national_id.to_string(),
                born_on: iso_date::to_text(person.birth_date),
                sex: if person.sex == Sex::Male {
                    "male"
                } else {
                    "female"
                },
                died_on: person.status.died_on().map(iso_date::to_text),
            })
            .collect();
        let mut run = Self {
            population,
            ids_per_exchange,
            subject: AskedAbout::Deaths,
            documents: Vec::new(),
            exchanges: Vec::new(),
            of_portal: Vec::new(),
            tracked: Vec::new(),
            logs: [Vec::new(), Vec::new()],
            segment_bytes: 64 << 20,
        };
        let people: Vec<&Asked> = people.iter().collect();
        let questions: Vec<&[&Asked]> = people.chunks(ids_per_exchange as usize).collect();
        for (number, batch) in questions.chunks(BATCH).enumerate() {
            let first = number * BATCH;
            run.exchange_batch(country, first, batch, &answer_to);
        }
        run.stamp();
        run
    }

    fn exchange_batch(
        &mut self,
        country: &Country,
        first: usize,
        questions: &[&[&Asked]],
        answer_to: &impl Fn(usize, &[&Asked]) -> String,
    ) {
        let mut requests = Vec::new();
        let mut responses = Vec::new();
        for (place, asked) in questions.iter().enumerate() {
            let id = format!("run-{}", first + place);
            let ids: Vec<&str> = asked.iter().map(|asked| asked.id.as_str()).collect();
            let question = serde_json::json!({ "ids": ids }).to_string();
            let answer = answer_to(first + place, asked);
            let request = request(&id, &question);
            let hash = request_hash(&request);
            responses.push(response(&id, &answer, &hash));
            requests.push(request);
            self.exchanges.push(Exchange {
                outcome: 0,
                status: 200,
                id,
                client: CLIENT.to_owned(),
                target: format!("POST {TARGET}"),
                request_hash: hash,
                question: question.into_bytes(),
                answer: answer.into_bytes(),
            });
        }
        self.log_batch(&country.consumer, requests);
        // Responses come back in other batches than the requests went out in.
        let rest = responses.split_off(responses.len() / 2);
        self.log_batch(&country.provider, responses);
        self.log_batch(&country.provider, rest);
        if first == BATCH {
            self.stamp();
        }
    }

    /// The exchanges from this one on are the portal's, and a data tracker knows of each.
    pub(crate) fn portal_asks(&mut self, from: usize) {
        self.of_portal = self.exchanges.split_off(from);
        let tracked = self.of_portal.iter();
        self.tracked = tracked
            .map(|exchange| (exchange.id.clone(), "liveness"))
            .collect();
    }

    /// Signs messages together and logs them on both sides.
    pub(crate) fn log_batch(&mut self, member: &Member, messages: Vec<Message>) {
        if messages.is_empty() {
            return;
        }
        let messages = self.sign(member, messages, now());
        for (side, log) in (0..).zip(&mut self.logs) {
            log.push(Entry::Document(messages[0].document));
            for message in &messages {
                let mut message = Message {
                    side,
                    ..message.clone()
                };
                if side == 1 {
                    std::mem::swap(&mut message.own, &mut message.peer);
                }
                log.push(Entry::Message(message));
            }
        }
    }

    /// Signs messages together.
    pub(crate) fn sign(
        &mut self,
        member: &Member,
        mut messages: Vec<Message>,
        at: UtcTime,
    ) -> Vec<Message> {
        let leaves: Vec<Leaf> = messages.iter().map(leaf).collect();
        let batch = member.signer.sign_batch(&leaves, &member.ocsp, at);
        self.documents.push(batch.document.to_vec());
        for (message, signature) in messages.iter_mut().zip(&batch.messages) {
            message.document = self.documents.len() - 1;
            message.chain = match signature.chain {
                None => Chain::None,
                Some(_) => Chain::Compact(
                    signature
                        .path
                        .0
                        .iter()
                        .map(|step| {
                            let side = u8::from(step.sibling_side == Side::Right);
                            (side, *step.sibling.as_bytes())
                        })
                        .collect(),
                ),
            };
        }
        messages
    }

    /// Time-stamps what has no token, in both logs.
    pub(crate) fn stamp(&mut self) {
        for log in &mut self.logs {
            log.push(Entry::Stamp(Stamp::default()));
        }
    }

    /// The first message of a kind in a log, and where it stands.
    pub(crate) fn find(&mut self, log: usize, id: &str, direction: u8) -> (usize, &mut Message) {
        let found = self.logs[log]
            .iter_mut()
            .enumerate()
            .find_map(|(place, entry)| match entry {
                Entry::Message(message) if message.id == id && message.direction == direction => {
                    Some((place, message))
                }
                _ => None,
            });
        found.expect("the run logs it")
    }

    /// The exchange that asks about the first person who has died.
    pub(crate) fn deceased(&self) -> usize {
        (0..PEOPLE)
            .find(|index| self.population.is_deceased(*index))
            .unwrap() as usize
            / self.ids_per_exchange as usize
    }

    /// The exchange that asks about the first who has not.
    pub(crate) fn alive(&self) -> usize {
        (0..PEOPLE)
            .find(|index| !self.population.is_deceased(*index))
            .unwrap() as usize
    }

    fn exchanges_planned(&self) -> u64 {
        PEOPLE.div_ceil(self.ids_per_exchange)
    }

    pub(crate) fn plan(&self) -> AuditPlan {
        let of_portal = self.of_portal.len() as u64;
        AuditPlan {
            trackers: vec![REGISTRY.to_owned()],
            personal: vec![format!("{PROVIDER}/liveness").parse().unwrap()],
            other_clients: vec![OtherClient {
                name: PORTAL.to_owned(),
                client: CLIENT.parse().unwrap(),
            }],
            population: self.population.clone(),
            client: CLIENT.parse().unwrap(),
            asks: vec![PlannedAsk {
                service: format!("{PROVIDER}/liveness").parse().unwrap(),
                subject: self.subject,
                most_ids: self.ids_per_exchange,
            }],
            exchanges: PlannedExchanges::Exactly(self.exchanges_planned() - of_portal),
            people: PEOPLE - of_portal * self.ids_per_exchange,
            everybody_once: true,
            consumer_servers: vec!["consumer".to_owned()],
            provider_servers: vec!["provider".to_owned()],
        }
    }

    /// Writes the run into a folder of its own and audits it.
    pub(crate) fn audit(&self, country: &Country) -> AuditResult {
        let folder = tempfile::tempdir().unwrap();
        self.write(country, folder.path());
        audit(folder.path(), &self.plan(), &mut |_, _| {}).unwrap()
    }

    pub(crate) fn write(&self, country: &Country, folder: &Path) {
        country.write_trust(&folder.join("trust"));
        let mut ledger = self.journal(&folder.join("ledger"), JournalKind::Ledger);
        for exchange in &self.exchanges {
            ledger.append(4, &exchange.payload()).unwrap();
        }
        ledger.seal().unwrap();
        let of_portal = folder.join("ledgers").join(PORTAL);
        let mut ledger = self.journal(&of_portal, JournalKind::Ledger);
        for exchange in &self.of_portal {
            ledger.append(4, &exchange.payload()).unwrap();
        }
        ledger.seal().unwrap();
        let tracker = folder.join("trackers").join(REGISTRY);
        let mut tracker = self.journal(&tracker, JournalKind::Ledger);
        for (id, service) in &self.tracked {
            let mut payload = vec![1, 0, 0, 0];
            payload.extend(now().as_millis().to_le_bytes());
            for text in [id.as_str(), CLIENT, "EE1", "1", service, "why"] {
                payload.extend((text.len() as u16).to_le_bytes());
                payload.extend(text.as_bytes());
            }
            tracker.append(5, &payload).unwrap();
        }
        tracker.seal().unwrap();
        for (name, log) in ["consumer", "provider"].iter().zip(&self.logs) {
            self.write_log(country, &folder.join("logs").join(name), log);
        }
    }

    fn journal(&self, folder: &Path, kind: JournalKind) -> JournalWriter {
        let options = JournalOptions {
            segment_bytes: self.segment_bytes,
            sync: SyncPolicy::Never,
            ..JournalOptions::default()
        };
        JournalWriter::create(folder, kind, options).unwrap()
    }

    fn write_log(&self, country: &Country, folder: &Path, log: &[Entry]) {
        let mut journal = self.journal(folder, JournalKind::MessageLog);
        let mut sequences = BTreeMap::new();
        let mut waiting: Vec<(u64, usize)> = Vec::new();
        let mut next_first = 0;
        let mut index = BTreeMap::new();
        for entry in log {
            match entry {
                Entry::Document(document) => {
                    let position = journal.append(1, &self.documents[*document]).unwrap();
                    sequences.insert(*document, position.sequence);
                    waiting.push((position.sequence, *document));
                }
                Entry::Message(message) => {
                    let sequence = sequences.get(&message.document).copied().unwrap_or(0);
                    let position = journal.append(2, &message.payload(sequence)).unwrap();
                    note(&mut index, &message.id, &position);
                }
                Entry::Stamp(stamp) => {
                    let payload = self.stamp_payload(country, stamp, next_first, &waiting);
                    journal.append(3, &payload).unwrap();
                    next_first = waiting
                        .last()
                        .map_or(next_first, |(sequence, _)| sequence + 1);
                    waiting.clear();
                }
            }
        }
        let last = journal.segment();
        journal.seal().unwrap();
        for segment in 0..=last {
            let entries = index.remove(&segment).unwrap_or_default();
            write_index(&folder.join(format!("{segment:08}.idx")), entries);
        }
        // The seal may have needed a segment of its own.
        for segment in last + 1.. {
            if !folder.join(format!("{segment:08}.seg")).exists() {
                break;
            }
            write_index(&folder.join(format!("{segment:08}.idx")), Vec::new());
        }
    }

    fn stamp_payload(
        &self,
        country: &Country,
        stamp: &Stamp,
        first: u64,
        batch: &[(u64, usize)],
    ) -> Vec<u8> {
        let skipped = usize::from(stamp.of_another_batch);
        let documents = batch
            .iter()
            .skip(skipped)
            .map(|(_, place)| &self.documents[*place]);
        let leaves: Vec<Sha512> = documents.map(|document| Sha512::of(document)).collect();
        let path = HashTree::build(&leaves).unwrap().path(0);
        let imprint = Sha512::of(&time_stamp_chain(leaves[0], &path).result);
        let at = stamp.at.unwrap_or_else(now);
        let token = stamp
            .token
            .clone()
            .unwrap_or_else(|| country.token(&imprint, at));
        let mut payload = vec![1, 0, 0, 0];
        payload.extend(at.as_millis().to_le_bytes());
        payload.extend((first + stamp.first_more).to_le_bytes());
        payload.extend(batch.last().unwrap().0.to_le_bytes());
        payload.extend((batch.len() as u32 + stamp.count_more).to_le_bytes());
        put_long(&mut payload, &token);
        payload
    }
}

/// A good token over nothing in particular.
pub(crate) fn stray_token(signer: &sim_evidence::time_stamp::TokenSigner) -> Vec<u8> {
    token_by(signer, &Sha512::of(b"something else"), now())
}

/// The truth, as the register writes it.
pub(crate) fn answer(asked: &[&Asked]) -> String {
    let deceased: Vec<_> = asked
        .iter()
        .filter_map(|asked| {
            let day = asked.died_on.as_ref()?;
            Some(serde_json::json!({ "id": asked.id, "died_on": day }))
        })
        .collect();
    serde_json::json!({ "deceased": deceased, "unknown": [] }).to_string()
}

pub(crate) fn request(id: &str, question: &str) -> Message {
    let head = format!(
        "POST\r\n{TARGET}\r\nX-Road-Client:{CLIENT}\r\nx-road-id:{id}\r\n\
         content-type:application/json\r\nx-road-request-id:r-{id}\r\n"
    );
    message(0, id, head, question)
}

pub(crate) fn response(id: &str, answer: &str, hash: &str) -> Message {
    let head = format!(
        "200\r\nOK\r\ncontent-type:application/json\r\nx-road-id:{id}\r\n\
         x-road-client:{CLIENT}\r\nx-road-service:{PROVIDER}/liveness\r\n\
         x-road-request-id:r-{id}\r\nx-road-request-hash:{hash}\r\n"
    );
    message(1, id, head, answer)
}

/// A message as the consumer logs it, unsigned.
fn message(direction: u8, id: &str, head: String, body: &str) -> Message {
    Message {
        side: 0,
        direction,
        id: id.to_owned(),
        request_id: format!("r-{id}"),
        own: CLIENT.to_owned(),
        peer: PROVIDER.to_owned(),
        head: head.into_bytes(),
        body: (!body.is_empty()).then(|| body.as_bytes().to_vec()),
        document: 0,
        chain: Chain::None,
    }
}

pub(crate) fn leaf(message: &Message) -> Leaf {
    Leaf {
        message: Sha512::of(&message.head),
        attachment: message.body.as_ref().map(|body| Sha512::of(body)),
    }
}

pub(crate) fn request_hash(request: &Message) -> String {
    let head = Sha512::of(&request.head);
    let hash = request.body.as_ref().map_or(head, |body| {
        Sha512::of_parts(&[head.as_bytes(), Sha512::of(body).as_bytes()])
    });
    BASE64.encode(hash.as_bytes())
}

/// The two documents that a message's compact chain stands for.
pub(crate) fn chain_documents(message: &Message) -> (String, String) {
    let Chain::Compact(steps) = &message.chain else {
        panic!("it has no compact chain")
    };
    let steps = steps
        .iter()
        .map(|(side, sibling)| sim_evidence::hash_chain::Step {
            sibling_side: if *side == 0 { Side::Left } else { Side::Right },
            sibling: Sha512::from_bytes(*sibling),
        });
    let path = sim_evidence::hash_chain::TreePath(steps.collect());
    let documents = message_chain(&leaf(message), &path);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&documents.result), text(&documents.chain))
}
