//! What each member asked and was asked, beside its security servers.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use sim_metrics::{LoadResult, MemberFacts, OutcomeCounts, RunRecord};

use super::named;
use super::names::{Names, member_of};
use crate::format::{NOTHING, bytes, count, counted, seconds, share};
use crate::table::Table;

/// Members that are listed, those with the most exchanges first.
const MAX_MEMBERS: usize = 60;
/// Security servers of one member that are named.
const MAX_NAMED_SERVERS: usize = 3;

/// A member's exchanges.
#[derive(Default)]
struct Exchanges {
    asked: Side,
    was_asked: Side,
}

/// Exchanges on one side of the counter.
#[derive(Default)]
struct Side {
    all: u64,
    errors: u64,
}

/// What a member's security servers come to; absent where the record does not say.
#[derive(Default)]
struct Servers {
    records: Option<u64>,
    bytes: Option<u64>,
    cpu_s: Option<f64>,
}

/// The members in a table, and how to read it. Where one asked another and the record does not know
/// their security servers, the table would repeat what is told of the service, and is empty.
pub(super) fn view(record: &RunRecord, load: &LoadResult, names: &Names<'_>) -> (Table, String) {
    let facts: BTreeMap<&str, &MemberFacts> = record
        .scenario
        .members
        .iter()
        .map(|member| (member.id.as_str(), member))
        .collect();
    let members = gather(load);
    let servers_of = |id: &str| {
        let servers = facts.get(id).map(|facts| facts.security_servers.as_slice());
        servers.unwrap_or_default()
    };
    let has_servers = members.keys().any(|id| !servers_of(id).is_empty());
    if !has_servers && load.services.len() == 1 {
        return (Table::default(), String::new());
    }
    let mut heads = vec!["Member", "#Asked", "#Not ok", "#Was asked", "#Not ok"];
    if has_servers {
        heads.extend(["Security server", "#Records", "#Evidence", "#Processor"]);
    }
    let mut table = Table::new("Each member, the most exchanges first", &heads);
    let mut sorted: Vec<(&str, &Exchanges)> = members.iter().map(|(&id, own)| (id, own)).collect();
    // A stable sort: the identifier decides among equals.
    sorted.sort_by_key(|(_, own)| Reverse(own.asked.all.saturating_add(own.was_asked.all)));
    for (id, own) in sorted.iter().take(MAX_MEMBERS) {
        let name = names.member(id);
        let is_identifier = name == named(id, "unnamed");
        let mut cells = vec![name];
        cells.extend(own.asked.cells());
        cells.extend(own.was_asked.cells());
        if has_servers {
            let codes = servers_of(id);
            cells.push(listed(codes));
            cells.extend(Servers::of(record, codes).cells());
        }
        let row = table.push(cells);
        row.notes.extend((!is_identifier).then(|| named(id, "")));
    }
    table.left_out = sorted.len().saturating_sub(MAX_MEMBERS);
    let idle = facts.keys().filter(|id| !members.contains_key(*id)).count();
    (
        table,
        note(load, is_shared(&record.scenario.members), idle as u64),
    )
}

/// All but the ok.
pub(super) fn errors(counts: &OutcomeCounts) -> u64 {
    [counts.refused, counts.failed, counts.unknown, counts.wrong]
        .into_iter()
        .fold(0, u64::saturating_add)
}

fn gather(load: &LoadResult) -> BTreeMap<&str, Exchanges> {
    let mut members: BTreeMap<&str, Exchanges> = BTreeMap::new();
    for asked in &load.services {
        let errors = errors(&asked.outcomes);
        let client = members.entry(member_of(&asked.client)).or_default();
        client.asked.add(asked.started, errors);
        let provider = members.entry(member_of(&asked.service)).or_default();
        provider.was_asked.add(asked.started, errors);
    }
    members
}

/// Does a security server serve several members?
fn is_shared(members: &[MemberFacts]) -> bool {
    let mut served: BTreeMap<&str, u32> = BTreeMap::new();
    for server in members.iter().flat_map(|member| &member.security_servers) {
        *served.entry(server).or_default() += 1;
    }
    served.values().any(|&members| members > 1)
}

fn note(load: &LoadResult, shared: bool, idle: u64) -> String {
    let mut sentences = Vec::new();
    if load
        .services
        .iter()
        .any(|asked| errors(&asked.outcomes) > 0)
    {
        sentences.push(
            "An exchange that ended otherwise than ok counts with both sides, whoever was at fault."
                .to_owned(),
        );
    }
    if shared {
        sentences.push(
            "A security server that several members share is counted in full with each of them."
                .to_owned(),
        );
    }
    if idle > 0 {
        sentences.push(format!(
            "{} neither asked nor {} asked.",
            counted(idle, "member", "members"),
            if idle == 1 { "was" } else { "were" },
        ));
    }
    sentences.join(" ")
}

/// `one, two, three and 4 more`.
fn listed(servers: &[String]) -> String {
    let names: Vec<String> = servers
        .iter()
        .take(MAX_NAMED_SERVERS)
        .map(|server| named(server, "unnamed"))
        .collect();
    let more = servers.len().saturating_sub(MAX_NAMED_SERVERS);
    match (names.is_empty(), more) {
        (true, _) => NOTHING.to_owned(),
        (false, 0) => names.join(", "),
        (false, more) => format!("{} and {more} more", names.join(", ")),
    }
}

// === impl Side ===

impl Side {
    fn add(&mut self, exchanges: u64, errors: u64) {
        self.all = self.all.saturating_add(exchanges);
        self.errors = self.errors.saturating_add(errors);
    }

    /// How many, and how large a part of them ended otherwise than ok.
    fn cells(&self) -> [String; 2] {
        if self.all == 0 {
            return [NOTHING.to_owned(), NOTHING.to_owned()];
        }
        [count(self.all), share(self.errors, self.all)]
    }
}

// === impl Servers ===

impl Servers {
    /// What the record knows of the security servers with these codes.
    fn of(record: &RunRecord, codes: &[String]) -> Self {
        let mut sum = Self::default();
        for code in codes {
            for evidence in record
                .evidence
                .servers
                .iter()
                .filter(|log| log.server == *code)
            {
                let records = sum.records.unwrap_or(0);
                sum.records = Some(records.saturating_add(evidence.records));
                let bytes = sum.bytes.unwrap_or(0);
                sum.bytes = Some(bytes.saturating_add(evidence.bytes_on_disk));
            }
            for process in record
                .processes
                .iter()
                .filter(|process| process.name == *code)
            {
                sum.cpu_s = Some(sum.cpu_s.unwrap_or(0.0) + process.cpu_seconds);
            }
        }
        sum
    }

    fn cells(&self) -> [String; 3] {
        let nothing = || NOTHING.to_owned();
        [
            self.records.map_or_else(nothing, count),
            self.bytes.map_or_else(nothing, bytes),
            self.cpu_s.map_or_else(nothing, seconds),
        ]
    }
}
