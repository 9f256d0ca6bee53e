//! Brings the records of each exchange together and holds them against each other.

use std::collections::BTreeSet;

use sim_metrics::{AuditResult, Finding};

use crate::findings::Findings;
use crate::footprint::{Footprint, Marks, Role};
use crate::journal::Journal;
use crate::kinds::{self, Kind, finding};
use crate::ledger::{Exchange, Outcome};
use crate::log_records::MessageRecord;
use crate::stamped::{Stamped, Stamping};
use crate::tracker;

/// A journal, who its server acts for, and what of it is time-stamped.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) journal: Journal,
    /// It may hold a consumer's records.
    pub(crate) consumer: bool,
    /// It may hold a provider's records.
    pub(crate) provider: bool,
    pub(crate) stamped: Stamped,
    /// Sequences of signatures whose value does not verify.
    pub(crate) invalid: BTreeSet<u64>,
}

/// Joins footprints into exchanges.
pub(crate) struct Crossing<'a> {
    sources: &'a [Source],
    findings: Findings,
    counts: Counts,
}

/// Totals that only the join can know.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    verified: u64,
    missing: u64,
    extra: u64,
    unproven: u64,
    unknown: u64,
    unstamped: u64,
}

/// One exchange's records, one of each role.
struct Group<'a> {
    exchange: &'a Footprint,
    /// In the order of [`Role::OF_MESSAGES`].
    records: [Option<&'a Footprint>; 4],
    unproven: bool,
    faulty: bool,
}

// === impl Crossing ===

impl<'a> Crossing<'a> {
    pub(crate) fn new(sources: &'a [Source]) -> Self {
        Self {
            sources,
            findings: Findings::default(),
            counts: Counts::default(),
        }
    }

    /// Takes footprints sorted by key and role; all of a key at once.
    pub(crate) fn take(&mut self, footprints: &[Footprint]) {
        for records in footprints.chunk_by(|one, other| one.key == other.key) {
            self.group(records);
        }
    }

    /// Adds what was found to the result.
    pub(crate) fn add_to(self, findings: &mut Findings, result: &mut AuditResult) {
        findings.merge(self.findings);
        result.verified += self.counts.verified;
        result.missing += self.counts.missing;
        result.extra += self.counts.extra;
        result.unproven += self.counts.unproven;
        result.unknown += self.counts.unknown;
        result.unstamped += self.counts.unstamped;
    }

    fn group(&mut self, records: &[Footprint]) {
        let exchanges = records
            .iter()
            .take_while(|record| record.role == Role::Exchange)
            .count();
        let (exchanges, messages) = records.split_at(exchanges);
        // A tracker's entries are the last of a key.
        let usages = messages.partition_point(|record| record.role != Role::Usage);
        let (messages, usages) = messages.split_at(usages);
        self.check_tracked(exchanges.first(), usages);
        let Some((exchange, others)) = exchanges.split_first() else {
            for record in messages {
                self.counts.extra += 1;
                self.add(kinds::EXTRA_RECORD, record, "nobody asked for it");
                self.check_stamp(record);
            }
            return;
        };
        for other in others {
            self.add(
                kinds::ID_USED_TWICE,
                other,
                "its message ID was used before",
            );
        }
        let mut group = Group {
            exchange,
            records: [None; 4],
            unproven: false,
            faulty: !others.is_empty() || exchange.marks.has(Marks::FAULTY),
        };
        for record in messages {
            self.place(record, &mut group);
        }
        self.check(&mut group);
    }

    /// Every read of somebody's data has one entry in a data tracker, and the reverse.
    fn check_tracked(&mut self, exchange: Option<&Footprint>, usages: &[Footprint]) {
        let Some(exchange) = exchange else {
            for usage in usages {
                self.add(kinds::TRACKED_UNREAD, usage, "nobody read anything");
            }
            return;
        };
        let is_read = exchange.marks.has(Marks::PERSONAL);
        if is_read && usages.is_empty() {
            let text = "somebody's data were read, and no data tracker knows of it";
            self.add(kinds::NOT_TRACKED, exchange, text);
        }
        for usage in usages.iter().skip(1) {
            self.add(
                kinds::TRACKED_TWICE,
                usage,
                "the read was written down before",
            );
        }
        // What was refused may have been written down before it was: a refusal tells something, too.
        let usage = usages
            .first()
            .filter(|usage| usage.asked != exchange.parties);
        if let Some(usage) = usage {
            let text = "another client or service than the exchange's";
            self.add(kinds::TRACKED_OTHERWISE, usage, text);
        }
    }

