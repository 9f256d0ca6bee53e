//! Reads a ledger: what was asked, what was answered, and, where the plan knows, whether it is true.

mod answer;
mod exchange;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sim_metrics::Finding;

use crate::digest::{Digest, Half, digest_of_texts, half, sha512};
use crate::findings::Findings;
use crate::footprint::{Footprint, Marks, Role};
use crate::head::service_text_of_target;
use crate::journal::{IndexKey, Journal, KIND_EXCHANGE, Record, Visitor, key_of};
use crate::kinds::{self, finding};
use crate::names::Names;
use crate::partitions::PartitionWriter;
use crate::tracker::TrackerReader;
use crate::{AskedAbout, AuditPlan, OtherClient, PlannedAsk};
use answer::{Judgement, Question};
pub(crate) use exchange::{Exchange, Outcome};

/// Untrue answers that are kept until the end, to tell swapped ones from false ones.
const MAX_KEPT_UNTRUTHS: usize = 100_000;

/// Takes the exchanges of a ledger.
pub(crate) struct LedgerReader<'a> {
    plan: &'a AuditPlan,
    /// Whose ledger it is, if not the load generator's.
    other: Option<&'a OtherClient>,
    journal: &'a Journal,
    number: u16,
    footprints: PartitionWriter<'a>,
    names: Names,
    /// One bit a person, in 64s: asked about.
    asked: Vec<u64>,
    /// One bit a person: named as deceased by an answer.
    named: Vec<u64>,
    untruths: Vec<Untruth>,
    counts: LedgerCounts,
    /// The first failure to keep a footprint.
    failure: Option<std::io::Error>,
}

/// Totals of a ledger.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LedgerCounts {
    pub(crate) exchanges: u64,
    pub(crate) wrong: u64,
    pub(crate) deceased_named: u64,
}

/// An answer that is not the truth.
struct Untruth {
    message_id: String,
    place: String,
    judgement: Judgement,
}

// === impl LedgerReader ===

impl<'a> LedgerReader<'a> {
    pub(crate) fn new(
        plan: &'a AuditPlan,
        other: Option<&'a OtherClient>,
        journal: &'a Journal,
        number: u16,
        footprints: PartitionWriter<'a>,
    ) -> Self {
        let people = if other.is_none() {
            plan.population.len()
        } else {
            0
        };
        let words = usize::try_from(people.div_ceil(64)).unwrap_or(0);
        Self {
            plan,
            other,
            journal,
            number,
            footprints,
            names: Names::default(),
            asked: vec![0; words],
            named: vec![0; words],
            untruths: Vec::new(),
            counts: LedgerCounts::default(),
            failure: None,
        }
    }

