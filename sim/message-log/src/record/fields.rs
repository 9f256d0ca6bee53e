//! Takes the fields of a payload one after the other.

use bytes::{Buf, Bytes};

/// A payload does not follow the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} of the record does not follow the format")]
pub struct DecodeError(pub(crate) &'static str);

/// The rest of a payload.
#[derive(Debug)]
pub(crate) struct Fields(Bytes);

impl Fields {
    pub(crate) fn new(payload: Bytes) -> Self {
        Self(payload)
    }

    pub(crate) fn expect_version(&mut self, version: u8) -> Result<(), DecodeError> {
        if self.u8()? == version {
            Ok(())
        } else {
            Err(DecodeError("version"))
        }
    }

    pub(crate) fn expect_end(&self) -> Result<(), DecodeError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(DecodeError("length"))
        }
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        self.0.try_get_u8().map_err(short)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.0.try_get_u16_le().map_err(short)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.0.try_get_u32_le().map_err(short)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, DecodeError> {
        self.0.try_get_u64_le().map_err(short)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, DecodeError> {
        self.0.try_get_i64_le().map_err(short)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut bytes = [0; N];
        self.0.try_copy_to_slice(&mut bytes).map_err(short)?;
        Ok(bytes)
    }

    /// Text behind a length of two bytes.
    pub(crate) fn text(&mut self) -> Result<String, DecodeError> {
        let length = usize::from(self.u16()?);
        let bytes = self.bytes(length)?;
        String::from_utf8(bytes.into()).map_err(|_| DecodeError("text"))
    }

    /// Bytes behind a length of four bytes.
    pub(crate) fn bytes_u32(&mut self) -> Result<Bytes, DecodeError> {
        let length = usize::try_from(self.u32()?).map_err(|_| DecodeError("length"))?;
        self.bytes(length)
    }

    fn bytes(&mut self, length: usize) -> Result<Bytes, DecodeError> {
        if length > self.0.len() {
            return Err(DecodeError("length"));
        }
        Ok(self.0.split_to(length))
    }
}

fn short(_: bytes::TryGetError) -> DecodeError {
    DecodeError("length")
}
