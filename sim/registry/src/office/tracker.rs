//! The data tracker: who looked at whose data, when and why (*Andmejälgija*, protocol 1.6).
//!
//! Entries go to a journal, record kind 5 of `docs/log-format.md`; all that wait are made durable
//! together, and only then may the answers go out that they are about.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use parking_lot::{Mutex, RwLock};
use serde_json::{Value, json};
use sim_clock::UtcTime;
use sim_journal::{JournalKind, JournalOptions, JournalWriter, SyncPolicy};
use tokio::sync::oneshot;

use super::{Answer, Call, Office, Refusal, Reply};
use crate::error::Error;

/// Kind of an entry's record.
const USAGE: u8 = 5;
/// Version of its form.
const VERSION: u8 = 1;
/// Entries of one answer at most, and unless the question says otherwise.
const MAX_PAGE: usize = 1_000;

/// One look at somebody's data.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) at: UtcTime,
    pub(super) national_id: String,
    /// On whose behalf: country and code.
    pub(super) user: String,
    /// The subsystem that asked.
    pub(super) client: String,
    /// `X-Road-Id` of the message.
    pub(super) message_id: String,
    pub(super) service: String,
    /// Why.
    pub(super) action: String,
}

/// All entries of one registry.
pub(super) struct Tracker {
    entries: RwLock<HashMap<u64, Vec<Entry>>>,
    sender: Mutex<Option<Sender<Waiting>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    began: UtcTime,
}

/// An entry that waits for the disk, and who waits for it.
struct Waiting {
    payload: Vec<u8>,
    written: oneshot::Sender<bool>,
}

// === impl Tracker ===

impl Tracker {
    /// Begins a journal in `folder`, which is made.
    pub(super) fn begin(folder: &Path) -> Result<Self, Error> {
        let options = JournalOptions {
            sync: SyncPolicy::DataSync,
            ..JournalOptions::default()
        };
        let journal =
            JournalWriter::create(folder, JournalKind::Ledger, options).map_err(Error::Tracker)?;
        let (sender, receiver) = channel();
        let writer = std::thread::Builder::new()
            .name("tracker".to_owned())
            .spawn(move || write_all(journal, &receiver))
            .map_err(Error::Thread)?;
        Ok(Self {
            entries: RwLock::default(),
            sender: Mutex::new(Some(sender)),
            writer: Mutex::new(Some(writer)),
            began: sim_clock::Clock::wall().now(),
        })
    }

    /// Writes an entry down; returns once it is durable.
    pub(super) async fn write(&self, index: u64, entry: Entry) -> Result<(), Refusal> {
        let (written, is_written) = oneshot::channel();
        let waiting = Waiting {
            payload: entry.encode(),
            written,
        };
        let sent = match self.sender.lock().as_ref() {
            Some(sender) => sender.send(waiting).is_ok(),
            None => false,
        };
        if !sent || !is_written.await.unwrap_or(false) {
            return Err(Refusal::NotWritten);
        }
        self.entries.write().entry(index).or_default().push(entry);
        Ok(())
    }

    /// The last read of somebody's data by a service within a time.
    pub(super) fn last_read(
        &self,
        index: u64,
        service: &str,
        from: UtcTime,
        until: UtcTime,
    ) -> Option<Entry> {
        let entries = self.entries.read();
        let mut newest_first = entries.get(&index)?.iter().rev();
        let is_it =
            |entry: &&Entry| entry.service == service && entry.at >= from && entry.at <= until;
        newest_first.find(is_it).cloned()
    }

    /// Seals the journal.
    pub(super) fn close(&self) {
        drop(self.sender.lock().take());
        if let Some(writer) = self.writer.lock().take()
            && writer.join().is_err()
        {
            tracing::error!("the tracker's thread has panicked");
        }
    }

    /// The protocol's three paths.
    pub(super) fn find_usage(&self, office: &Office, call: &Call) -> Reply {
        super::only(call, &http::Method::GET, "GET")?;
        let rest: Vec<&str> = call.rest().iter().map(String::as_str).collect();
        match rest[..] {
            ["v2", "findUsage"] => self.usages(office, call),
            ["v2", "usagePeriod"] => Ok(Answer::ok(
                json!({ "periodStart": self.began.rfc3339_millis() }),
            )),
            ["v2", "heartbeat"] => Ok(Answer::ok(json!({ "status": "OK" }))),
            _ => Err(Refusal::NotFound),
        }
    }

