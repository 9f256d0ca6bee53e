//! A time-stamp as it is logged.

use bytes::Bytes;
use sim_clock::UtcTime;

use super::fields::{DecodeError, Fields};
use super::{VERSION, length_u32};
use crate::error::LogError;

/// One token over a batch of signature documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStampRecord {
    /// The token's own time.
    pub stamped_at: UtcTime,
    /// The batch begins at this sequence.
    pub first: u64,
    /// The batch ends with this sequence.
    pub last: u64,
    /// Signature records in the batch.
    pub count: u32,
    /// The token, DER.
    pub token: Bytes,
}

impl TimeStampRecord {
    pub(crate) fn encode(&self) -> Result<Vec<u8>, LogError> {
        let mut payload = vec![VERSION, 0, 0, 0];
        payload.extend_from_slice(&self.stamped_at.as_millis().to_le_bytes());
        payload.extend_from_slice(&self.first.to_le_bytes());
        payload.extend_from_slice(&self.last.to_le_bytes());
        payload.extend_from_slice(&self.count.to_le_bytes());
        payload.extend_from_slice(&length_u32("time-stamp token", self.token.len())?);
        payload.extend_from_slice(&self.token);
        Ok(payload)
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// Where the payload is not one that this crate writes.
    pub fn decode(payload: Bytes) -> Result<Self, DecodeError> {
        let mut fields = Fields::new(payload);
        fields.expect_version(VERSION)?;
        if [fields.u8()?, fields.u8()?, fields.u8()?] != [0; 3] {
            return Err(DecodeError("reserved bytes"));
        }
        let record = Self {
            stamped_at: UtcTime::from_millis(fields.i64()?),
            first: fields.u64()?,
            last: fields.u64()?,
            count: fields.u32()?,
            token: fields.bytes_u32()?,
        };
        fields.expect_end()?;
        Ok(record)
    }
}
