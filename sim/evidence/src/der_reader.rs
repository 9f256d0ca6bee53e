//! A strict, bounded DER reader for what arrives from elsewhere.
//!
//! It borrows, never allocates and never recurses, so the worst that hostile bytes can do is be
//! refused. Indefinite and needlessly long lengths, multi-octet tags and elements that reach past
//! their parent are refused, and whoever has read all it expects calls [`DerReader::finish`], which
//! refuses anything that is left.

use der::asn1::ObjectIdentifier;
use sim_clock::UtcTime;
use time::{Date, Month, PrimitiveDateTime, Time};

use crate::der_writer::tag;

/// Lengths of more octets than this (16 MiB) do not occur in evidence.
const MAX_LENGTH_OCTETS: usize = 3;

/// Why bytes are not the DER that was expected; each is a fragment for "is malformed: ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DerError {
    /// An element's header or contents reach past the end.
    #[error("an element is cut short")]
    Truncated,
    /// A length is indefinite, not minimal or absurd.
    #[error("a length is not in its shortest form")]
    BadLength,
    /// A tag number above 30.
    #[error("a tag has more than one octet")]
    LongTag,
    /// Another element stands where this one is required.
    #[error("tag {found:#04x} stands where {expected:#04x} is required")]
    UnexpectedTag {
        /// The tag that the syntax requires here.
        expected: u8,
        /// The tag that was read.
        found: u8,
    },
    /// Something follows the last element.
    #[error("something follows the last element")]
    TrailingBytes,
    /// The contents of a primitive are not a value of its type.
    #[error("{0} has no valid value")]
    BadValue(&'static str),
}

/// One element: its tag, its contents octets, and all its octets.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// Identifier octet.
    pub tag: u8,
    /// Contents octets.
    pub contents: &'a [u8],
    /// Identifier, length and contents octets.
    pub encoded: &'a [u8],
}

/// Reads elements one after the other.
#[derive(Clone, Debug)]
pub struct DerReader<'a> {
    rest: &'a [u8],
}

impl<'a> DerReader<'a> {
    /// Reads the elements of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Opens the one SEQUENCE that `bytes` must be, with nothing after it.
    pub fn only_sequence(bytes: &'a [u8]) -> Result<Self, DerError> {
        let mut outer = Self::new(bytes);
        let inner = outer.sequence()?;
        outer.finish()?;
        Ok(inner)
    }