    /// Judges the ledger as a whole, after its last record.
    pub(crate) fn finish(mut self, findings: &mut Findings) -> std::io::Result<LedgerCounts> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.tell_swapped_from_false(findings);
        self.footprints.finish()?;
        if self.other.is_some() {
            return Ok(self.counts);
        }
        let expected = self.plan.exchanges;
        let asked: u64 = self
            .asked
            .iter()
            .map(|word| u64::from(word.count_ones()))
            .sum();
        // Exchanges ask about people in turn: so many of them ask about so many people.
        let to_ask = self.plan.people;
        findings.add_many(kinds::NOT_ASKED, to_ask.saturating_sub(asked), || {
            let text = format!("{asked} of {to_ask} people were asked about");
            finding(kinds::NOT_ASKED, text)
        });
        let exchanges = self.counts.exchanges;
        if exchanges < expected.at_least() || exchanges > expected.at_most() {
            findings.add(kinds::EXCHANGE_COUNT, || {
                let text = format!("{exchanges} exchanges, {expected} expected");
                finding(kinds::EXCHANGE_COUNT, text)
            });
        }
        self.counts.deceased_named = self
            .named
            .iter()
            .map(|word| u64::from(word.count_ones()))
            .sum();
        Ok(self.counts)
    }

    fn exchange(
        &mut self,
        record: &Record<'_>,
        exchange: &Exchange<'_>,
        findings: &mut Findings,
    ) -> Footprint {
        self.counts.exchanges += 1;
        let mut marks = Marks::default();
        let journal = self.journal;
        let place = || journal.name_of(record.segment, record.sequence);
        let mut report = |kind, text: &str| {
            marks.add(Marks::FAULTY);
            findings.add(kind, || Finding {
                message_id: Some(exchange.message_id.to_owned()),
                ..finding(kind, format!("{}: {text}", place()))
            });
        };
        if let Some(other) = self.other {
            let client = self.names.client(exchange.client);
            if client.is_none_or(|client| client.id != other.client) {
                report(kinds::MALFORMED_QUESTION, "asked as somebody else");
            }
            let service = service_text_of_target(exchange.path);
            let service = service.and_then(|text| self.names.service(text));
            let service = service.map(|service| service.id.clone());
            let is_read = exchange.outcome == Outcome::Ok && (200..300).contains(&exchange.status);
            let mut parties = [0; 32];
            if let Some(service) = service {
                parties = TrackerReader::parties(exchange.client, service.code());
                if is_read && self.plan.personal.contains(&service) {
                    marks.add(Marks::PERSONAL);
                }
            }
            return Footprint {
                parties,
                ..self.footprint(record, exchange, marks)
            };
        }
        let ask = planned(self.plan, &mut self.names, exchange);
        if ask.is_none() {
            report(
                kinds::MALFORMED_QUESTION,
                "not a question of this run's client to a service that it asks",
            );
        }
        match Question::parse(exchange.question, &self.plan.population) {
            Err(what) => report(kinds::MALFORMED_QUESTION, what),
            Ok(question) => {
                if ask.is_some_and(|ask| question.len() > ask.most_ids) {
                    report(
                        kinds::MALFORMED_QUESTION,
                        "asks about more people than planned",
                    );
                }
                for person in question.people() {
                    if !set(&mut self.asked, person) && self.plan.everybody_once {
                        report(
                            kinds::ASKED_TWICE,
                            "asks about a person who was asked about before",
                        );
                    }
                }
                if exchange.outcome.is_answered() {
                    let subject = ask.map_or(AskedAbout::Deaths, |ask| ask.subject);
                    match question.judge(subject, exchange.answer, &self.plan.population) {
                        Err(what) => {
                            report(kinds::MALFORMED_ANSWER, what);
                            marks.add(Marks::WRONG);
                        }
                        Ok(judgement) => {
                            for person in &judgement.named {
                                set(&mut self.named, *person);
                            }
                            if !judgement.is_true() {
                                marks.add(Marks::WRONG);
                                self.keep(exchange, place(), judgement, findings);
                            } else if exchange.outcome == Outcome::Wrong {
                                report(kinds::OUTCOME, "taken for wrong, but the answer is true");
                            }
                        }
                    }
                }
            }
        }
        if exchange.outcome == Outcome::Ok && exchange.status != 200 {
            let text = format!("taken for an answer, but its status is {}", exchange.status);
            findings.add(kinds::OUTCOME, || {
                finding(kinds::OUTCOME, format!("{}: {text}", place()))
            });
            marks.add(Marks::FAULTY);
        }
        if marks.has(Marks::WRONG) {
            self.counts.wrong += 1;
        }
        self.footprint(record, exchange, marks)
    }

    fn footprint(&self, record: &Record<'_>, exchange: &Exchange<'_>, marks: Marks) -> Footprint {
        Footprint {
            key: key_of(exchange.message_id),
            journal: self.number,
            role: Role::Exchange,
            outcome: exchange.outcome.code(),
            status: exchange.status,
            marks,
            segment: record.segment,
            offset: record.offset,
            sequence: record.sequence,
            signature: 0,
            head: half(&sha512(exchange.question)),
            body: half(&sha512(exchange.answer)),
            asked: digest_of_texts(&[exchange.method, exchange.path, exchange.client]),
            request_hash: request_hash(exchange.request_hash),
            parties: [0; 32],
        }
    }

    fn keep(
        &mut self,
        exchange: &Exchange<'_>,
        place: String,
        judgement: Judgement,
        findings: &mut Findings,
    ) {
        let message_id = exchange.message_id.to_owned();
        let untruth = Untruth {
            message_id,
            place,
            judgement,
        };
        if self.untruths.len() < MAX_KEPT_UNTRUTHS {
            self.untruths.push(untruth);
        } else {
            untruth.report(!untruth.judgement.strangers.is_empty(), findings);
        }
    }

    /// Two answers are swapped where one names whom another leaves out.
    fn tell_swapped_from_false(&mut self, findings: &mut Findings) {
        let strangers: BTreeSet<u64> = self
            .untruths
            .iter()
            .flat_map(|untruth| untruth.judgement.strangers.iter().flatten().copied())
            .collect();
        for untruth in self.untruths.drain(..) {
            let judgement = &untruth.judgement;
            let swapped = !judgement.strangers.is_empty()
                || judgement
                    .omitted
                    .iter()
                    .any(|person| strangers.contains(person));
            untruth.report(swapped, findings);
        }
    }
}

