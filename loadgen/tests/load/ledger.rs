//! Reads a ledger as `docs/log-format.md` describes it.

use std::path::Path;

use sim_journal::JournalReader;

/// One record of kind 4.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) outcome: u8,
    pub(crate) status: u16,
    pub(crate) scheduled_ns: u64,
    pub(crate) started_ns: u64,
    pub(crate) finished_ns: u64,
    pub(crate) message_id: String,
    pub(crate) client: String,
    pub(crate) target: String,
    pub(crate) fault_code: String,
    pub(crate) request_hash: String,
    pub(crate) question: Vec<u8>,
    pub(crate) answer: Vec<u8>,
}

/// All exchanges of a sealed ledger, in its order.
pub(crate) fn read(folder: &Path) -> Vec<Exchange> {
    let mut sealed = false;
    let mut exchanges = Vec::new();
    for record in JournalReader::open(folder).expect("a ledger") {
        let record = record.expect("a whole record");
        assert!(!sealed, "nothing comes after the seal");
        match record.kind {
            4 => exchanges.push(exchange(&record.payload)),
            15 => sealed = true,
            kind => panic!("a ledger has no records of kind {kind}"),
        }
    }
    assert!(sealed, "a ledger ends with a seal");
    exchanges
}

/// The index at the end of a message ID.
pub(crate) fn index_of(exchange: &Exchange) -> u64 {
    let (_, index) = exchange
        .message_id
        .rsplit_once('-')
        .expect("run ID, dash, index");
    index.parse().expect("an index")
}

fn exchange(payload: &[u8]) -> Exchange {
    let mut rest = payload;
    assert_eq!(take(&mut rest, 1), [1], "version");
    let exchange = Exchange {
        outcome: take(&mut rest, 1)[0],
        status: number(&mut rest, 2) as u16,
        scheduled_ns: number(&mut rest, 8),
        started_ns: number(&mut rest, 8),
        finished_ns: number(&mut rest, 8),
        message_id: text(&mut rest),
        client: text(&mut rest),
        target: text(&mut rest),
        fault_code: text(&mut rest),
        request_hash: text(&mut rest),
        question: body(&mut rest),
        answer: body(&mut rest),
    };
    assert!(rest.is_empty(), "nothing follows the answer");
    exchange
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(length);
    *rest = left;
    taken
}

fn number(rest: &mut &[u8], length: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes[..length].copy_from_slice(take(rest, length));
    u64::from_le_bytes(bytes)
}

fn text(rest: &mut &[u8]) -> String {
    let length = number(rest, 2) as usize;
    String::from_utf8(take(rest, length).to_vec()).expect("UTF-8")
}

fn body(rest: &mut &[u8]) -> Vec<u8> {
    let length = number(rest, 4) as usize;
    take(rest, length).to_vec()
}
