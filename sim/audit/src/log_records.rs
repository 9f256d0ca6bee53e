//! Payloads of a message log: messages and time-stamps.

use crate::digest::{Digest, sha512};
use crate::fields::{Fields, Malformed};

const VERSION: u8 = 1;

/// Deepest tree a compact chain can come from: more levels than a batch can ever have.
const MAX_TREE_STEPS: u16 = 64;

/// Which proxy wrote a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Consumer,
    Provider,
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Response,
}

/// One request or response, as it was logged.
#[derive(Debug)]
pub(crate) struct MessageRecord<'a> {
    pub(crate) side: Side,
    pub(crate) direction: Direction,
    /// Sequence of the record with its signature document.
    pub(crate) signature: u64,
    pub(crate) message_id: &'a str,
    pub(crate) request_id: &'a str,
    /// The subsystem that the security server acted for, percent-encoded.
    pub(crate) own_party: &'a str,
    /// The other side's subsystem, percent-encoded.
    pub(crate) peer_party: &'a str,
    pub(crate) head: &'a [u8],
    /// Digest of the body; `None` where no body part exists.
    pub(crate) body: Option<Digest>,
    pub(crate) chain: Option<LoggedChain<'a>>,
}

/// How a message hangs on its signature, where the signature does not name it directly.
#[derive(Debug)]
pub(crate) enum LoggedChain<'a> {
    /// Steps of the tree, from the top down.
    Compact(Vec<TreeStep>),
    /// The two documents.
    Verbatim { result: &'a [u8], chain: &'a [u8] },
}

/// One level of a tree: where the sibling stands, and its digest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TreeStep {
    pub(crate) sibling_is_left: bool,
    pub(crate) sibling: Digest,
}

/// One token, as it was logged.
#[derive(Debug)]
pub(crate) struct TimeStampRecord<'a> {
    /// Milliseconds since the epoch.
    pub(crate) stamped_at: i64,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) count: u32,
    pub(crate) token: &'a [u8],
}

// === impl MessageRecord ===

impl<'a> MessageRecord<'a> {
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::of(payload);
        if fields.u8("version")? != VERSION {
            return Err(Malformed("version"));
        }
        let side = match fields.u8("side")? {
            0 => Side::Consumer,
            1 => Side::Provider,
            _ => return Err(Malformed("side")),
        };
        let direction = match fields.u8("direction")? {
            0 => Direction::Request,
            1 => Direction::Response,
            _ => return Err(Malformed("direction")),
        };
        let flags = Flags::parse(fields.u8("flags")?)?;
        fields.i64("logged at")?;
        let signature = fields.u64("signature")?;
        let message_id = fields.text("message ID")?;
        let request_id = fields.text("request ID")?;
        let own_party = fields.text("own party")?;
        let peer_party = fields.text("peer party")?;
        let head = fields.long_bytes("head")?;
        let body = fields.long_bytes("body")?;
        let body = match flags.body {
            None if body.is_empty() => None,
            None => return Err(Malformed("body")),
            Some(BodyForm::Whole) => Some(sha512(body)),
            Some(BodyForm::Digest) => Some(Digest::try_from(body).map_err(|_| Malformed("body"))?),
        };
        let chain = flags
            .chain
            .map(|form| LoggedChain::parse(form, &mut fields))
            .transpose()?;
        fields.end()?;
        Ok(Self {
            side,
            direction,
            signature,
            message_id,
            request_id,
            own_party,
            peer_party,
            head,
            body,
            chain,
        })
    }

    /// The message ID of a payload that need not be whole.
    pub(crate) fn message_id_of(payload: &'a [u8]) -> Option<&'a str> {
        let mut fields = Fields::of(payload);
        fields.bytes("fixed fields", 1 + 1 + 1 + 1 + 8 + 8).ok()?;
        fields.text("message ID").ok().filter(|id| !id.is_empty())
    }
}

/// The flags of a message.
struct Flags {
    body: Option<BodyForm>,
    chain: Option<ChainForm>,
}

#[derive(Clone, Copy)]
enum BodyForm {
    Whole,
    Digest,
}

#[derive(Clone, Copy)]
enum ChainForm {
    Compact,
    Verbatim,
}

impl Flags {
    fn parse(byte: u8) -> Result<Self, Malformed> {
        let body = match byte & 0b1001 {
            0b0000 => None,
            0b0001 => Some(BodyForm::Whole),
            0b1001 => Some(BodyForm::Digest),
            _ => return Err(Malformed("flags")),
        };
        let chain = match (byte >> 1) & !0b100 {
            0b00 => None,
            0b01 => Some(ChainForm::Compact),
            0b11 => Some(ChainForm::Verbatim),
            _ => return Err(Malformed("flags")),
        };
        Ok(Self { body, chain })
    }
}

// === impl LoggedChain ===

impl<'a> LoggedChain<'a> {
    fn parse(form: ChainForm, fields: &mut Fields<'a>) -> Result<Self, Malformed> {
        match form {
            ChainForm::Verbatim => Ok(Self::Verbatim {
                result: fields.long_bytes("hash chain result")?,
                chain: fields.long_bytes("hash chain")?,
            }),
            ChainForm::Compact => {
                let count = fields.u16("tree steps")?;
                if count > MAX_TREE_STEPS {
                    return Err(Malformed("tree steps"));
                }
                (0..count)
                    .map(|_| TreeStep::parse(fields))
                    .collect::<Result<_, _>>()
                    .map(Self::Compact)
            }
        }
    }
}

impl TreeStep {
    fn parse(fields: &mut Fields<'_>) -> Result<Self, Malformed> {
        let sibling_is_left = match fields.u8("sibling side")? {
            0 => true,
            1 => false,
            _ => return Err(Malformed("sibling side")),
        };
        Ok(Self {
            sibling_is_left,
            sibling: fields.array("sibling")?,
        })
    }
}

// === impl TimeStampRecord ===

impl<'a> TimeStampRecord<'a> {
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::of(payload);
        if fields.u8("version")? != VERSION {
            return Err(Malformed("version"));
        }
        if fields.array("reserved")? != [0; 3] {
            return Err(Malformed("reserved"));
        }
        let record = Self {
            stamped_at: fields.i64("stamped at")?,
            first: fields.u64("first")?,
            last: fields.u64("last")?,
            count: fields.u32("count")?,
            token: fields.long_bytes("token")?,
        };
        fields.end()?;
        Ok(record)
    }
}