    /// Puts a record into its group, unless it has no place there.
    fn place<'r>(&mut self, record: &'r Footprint, group: &mut Group<'r>) {
        match self.check_stamp(record) {
            Stamping::Proven => {}
            Stamping::Unproven => group.unproven = true,
            Stamping::None => group.faulty = true,
        }
        let source = &self.sources[usize::from(record.journal)];
        group.unproven |= record.marks.has(Marks::UNPROVEN);
        group.unproven |= source.invalid.contains(&record.signature);
        group.faulty |= record.marks.has(Marks::FAULTY);
        let at_home = if record.role.is_consumer() {
            source.consumer
        } else {
            source.provider
        };
        let slot = Role::OF_MESSAGES
            .iter()
            .position(|role| *role == record.role);
        let slot = slot.and_then(|slot| group.records.get_mut(slot));
        match slot {
            Some(slot) if at_home && slot.is_none() => *slot = Some(record),
            _ => {
                group.faulty = true;
                self.counts.extra += 1;
                if at_home {
                    self.add(kinds::DUPLICATE_RECORD, record, "logged before");
                } else {
                    self.add(kinds::WRONG_SERVER, record, "this server has no part in it");
                }
            }
        }
    }

    fn check(&mut self, group: &mut Group<'_>) {
        let outcome = Outcome::of_code(group.exchange.outcome).unwrap_or(Outcome::Unknown);
        let answered = outcome.is_answered();
        if answered {
            self.check_complete(group);
        }
        self.check_requests(group);
        self.check_responses(group, answered);
        if group.unproven {
            self.counts.unproven += 1;
        }
        match outcome {
            Outcome::Ok if !group.unproven && !group.faulty => {
                if !group.exchange.marks.has(Marks::WRONG) {
                    self.counts.verified += 1;
                }
            }
            Outcome::Ok | Outcome::Wrong => {}
            Outcome::Refused => self.add(kinds::REFUSED, group.exchange, "refused"),
            Outcome::Failed => self.add(kinds::FAILED, group.exchange, "failed"),
            Outcome::Unknown => self.reconcile(group),
        }
    }

    /// Every record of an answered exchange must be there.
    fn check_complete(&mut self, group: &mut Group<'_>) {
        for (role, _) in Role::OF_MESSAGES
            .iter()
            .zip(group.records)
            .filter(|(_, record)| record.is_none())
        {
            group.faulty = true;
            self.counts.missing += 1;
            self.add(
                kinds::MISSING_RECORD,
                group.exchange,
                &format!("no {}", role.name()),
            );
        }
    }

    fn check_requests(&mut self, group: &mut Group<'_>) {
        let [consumer, _, provider, _] = group.records;
        if let (Some(consumer), Some(provider)) = (consumer, provider)
            && !same_message(consumer, provider)
        {
            group.faulty = true;
            self.add(
                kinds::SERVERS_DIFFER,
                provider,
                "not the request that the consumer logged",
            );
        }
        let exchange = group.exchange;
        for record in [consumer, provider].into_iter().flatten() {
            if record.asked != exchange.asked {
                group.faulty = true;
                let text = "another method, target or client than the question's";
                self.add(kinds::NOT_AS_ASKED, record, text);
            } else if record.body != exchange.head {
                group.faulty = true;
                self.add(
                    kinds::NOT_AS_ASKED,
                    record,
                    "another body than the question's",
                );
            }
        }
    }

    fn check_responses(&mut self, group: &mut Group<'_>, answered: bool) {
        let [request, consumer, provider_request, provider] = group.records;
        if let (Some(consumer), Some(provider)) = (consumer, provider)
            && !same_message(consumer, provider)
        {
            group.faulty = true;
            self.add(
                kinds::SERVERS_DIFFER,
                consumer,
                "not the response that the provider logged",
            );
        }
        let exchange = group.exchange;
        let request = request.or(provider_request);
        for record in [consumer, provider].into_iter().flatten() {
            let mut fault = |kind, text| {
                group.faulty = true;
                self.add(kind, record, text);
            };
            if request.is_some_and(|request| request.request_hash != record.request_hash) {
                fault(kinds::REQUEST_HASH, "its request hash is not the request's");
            }
            if request.is_some_and(|request| request.parties != record.parties) {
                fault(
                    kinds::PARTIES,
                    "another client, service or request ID than the request's",
                );
            }
            if !answered {
                continue;
            }
            if exchange.status != record.status || exchange.body != record.body {
                fault(
                    kinds::NOT_AS_ANSWERED,
                    "another status or body than the answer's",
                );
            }
            if exchange.request_hash != record.request_hash {
                fault(kinds::REQUEST_HASH, "its request hash is not the answer's");
            }
        }
    }

    /// The logs may tell what became of a question that was never answered.
    fn reconcile(&mut self, group: &Group<'_>) {
        match group.records.iter().flatten().count() {
            0 => self.add(
                kinds::UNKNOWN_NEVER_SENT,
                group.exchange,
                "it never went out",
            ),
            4 => self.add(
                kinds::UNKNOWN_ANSWERED,
                group.exchange,
                "it was answered after all",
            ),
            count => {
                self.counts.unknown += 1;
                let text = format!("{count} records do not tell what became of it");
                self.add(kinds::UNKNOWN, group.exchange, &text);
            }
        }
    }

    fn check_stamp(&mut self, record: &Footprint) -> Stamping {
        let stamping = self.sources[usize::from(record.journal)]
            .stamped
            .of(record.signature);
        if stamping == Stamping::None {
            self.counts.unstamped += 1;
            self.add(
                kinds::UNSTAMPED,
                record,
                "no time-stamp covers its signature",
            );
        }
        stamping
    }

    fn add(&mut self, kind: Kind, record: &Footprint, text: &str) {
        let source = &self.sources[usize::from(record.journal)];
        self.findings.add(kind, || {
            let journal = &source.journal;
            let place = journal.name_of(record.segment, record.sequence);
            let message_id = journal.message_id_at(record.segment, record.offset, |_, payload| {
                let id = match record.role {
                    Role::Exchange => Exchange::message_id_of(payload),
                    Role::Usage => tracker::message_id_of(payload),
                    _ => MessageRecord::message_id_of(payload),
                };
                id.map(str::to_owned)
            });
            let text = format!("{place} ({}): {text}", record.role.name());
            Finding {
                message_id,
                server: journal.server.clone(),
                ..finding(kind, text)
            }
        });
    }
}

fn same_message(one: &Footprint, other: &Footprint) -> bool {
    one.head == other.head && one.body == other.body
}