impl Visitor for LedgerReader<'_> {
    fn visit(&mut self, record: &Record<'_>, findings: &mut Findings) -> Option<IndexKey> {
        match Exchange::parse(record.payload) {
            Err(malformed) => {
                let place = self.journal.name_of(record.segment, record.sequence);
                findings.add(kinds::MALFORMED_RECORD, || Finding {
                    message_id: self.message_id(record.kind, record.payload),
                    ..finding(
                        kinds::MALFORMED_RECORD,
                        format!("{place}: its {}", malformed.0),
                    )
                });
            }
            Ok(exchange) => {
                let footprint = self.exchange(record, &exchange, findings);
                if let Err(error) = self.footprints.write(&footprint) {
                    self.failure.get_or_insert(error);
                }
            }
        }
        // A ledger has no index.
        None
    }

    fn message_id(&self, kind: u8, payload: &[u8]) -> Option<String> {
        let id = (kind == KIND_EXCHANGE).then(|| Exchange::message_id_of(payload));
        id.flatten().map(str::to_owned)
    }
}

// === impl Untruth ===

impl Untruth {
    fn report(&self, swapped: bool, findings: &mut Findings) {
        let kind = if swapped {
            kinds::SWAPPED_ANSWER
        } else {
            kinds::WRONG_ANSWER
        };
        findings.add(kind, || Finding {
            message_id: Some(self.message_id.clone()),
            ..finding(
                kind,
                format!("{}: {}", self.place, self.judgement.describe()),
            )
        });
    }
}

/// What of the plan an exchange is; none where another client asked, or another service was asked.
fn planned<'a>(
    plan: &'a AuditPlan,
    names: &mut Names,
    exchange: &Exchange<'_>,
) -> Option<&'a PlannedAsk> {
    names
        .client(exchange.client)
        .filter(|client| client.id == plan.client)?;
    let service = names.service(service_text_of_target(exchange.path)?)?;
    // Questions of several sizes may go to one service.
    plan.asks
        .iter()
        .filter(|ask| ask.service == service.id)
        .max_by_key(|ask| ask.most_ids)
}

/// Half the digest that a request hash writes as base64; zeros where it writes none.
pub(crate) fn request_hash(text: &str) -> Half {
    let digest = BASE64
        .decode(text)
        .ok()
        .and_then(|bytes| Digest::try_from(bytes).ok());
    digest.map_or([0; 32], |digest| half(&digest))
}

/// Sets a bit; false where it was set.
fn set(bits: &mut [u64], place: u64) -> bool {
    let Some(word) = usize::try_from(place / 64)
        .ok()
        .and_then(|word| bits.get_mut(word))
    else {
        return false;
    };
    let bit = 1 << (place % 64);
    let fresh = *word & bit == 0;
    *word |= bit;
    fresh
}
