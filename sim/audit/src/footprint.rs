//! What is remembered of one record until all records of its message ID are brought together.
//!
//! A footprint has a fixed size, whatever the size of the record, so that a run of any length can
//! be joined in pieces.

use crate::digest::Half;
use crate::fields::{Fields, Malformed};
use crate::journal::IndexKey;

/// Bytes of a footprint on disk.
pub(crate) const FOOTPRINT_BYTES: usize = 16 + 2 + 1 + 1 + 2 + 2 + 4 + 8 + 8 + 8 + 5 * 32;

/// Which of the records of an exchange a footprint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// The ledger's.
    Exchange,
    ConsumerRequest,
    ConsumerResponse,
    ProviderRequest,
    ProviderResponse,
    /// A data tracker's.
    Usage,
}

/// What was found of a record while it was read by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u16);

/// A record's footprint. Of an exchange, the fields hold what the records must agree with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Footprint {
    pub(crate) key: IndexKey,
    /// Which journal it stands in.
    pub(crate) journal: u16,
    pub(crate) role: Role,
    /// Of an exchange: its outcome.
    pub(crate) outcome: u8,
    /// HTTP status of a response or an answer.
    pub(crate) status: u16,
    pub(crate) marks: Marks,
    pub(crate) segment: u32,
    pub(crate) offset: u64,
    pub(crate) sequence: u64,
    /// Sequence of the signature record.
    pub(crate) signature: u64,
    /// Digest of a message's head; of an exchange's question body.
    pub(crate) head: Half,
    /// Digest of a message's body; of an exchange's answer.
    pub(crate) body: Half,
    /// Digest of method, target and client of a request or exchange.
    pub(crate) asked: Half,
    /// Request hash: computed of a request, claimed by a response or an exchange.
    pub(crate) request_hash: Half,
    /// Digest of client, service and request ID; all four records must agree.
    pub(crate) parties: Half,
}

// === impl Marks ===

impl Marks {
    /// Its evidence does not verify.
    pub(crate) const UNPROVEN: Self = Self(1);
    /// Something else about it is not as it must be.
    pub(crate) const FAULTY: Self = Self(2);
    /// Of an exchange: the answer is not the truth.
    pub(crate) const WRONG: Self = Self(4);
    /// Of an exchange: somebody's data were read, so that a data tracker must know of it.
    pub(crate) const PERSONAL: Self = Self(8);

    pub(crate) const fn add(&mut self, mark: Self) {
        self.0 |= mark.0;
    }

    pub(crate) const fn has(self, mark: Self) -> bool {
        self.0 & mark.0 != 0
    }
}

// === impl Role ===

impl Role {
    /// The four records that an answered exchange leaves.
    pub(crate) const OF_MESSAGES: [Self; 4] = [
        Self::ConsumerRequest,
        Self::ConsumerResponse,
        Self::ProviderRequest,
        Self::ProviderResponse,
    ];

    pub(crate) const fn is_consumer(self) -> bool {
        matches!(self, Self::ConsumerRequest | Self::ConsumerResponse)
    }

    /// For people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::ConsumerRequest => "consumer's record of the request",
            Self::ConsumerResponse => "consumer's record of the response",
            Self::ProviderRequest => "provider's record of the request",
            Self::ProviderResponse => "provider's record of the response",
            Self::Usage => "data tracker's entry",
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Exchange => 0,
            Self::ConsumerRequest => 1,
            Self::ConsumerResponse => 2,
            Self::ProviderRequest => 3,
            Self::ProviderResponse => 4,
            Self::Usage => 5,
        }
    }

    const fn of_code(code: u8) -> Result<Self, Malformed> {
        Ok(match code {
            0 => Self::Exchange,
            1 => Self::ConsumerRequest,
            2 => Self::ConsumerResponse,
            3 => Self::ProviderRequest,
            4 => Self::ProviderResponse,
            5 => Self::Usage,
            _ => return Err(Malformed("role")),
        })
    }
}

// === impl Footprint ===

impl Footprint {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.key);
        out.extend_from_slice(&self.journal.to_le_bytes());
        out.push(self.role.code());
        out.push(self.outcome);
        out.extend_from_slice(&self.status.to_le_bytes());
        out.extend_from_slice(&self.marks.0.to_le_bytes());
        out.extend_from_slice(&self.segment.to_le_bytes());
        for number in [self.offset, self.sequence, self.signature] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for half in [
            &self.head,
            &self.body,
            &self.asked,
            &self.request_hash,
            &self.parties,
        ] {
            out.extend_from_slice(half);
        }
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut fields = Fields::of(bytes);
        let footprint = Self {
            key: fields.array("key")?,
            journal: fields.u16("journal")?,
            role: Role::of_code(fields.u8("role")?)?,
            outcome: fields.u8("outcome")?,
            status: fields.u16("status")?,
            marks: Marks(fields.u16("marks")?),
            segment: fields.u32("segment")?,
            offset: fields.u64("offset")?,
            sequence: fields.u64("sequence")?,
            signature: fields.u64("signature")?,
            head: fields.array("head")?,
            body: fields.array("body")?,
            asked: fields.array("asked")?,
            request_hash: fields.array("request hash")?,
            parties: fields.array("parties")?,
        };
        fields.end()?;
        Ok(footprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_footprint_comes_back_as_it_was() {
        let mut marks = Marks::default();
        marks.add(Marks::WRONG);
        for role in Role::OF_MESSAGES
            .into_iter()
            .chain([Role::Exchange, Role::Usage])
        {
            let footprint = Footprint {
                key: [1; 16],
                journal: 2,
                role,
                outcome: 4,
                status: 200,
                marks,
                segment: 5,
                offset: 6,
                sequence: 7,
                signature: 8,
                head: [9; 32],
                body: [10; 32],
                asked: [11; 32],
                request_hash: [12; 32],
                parties: [13; 32],
            };
            let mut bytes = Vec::new();
            footprint.write(&mut bytes);
            assert_eq!(bytes.len(), FOOTPRINT_BYTES);
            assert_eq!(Footprint::read(&bytes), Ok(footprint));
        }
        assert!(!marks.has(Marks::UNPROVEN) && marks.has(Marks::WRONG));
    }
}
