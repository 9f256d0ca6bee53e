//! Fields of fixed and of counted length, one after another.

/// What of a payload could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

/// A reader of little-endian fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `length` bytes; `field` names them where they are not there.
    pub(crate) fn bytes(
        &mut self,
        field: &'static str,
        length: usize,
    ) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed(field))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Malformed(field))?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, Malformed> {
        self.array::<1>(field).map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, Malformed> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self, field: &'static str) -> Result<u64, Malformed> {
        self.array(field).map(u64::from_le_bytes)
    }

    pub(crate) fn i64(&mut self, field: &'static str) -> Result<i64, Malformed> {
        self.array(field).map(i64::from_le_bytes)
    }

    /// Text behind its length in two bytes.
    pub(crate) fn text(&mut self, field: &'static str) -> Result<&'a str, Malformed> {
        let length = self.u16(field)?;
        let bytes = self.bytes(field, usize::from(length))?;
        std::str::from_utf8(bytes).map_err(|_| Malformed(field))
    }

    /// Bytes behind their length in four bytes.
    pub(crate) fn long_bytes(&mut self, field: &'static str) -> Result<&'a [u8], Malformed> {
        let length = self.u32(field)?;
        self.bytes(field, length as usize)
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), Malformed> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Malformed("end of the record"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_end_where_the_bytes_do() {
        let bytes = [2, 1, 0, 3, 0, b'a', b'b', b'c', 1, 0, 0, 0, 9];
        let mut fields = Fields::of(&bytes);
        assert_eq!(fields.u8("version"), Ok(2));
        assert_eq!(fields.u16("number"), Ok(1));
        assert_eq!(fields.text("name"), Ok("abc"));
        assert_eq!(fields.long_bytes("body"), Ok(&[9][..]));
        assert_eq!(fields.end(), Ok(()));
        assert_eq!(fields.u8("more"), Err(Malformed("more")));
        assert_eq!(
            Fields::of(&bytes).end(),
            Err(Malformed("end of the record"))
        );
        assert_eq!(
            Fields::of(&[1, 0, 0xff]).text("name"),
            Err(Malformed("name"))
        );
        assert_eq!(
            Fields::of(&[5, 0, 0, 0]).long_bytes("body"),
            Err(Malformed("body"))
        );
    }
}
