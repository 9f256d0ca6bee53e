//! What is logged, and its bytes: messages and time-stamps as in `docs/log-format.md`.

use bytes::Bytes;
use sim_clock::UtcTime;
use sim_evidence::digest::Sha512;
use sim_evidence::hash_chain::{self, HashChain, Step, TreePath};

use sim_journal::MAX_PAYLOAD_BYTES;

use crate::error::LogError;
use crate::record::fields::Fields;

mod body;
mod fields;
#[cfg(test)]
mod tests;
mod time_stamp;

pub use body::LoggedBody;
pub use fields::DecodeError;
pub use time_stamp::TimeStampRecord;

/// Record kind of a signature document.
pub const SIGNATURE: u8 = 1;
/// Record kind of a message.
pub const MESSAGE: u8 = 2;
/// Record kind of a time-stamp.
pub const TIME_STAMP: u8 = 3;

const VERSION: u8 = 1;
/// Where a message's payload has the sequence of its signature record.
const SIGNATURE_OFFSET: usize = 12;
const HAS_BODY: u8 = 1;
const HAS_CHAIN: u8 = 2;
const CHAIN_VERBATIM: u8 = 4;
const BODY_DIGEST: u8 = 8;

/// For whom this security server handled the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// For a service's consumer: as client proxy.
    Consumer,
    /// For a service's provider: as server proxy.
    Provider,
}

/// Which way the message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From consumer to provider.
    Request,
    /// From provider to consumer.
    Response,
}

/// How a signature that covers many messages leads to this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoggedChain {
    /// The path in the tree, from which the two documents can be written again.
    Compact(TreePath),
    /// The two documents themselves, where they are not what we would write.
    Verbatim(HashChain),
}

/// One message as it is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// For whom this security server handled it.
    pub side: Side,
    /// Which way it went.
    pub direction: Direction,
    /// `X-Road-Id`.
    pub message_id: String,
    /// `X-Road-Request-Id`.
    pub request_id: String,
    /// The subsystem this security server acts for, percent-encoded parts with `/` between.
    pub own_party: String,
    /// The other side, likewise.
    pub peer_party: String,
    /// The serialised request or response, as signed.
    pub head: Bytes,
    /// The body part, where the message has one.
    pub body: Option<LoggedBody>,
    /// The signature document.
    pub signature: Bytes,
    /// How the signature leads to this message; `None` where it names the message directly.
    pub chain: Option<LoggedChain>,
    /// When it was logged.
    pub logged_at: UtcTime,
}

/// A message payload in pieces, so that head and body are copied once, into the journal.
#[derive(Debug, Default)]
pub(crate) struct EncodedMessage {
    before_head: Vec<u8>,
    between: [u8; 4],
    after_body: Vec<u8>,
}

// === impl MessageRecord ===

impl MessageRecord {
    /// This record with a digest in place of its body.
    pub(crate) fn without_body(self) -> Self {
        Self {
            body: self.body.map(|body| LoggedBody::Digest(body.digest())),
            ..self
        }
    }

    /// Bytes this record keeps in memory, roughly.
    pub(crate) fn weight(&self) -> usize {
        let body = self.body.as_ref().map_or(0, |body| body.bytes().len());
        self.head.len() + body + self.signature.len()
    }

    /// Writes all but head and body into `encoded`; [`EncodedMessage::parts`] joins them.
    ///
    /// The signature's sequence is put in later: where this refuses a record, its signature
    /// document must not have been stored either.
    pub(crate) fn encode(&self, encoded: &mut EncodedMessage) -> Result<(), LogError> {
        if self.signature.is_empty() || self.signature.len() > MAX_PAYLOAD_BYTES {
            return Err(LogError::TooLong {
                part: "signature document",
            });
        }
        self.encode_all_but_signature(encoded)
    }

    /// As [`Self::encode`], for a record whose signature document was stored before.
    pub(crate) fn encode_all_but_signature(
        &self,
        encoded: &mut EncodedMessage,
    ) -> Result<(), LogError> {
        let before = &mut encoded.before_head;
        before.clear();
        before.extend_from_slice(&[
            VERSION,
            self.side.code(),
            self.direction.code(),
            self.flags(),
        ]);
        before.extend_from_slice(&self.logged_at.as_millis().to_le_bytes());
        before.extend_from_slice(&[0; 8]);
        put_text(before, "message ID", &self.message_id)?;
        put_text(before, "request ID", &self.request_id)?;
        put_text(before, "own party", &self.own_party)?;
        put_text(before, "peer party", &self.peer_party)?;
        before.extend_from_slice(&length_u32("head", self.head.len())?);
        encoded.between = length_u32(
            "body",
            self.body.as_ref().map_or(0, |body| body.bytes().len()),
        )?;
        encoded.after_body.clear();
        match &self.chain {
            None => {}
            Some(LoggedChain::Compact(path)) => put_path(&mut encoded.after_body, path)?,
            Some(LoggedChain::Verbatim(chain)) => put_chain(&mut encoded.after_body, chain)?,
        }
        if encoded
            .parts(self)
            .iter()
            .map(|part| part.len())
            .sum::<usize>()
            > MAX_PAYLOAD_BYTES
        {
            return Err(LogError::TooLong { part: "record" });
        }
        Ok(())
    }