    fn usages(&self, office: &Office, call: &Call) -> Reply {
        let missing = |name: &str| Refusal::Malformed(format!("{name} is missing or not valid"));
        if call.user.is_none() {
            return Err(Refusal::NoUser);
        }
        let code = call.query("userCode").ok_or_else(|| missing("userCode"))?;
        let index = office
            .of_user_code(code)
            .ok_or_else(|| missing("userCode"))?;
        let time = |name: &str| match call.query(name) {
            None => Ok(None),
            Some(text) => read_time(text).map(Some).ok_or_else(|| missing(name)),
        };
        let (start, end) = (time("periodStart")?, time("periodEnd")?);
        // The protocol counts in 32 bits with a sign.
        let number = |name: &str, default: usize| match call.query(name) {
            None => Ok(default),
            Some(text) => {
                let number = text.parse::<i32>().ok();
                let number = number.and_then(|number| usize::try_from(number).ok());
                number.ok_or_else(|| missing(name))
            }
        };
        let (offset, limit) = (number("offset", 0)?, number("limit", MAX_PAGE)?);
        if limit == 0 || limit > MAX_PAGE {
            return Err(missing("limit"));
        }
        let entries = self.entries.read();
        let own = entries.get(&index).map(Vec::as_slice).unwrap_or_default();
        let within = |entry: &&Entry| {
            start.is_none_or(|start| entry.at >= start) && end.is_none_or(|end| entry.at <= end)
        };
        let total = own.iter().filter(within).count();
        let newest_first = own.iter().rev().filter(within).skip(offset).take(limit);
        let usages: Vec<Value> = newest_first.map(Entry::told).collect();
        Ok(Answer::ok(
            json!({ "totalUsages": total, "usages": usages }),
        ))
    }
}

/// A time, or a day, which begins at midnight.
fn read_time(text: &str) -> Option<UtcTime> {
    UtcTime::parse_rfc3339(text).or_else(|| UtcTime::parse_rfc3339(&format!("{text}T00:00:00Z")))
}

fn write_all(mut journal: JournalWriter, entries: &Receiver<Waiting>) {
    let mut failed = false;
    while let Ok(first) = entries.recv() {
        let mut together = vec![first];
        together.extend(entries.try_iter());
        // After a failure nothing is said to be written: what the disk holds is not known.
        if !failed {
            let appended = together
                .iter()
                .try_for_each(|waiting| journal.append(USAGE, &waiting.payload).map(|_| ()));
            if let Err(error) = appended.and_then(|()| journal.commit()) {
                tracing::error!(%error, "the data tracker cannot be written");
                failed = true;
            }
        }
        for waiting in together {
            // Whoever waited may have given up.
            let _ = waiting.written.send(!failed);
        }
    }
    if !failed && let Err(error) = journal.seal() {
        tracing::error!(%error, "the data tracker cannot be sealed");
    }
}

// === impl Entry ===

impl Entry {
    fn encode(&self) -> Vec<u8> {
        let mut to = vec![VERSION, 0, 0, 0];
        to.extend_from_slice(&self.at.as_millis().to_le_bytes());
        for text in [
            &self.message_id,
            &self.client,
            &self.user,
            &self.national_id,
            &self.service,
            &self.action,
        ] {
            let length = text.floor_char_boundary(usize::from(u16::MAX));
            let length_field = u16::try_from(length).unwrap_or(u16::MAX);
            to.extend_from_slice(&length_field.to_le_bytes());
            to.extend_from_slice(&text.as_bytes()[..length]);
        }
        to
    }

    fn told(&self) -> Value {
        // INSTANCE/CLASS/CODE/SUBSYSTEM, as the caller's security server made sure.
        let parts: Vec<&str> = self.client.split('/').collect();
        let part = |at: usize| parts.get(at).copied().unwrap_or_default();
        json!({
            "logtime": self.at.rfc3339_millis(),
            "action": self.action,
            "receiverCode": part(2),
            "receiverSystem": part(3),
        })
    }
}
