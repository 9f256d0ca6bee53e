//! The payload of a ledger's record.

use crate::fields::{Fields, Malformed};

const VERSION: u8 = 1;

/// How an exchange ended, as the load generator saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ok,
    Refused,
    Failed,
    Unknown,
    Wrong,
}

/// One question and its answer.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) outcome: Outcome,
    /// HTTP status, 0 without an answer.
    pub(crate) status: u16,
    pub(crate) message_id: &'a str,
    /// `X-Road-Client` as it was sent.
    pub(crate) client: &'a str,
    pub(crate) method: &'a str,
    /// Path and query as they were sent.
    pub(crate) path: &'a str,
    /// `X-Road-Request-Hash` of the answer, empty without.
    pub(crate) request_hash: &'a str,
    pub(crate) question: &'a [u8],
    pub(crate) answer: &'a [u8],
}

// === impl Outcome ===

impl Outcome {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Refused => 1,
            Self::Failed => 2,
            Self::Unknown => 3,
            Self::Wrong => 4,
        }
    }

    pub(crate) const fn of_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Ok,
            1 => Self::Refused,
            2 => Self::Failed,
            3 => Self::Unknown,
            4 => Self::Wrong,
            _ => return None,
        })
    }

    /// True where a service's answer came.
    pub(crate) const fn is_answered(self) -> bool {
        matches!(self, Self::Ok | Self::Wrong)
    }
}

// === impl Exchange ===

impl<'a> Exchange<'a> {
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::of(payload);
        if fields.u8("version")? != VERSION {
            return Err(Malformed("version"));
        }
        let outcome = Outcome::of_code(fields.u8("outcome")?).ok_or(Malformed("outcome"))?;
        let status = fields.u16("status")?;
        for time in ["scheduled", "started", "finished"] {
            fields.u64(time)?;
        }
        let message_id = fields.text("message ID")?;
        let client = fields.text("client")?;
        let target = fields.text("target")?;
        let (method, path) = target.split_once(' ').ok_or(Malformed("target"))?;
        fields.text("fault code")?;
        let exchange = Self {
            outcome,
            status,
            message_id,
            client,
            method,
            path,
            request_hash: fields.text("request hash")?,
            question: fields.long_bytes("question")?,
            answer: fields.long_bytes("answer")?,
        };
        fields.end()?;
        Ok(exchange)
    }

    /// The message ID of a payload that need not be whole.
    pub(crate) fn message_id_of(payload: &'a [u8]) -> Option<&'a str> {
        let mut fields = Fields::of(payload);
        fields.bytes("fixed fields", 1 + 1 + 2 + 3 * 8).ok()?;
        fields.text("message ID").ok().filter(|id| !id.is_empty())
    }
}