    /// Reads a payload; the signature document is left empty, its record's sequence comes beside.
    ///
    /// # Errors
    /// Where the payload is not one that this crate writes.
    pub fn decode(payload: Bytes) -> Result<(Self, u64), DecodeError> {
        let mut fields = Fields::new(payload);
        fields.expect_version(VERSION)?;
        let side = Side::of_code(fields.u8()?).ok_or(DecodeError("side"))?;
        let direction = Direction::of_code(fields.u8()?).ok_or(DecodeError("direction"))?;
        let flags = fields.u8()?;
        let logged_at = UtcTime::from_millis(fields.i64()?);
        let signature_sequence = fields.u64()?;
        let message_id = fields.text()?;
        let request_id = fields.text()?;
        let own_party = fields.text()?;
        let peer_party = fields.text()?;
        let head = fields.bytes_u32()?;
        let body = fields.bytes_u32()?;
        let body = match flags & (HAS_BODY | BODY_DIGEST) {
            0 if body.is_empty() => None,
            HAS_BODY => Some(LoggedBody::Whole(body)),
            both if both == HAS_BODY | BODY_DIGEST => {
                let digest: [u8; 64] = body.as_ref().try_into().map_err(|_| DecodeError("body"))?;
                Some(LoggedBody::Digest(Sha512::from_bytes(digest)))
            }
            _ => return Err(DecodeError("body")),
        };
        let chain = match flags & (HAS_CHAIN | CHAIN_VERBATIM) {
            0 => None,
            HAS_CHAIN => Some(LoggedChain::Compact(take_path(&mut fields)?)),
            _ => Some(LoggedChain::Verbatim(HashChain {
                result: fields.bytes_u32()?,
                chain: fields.bytes_u32()?,
            })),
        };
        fields.expect_end()?;
        let record = Self {
            side,
            direction,
            message_id,
            request_id,
            own_party,
            peer_party,
            head,
            body,
            signature: Bytes::new(),
            chain,
            logged_at,
        };
        if record.flags() != flags {
            return Err(DecodeError("flags"));
        }
        Ok((record, signature_sequence))
    }

    fn flags(&self) -> u8 {
        let body = match self.body {
            None => 0,
            Some(LoggedBody::Whole(_)) => HAS_BODY,
            Some(LoggedBody::Digest(_)) => HAS_BODY | BODY_DIGEST,
        };
        let chain = match self.chain {
            None => 0,
            Some(LoggedChain::Compact(_)) => HAS_CHAIN,
            Some(LoggedChain::Verbatim(_)) => HAS_CHAIN | CHAIN_VERBATIM,
        };
        body | chain
    }
}

// === impl EncodedMessage ===

impl EncodedMessage {
    /// Names the record that holds the message's signature document.
    pub(crate) fn set_signature(&mut self, sequence: u64) {
        self.before_head[SIGNATURE_OFFSET..SIGNATURE_OFFSET + 8]
            .copy_from_slice(&sequence.to_le_bytes());
    }

    /// The payload's pieces in order.
    pub(crate) fn parts<'a>(&'a self, record: &'a MessageRecord) -> [&'a [u8]; 5] {
        let body = record.body.as_ref().map_or(&[][..], LoggedBody::bytes);
        [
            &self.before_head,
            &record.head,
            &self.between,
            body,
            &self.after_body,
        ]
    }
}

// === impl Side and Direction ===

impl Side {
    const fn code(self) -> u8 {
        match self {
            Self::Consumer => 0,
            Self::Provider => 1,
        }
    }

    const fn of_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Consumer),
            1 => Some(Self::Provider),
            _ => None,
        }
    }
}

impl Direction {
    const fn code(self) -> u8 {
        match self {
            Self::Request => 0,
            Self::Response => 1,
        }
    }

    const fn of_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Request),
            1 => Some(Self::Response),
            _ => None,
        }
    }
}

fn put_text(buffer: &mut Vec<u8>, part: &'static str, text: &str) -> Result<(), LogError> {
    let length = u16::try_from(text.len()).map_err(|_| LogError::TooLong { part })?;
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(text.as_bytes());
    Ok(())
}

fn length_u32(part: &'static str, length: usize) -> Result<[u8; 4], LogError> {
    let length = u32::try_from(length).map_err(|_| LogError::TooLong { part })?;
    Ok(length.to_le_bytes())
}

fn put_path(buffer: &mut Vec<u8>, TreePath(steps): &TreePath) -> Result<(), LogError> {
    let too_long = |_| LogError::TooLong { part: "hash chain" };
    let count = u16::try_from(steps.len()).map_err(too_long)?;
    buffer.extend_from_slice(&count.to_le_bytes());
    for step in steps {
        buffer.push(match step.sibling_side {
            hash_chain::Side::Left => 0,
            hash_chain::Side::Right => 1,
        });
        buffer.extend_from_slice(step.sibling.as_bytes());
    }
    Ok(())
}

fn take_path(fields: &mut Fields) -> Result<TreePath, DecodeError> {
    let count = fields.u16()?;
    let mut steps = Vec::new();
    for _ in 0..count {
        let sibling_side = match fields.u8()? {
            0 => hash_chain::Side::Left,
            1 => hash_chain::Side::Right,
            _ => return Err(DecodeError("side of a tree step")),
        };
        steps.push(Step {
            sibling_side,
            sibling: Sha512::from_bytes(fields.array()?),
        });
    }
    Ok(TreePath(steps))
}

fn put_chain(buffer: &mut Vec<u8>, chain: &HashChain) -> Result<(), LogError> {
    for document in [&chain.result, &chain.chain] {
        buffer.extend_from_slice(&length_u32("hash chain", document.len())?);
        buffer.extend_from_slice(document);
    }
    Ok(())
}