    /// True when nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left, unread.
    #[must_use]
    pub const fn remaining(&self) -> &'a [u8] {
        self.rest
    }

    /// Refuses what is left, if anything is.
    pub fn finish(self) -> Result<(), DerError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DerError::TrailingBytes)
        }
    }

    /// The next element, whatever it is.
    pub fn any(&mut self) -> Result<Element<'a>, DerError> {
        let start = self.rest;
        let (&tag, after_tag) = start.split_first().ok_or(DerError::Truncated)?;
        if tag & 0x1f == 0x1f {
            return Err(DerError::LongTag);
        }
        let (length, body) = split_length(after_tag)?;
        let contents = body.get(..length).ok_or(DerError::Truncated)?;
        self.rest = &body[length..];
        let encoded = &start[..start.len() - self.rest.len()];
        Ok(Element {
            tag,
            contents,
            encoded,
        })
    }

    /// The next element, which must have this tag.
    pub fn element(&mut self, tag: u8) -> Result<Element<'a>, DerError> {
        let before = self.rest;
        let element = self.any()?;
        if element.tag == tag {
            return Ok(element);
        }
        self.rest = before;
        Err(DerError::UnexpectedTag {
            expected: tag,
            found: element.tag,
        })
    }

    /// Contents of the next element, which must have this tag.
    pub fn contents(&mut self, tag: u8) -> Result<&'a [u8], DerError> {
        self.element(tag).map(|element| element.contents)
    }

    /// Contents of the next element, when it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, DerError> {
        if self.next_is(tag) {
            self.contents(tag).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Whether there is a next element, with this tag.
    #[must_use]
    pub fn next_is(&self, tag: u8) -> bool {
        self.rest.first() == Some(&tag)
    }

    /// Opens the next element, which must have this tag.
    pub fn nested(&mut self, tag: u8) -> Result<Self, DerError> {
        self.contents(tag).map(Self::new)
    }

    /// Opens the next element, which must be a SEQUENCE.
    pub fn sequence(&mut self) -> Result<Self, DerError> {
        self.nested(tag::SEQUENCE)
    }

    /// Contents of an INTEGER, minimal two's complement, at most `max_octets` long.
    pub fn integer(&mut self, max_octets: usize) -> Result<&'a [u8], DerError> {
        let contents = self.contents(tag::INTEGER)?;
        let minimal = match contents {
            [] => false,
            [0x00, second, ..] => *second >= 0x80,
            [0xff, second, ..] => *second < 0x80,
            [_, ..] => true,
        };
        if minimal && contents.len() <= max_octets {
            Ok(contents)
        } else {
            Err(DerError::BadValue("an INTEGER"))
        }
    }

    /// An INTEGER from 0 to 127.
    pub fn small_integer(&mut self) -> Result<u8, DerError> {
        match self.integer(1)? {
            [value] if *value < 0x80 => Ok(*value),
            _ => Err(DerError::BadValue("an INTEGER")),
        }
    }

    /// An OBJECT IDENTIFIER.
    pub fn oid(&mut self) -> Result<ObjectIdentifier, DerError> {
        let contents = self.contents(tag::OBJECT_IDENTIFIER)?;
        ObjectIdentifier::from_bytes(contents)
            .map_err(|_| DerError::BadValue("an OBJECT IDENTIFIER"))
    }

    /// An `AlgorithmIdentifier` whose parameters are absent or NULL.
    pub fn algorithm(&mut self) -> Result<ObjectIdentifier, DerError> {
        let mut fields = self.sequence()?;
        let oid = fields.oid()?;
        if fields
            .optional(tag::NULL)?
            .is_some_and(|contents| !contents.is_empty())
        {
            return Err(DerError::BadValue("NULL"));
        }
        fields.finish()?;
        Ok(oid)
    }

    /// The octets of a BIT STRING of whole octets.
    pub fn bit_string(&mut self) -> Result<&'a [u8], DerError> {
        match self.contents(tag::BIT_STRING)?.split_first() {
            Some((0, octets)) => Ok(octets),
            _ => Err(DerError::BadValue("a BIT STRING")),
        }
    }

    /// A GeneralizedTime in UTC, with or without a fraction; below a millisecond it is cut.
    pub fn generalized_time(&mut self) -> Result<UtcTime, DerError> {
        let contents = self.contents(tag::GENERALIZED_TIME)?;
        parse_generalized_time(contents).ok_or(DerError::BadValue("a GeneralizedTime"))
    }
}

/// Splits a length and what follows it.
fn split_length(bytes: &[u8]) -> Result<(usize, &[u8]), DerError> {
    let (&first, rest) = bytes.split_first().ok_or(DerError::Truncated)?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > MAX_LENGTH_OCTETS {
        return Err(DerError::BadLength);
    }
    let octets = rest.get(..count).ok_or(DerError::Truncated)?;
    let length = octets
        .iter()
        .fold(0, |length, octet| length << 8 | usize::from(*octet));
    // The long form is for what the short one, or one octet less, cannot say.
    if octets[0] == 0 || length < 0x80 {
        return Err(DerError::BadLength);
    }
    Ok((length, &rest[count..]))
}

fn parse_generalized_time(text: &[u8]) -> Option<UtcTime> {
    let (digits, rest) = text.split_at_checked(14)?;
    let number = |from: usize, to: usize| -> Option<u16> {
        digits[from..to].iter().try_fold(0u16, |value, digit| {
            digit
                .is_ascii_digit()
                .then(|| value * 10 + u16::from(digit - b'0'))
        })
    };
    let byte = |from: usize| number(from, from + 2).and_then(|value| u8::try_from(value).ok());
    let date = Date::from_calendar_date(
        i32::from(number(0, 4)?),
        Month::try_from(byte(4)?).ok()?,
        byte(6)?,
    )
    .ok()?;
    let time = Time::from_hms(byte(8)?, byte(10)?, byte(12)?).ok()?;
    let seconds = PrimitiveDateTime::new(date, time)
        .assume_utc()
        .unix_timestamp();
    Some(UtcTime::from_millis(
        seconds * 1000 + millis_of_fraction(rest)?,
    ))
}

