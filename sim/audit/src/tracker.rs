//! Reads a data tracker's journal: who looked at whose data, as a registry wrote it down.

use sim_metrics::Finding;

use crate::digest::digest_of_texts;
use crate::fields::{Fields, Malformed};
use crate::findings::Findings;
use crate::footprint::{Footprint, Marks, Role};
use crate::journal::{IndexKey, Journal, KIND_USAGE, Record, Visitor, key_of};
use crate::kinds::{self, finding};
use crate::partitions::PartitionWriter;

const VERSION: u8 = 1;

/// Takes the entries of a data tracker.
pub(crate) struct TrackerReader<'a> {
    journal: &'a Journal,
    number: u16,
    footprints: PartitionWriter<'a>,
    /// The first failure to keep a footprint.
    failure: Option<std::io::Error>,
}

/// One entry, as far as it can be held against the logs.
struct Usage<'a> {
    message_id: &'a str,
    client: &'a str,
    service: &'a str,
}

// === impl TrackerReader ===

impl<'a> TrackerReader<'a> {
    pub(crate) const fn new(
        journal: &'a Journal,
        number: u16,
        footprints: PartitionWriter<'a>,
    ) -> Self {
        Self {
            journal,
            number,
            footprints,
            failure: None,
        }
    }

    pub(crate) fn finish(self) -> std::io::Result<()> {
        match self.failure {
            Some(failure) => Err(failure),
            None => self.footprints.finish(),
        }
    }

    /// What client and service an exchange and a tracker's entry must agree on.
    pub(crate) fn parties(client: &str, service: &str) -> crate::digest::Half {
        digest_of_texts(&[client, service])
    }
}

impl Visitor for TrackerReader<'_> {
    fn visit(&mut self, record: &Record<'_>, findings: &mut Findings) -> Option<IndexKey> {
        match Usage::parse(record.payload) {
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
            Ok(usage) => {
                let footprint = Footprint {
                    key: key_of(usage.message_id),
                    journal: self.number,
                    role: Role::Usage,
                    outcome: 0,
                    status: 0,
                    marks: Marks::default(),
                    segment: record.segment,
                    offset: record.offset,
                    sequence: record.sequence,
                    signature: 0,
                    head: [0; 32],
                    body: [0; 32],
                    asked: Self::parties(usage.client, usage.service),
                    request_hash: [0; 32],
                    parties: [0; 32],
                };
                if let Err(error) = self.footprints.write(&footprint) {
                    self.failure.get_or_insert(error);
                }
            }
        }
        None
    }

    fn message_id(&self, kind: u8, payload: &[u8]) -> Option<String> {
        let id = (kind == KIND_USAGE).then(|| Usage::message_id_of(payload));
        id.flatten().map(str::to_owned)
    }
}

// === impl Usage ===

impl<'a> Usage<'a> {
    fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::of(payload);
        if fields.u8("version")? != VERSION {
            return Err(Malformed("version"));
        }
        fields.bytes("reserved bytes", 3)?;
        fields.u64("time")?;
        let message_id = fields.text("message ID")?;
        let client = fields.text("client")?;
        fields.text("user")?;
        fields.text("person")?;
        let service = fields.text("service")?;
        fields.text("action")?;
        fields.end()?;
        Ok(Self {
            message_id,
            client,
            service,
        })
    }

    /// The message ID of a payload that need not be whole.
    fn message_id_of(payload: &'a [u8]) -> Option<&'a str> {
        let mut fields = Fields::of(payload);
        fields.bytes("fixed fields", 1 + 3 + 8).ok()?;
        fields.text("message ID").ok().filter(|id| !id.is_empty())
    }
}

/// The message ID within an entry, for a finding.
pub(crate) fn message_id_of(payload: &[u8]) -> Option<&str> {
    Usage::message_id_of(payload)
}