/// Reads `Z` or `.digitsZ`; DER allows no trailing zero.
fn millis_of_fraction(text: &[u8]) -> Option<i64> {
    match text {
        [b'Z'] => Some(0),
        [b'.', digits @ .., last, b'Z'] if (b'1'..=b'9').contains(last) => {
            let all = digits.iter().chain([last]);
            let mut millis = 0;
            for (digit, unit) in all.clone().zip([100, 10, 1]) {
                millis += i64::from(digit.wrapping_sub(b'0')) * unit;
            }
            all.clone().all(u8::is_ascii_digit).then_some(millis)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_shortest_length_is_read() {
        let read = |bytes: &[u8]| DerReader::new(bytes).any().map(|e| e.contents.to_vec());
        assert_eq!(read(&[4, 1, 7]), Ok(vec![7]));
        assert_eq!(read(&[4, 0x81, 1, 7]), Err(DerError::BadLength));
        assert_eq!(read(&[0x30, 0x80, 0, 0]), Err(DerError::BadLength));
        assert_eq!(read(&[4, 0x84, 0, 0, 0, 1, 7]), Err(DerError::BadLength));
        assert_eq!(read(&[4, 2, 7]), Err(DerError::Truncated));
        assert_eq!(read(&[0x1f, 0x81, 0x01, 0]), Err(DerError::LongTag));
        assert_eq!(read(&[]), Err(DerError::Truncated));
    }

    proptest! {
        /// Also in nearly sensible bytes: short lengths, and tags that occur.
        #[test]
        fn elements_lie_one_behind_the_other_in_whatever_is_read(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0_u8..6, Just(0x30)], 0..200),
        ) {
            let mut reader = DerReader::new(&bytes);
            let mut read = 0;
            while let Ok(element) = reader.any() {
                prop_assert!(element.contents.len() < element.encoded.len());
                prop_assert_eq!(element.encoded, &bytes[read..read + element.encoded.len()]);
                read += element.encoded.len();
            }
            prop_assert_eq!(reader.remaining(), &bytes[read..]);
        }
    }

    #[test]
    fn what_is_left_over_is_refused() {
        assert_eq!(
            DerReader::only_sequence(&[0x30, 0, 0]).map(|_| ()),
            Err(DerError::TrailingBytes)
        );
    }

    #[test]
    fn integers_must_be_minimal() {
        let read = |bytes: &[u8]| DerReader::new(bytes).integer(2).is_ok();
        assert!(read(&[2, 1, 0]) && read(&[2, 2, 0, 0x80]) && read(&[2, 1, 0xff]));
        for bad in [
            &[2, 0][..],
            &[2, 2, 0, 1],
            &[2, 2, 0xff, 0x80],
            &[2, 3, 1, 1, 1],
        ] {
            assert!(!read(bad), "{bad:?}");
        }
    }

    #[test]
    fn generalized_times_are_read_strictly() {
        let read =
            |text: &str| parse_generalized_time(text.as_bytes()).map(UtcTime::rfc3339_millis);
        assert_eq!(
            read("20261121221921Z").as_deref(),
            Some("2026-11-21T22:19:21.000Z")
        );
        assert_eq!(
            read("20261121221921.05Z").as_deref(),
            Some("2026-11-21T22:19:21.050Z")
        );
        assert_eq!(
            read("20261121221921.123456Z").as_deref(),
            Some("2026-11-21T22:19:21.123Z")
        );
        for bad in [
            "",
            "20261121221921",
            "20261121221921.Z",
            "20261121221921.10Z",
            "20261321221921Z",
            "2026112122192xZ",
            "20261121221921+0200",
            "20261121221921.x1Z",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
